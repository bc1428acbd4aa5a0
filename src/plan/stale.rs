//! Whether a saved plan still fits the site: it is bound to the manifests and to each resource it touches.

use std::collections::BTreeMap;

use super::Plan;
use crate::diff::{Change, FieldChange, Operation, seen};
use crate::live::Observation;
use crate::resource::Address;

/// What happened to a resource since a plan was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Move {
    /// The plan creates it, and it is there.
    Created,
    /// The plan changes or deletes it, and it is gone.
    Deleted,
    /// It is as declared without the plan.
    Settled,
    /// It differs from what the plan saw, in no single field.
    Changed,
    /// A field has another value than the plan saw. Values are for people, and empty where the field is unset.
    Field {
        /// The field, for people.
        field: String,
        /// Its value.
        now: String,
        /// The value that the plan saw.
        saw: String,
    },
    /// A field has the value that the plan would give it.
    FieldSettled {
        /// The field, for people.
        field: String,
        /// Its value, for people; empty where the field is unset.
        now: String,
    },
}

/// A touched resource that is no longer as the plan saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Which.
    pub address: Address,
    /// What happened to it.
    pub what: Move,
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
                None => Some(Move::Settled),
                Some(other) if other.operation != change.operation || differing(&change.fields, &other.fields) => {
                    Some(between(change, Some(other)))
                }
                Some(_) => None,
            }
        } else {
            match (&change.seen, live) {
                (None, Some(_)) => Some(Move::Created),
                (Some(_), None) => Some(Move::Deleted),
                _ => Some(between(change, now.get(&change.address).copied())),
            }
        };
        if let Some(what) = what {
            result.push(Moved { address: change.address.clone(), what });
        }
    }
    result
}

/// Whether two lists of fields differ in a field or in a value; texts do not matter.
fn differing(saved: &[FieldChange], fresh: &[FieldChange]) -> bool {
    let same = |(one, other): (&FieldChange, &FieldChange)| {
        one.is_same_field(other) && one.before == other.before && one.after == other.after
    };
    saved.len() != fresh.len() || !saved.iter().zip(fresh).all(same)
}

/// What happened between two plans for one resource.
fn between(saved: &Change, fresh: Option<&Change>) -> Move {
    let Some(fresh) = fresh else { return Move::Settled };
    if saved.operation == Operation::Delete {
        return Move::Changed;
    }
    for field in &fresh.fields {
        let saw = match saved.fields.iter().find(|old| old.is_same_field(field)) {
            Some(old) if old.before == field.before => continue,
            Some(old) => &old.before_text,
            None => &field.after_text,
        };
        let (now, saw) = (field.before_text.clone(), saw.clone());
        return Move::Field { field: field.title().into_owned(), now, saw };
    }
    let gone = saved.fields.iter().find(|field| !fresh.fields.iter().any(|other| other.is_same_field(field)));
    gone.map_or(Move::Changed, |field| Move::FieldSettled {
        field: field.title().into_owned(),
        now: field.after_text.clone(),
    })
}
