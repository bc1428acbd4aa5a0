//! Reading objects back.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diff::Change;
use crate::diff::kubernetes::waiting_for;
use crate::kubernetes::fields::{differences, written};
use crate::kubernetes::status::{State, state};
use crate::live::Observation;
use crate::resource::{Address, Body};

/// What is said of a deleted object that is still there.
pub(super) fn still_there(address: &Address, observation: &Observation) -> String {
    let object = observation.kubernetes().and_then(|facts| facts.object(address));
    match object.map(state) {
        Some(State::Terminating(finalizers)) => format!("is being deleted{}", waiting_for(&finalizers)),
        _ => "is still there".to_owned(),
    }
}

/// The first field of an object that a twin keeps, whose fields are leaves of a tree.
pub(super) fn wrong_leaf(change: &Change, body: &Body) -> Option<String> {
    let whole = Value::Object(body.iter().map(|(key, value)| (key.clone(), value.clone())).collect());
    let leaves: BTreeMap<String, Value> =
        differences(None, Some(&whole)).into_iter().filter_map(|one| Some((written(&one.steps), one.after?))).collect();
    change.fields.iter().find_map(|field| {
        let below = |path: &String| path.starts_with(&format!("{}[", field.field));
        // Items in another order: their names stand in the plan, the items in the body.
        if leaves.get(&field.field) == field.after.as_ref() || leaves.keys().any(below) {
            return None;
        }
        Some(format!("{} reads back otherwise than {}", field.field, field.after_text))
    })
}
