//! An access mode allows no more than the partitions that list it.

use super::limit;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::{AccessMode, Partition, Site};
use crate::rules::rule::{Rule, Turn};
use crate::slurm::value::clock;

/// An access mode allows more than its partition.
const CODE: Code = Code {
    name: "limit-exceeds-partition",
    severity: Severity::Error,
    summary: "An access mode allows more than its partition",
    explanation: "The partition's limit wins, so the mode promises what it does not keep: jobs wait for ever with the reason PartitionTimeLimit.",
    failing: "perJob: { wallTime: 12h }   # booster: limits: { wallTime: 6h }",
    passing: "perJob: { wallTime: 6h }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (mode, partition) in limit::admitted(site) {
        // A flag of the mode can lift the partition's limit.
        if site.knows(mode.document, &["spec.flags", "spec.slurm.Flags"]) {
            time(mode, partition, found);
            nodes(mode, partition, found);
        }
    }
}

fn has_flag(mode: &AccessMode, flag: &str) -> bool {
    let flags = mode.fields.body.get("Flags").and_then(|value| value.as_array());
    flags.is_some_and(|flags| flags.iter().any(|one| one.as_str() == Some(flag)))
}

fn time(mode: &AccessMode, partition: &Partition, found: &mut Diagnostics) {
    let longest = mode.fields.body.get("MaxWall").and_then(serde_json::Value::as_u64);
    if let (Some(wanted), Some(minutes)) = (longest, partition.number("MaxTime"))
        && wanted > minutes
        && !has_flag(mode, "PartitionTimeLimit")
    {
        found.push(
            Diagnostic::new(
                &CODE,
                format!(
                    "`{}` lets jobs run {}, but `{}` ends them after {}",
                    mode.name,
                    clock(wanted * 60),
                    partition.name,
                    clock(minutes * 60)
                ),
            )
            .at(limit::of_mode(mode, "MaxWall"))
            .label("longer than the partition allows")
            .related(limit::of_partition(partition, "MaxTime"), format!("the limit of `{}`", partition.name))
            .hint(format!(
                "write `wallTime: {}` here, raise it in `{}`, or give the mode the flag `partition-time-limit`",
                clock(minutes * 60),
                partition.name
            )),
        );
    }
}

fn nodes(mode: &AccessMode, partition: &Partition, found: &mut Diagnostics) {
    if let (Some(wanted), Some(most)) = (mode.maximum.get("node").copied(), partition.number("MaxNodes"))
        && wanted > most
        && !has_flag(mode, "PartitionMaxNodes")
    {
        found.push(
            Diagnostic::new(
                &CODE,
                format!("`{}` allows {wanted} nodes a job, but `{}` at most {most}", mode.name, partition.name),
            )
            .at(limit::of_mode(mode, "MaxTRESPerJob"))
            .label("more than the partition allows")
            .related(limit::of_partition(partition, "MaxNodes"), format!("the limit of `{}`", partition.name))
            .hint("lower it, or give the mode the flag `partition-max-nodes`"),
        );
    }
}
