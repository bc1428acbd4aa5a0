//! Comparing one target's desired resources with what was observed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::running::running_differences;
use super::{Change, Drift, Fidelity, FieldChange, JobImpact, Operation, class};
use crate::diagnostics::Place;
use crate::kubernetes::kinds::is_kubernetes;
use crate::live::kubernetes::Failure;
use crate::live::{Live, Observation, Owner};
use crate::resource::{Address, Body, Digest, Resource};
use crate::slurm::fields::{self, ChangeClass, Shape};
use crate::slurm::value;

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
    /// Declared resources that are somebody else's.
    pub conflicts: Vec<Conflict>,
    /// How sure it is of each declared object; only for Kubernetes.
    pub tiers: Option<Tiers>,
    /// Declared objects that the server would refuse.
    pub blocked: Vec<Blocked>,
    /// Things to know that are no change.
    pub notes: Vec<String>,
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

/// What keeps a declared object from being written.
#[derive(Debug, Clone)]
pub enum Obstacle {
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

/// A declared object that the server would refuse.
#[derive(Debug, Clone)]
pub struct Blocked {
    /// Which.
    pub address: Address,
    /// Why.
    pub obstacle: Obstacle,
    /// The field that it names, or the object.
    pub place: Option<Place>,
    /// Further fields that it names.
    pub others: Vec<Place>,
}

/// What was asked for by name, object by object.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// Foreign resources that may be taken over.
    pub adopt: BTreeSet<Address>,
    /// Fields that may be taken from other field managers.
    pub take: BTreeSet<(Address, String)>,
    /// Objects that may be deleted and made anew.
    pub recreate: BTreeSet<Address>,
    /// Objects of kinds that are else never deleted.
    pub prune: BTreeSet<Address>,
}

/// Turns a symbolic place into `access.yaml:31`.
pub type Locate<'a> = dyn Fn(&Place) -> Option<String> + 'a;

/// Compares. `adopt` names foreign resources that may be taken over.
pub fn compare(
    desired: &[Resource],
    observation: &Observation,
    adopt: &BTreeSet<Address>,
    locate: &Locate<'_>,
) -> Comparison {
    let mut result = Comparison::default();
    let wanted: BTreeMap<&Address, &Resource> = desired.iter().map(|resource| (&resource.address, resource)).collect();
    let drift = running_differences(observation);
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
    let release = observation.slurm.as_ref().map(|facts| facts.release);
    Change {
        fields: field_changes(resource, &Body::new(), locate),
        summary: resource.summary.clone(),
        place: resource.place.as_ref().and_then(locate),
        ..change(
            &resource.address,
            Operation::Create,
            class::of(&resource.address.kind, Operation::Create, &[], release),
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
    let release = observation.slurm.as_ref().map(|facts| facts.release);
    let kind = resource.address.kind.as_str();
    let edited = matches!(kind, "node" | "nodeset" | "partition" | "gres")
        && observation.slurm.as_ref().is_some_and(|facts| {
            let file = if kind == "gres" { &facts.gres_include } else { &facts.include };
            facts.edited_files.contains(file)
        });
    let mut class = class::of(kind, operation, &fields, release);
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

/// What it costs that the controller takes up again what its file says.
fn class_of_drift(resource: &Resource, fields: &[FieldChange], observation: &Observation) -> ChangeClass {
    let release = observation.slurm.as_ref().map(|facts| facts.release);
    let missing = !observation.running.contains_key(&resource.address);
    let operation = if missing { Operation::Create } else { Operation::Update };
    class::of(&resource.address.kind, operation, fields, release)
}

fn removal(address: &Address, live: &Live, observation: &Observation) -> Change {
    let release = observation.slurm.as_ref().map(|facts| facts.release);
    Change {
        seen: Some(seen(live)),
        ..change(address, Operation::Delete, class::of(&address.kind, Operation::Delete, &[], release))
    }
}

fn field_changes(resource: &Resource, before: &Body, locate: &Locate<'_>) -> Vec<FieldChange> {
    let kind = resource.address.kind.as_str();
    if is_kubernetes(kind) {
        return super::kubernetes::of_bodies(resource, before, locate);
    }
    let keys: BTreeSet<&String> = resource.body.keys().chain(before.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let (old, new) = (before.get(key), resource.body.get(key));
        if old == new {
            continue;
        }
        // A field that is cleared stands nowhere: the object does.
        let own = new.and_then(|_| resource.places.get(key));
        let place = own.or(resource.place.as_ref()).and_then(locate);
        push_field(&mut changes, kind, key, old, new, place);
    }
    for change in &mut changes {
        change.reason = resource.reasons.get(&change.field).cloned();
    }
    changes
}

/// Adds one field's change; TRES maps are shown TRES by TRES.
pub(super) fn push_field(
    changes: &mut Vec<FieldChange>,
    kind: &str,
    key: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    place: Option<String>,
) {
    let empty = serde_json::Map::new();
    let is_map = |value: Option<&Value>| value.is_none_or(Value::is_object);
    if old.or(new).is_some_and(Value::is_object) && is_map(old) && is_map(new) {
        let old = old.and_then(Value::as_object).unwrap_or(&empty);
        let new = new.and_then(Value::as_object).unwrap_or(&empty);
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            if old.get(name) != new.get(name) {
                let text =
                    |value: Option<&Value>| value.map_or_else(String::new, |value| shown_entry(kind, key, name, value));
                changes.push(FieldChange {
                    field: format!("{key} {name}"),
                    before: old.get(name).cloned(),
                    after: new.get(name).cloned(),
                    before_text: text(old.get(name)),
                    after_text: text(new.get(name)),
                    place: place.clone(),
                    reason: None,
                });
            }
        }
    } else {
        let text = |value: Option<&Value>| value.map_or_else(String::new, |value| shown(kind, key, value));
        changes.push(FieldChange {
            field: key.to_owned(),
            before: old.cloned(),
            after: new.cloned(),
            before_text: text(old),
            after_text: text(new),
            place,
            reason: None,
        });
    }
}

fn shown(kind: &str, key: &str, value: &Value) -> String {
    match fields::find(kind, key) {
        Some(field) => value::shown(field, value),
        None => plain(value),
    }
}

fn shown_entry(kind: &str, key: &str, name: &str, value: &Value) -> String {
    match fields::find(kind, key) {
        Some(field) if field.shape == Shape::Tres => {
            let mut map = serde_json::Map::new();
            map.insert(name.to_owned(), value.clone());
            let text = value::shown(field, &Value::Object(map));
            text.strip_prefix(&format!("{name}=")).map_or(text.clone(), ToOwned::to_owned)
        }
        _ => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
