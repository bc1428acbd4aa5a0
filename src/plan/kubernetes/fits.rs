//! Whether an action of a saved plan is one that its changes can bring about.

use std::collections::BTreeMap;

use serde_json::Value;

use super::step::{ObjectWrite, Step, Verb};
use crate::diff::{Change, Operation};
use crate::kubernetes::applyset::ID_LABEL;
use crate::kubernetes::kinds::{address_kind, namespace_and_name};
use crate::plan::Action;
use crate::resource::Address;

/// Whether an action is one that its changes can bring about.
pub(super) fn fits(step: &Step, action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool {
    let Step::Objects { writes } = step;
    let known = action.addresses.iter().all(|address| changes.contains_key(address));
    known && writes.iter().all(|write| object_fits(write, action, changes))
}

/// Whether a write is of the set's parent, which nobody else has a say in.
fn is_parent(write: &ObjectWrite) -> bool {
    let labels = write.object.as_ref().and_then(|object| object.get("metadata")?.get("labels"));
    let marked = labels.is_some_and(|labels| labels.get(ID_LABEL).is_some());
    write.address.kind == "ConfigMap" && (marked || write.verb == Verb::Delete)
}

/// Whether a write is one that its change can bring about. Besides those there are the home of the set and its parent.
fn object_fits(write: &ObjectWrite, action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool {
    let text = |key: &str| write.object.as_ref().and_then(|object| object.get(key)).and_then(Value::as_str);
    let metadata = |key: &str| {
        let metadata = write.object.as_ref().and_then(|object| object.get("metadata"));
        metadata.and_then(|metadata| metadata.get(key)).and_then(Value::as_str).unwrap_or_default()
    };
    // What is sent is what the address names.
    let itself = write.object.is_none()
        || (address_kind(text("apiVersion").unwrap_or_default(), text("kind").unwrap_or_default())
            == write.address.kind
            && (Some(metadata("namespace")).filter(|one| !one.is_empty()), metadata("name"))
                == namespace_and_name(&write.address.name)
            && text("apiVersion") == Some(write.api_version.as_str()));
    let deletes = matches!(write.verb, Verb::Delete);
    if !itself || deletes != write.object.is_none() {
        return false;
    }
    if action.addresses.is_empty() {
        return matches!(write.verb, Verb::Apply | Verb::Delete)
            && matches!(write.address.kind.as_str(), "ConfigMap" | "Namespace")
            && !(deletes && write.address.kind == "Namespace")
            && (!write.force || is_parent(write));
    }
    let Some(change) = changes.get(&write.address).filter(|_| action.addresses.contains(&write.address)) else {
        return false;
    };
    let verb = match change.operation {
        Operation::Delete => matches!(write.verb, Verb::Delete | Verb::Hold),
        Operation::Release => write.verb == Verb::Release,
        Operation::Recreate => write.verb == Verb::Recreate,
        _ => write.verb == Verb::Apply,
    };
    verb && write.force == (verb && !change.takes.is_empty() && change.operation != Operation::Delete)
}
