//! Changes on a twin → actions: one a resource, in the order in which a real site would take them.

use std::collections::BTreeMap;

use crate::diff::{Change, ChangeClass, Operation};
use crate::kubernetes::kinds::{is_kubernetes, wave};
use crate::live::{Observation, Owner};
use crate::plan::{Action, Step};
use crate::resource::{Address, Body, Resource};

/// More resources than this are stored by kind, not one by one.
const ONE_BY_ONE: usize = 200;
/// So are those of a twin with more than this: each action writes the whole file.
const LARGE: usize = 2000;

/// Order of creation; removal goes backwards.
const ORDER: [&str; 9] =
    ["node", "gres", "nodeset", "qos", "account", "association", "user", "coordinator", "partition"];

fn rank(kind: &str) -> usize {
    if is_kubernetes(kind) {
        return ORDER.len() + 1 + usize::from(wave(kind));
    }
    ORDER.iter().position(|one| *one == kind).unwrap_or(ORDER.len())
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
            step: Step::Twin { put, remove },
            after: Vec::new(),
            class: ChangeClass::Live,
        });
    }
    actions
}

/// What is stored: of what belongs to others too, the fields that they set stay.
fn stored(resource: &Resource, observation: &Observation) -> Body {
    let live = observation.resources.get(&resource.address).filter(|live| live.owner == Owner::Shared);
    let mut body = live.map_or_else(Body::new, |live| live.body.clone());
    body.extend(resource.body.clone());
    body
}
