//! What keeps declared objects from being written, and how it is told: a namespace that ends is told once, with all that
//! waits for it.

use std::collections::BTreeSet;

use crate::diagnostics::codes::kubernetes_objects as codes;
use crate::diagnostics::{Diagnostic, Place};
use crate::diff::Blocked;
use crate::kubernetes::kinds;
use crate::live::kubernetes::{Failure, FailureKind};
use crate::resource::Address;

/// Most fields of one refusal that are shown.
const MOST_PLACES: usize = 6;
/// Most objects that are named as what holds a namespace.
const MOST_HELD: usize = 3;

/// What keeps a declared object from being written.
#[derive(Debug)]
pub(super) struct Obstacle {
    pub(super) address: Address,
    pub(super) why: Why,
    /// The fields that it is about, or the object.
    pub(super) places: Vec<Place>,
}

#[derive(Debug)]
pub(super) enum Why {
    /// The server would refuse it.
    Refused(Failure),
    /// It is being deleted.
    Terminating {
        /// What it waits for.
        finalizers: Vec<String>,
        /// What the server says of that, of a namespace.
        said: Vec<String>,
    },
}

/// Target and name of a namespace.
type Namespace<'a> = (&'a str, &'a str);

/// All of them, each with its finding, but for those that are told with their namespace.
pub(super) fn told(all: &[Obstacle]) -> Vec<Blocked> {
    let ending: BTreeSet<Namespace<'_>> = all.iter().filter_map(ending).collect();
    let mut told: Vec<Blocked> = Vec::new();
    let mut namespaces: BTreeSet<Namespace<'_>> = BTreeSet::new();
    for one in all {
        let namespace = if one.is_namespace() { Some(of_itself(&one.address)) } else { inside(&one.address) };
        let diagnostic = match namespace.filter(|namespace| ending.contains(namespace)) {
            Some(namespace) => namespaces.insert(namespace).then(|| of_namespace(namespace, all)),
            None => Some(of_object(one)),
        };
        told.push(Blocked { address: one.address.clone(), diagnostic });
    }
    told
}

impl Obstacle {
    fn is_namespace(&self) -> bool {
        self.address.kind == "Namespace"
    }

    fn finalizers(&self) -> String {
        match &self.why {
            Why::Terminating { finalizers, .. } => waiting_for(finalizers),
            Why::Refused(_) => String::new(),
        }
    }
}

/// That an object stands in.
fn inside(address: &Address) -> Option<Namespace<'_>> {
    Some((address.target.as_str(), kinds::namespace_and_name(&address.name).0?))
}

fn of_itself(address: &Address) -> Namespace<'_> {
    (&address.target, &address.name)
}

/// The namespace that is being deleted, where that is what is in the way.
fn ending(one: &Obstacle) -> Option<Namespace<'_>> {
    match &one.why {
        Why::Terminating { .. } if one.is_namespace() => Some(of_itself(&one.address)),
        Why::Refused(failure) if failure.kind == FailureKind::NamespaceTerminating => inside(&one.address),
        _ => None,
    }
}

/// One finding for a namespace and all that waits for its end.
fn of_namespace(namespace: Namespace<'_>, all: &[Obstacle]) -> Diagnostic {
    let (target, name) = namespace;
    let itself = all.iter().find(|one| one.is_namespace() && of_itself(&one.address) == namespace);
    let waiting: Vec<&Obstacle> = all.iter().filter(|one| inside(&one.address) == Some(namespace)).collect();
    let wait = match waiting.len() {
        0 => String::new(),
        1 => ", and an object that is declared in it waits for that".to_owned(),
        many => format!(", and {many} objects that are declared in it wait for that"),
    };
    let finalizers = itself.map_or_else(String::new, Obstacle::finalizers);
    let message = format!("`{target}/Namespace/{name}` is being deleted{finalizers}{wait}");
    let mut diagnostic = Diagnostic::of_run(&codes::OBJECT_TERMINATING, message).hint(format!(
        "wait until it is gone, then plan again: `kubectl wait --for=delete namespace/{name} --timeout=10m`; what holds it: \
         `kubectl get namespace {name} -o jsonpath='{{.status.conditions}}'`"
    ));
    let held = waiting.iter().filter(|one| !one.finalizers().is_empty());
    let held = held.map(|one| format!("`{}` is being deleted{}", one.address, one.finalizers()));
    let said = match itself.map(|one| &one.why) {
        Some(Why::Terminating { said, .. }) => said.as_slice(),
        _ => &[],
    };
    let why: Vec<String> = said.iter().cloned().chain(held.take(MOST_HELD)).collect();
    if !why.is_empty() {
        diagnostic = diagnostic.why(why.join("; "));
    }
    match itself.or(waiting.first().copied()).and_then(|one| one.places.first()) {
        Some(place) => diagnostic.at(place.clone()),
        None => diagnostic,
    }
}

/// One finding for one object, at the lines that say what is refused.
fn of_object(one: &Obstacle) -> Diagnostic {
    let address = &one.address;
    let diagnostic = match &one.why {
        Why::Terminating { .. } => {
            let message = format!("`{address}` is being deleted{}", one.finalizers());
            Diagnostic::of_run(&codes::OBJECT_TERMINATING, message).hint("wait until it is gone, then plan again")
        }
        Why::Refused(failure) => {
            let hint = failure.hint_for(address);
            let hint = hint.unwrap_or_else(|| "correct what the server names, then plan again".to_owned());
            let message = format!("`{address}`: {}", failure.title());
            let diagnostic = Diagnostic::of_run(&codes::SERVER_REFUSES, message).hint(hint);
            // What the server said stands in the message already, where that has no words of ours.
            if failure.own_title().is_some() { diagnostic.why(failure.message.clone()) } else { diagnostic }
        }
    };
    let mut places = one.places.iter().take(MOST_PLACES).cloned();
    let diagnostic = match places.next() {
        Some(place) => diagnostic.at(place),
        None => diagnostic,
    };
    places.fold(diagnostic, |diagnostic, place| diagnostic.related(place, "and here"))
}

/// `, waiting for the finalizer …`.
pub fn waiting_for(finalizers: &[String]) -> String {
    match finalizers {
        [] => String::new(),
        [one] => format!(", waiting for the finalizer `{one}`"),
        many => format!(
            ", waiting for the finalizers {}",
            many.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")
        ),
    }
}
