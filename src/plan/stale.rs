//! Whether a saved plan still fits the site: it is bound to the manifests and to each resource it touches.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Plan;
use crate::diff::{Change, FieldChange, Operation, seen};
use crate::live::Observation;
use crate::resource::Address;

/// A touched resource that is no longer as the plan saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// Which.
    pub address: Address,
    /// What happened, for people: `was created meanwhile`, `MaxWall is 06:00:00 now, the plan saw 12:00:00`.
    pub what: String,
}

/// Compares a saved plan with a plan made afresh for the same resources. Changes elsewhere do not matter.
pub fn moved(saved: &Plan, fresh: &Plan, observations: &[Observation]) -> Vec<Moved> {
    let now: BTreeMap<&Address, &Change> = fresh.changes.iter().map(|change| (&change.address, change)).collect();
    let mut result = Vec::new();
    for change in &saved.changes {
        let live = observations.iter().find_map(|observation| observation.resources.get(&change.address));
        let digest = live.map(seen);
        let what = if digest == change.seen {
            match now.get(&change.address) {
                None => Some("is already as declared".to_owned()),
                Some(other) if other.operation != change.operation || differing(&change.fields, &other.fields) => {
                    Some(describe(change, Some(other)))
                }
                Some(_) => None,
            }
        } else {
            match (&change.seen, live) {
                (None, Some(_)) => Some("was created meanwhile".to_owned()),
                (Some(_), None) => Some("was deleted meanwhile".to_owned()),
                _ => Some(describe(change, now.get(&change.address).copied())),
            }
        };
        if let Some(what) = what {
            result.push(Moved { address: change.address.clone(), what });
        }
    }
    result
}

fn differing(saved: &[FieldChange], fresh: &[FieldChange]) -> bool {
    let key = |fields: &[FieldChange]| -> Vec<(String, Option<Value>, Option<Value>)> {
        fields.iter().map(|field| (field.field.clone(), field.before.clone(), field.after.clone())).collect()
    };
    key(saved) != key(fresh)
}

fn describe(saved: &Change, fresh: Option<&Change>) -> String {
    let Some(fresh) = fresh else { return "is already as declared".to_owned() };
    if saved.operation == Operation::Delete {
        return "changed since the plan was made".to_owned();
    }
    let before: BTreeMap<&str, &FieldChange> = saved.fields.iter().map(|field| (field.field.as_str(), field)).collect();
    for field in &fresh.fields {
        let name = &field.field;
        let or_unset = |text: &str| if text.is_empty() { "unset".to_owned() } else { text.to_owned() };
        match before.get(name.as_str()) {
            Some(old) if old.before == field.before => {}
            Some(old) => {
                return format!(
                    "{name} is {} now, the plan saw {}",
                    or_unset(&field.before_text),
                    or_unset(&old.before_text)
                );
            }
            None => {
                return format!(
                    "{name} is {} now, the plan saw {}",
                    or_unset(&field.before_text),
                    or_unset(&field.after_text)
                );
            }
        }
    }
    let gone = saved.fields.iter().find(|field| !fresh.fields.iter().any(|other| other.field == field.field));
    gone.map_or_else(
        || "changed since the plan was made".to_owned(),
        |field| format!("{} is already {}", field.field, field.after_text),
    )
}
