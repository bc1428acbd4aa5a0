//! Reading back: exit codes of `sacctmgr` prove nothing, only what is read afterwards does.

use serde_json::Value;

use crate::diff::{Change, Operation};
use crate::live::{Observation, Owner};
use crate::resource::Body;

/// Why a change did not arrive; `None` if it did.
pub(super) fn missing(change: &Change, observation: &Observation) -> Option<String> {
    let live = observation.resources.get(&change.address);
    match (change.operation, live) {
        (Operation::Delete, None) => None,
        (Operation::Delete, Some(_)) => Some("is still there".to_owned()),
        (_, None) => Some("is not there".to_owned()),
        (_, Some(live)) if !matches!(live.owner, Owner::Ours | Owner::BuiltIn | Owner::Shared) => {
            Some("does not carry our marker".to_owned())
        }
        (_, Some(live)) => wrong_field(change, &live.body),
    }
}

fn wrong_field(change: &Change, body: &Body) -> Option<String> {
    change.fields.iter().find_map(|field| {
        let now = value_at(body, &field.field);
        if change.drift == Some(crate::diff::Drift::RunningDiffersFromFile) || now == field.after.as_ref() {
            return None;
        }
        let text = |value: Option<&Value>| value.map_or_else(|| "unset".to_owned(), Value::to_string);
        Some(format!("{} reads back as {}, wanted {}", field.field, text(now), text(field.after.as_ref())))
    })
}

/// `MaxTRESPerUser gres/gpu` → the entry of the map, `MaxWall` → the value.
fn value_at<'a>(body: &'a Body, field: &str) -> Option<&'a Value> {
    match field.split_once(' ') {
        Some((key, entry)) => body.get(key)?.as_object()?.get(entry),
        None => body.get(field),
    }
}
