//! Comparing one target's desired resources with what was observed.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::comparison::{Comparison, Conflict, Locate, Wishes, change, seen};
use super::note::Warning;
use super::target::Target;
use super::targets::TARGETS;
use super::{Change, ChangeClass, Drift, FieldChange, Operation, fields};
use crate::diagnostics::codes::command as codes;
use crate::live::{Live, Observation, Owner};
use crate::resource::{Address, Body, Resource};
use crate::targets::of_kind;

/// Compares one target. Only what was wished for by name is taken over, taken, made anew or pruned.
pub fn compare(desired: &[Resource], observation: &Observation, wishes: &Wishes, locate: &Locate<'_>) -> Comparison {
    let target = observation.facts.of_kind(TARGETS);
    target
        .and_then(|target| target.compare(desired, observation, wishes, locate))
        .unwrap_or_else(|| of_maps(desired, observation, target, &wishes.adopt, locate))
}

/// A target whose canonical bodies are compared as maps; without a `target` it is a twin.
fn of_maps(
    desired: &[Resource],
    observation: &Observation,
    target: Option<&dyn Target>,
    adopt: &BTreeSet<Address>,
    locate: &Locate<'_>,
) -> Comparison {
    let mut result = Comparison::default();
    let desired = kept(desired, observation, target, &mut result.warnings);
    let wanted: BTreeMap<&Address, &Resource> = desired.iter().map(|resource| (&resource.address, resource)).collect();
    let drift = target.map(|target| target.running_differences(observation)).unwrap_or_default();
    for (address, resource) in &wanted {
        match observation.resources.get(address) {
            None => result.changes.push(creation(resource, observation, locate)),
            Some(live) => match &live.owner {
                Owner::Unmarked | Owner::OtherFactory(_) if !adopt.contains(address) => {
                    result.conflicts.push(Conflict {
                        address: (*address).clone(),
                        owner: live.owner.clone(),
                        hands: Vec::new(),
                        place: resource.place.as_ref().and_then(locate),
                    });
                }
                owner => {
                    let operation = if matches!(owner, Owner::Ours | Owner::BuiltIn | Owner::Shared) {
                        Operation::Update
                    } else {
                        Operation::Adopt
                    };
                    let before = visible(resource, live);
                    let fields = field_changes(resource, &before, locate);
                    let running = drift.get(address).cloned().unwrap_or_default();
                    if fields.is_empty() && operation == Operation::Update {
                        if running.is_empty() {
                            result.unchanged += 1;
                        } else {
                            result.changes.push(drifted(resource, live, running, observation, locate));
                        }
                    } else {
                        result.changes.push(update(resource, live, operation, (fields, &running), observation, locate));
                    }
                }
            },
        }
    }
    for (address, live) in &observation.resources {
        if wanted.contains_key(address) {
            continue;
        }
        match live.owner {
            Owner::Ours => result.changes.push(removal(address, live, observation)),
            Owner::BuiltIn | Owner::Shared => {}
            Owner::Unmarked | Owner::OtherFactory(_) => result.unmanaged.push(address.clone()),
        }
    }
    result.changes.sort_by(|left, right| left.address.cmp(&right.address));
    result
}

/// The declared resources without fields that the target cannot keep; each such field is noted.
fn kept<'a>(
    desired: &'a [Resource],
    observation: &Observation,
    target: Option<&dyn Target>,
    warnings: &mut Vec<Warning>,
) -> Cow<'a, [Resource]> {
    let mut lacking: BTreeMap<(String, &str, &str), BTreeSet<&Address>> = BTreeMap::new();
    for resource in desired {
        let kind = resource.address.kind.as_str();
        for key in resource.body.keys() {
            if let Some(release) = target.and_then(|target| target.lacks(observation, kind, key)) {
                lacking.entry((release, kind, key)).or_default().insert(&resource.address);
            }
        }
    }
    if lacking.is_empty() {
        return Cow::Borrowed(desired);
    }
    for ((release, kind, key), addresses) in &lacking {
        let first = addresses.first().map(ToString::to_string).unwrap_or_default();
        let more = match addresses.len() {
            0 | 1 => String::new(),
            many => format!(" and {} more", many - 1),
        };
        let message = format!("{release} has no `{key}` for {kind} resources; it is left out of `{first}`{more}");
        let hint = "remove the field, or keep it for the targets that have it";
        let lacking = Warning::new(&codes::FIELD_LEFT_OUT, message).hint(hint);
        warnings.push(lacking.about(addresses.iter().map(|one| (*one).clone())));
    }
    let stripped = desired.iter().map(|resource| {
        let mut resource = resource.clone();
        let kind = resource.address.kind.clone();
        resource.body.retain(|key, _| target.is_none_or(|target| target.lacks(observation, &kind, key).is_none()));
        resource
    });
    Cow::Owned(stripped.collect())
}

/// The live fields that a declaration speaks of: of a shared resource only those that it names, and a user's default
/// account only where it is declared, since others may have set it.
fn visible(resource: &Resource, live: &Live) -> Body {
    let named = |key: &String| resource.body.contains_key(key);
    let kept = |key: &String| match live.owner {
        Owner::Shared => named(key),
        _ => named(key) || !(resource.address.kind == "user" && key == "DefaultAccount"),
    };
    live.body.iter().filter(|(key, _)| kept(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn creation(resource: &Resource, observation: &Observation, locate: &Locate<'_>) -> Change {
    Change {
        fields: field_changes(resource, &Body::new(), locate),
        summary: resource.summary.clone(),
        place: resource.place.as_ref().and_then(locate),
        ..change(
            &resource.address,
            Operation::Create,
            class(observation, &resource.address.kind, Operation::Create, &[]),
        )
    }
}

fn update(
    resource: &Resource,
    live: &Live,
    operation: Operation,
    (fields, running): (Vec<FieldChange>, &[FieldChange]),
    observation: &Observation,
    locate: &Locate<'_>,
) -> Change {
    let kind = resource.address.kind.as_str();
    let edited = observation.facts.of_kind(TARGETS).is_some_and(|target| target.edited(observation, kind));
    let mut class = class(observation, kind, operation, &fields);
    // What the controller has to take up besides counts too: what it does not run, and what another hand may have
    // written where nobody looks.
    if !running.is_empty() {
        class = class.max(class_of_drift(resource, running, observation));
    }
    if edited {
        class = class.max(ChangeClass::Reconfigure);
    }
    Change {
        fields,
        summary: resource.summary.clone(),
        place: resource.place.as_ref().and_then(locate),
        seen: Some(seen(live)),
        drift: edited.then_some(Drift::FileChangedByHand),
        ..change(&resource.address, operation, class)
    }
}

fn drifted(
    resource: &Resource,
    live: &Live,
    fields: Vec<FieldChange>,
    observation: &Observation,
    locate: &Locate<'_>,
) -> Change {
    let missing = !observation.running.contains_key(&resource.address);
    let class = class_of_drift(resource, &fields, observation);
    Change {
        fields,
        summary: if missing { "in the file, not yet running".to_owned() } else { resource.summary.clone() },
        place: resource.place.as_ref().and_then(locate),
        seen: Some(seen(live)),
        drift: Some(Drift::RunningDiffersFromFile),
        ..change(&resource.address, Operation::Update, class)
    }
}

/// What a change costs; on a twin everything is done at once.
fn class(observation: &Observation, kind: &str, operation: Operation, fields: &[FieldChange]) -> ChangeClass {
    let target = observation.facts.of_kind(TARGETS);
    target.map_or(ChangeClass::Live, |target| target.class(observation, kind, operation, fields))
}

/// What it costs that the controller takes up again what its file says.
fn class_of_drift(resource: &Resource, fields: &[FieldChange], observation: &Observation) -> ChangeClass {
    let missing = !observation.running.contains_key(&resource.address);
    let operation = if missing { Operation::Create } else { Operation::Update };
    class(observation, &resource.address.kind, operation, fields)
}

fn removal(address: &Address, live: &Live, observation: &Observation) -> Change {
    Change {
        seen: Some(seen(live)),
        ..change(address, Operation::Delete, class(observation, &address.kind, Operation::Delete, &[]))
    }
}

fn field_changes(resource: &Resource, before: &Body, locate: &Locate<'_>) -> Vec<FieldChange> {
    fields::field_changes(of_kind(TARGETS, &resource.address.kind), resource, before, locate)
}
