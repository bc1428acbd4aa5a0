//! A partition has nodes.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// A partition has no nodes.
const CODE: Code = Code {
    name: "no-nodes",
    severity: Severity::Error,
    summary: "A partition has no nodes",
    explanation: "Slurm would accept it, and no job would ever run in it.",
    failing: "spec: {}",
    passing: "spec: { nodes: [{ hosts: gpu[1-4] }] }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in &site.partitions {
        if partition.groups.is_empty()
            && partition.hosts.is_empty()
            && site.knows(partition.document, &["spec.nodes", "spec.hosts"])
        {
            found.push(
                Diagnostic::new(&CODE, format!("`{}` has no nodes", partition.name))
                    .at(Place::value(partition.document, FieldPath::keys("metadata.name")))
                    .hint("add `nodes:` with hosts, or `hosts:` of another partition"),
            );
        }
    }
}
