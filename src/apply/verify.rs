//! Reading back: exit codes of `sacctmgr` prove nothing, only what is read afterwards does.

use super::target::wrong_entry;
use super::targets::TARGETS;
use crate::diff::{Change, Comparison, Operation, Wishes, compare};
use crate::live::{Observation, Owner};
use crate::resource::{Body, Resource, of_target};
use crate::targets::of_kind;

/// Why a change did not arrive; `None` if it did.
pub(super) fn missing(change: &Change, observation: &Observation) -> Option<String> {
    let live = observation.resources.get(&change.address);
    match (change.operation, live) {
        (Operation::Delete, None) => None,
        // Nothing is left but what belongs to nobody alone, such as a coordinator by the account's flag.
        (Operation::Delete, Some(live)) if live.owner == Owner::Shared && live.body.is_empty() => None,
        (Operation::Delete, Some(_)) => Some("is still there".to_owned()),
        (_, None) => Some("is not there".to_owned()),
        (_, Some(live)) if !matches!(live.owner, Owner::Ours | Owner::BuiltIn | Owner::Shared) => {
            Some("does not carry our marker".to_owned())
        }
        (_, Some(live)) => wrong_field(change, &live.body),
    }
}

/// A target compared anew with what is declared; `None` where reading the changes back is enough.
pub(super) fn compared(observation: &Observation, desired: &[Resource]) -> Option<Comparison> {
    observation.facts.of_kind(TARGETS).filter(|target| target.compares())?;
    let here = of_target(desired, &observation.target);
    Some(compare(&here, observation, &Wishes::default(), &|_| None))
}

/// Why a change of an object did not arrive; `None` if it did: nothing more is to be done to it.
pub(super) fn missing_object(change: &Change, observation: &Observation, comparison: &Comparison) -> Option<String> {
    let address = &change.address;
    if change.operation == Operation::Delete && !observation.resources.contains_key(address) {
        return None;
    }
    if change.operation == Operation::Delete {
        let said = observation.facts.of_kind(TARGETS).map(|target| target.still_there(address, observation));
        return Some(said.unwrap_or_else(|| "is still there".to_owned()));
    }
    if comparison.conflicts.iter().any(|conflict| conflict.address == *address) {
        return Some("does not carry our mark".to_owned());
    }
    if comparison.blocked.iter().any(|blocked| blocked.address == *address) {
        return Some("would be refused again".to_owned());
    }
    let left = comparison.changes.iter().find(|left| left.address == *address)?;
    if left.operation == Operation::Create {
        return Some("is not there".to_owned());
    }
    let text = |text: &str| if text.is_empty() { "unset".to_owned() } else { text.to_owned() };
    Some(match (left.fields.first(), left.notes.first()) {
        (Some(field), _) => {
            format!("{} reads back as {}, wanted {}", field.title(), text(&field.before_text), text(&field.after_text))
        }
        (None, Some(note)) => note.message.clone(),
        (None, None) => "still differs".to_owned(),
    })
}

fn wrong_field(change: &Change, body: &Body) -> Option<String> {
    match of_kind(TARGETS, &change.address.kind) {
        Some(target) => target.wrong_field(change, body),
        None => wrong_entry(change, body),
    }
}
