//! Changes on a twin → actions: one a resource, in the order in which a real site would take them.

mod step;

use std::collections::{BTreeMap, BTreeSet};

use super::targets::TARGETS;
use crate::diff::{Change, ChangeClass, Operation};
use crate::live::{Observation, Owner};
use crate::plan::Action;
use crate::resource::{Address, Body, Resource};
use crate::targets::{of_kind, place};

pub use step::Step;

/// More resources than this are stored by kind, not one by one.
const ONE_BY_ONE: usize = 200;
/// So are those of a twin with more than this: each action writes the whole file.
const LARGE: usize = 2000;

/// Order of creation; removal goes backwards.
fn rank(kind: &str) -> (usize, usize) {
    let rank = of_kind(TARGETS, kind).map_or(0, |target| target.rank(kind));
    (place(kind).unwrap_or(usize::MAX), rank)
}

/// Whether an action is one that its changes can bring about.
pub(super) fn fits(step: &Step, action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool {
    let Step::Twin { put, remove } = step;
    let known = action.addresses.iter().all(|address| changes.contains_key(address));
    let deleted =
        |address: &&Address| changes.get(*address).is_some_and(|change| change.operation == Operation::Delete);
    let (going, staying): (BTreeSet<&Address>, BTreeSet<&Address>) = action.addresses.iter().partition(deleted);
    known && staying == put.keys().collect() && going == remove.iter().collect()
}

/// Actions of a twin, numbered from `first`.
pub(super) fn actions(observation: &Observation, desired: &[Resource], changes: &[Change], first: u32) -> Vec<Action> {
    let bodies: BTreeMap<&Address, &Resource> = desired.iter().map(|resource| (&resource.address, resource)).collect();
    let mut puts: Vec<&Change> = changes.iter().filter(|change| change.operation != Operation::Delete).collect();
    puts.sort_by_key(|change| (rank(&change.address.kind), &change.address));
    let mut removes: Vec<&Change> = changes.iter().filter(|change| change.operation == Operation::Delete).collect();
    removes.sort_by_key(|change| (std::cmp::Reverse(rank(&change.address.kind)), &change.address));
    let ordered: Vec<&Change> = puts.into_iter().chain(removes).collect();
    let groups: Vec<Vec<&Change>> = if ordered.len() <= ONE_BY_ONE && observation.resources.len() <= LARGE {
        ordered.into_iter().map(|change| vec![change]).collect()
    } else {
        ordered
            .chunk_by(|left, right| {
                left.address.kind == right.address.kind
                    && (left.operation == Operation::Delete) == (right.operation == Operation::Delete)
            })
            .map(<[&Change]>::to_vec)
            .collect()
    };
    let mut actions = Vec::new();
    for (position, group) in (first..).zip(groups) {
        let mut put = BTreeMap::new();
        let mut remove = Vec::new();
        for change in &group {
            match (change.operation, bodies.get(&change.address)) {
                (Operation::Delete, _) | (_, None) => remove.push(change.address.clone()),
                (_, Some(resource)) => {
                    put.insert(change.address.clone(), stored(resource, observation));
                }
            }
        }
        let title = match group.as_slice() {
            [change] => format!("{}/{}", change.address.kind, change.address.name),
            many => format!("{} × {}", many.len(), many[0].address.kind),
        };
        actions.push(Action {
            id: position,
            target: observation.target.clone(),
            title,
            addresses: group.iter().map(|change| change.address.clone()).collect(),
            step: super::Step::Twin(Step::Twin { put, remove }),
            after: Vec::new(),
            class: ChangeClass::Live,
        });
    }
    actions
}

/// What is stored: of what belongs to others too, the fields that they set stay.
fn stored(resource: &Resource, observation: &Observation) -> Body {
    let live = observation.resources.get(&resource.address).filter(|live| live.owner == Owner::Shared);
    let mut body = live.map_or_else(Body::new, |live| (*live.body).clone());
    body.extend(resource.body.clone());
    body
}
