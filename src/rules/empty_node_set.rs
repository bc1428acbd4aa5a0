//! A node set has a feature or hosts.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;

/// A node set has neither a feature nor hosts.
const CODE: Code = Code {
    name: "empty-node-set",
    severity: Severity::Error,
    summary: "A node set has neither a feature nor hosts",
    explanation: "No node would belong to it.",
    failing: "nodeSets: [{ name: big }]",
    passing: "nodeSets: [{ name: big, feature: big }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in &site.partitions {
        for set in partition.node_sets.iter().filter(|set| set.feature.is_none() && set.hosts.is_none()) {
            let refused = |field: &str| site.refused.touches(partition.document, &set.path.key(field));
            if !refused("feature") && !refused("hosts") {
                found.push(
                    Diagnostic::new(&CODE, format!("the node set `{}` has neither a feature nor hosts", set.name))
                        .at(Place::value(partition.document, set.path.key("name")))
                        .hint("add `feature:` or `hosts:`"),
                );
            }
        }
    }
}
