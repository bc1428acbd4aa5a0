//! Renames: to Slurm a deletion and a creation. The plan says so where the two are likely one object to its author.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::Place;
use crate::diff::{Change, Note, Operation, Topic};
use crate::live::Observation;
use crate::resource::{Address, Body, FieldPath, Resource, canonical_json, protect};

/// Kinds whose name people choose and Slurm keeps things under; others follow them.
const KINDS: [&str; 3] = ["account", "partition", "qos"];

/// Notes likely renames of one target at what is created. One that could be of several is none.
pub(super) fn note(changes: &mut [Change], desired: &[Resource], observation: &Observation) {
    let of = |operation: Operation| {
        let named =
            move |change: &Change| change.operation == operation && KINDS.contains(&change.address.kind.as_str());
        changes.iter().enumerate().filter(move |(_, change)| named(change))
    };
    if of(Operation::Delete).next().is_none() {
        return;
    }
    let declared: BTreeMap<&Address, &Resource> =
        desired.iter().map(|resource| (&resource.address, resource)).collect();
    let (old_users, new_users) = (users(observation.resources.keys()), users(declared.keys().copied()));
    let mut gone: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (_, change) in of(Operation::Delete) {
        if let Some(live) = observation.resources.get(&change.address) {
            gone.entry(likeness(&change.address, &live.body, &old_users)).or_default().push(&change.address.name);
        }
    }
    let mut new: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, change) in of(Operation::Create) {
        if let Some(resource) = declared.get(&change.address) {
            new.entry(likeness(&change.address, &resource.body, &new_users)).or_default().push(index);
        }
    }
    let mut notes = Vec::new();
    for (key, names) in gone {
        let ([old], Some([index])) = (names.as_slice(), new.get(&key).map(Vec::as_slice)) else { continue };
        let address = &changes[*index].address;
        let consequence = match address.kind.as_str() {
            "account" if declared.get(address).is_some_and(|resource| is_project(resource)) => {
                format!("Slurm keeps usage with the old account; `account: {old}` on the project keeps it")
            }
            "account" => "Slurm keeps usage with the old account".to_owned(),
            "qos" => "Slurm keeps usage with the old QOS".to_owned(),
            _ => "to Slurm they are two partitions, and jobs of the old one do not move".to_owned(),
        };
        notes.push((*index, format!("looks like a rename of `{old}`: {consequence}")));
    }
    for (index, text) in notes {
        changes[index].notes.push(Note::new(Topic::LikelyRename, text));
    }
}

/// Users of each account, with the partition where there is one.
fn users<'a>(all: impl Iterator<Item = &'a Address>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (account, user) in all.filter(|one| one.kind == "association").filter_map(|one| one.name.split_once('/')) {
        users.entry(account).or_default().insert(user);
    }
    users
}

/// Text that is equal for two objects that could be one under two names: kind, fields and, of an account, users.
fn likeness(address: &Address, body: &Body, users: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let mut body = body.clone();
    // A wish, not what it is.
    protect(&mut body, false);
    let users = users.get(address.name.as_str()).filter(|_| address.kind == "account");
    canonical_json(&(&address.kind, body, users))
}

/// Whether an account is a project's, not the factory's own or a branch.
fn is_project(resource: &Resource) -> bool {
    let named = FieldPath::keys("metadata.name");
    resource.body.contains_key("Parent") && matches!(&resource.place, Some(Place::Field { path, .. }) if *path == named)
}
