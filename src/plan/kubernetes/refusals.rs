//! What a plan over objects may not do, and the flag that lifts it; and what nothing lifts.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diagnostics::codes::kubernetes_objects as codes;
use crate::diagnostics::codes::services::SECRET_VALUE;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::diff::kubernetes::waiting_for;
use crate::diff::{Blocked, Change, Obstacle, Wishes};
use crate::kubernetes::kinds;
use crate::live::kubernetes::FailureKind;
use crate::plan::Refusal;
use crate::resource::{Address, Resource};
use crate::slurm::fields::ChangeClass;

/// Fields of others, and objects that would have to be made anew.
pub(in crate::plan) fn of_changes(changes: &[Change], wishes: &Wishes) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for change in changes {
        let address = &change.address;
        let untaken: Vec<_> =
            change.takes.iter().filter(|one| !wishes.take.contains(&(address.clone(), one.path.clone()))).collect();
        if !untaken.is_empty() {
            let own = |place: &Option<String>| place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
            let owned: Vec<String> = untaken
                .iter()
                .map(|one| format!("`{}`{} belongs to {}", one.path, own(&one.place), manager(&one.manager)))
                .collect();
            let paths: BTreeSet<&str> = change.takes.iter().map(|one| one.path.as_str()).collect();
            let flags: Vec<String> = paths.iter().map(|path| quoted(&format!("{address}:{path}"))).collect();
            // The object's own place says nothing beside a field's.
            let place = own(&change.place.clone().filter(|_| untaken.iter().all(|one| one.place.is_none())));
            refusals.push(Refusal {
                code: codes::FIELD_CONFLICT.name.to_owned(),
                message: format!("in `{address}`{place} {}", owned.join(", ")),
                hint: "take it out of the manifest and leave it to them".to_owned(),
                flag: flags.iter().map(|flag| format!("--take {flag}")).collect::<Vec<_>>().join(" "),
                addresses: vec![address.clone()],
            });
        }
        if change.class == ChangeClass::Recreate && kinds::is_kubernetes(&address.kind) {
            refusals.extend(recreation(change, wishes));
        }
    }
    refusals
}

/// `kubectl-client-side-apply using apps/v1` → the manager in quotes.
fn manager(text: &str) -> String {
    let (name, version) = text.split_once(" using ").unwrap_or((text, ""));
    let name = name.trim_matches('"');
    if version.is_empty() { format!("`{name}`") } else { format!("`{name}` (as {version})") }
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    crate::live::transport::quote(text)
}

fn recreation(change: &Change, wishes: &Wishes) -> Option<Refusal> {
    let address = &change.address;
    let kept = kinds::kept_because(&address.kind);
    if kept.is_none() && wishes.recreate.contains(address) {
        return None;
    }
    let fixed = change.fields.iter().find(|field| kinds::is_immutable(&address.kind, &field.field));
    let which = fixed.or(change.fields.first()).map_or_else(String::new, |field| {
        let place = field.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
        format!("`{}`{place} of ", field.field)
    });
    Some(Refusal {
        code: codes::NEEDS_RECREATE.name.to_owned(),
        message: format!("{which}`{address}` cannot be changed while it exists"),
        hint: match kept {
            Some(why) => {
                format!("change it back, or declare another under another name; it is not deleted, since {why}")
            }
            None => "change it back".to_owned(),
        },
        flag: if kept.is_some() { String::new() } else { format!("--recreate {address}") },
        addresses: vec![address.clone()],
    })
}

/// Objects that the server would refuse, at the lines that say what it refuses.
pub(in crate::plan) fn blocked(all: &[Blocked]) -> Diagnostics {
    let ending: BTreeSet<Namespace<'_>> = all.iter().filter_map(ending).collect();
    let waits = |one: &&Blocked| inside(&one.address).is_some_and(|namespace| ending.contains(&namespace));
    let of_namespaces = ending.iter().map(|namespace| of_namespace(*namespace, all));
    let is_ending = |one: &&Blocked| one.address.kind == "Namespace" && ending.contains(&of_itself(&one.address));
    let others = all.iter().filter(|one| !waits(one) && !is_ending(one));
    Diagnostics(of_namespaces.chain(others.map(of_object)).collect())
}

/// Target and name of a namespace.
type Namespace<'a> = (&'a str, &'a str);

/// That an object stands in.
fn inside(address: &Address) -> Option<Namespace<'_>> {
    Some((address.target.as_str(), kinds::namespace_and_name(&address.name).0?))
}

fn of_itself(address: &Address) -> Namespace<'_> {
    (&address.target, &address.name)
}

/// The namespace that is being deleted, where that is what is in the way.
fn ending(one: &Blocked) -> Option<Namespace<'_>> {
    match &one.obstacle {
        Obstacle::Terminating { .. } if one.address.kind == "Namespace" => Some(of_itself(&one.address)),
        Obstacle::Refused(failure) if failure.kind == FailureKind::NamespaceTerminating => inside(&one.address),
        _ => None,
    }
}

/// One finding for a namespace and all that waits for its end.
fn of_namespace(namespace: Namespace<'_>, all: &[Blocked]) -> Diagnostic {
    let (target, name) = namespace;
    let itself = all.iter().find(|one| one.address.kind == "Namespace" && of_itself(&one.address) == namespace);
    let waiting: Vec<&Blocked> = all.iter().filter(|one| inside(&one.address) == Some(namespace)).collect();
    let wait = match waiting.len() {
        0 => String::new(),
        1 => ", and an object that is declared in it waits for that".to_owned(),
        many => format!(", and {many} objects that are declared in it wait for that"),
    };
    let mut diagnostic = Diagnostic::new(
        &codes::OBJECT_TERMINATING,
        format!("`{target}/Namespace/{name}` is being deleted{}{wait}", itself.map_or_else(String::new, finalizers)),
    )
    .hint(format!(
        "wait until it is gone, then plan again: `kubectl wait --for=delete namespace/{name} --timeout=10m`; what holds it: \
         `kubectl get namespace {name} -o jsonpath='{{.status.conditions}}'`"
    ));
    let held = waiting.iter().filter_map(|one| match &one.obstacle {
        Obstacle::Terminating { finalizers, .. } if !finalizers.is_empty() => {
            Some(format!("`{}` is being deleted{}", one.address, waiting_for(finalizers)))
        }
        _ => None,
    });
    let said = match itself.map(|one| &one.obstacle) {
        Some(Obstacle::Terminating { said, .. }) => said.as_slice(),
        _ => &[],
    };
    let why: Vec<String> = said.iter().cloned().chain(held.take(3)).collect();
    if !why.is_empty() {
        diagnostic = diagnostic.why(why.join("; "));
    }
    match itself.or(waiting.first().copied()).and_then(|one| one.place.clone()) {
        Some(place) => diagnostic.at(place),
        None => diagnostic,
    }
}

fn finalizers(one: &Blocked) -> String {
    match &one.obstacle {
        Obstacle::Terminating { finalizers, .. } => waiting_for(finalizers),
        Obstacle::Refused(_) => String::new(),
    }
}

fn of_object(one: &Blocked) -> Diagnostic {
    let address = &one.address;
    let (code, message, hint) = match &one.obstacle {
        Obstacle::Terminating { .. } => (
            &codes::OBJECT_TERMINATING,
            format!("`{address}` is being deleted{}", finalizers(one)),
            Some("wait until it is gone, then plan again".to_owned()),
        ),
        Obstacle::Refused(failure) => {
            (&codes::SERVER_REFUSES, format!("`{address}`: {}", failure.title()), failure.hint_for(address))
        }
    };
    let hint = hint.unwrap_or_else(|| "correct what the server names, then plan again".to_owned());
    let mut diagnostic = Diagnostic::new(code, message).hint(hint);
    if let Obstacle::Refused(failure) = &one.obstacle
        && failure.message != failure.title()
    {
        diagnostic = diagnostic.why(failure.message.clone());
    }
    if let Some(place) = &one.place {
        diagnostic = diagnostic.at(place.clone());
    }
    one.others.iter().fold(diagnostic, |diagnostic, place| diagnostic.related(place.clone(), "and here"))
}

/// Secrets whose values stand in manifests.
pub(in crate::plan) fn secrets(desired: &[Resource]) -> Diagnostics {
    let has_values = |resource: &&Resource| {
        resource.address.kind == "Secret"
            && ["data", "stringData"]
                .iter()
                .any(|key| resource.body.get(*key).and_then(Value::as_object).is_some_and(|map| !map.is_empty()))
    };
    let told = |resource: &Resource| {
        let diagnostic = Diagnostic::new(&SECRET_VALUE, format!("`{}` is declared with values", resource.address))
            .why("manifests and plans are kept in files that many can read")
            .hint("make the Secret on the cluster by other means, and refer to it by name and key");
        let place = resource.places.get(".data").or(resource.places.get(".stringData")).or(resource.place.as_ref());
        match place {
            Some(place) => diagnostic.at(place.clone()),
            None => diagnostic,
        }
    };
    Diagnostics(desired.iter().filter(has_values).map(told).collect())
}
