//! Comparing one target's desired resources with what was observed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fields::field_changes;
use super::target::{TARGETS, Target};
use super::{Change, ChangeClass, Drift, Fidelity, FieldChange, JobImpact, Operation, Warning};
use crate::diagnostics::{Diagnostic, Place};
use crate::live::{Live, Observation, Owner};
use crate::resource::{Address, Body, Digest, Resource};

/// A declared resource that exists and is not ours.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Which.
    pub address: Address,
    /// Whose it is.
    pub owner: Owner,
    /// Who has written it so far, where that can be seen.
    pub hands: Vec<String>,
    /// Where it is declared.
    pub place: Option<String>,
}

/// What comparing one target gave.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Differences, by address.
    pub changes: Vec<Change>,
    /// Declared resources that need nothing.
    pub unchanged: usize,
    /// Live resources that are not ours and not declared.
    pub unmanaged: Vec<Address>,
    /// Resources of ours that are no longer declared and are kept all the same.
    pub kept: Vec<Address>,
    /// Declared resources that are somebody else's.
    pub conflicts: Vec<Conflict>,
    /// How sure it is of each declared object; only for Kubernetes.
    pub tiers: Option<Tiers>,
    /// Declared objects that the server would refuse.
    pub blocked: Vec<Blocked>,
    /// Things to know that are no difference.
    pub warnings: Vec<Warning>,
}

/// How many declared objects are known in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiers {
    /// Proved from what was read, without a request.
    pub proved: usize,
    /// By the server's dry-run.
    pub confirmed: usize,
    /// Neither was possible.
    pub predicted: usize,
}

/// A declared object that the server would refuse.
#[derive(Debug, Clone)]
pub struct Blocked {
    /// Which.
    pub address: Address,
    /// Why, at the fields that the server names, or at the object; absent where it is told with another.
    pub diagnostic: Option<Diagnostic>,
}

/// What was asked for by name, object by object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wishes {
    /// Foreign resources that may be taken over.
    pub adopt: BTreeSet<Address>,
    /// Fields that may be taken from other field managers: the object, and the field's path.
    pub take: BTreeSet<(Address, String)>,
    /// Objects that may be deleted and made anew.
    pub recreate: BTreeSet<Address>,
    /// Objects of kinds that are else never deleted.
    pub prune: BTreeSet<Address>,
}

/// Turns a symbolic place into `access.yaml:31`.
pub type Locate<'a> = dyn Fn(&Place) -> Option<String> + 'a;

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

/// Digest that binds a plan to a live resource.
pub fn seen(live: &Live) -> Digest {
    Digest::of_json(live)
}

pub(super) fn change(address: &Address, operation: Operation, class: ChangeClass) -> Change {
    Change {
        address: address.clone(),
        operation,
        class,
        fidelity: Fidelity::Proved,
        fields: Vec::new(),
        summary: String::new(),
        place: None,
        seen: None,
        drift: None,
        impact: JobImpact::default(),
        takes: Vec::new(),
        notes: Vec::new(),
    }
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
