//! Minima and defaults of partitions and access modes are no more than their maxima.

use super::limit;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{AccessMode, Partition, Site};
use crate::rules::minimum_exceeds_maximum::CODE;
use crate::rules::rule::{Rule, Turn};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

/// Two fields of a partition, and what is wrong where the first is more than the second.
const OF_PARTITION: [(&str, &str, &str); 4] = [
    ("DefaultTime", "MaxTime", "the default time is longer than the longest job"),
    ("MinNodes", "MaxNodes", "the fewest nodes are more than the most"),
    ("DefMemPerNode", "MaxMemPerNode", "the default memory is more than the most"),
    ("DefMemPerCPU", "MaxMemPerCPU", "the default memory is more than the most"),
];

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in limit::partitions(site) {
        of_partition(partition, found);
    }
    for mode in &site.modes {
        of_job(mode, found);
        of_several_jobs(mode, found);
    }
}

fn of_partition(partition: &Partition, found: &mut Diagnostics) {
    for (least, most, what) in OF_PARTITION {
        if let (Some(low), Some(high)) = (partition.number(least), partition.number(most))
            && low > high
        {
            found.push(
                Diagnostic::new(&CODE, format!("`{}`: {what}", partition.name))
                    .at(limit::of_partition(partition, least))
                    .label("too much")
                    .related(limit::of_partition(partition, most), "the limit")
                    .hint("lower the one or raise the other"),
            );
        }
    }
}

/// What a job needs at least, and may have at most.
fn of_job(mode: &AccessMode, found: &mut Diagnostics) {
    for (tres, least) in &mode.minimum {
        if let Some(most) = mode.maximum.get(tres)
            && least > most
        {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("`{}`: a job needs at least {least} {tres} and may have at most {most}", mode.name),
                )
                .at(limit::of_mode(mode, "MinTRESPerJob"))
                .label("no job fits")
                .related(limit::of_mode(mode, "MaxTRESPerJob"), "the most")
                .hint("lower the minimum"),
            );
        }
    }
}

/// What a job needs at least, and what all jobs of a user, of an account or of the mode may have together.
fn of_several_jobs(mode: &AccessMode, found: &mut Diagnostics) {
    for holder in ["MaxTRESPerUser", "MaxTRESPerAccount", "GrpTRES"] {
        let Some(limits) = mode.fields.body.get(holder).and_then(|value| value.as_object()) else { continue };
        for (tres, least) in &mode.minimum {
            if let Some(most) = limits.get(tres).and_then(serde_json::Value::as_u64)
                && *least > most
            {
                found.push(
                    Diagnostic::new(
                        &CODE,
                        format!("`{}`: a job needs {least} {tres}, and {holder} allows {most}", mode.name),
                    )
                    .at(limit::of_mode(mode, holder))
                    .label("no job fits")
                    .related(limit::of_mode(mode, "MinTRESPerJob"), "the least of a job")
                    .hint("raise the limit"),
                );
            }
        }
    }
}
