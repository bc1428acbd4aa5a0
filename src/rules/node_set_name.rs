//! No node set has the name of a node.

use super::node_group;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;

/// A node set has the name of a node.
const CODE: Code = Code {
    name: "node-set-name",
    severity: Severity::Error,
    summary: "A node set has the name of a node",
    explanation: "slurmctld does not start (slurm.conf(5), NodeSet).",
    failing: "nodeSets: [{ name: gpu1, feature: big }]",
    passing: "nodeSets: [{ name: big-nodes, feature: big }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in &site.partitions {
        for set in &partition.node_sets {
            if node_group::all(site).any(|(_, group)| group.hosts.contains(&set.name)) {
                found.push(
                    Diagnostic::new(&CODE, format!("the node set `{}` has the name of a node", set.name))
                        .at(Place::value(partition.document, set.path.key("name")))
                        .hint("rename the set"),
                );
            }
        }
    }
}
