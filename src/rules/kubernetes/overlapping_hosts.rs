//! A Node is labelled for one partition.

use std::collections::BTreeMap;

use super::named;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::Site;
use crate::rules::overlapping_hosts::CODE;
use crate::rules::rule::{Rule, Turn};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let mut nodes: BTreeMap<(&str, String), (&String, Place)> = BTreeMap::new();
    for (partition, side) in named::partitions(site).filter(|(one, _)| named::is_known(site, one.document)) {
        let labelled = partition.groups.iter().filter(|_| side.labels_nodes);
        for (group, host) in labelled.flat_map(|group| group.hosts.iter().map(move |host| (group, host))) {
            // Hosts that Slurm would see twice have been reported already.
            let node = side.node_name(host);
            let place = Place::value(partition.document, group.path.key("hosts"));
            let other = nodes.insert((&side.target, node.clone()), (&partition.target, place.clone()));
            let Some((_, first)) = other.filter(|(target, _)| **target != partition.target) else { continue };
            found.push(
                Diagnostic::new(&CODE, format!("two partitions have the Node `{node}`"))
                    .at(place)
                    .label("labelled again")
                    .related(first, "first labelled here")
                    .hint("name it in one partition only"),
            );
            break;
        }
    }
}
