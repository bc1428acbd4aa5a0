//! The running copy against the file: what a controller lost, or was given by `scontrol update`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diff::FieldChange;
use crate::diff::fields::push_field;
use crate::diff::target::Target;
use crate::live::slurm::Controller;
use crate::live::{Observation, Owner};
use crate::resource::hostlist::HostSet;
use crate::resource::{Address, Body, PROTECT};
use crate::slurm::fields;
use crate::slurm::release::Release;

/// For each of our partitions and nodes in the files: the fields in which the controller runs something else. An entry
/// without fields never occurs; a resource that does not run at all yields all its fields.
pub(super) fn differences(target: &dyn Target, observation: &Observation) -> BTreeMap<Address, Vec<FieldChange>> {
    let mut result = BTreeMap::new();
    let Some(facts) = observation.slurm() else { return result };
    if facts.controller != Controller::Up {
        return not_running(target, observation);
    }
    for (address, live) in &observation.resources {
        if live.owner != Owner::Ours || !matches!(address.kind.as_str(), "partition" | "node") {
            continue;
        }
        let changes = match observation.running.get(address) {
            None => all_fields(target, address, &live.body),
            Some(running) => differing(target, address, &live.body, running, facts.release, observation),
        };
        if !changes.is_empty() {
            result.insert(address.clone(), changes);
        }
    }
    result
}

/// While the controller is down everything of the files waits for its start.
fn not_running(target: &dyn Target, observation: &Observation) -> BTreeMap<Address, Vec<FieldChange>> {
    let ours = observation
        .resources
        .iter()
        .filter(|(address, live)| live.owner == Owner::Ours && matches!(address.kind.as_str(), "partition" | "node"));
    ours.map(|(address, live)| (address.clone(), all_fields(target, address, &live.body))).collect()
}

fn all_fields(target: &dyn Target, address: &Address, body: &Body) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    // The mark of protection stands in the file alone.
    for (key, value) in body.iter().filter(|(key, _)| *key != PROTECT) {
        push_field(Some(target), &mut changes, &address.kind, key, None, Some(value), None);
    }
    if changes.is_empty() {
        // A resource without any field still has to run.
        push_field(
            Some(target),
            &mut changes,
            &address.kind,
            "State",
            None,
            Some(&Value::String("running".into())),
            None,
        );
    }
    changes
}

fn differing(
    target: &dyn Target,
    address: &Address,
    file: &Body,
    running: &Body,
    release: Release,
    observation: &Observation,
) -> Vec<FieldChange> {
    let kind = address.kind.as_str();
    let mut changes = Vec::new();
    let keys: BTreeSet<&String> = file.keys().chain(running.keys()).collect();
    for key in keys {
        let Some(field) = fields::find(kind, key) else { continue };
        if field.read.is_empty() || !field.exists(release) || (kind == "partition" && key == "PreemptMode") {
            continue;
        }
        if kind == "node" && fields::is_inferred(key) && !file.contains_key(key) {
            continue;
        }
        let expanded = match (kind, key.as_str(), file.get(key)) {
            ("partition", "Nodes", Some(Value::String(text))) => {
                expand_node_sets(address, text, observation).map(Value::String)
            }
            (_, _, value) => value.cloned(),
        };
        if expanded.as_ref() != running.get(key) {
            push_field(Some(target), &mut changes, kind, key, running.get(key), expanded.as_ref(), None);
        }
    }
    changes
}

/// Replaces names of node sets, and `ALL`, by their hosts: a controller prints partitions expanded.
fn expand_node_sets(partition: &Address, text: &str, observation: &Observation) -> Option<String> {
    let Ok(names) = HostSet::parse_lenient(text) else { return Some(text.to_owned()) };
    let mut hosts: BTreeSet<String> = BTreeSet::new();
    for name in names.iter() {
        let address = Address::new(&partition.target, "nodeset", name.to_string());
        match observation.resources.get(&address) {
            Some(set) => hosts.extend(members(&set.body, partition, observation)),
            None if AsRef::<str>::as_ref(name) == "ALL" => {
                hosts.extend(node_bodies(partition, observation).map(|(name, _)| name.to_owned()));
            }
            None => {
                hosts.insert(name.to_string());
            }
        }
    }
    if hosts.is_empty() {
        return None;
    }
    Some(hosts.into_iter().collect::<HostSet>().to_string())
}

fn node_bodies<'a>(partition: &'a Address, observation: &'a Observation) -> impl Iterator<Item = (&'a str, &'a Body)> {
    observation
        .resources
        .iter()
        .filter(|(address, _)| address.kind == "node" && address.target == partition.target)
        .map(|(address, live)| (address.name.as_str(), &*live.body))
}

fn members(set: &Body, partition: &Address, observation: &Observation) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    if let Some(Value::String(text)) = set.get("Nodes")
        && let Ok(listed) = HostSet::parse_lenient(text)
    {
        hosts.extend(listed.iter().map(ToString::to_string));
    }
    if let Some(Value::String(feature)) = set.get("Feature") {
        for (name, body) in node_bodies(partition, observation) {
            let features = body.get("Features").and_then(Value::as_array);
            if features.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(feature))) {
                hosts.insert(name.to_owned());
            }
        }
    }
    hosts
}
