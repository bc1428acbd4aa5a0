//! A partition limits memory by node or by CPU, and not by both.

use super::limit;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;
use crate::rules::rule::{Rule, Turn};

/// Memory is limited by node and by CPU.
const CODE: Code = Code {
    name: "memory-twice",
    severity: Severity::Error,
    summary: "Memory is limited by node and by CPU",
    explanation: "The two exclude each other (slurm.conf(5), DefMemPerCPU).",
    failing: "defaults: { memoryPerNode: 8GB, memoryPerCpu: 1GB }",
    passing: "defaults: { memoryPerCpu: 1GB }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in limit::partitions(site) {
        for (one, other) in [("DefMemPerNode", "DefMemPerCPU"), ("MaxMemPerNode", "MaxMemPerCPU")] {
            if partition.number(one).is_some() && partition.number(other).is_some() {
                found.push(
                    Diagnostic::new(
                        &CODE,
                        format!("`{}` limits memory by node and by CPU, which exclude each other", partition.name),
                    )
                    .at(limit::of_partition(partition, other))
                    .related(limit::of_partition(partition, one), "and by node here")
                    .hint("keep one of them"),
                );
            }
        }
    }
}
