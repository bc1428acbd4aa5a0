//! What executing needs to know of a kind of target besides how it is reached.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diff::{Change, FieldChange};
use crate::live::Observation;
use crate::plan::{Action, Plan, Step};
use crate::resource::{Address, Body, Resource};

/// A kind of target, for executing. It is asked of its own steps, observations and kinds of resources.
pub(super) trait Target: Sync {
    /// What nothing else in the plan needs in order, and so is waited for at the end.
    fn at_end(&self, _plan: &Plan) -> BTreeSet<Address> {
        BTreeSet::new()
    }

    /// Whether its actions tell what came of each of their resources.
    fn tells_each(&self) -> bool {
        false
    }

    /// What an action writes that is no change of the plan.
    fn hidden(&self, _action: &Action) -> Vec<Address> {
        Vec::new()
    }

    /// Whether a failed step is told though all of it is there.
    fn counts_though_there(&self, _step: &Step) -> bool {
        false
    }

    /// Whether reading back means comparing anew with what is declared.
    fn compares(&self) -> bool {
        false
    }

    /// Where what the target refused is declared, where it names these fields.
    fn place_of<'a>(&self, change: &'a Change, _resource: &Resource, _named: &[String]) -> Option<&'a str> {
        change.place.as_deref()
    }

    /// Message about a deleted resource that still exists.
    fn still_there(&self, _address: &Address, _observation: &Observation) -> String {
        "is still there".to_owned()
    }

    /// The first field of a body that is not as the change wants it.
    fn wrong_field(&self, change: &Change, body: &Body) -> Option<String> {
        wrong_entry(change, body)
    }
}

/// The first field of a body that is a map.
pub(super) fn wrong_entry(change: &Change, body: &Body) -> Option<String> {
    change.fields.iter().find_map(|field| {
        let now = value_at(body, field);
        if change.drift == Some(crate::diff::Drift::RunningDiffersFromFile) || now == field.after.as_ref() {
            return None;
        }
        let text = |value: Option<&Value>| value.map_or_else(|| "unset".to_owned(), Value::to_string);
        Some(format!("{} reads back as {}, wanted {}", field.title(), text(now), text(field.after.as_ref())))
    })
}

/// The value of a changed field in a body, or of the entry that changes.
fn value_at<'a>(body: &'a Body, change: &FieldChange) -> Option<&'a Value> {
    let value = body.get(&change.field)?;
    match &change.entry {
        Some(entry) => value.as_object()?.get(entry),
        None => Some(value),
    }
}
