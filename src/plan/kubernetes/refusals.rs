//! What a plan over objects may not do, and the flag that lifts it; and what nothing lifts.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diagnostics::codes::kubernetes_objects as codes;
use crate::diagnostics::codes::services::SECRET_VALUE;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::diff::{Change, Operation, Taken, Wishes};
use crate::kubernetes::kinds;
use crate::plan::Refusal;
use crate::resource::Resource;

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
                .map(|one| format!("`{}`{} belongs to {}", one.path, own(&one.place), manager(one)))
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
        if change.operation == Operation::Delete
            && let Some(why) = kinds::kept_because(&address.kind)
            && !wishes.prune.contains(address)
        {
            refusals.push(Refusal {
                code: codes::GOES_WITH_NAMESPACE.name.to_owned(),
                message: format!("`{address}` would go with its namespace, and {why}"),
                hint: "leave the namespace".to_owned(),
                flag: format!("--prune {address}"),
                addresses: vec![address.clone()],
            });
        }
        if change.operation == Operation::Recreate {
            refusals.extend(recreation(change, wishes));
        }
    }
    refusals
}

/// Who owns a field: `kubectl-client-side-apply` (as apps/v1).
fn manager(taken: &Taken) -> String {
    let name = &taken.manager;
    if taken.version.is_empty() { format!("`{name}`") } else { format!("`{name}` (as {})", taken.version) }
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

/// Secrets whose values stand in manifests.
pub(in crate::plan) fn secrets(desired: &[Resource]) -> Diagnostics {
    let has_values = |resource: &&Resource| {
        resource.address.kind == "Secret"
            && ["data", "stringData"]
                .iter()
                .any(|key| resource.body.get(*key).and_then(Value::as_object).is_some_and(|map| !map.is_empty()))
    };
    let told = |resource: &Resource| {
        let diagnostic = Diagnostic::of_run(&SECRET_VALUE, format!("`{}` is declared with values", resource.address))
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
