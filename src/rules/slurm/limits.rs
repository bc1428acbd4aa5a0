//! Limits fit inside limits.

use crate::diagnostics::codes::rules as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{AccessMode, Partition, Site};
use crate::resource::FieldPath;
use crate::slurm::value::clock;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    let mut default: Option<&Partition> = None;
    for partition in site.partitions.iter().filter(|partition| partition.is_on_slurm()) {
        inside_partition(site, partition, found);
        if partition.default {
            if let Some(first) = default {
                found.push(
                    Diagnostic::new(
                        &codes::TWO_DEFAULTS,
                        format!("`{}` and `{}` are both the default partition", first.name, partition.name),
                    )
                    .at(Place::value(partition.document, FieldPath::keys("spec.default")))
                    .label("a second default")
                    .related(Place::value(first.document, FieldPath::keys("spec.default")), "the first one")
                    .why("Slurm takes the last one")
                    .hint("keep `default: true` on one partition"),
                );
            } else {
                default = Some(partition);
            }
        }
        for (name, _) in &partition.modes {
            if let Some(mode) = site.modes.iter().find(|mode| mode.name == *name) {
                mode_in_partition(site, mode, partition, found);
            }
        }
    }
    for mode in &site.modes {
        inside_mode(mode, found);
    }
}

fn place_of(partition: &Partition, key: &str) -> Place {
    partition
        .fields
        .places
        .get(key)
        .cloned()
        .unwrap_or_else(|| Place::value(partition.document, FieldPath::keys("spec.limits")))
}

fn inside_partition(site: &Site, partition: &Partition, found: &mut Diagnostics) {
    for (least, most, what) in [
        ("DefaultTime", "MaxTime", "the default time is longer than the longest job"),
        ("MinNodes", "MaxNodes", "the fewest nodes are more than the most"),
        ("DefMemPerNode", "MaxMemPerNode", "the default memory is more than the most"),
        ("DefMemPerCPU", "MaxMemPerCPU", "the default memory is more than the most"),
    ] {
        if let (Some(low), Some(high)) = (partition.number(least), partition.number(most))
            && low > high
        {
            found.push(
                Diagnostic::new(&codes::MINIMUM_EXCEEDS_MAXIMUM, format!("`{}`: {what}", partition.name))
                    .at(place_of(partition, least))
                    .label("too much")
                    .related(place_of(partition, most), "the limit")
                    .hint("lower the one or raise the other"),
            );
        }
    }
    for (one, other) in [("DefMemPerNode", "DefMemPerCPU"), ("MaxMemPerNode", "MaxMemPerCPU")] {
        if partition.number(one).is_some() && partition.number(other).is_some() {
            found.push(
                Diagnostic::new(
                    &codes::MEMORY_TWICE,
                    format!("`{}` limits memory by node and by CPU, which exclude each other", partition.name),
                )
                .at(place_of(partition, other))
                .related(place_of(partition, one), "and by node here")
                .hint("keep one of them"),
            );
        }
    }
    let own = partition.own_hosts().len() as u64;
    // Further hosts may be node sets: then nobody knows how many.
    if partition.hosts.is_empty() && own > 0 && site.knows_hosts(partition) {
        for key in ["MaxNodes", "MinNodes"] {
            if let Some(nodes) = partition.number(key)
                && nodes > own
            {
                found.push(
                    Diagnostic::new(
                        &codes::MORE_THAN_THERE_IS,
                        format!("`{}` speaks of {nodes} nodes and has {own}", partition.name),
                    )
                    .at(place_of(partition, key))
                    .label(format!("has {own} nodes"))
                    .hint(format!("write at most {own}")),
                );
            }
        }
    }
    let smallest = partition.groups.iter().filter_map(|group| group.memory).max();
    if let (Some(limit), Some(memory)) = (partition.number("MaxMemPerNode"), smallest)
        && limit > memory
        && site.knows(partition.document, &["spec.nodes[].memory"])
    {
        found.push(
            Diagnostic::new(
                &codes::MORE_THAN_THERE_IS,
                format!("`{}` allows more memory on a node than any node has", partition.name),
            )
            .at(place_of(partition, "MaxMemPerNode"))
            .hint("lower it to what the nodes have"),
        );
    }
}

fn mode_place(mode: &AccessMode, key: &str) -> Place {
    mode.fields.places.get(key).cloned().unwrap_or_else(|| Place::value(mode.document, FieldPath::keys("spec.perJob")))
}

fn has_flag(mode: &AccessMode, flag: &str) -> bool {
    let flags = mode.fields.body.get("Flags").and_then(|value| value.as_array());
    flags.is_some_and(|flags| flags.iter().any(|one| one.as_str() == Some(flag)))
}

fn mode_in_partition(site: &Site, mode: &AccessMode, partition: &Partition, found: &mut Diagnostics) {
    let knows_flags = site.knows(mode.document, &["spec.flags", "spec.slurm.Flags"]);
    let longest = mode.fields.body.get("MaxWall").and_then(serde_json::Value::as_u64);
    if let (Some(mode_minutes), Some(minutes)) = (longest, partition.number("MaxTime"))
        && mode_minutes > minutes
        && knows_flags
        && !has_flag(mode, "PartitionTimeLimit")
    {
        found.push(
            Diagnostic::new(
                &codes::LIMIT_EXCEEDS_PARTITION,
                format!(
                    "`{}` lets jobs run {}, but `{}` ends them after {}",
                    mode.name,
                    clock(mode_minutes * 60),
                    partition.name,
                    clock(minutes * 60)
                ),
            )
            .at(mode_place(mode, "MaxWall"))
            .label("longer than the partition allows")
            .related(place_of(partition, "MaxTime"), format!("the limit of `{}`", partition.name))
            .hint(format!(
                "write `wallTime: {}` here, raise it in `{}`, or give the mode the flag `partition-time-limit`",
                clock(minutes * 60),
                partition.name
            )),
        );
    }
    let nodes = mode.maximum.get("node").copied();
    if let (Some(wanted), Some(most)) = (nodes, partition.number("MaxNodes"))
        && wanted > most
        && knows_flags
        && !has_flag(mode, "PartitionMaxNodes")
    {
        found.push(
            Diagnostic::new(
                &codes::LIMIT_EXCEEDS_PARTITION,
                format!("`{}` allows {wanted} nodes a job, but `{}` at most {most}", mode.name, partition.name),
            )
            .at(mode_place(mode, "MaxTRESPerJob"))
            .label("more than the partition allows")
            .related(place_of(partition, "MaxNodes"), format!("the limit of `{}`", partition.name))
            .hint("lower it, or give the mode the flag `partition-max-nodes`"),
        );
    }
    let (gpus, have) = (mode.maximum.get("gres/gpu").copied(), partition.gpus());
    if let Some(gpus) = gpus
        && partition.hosts.is_empty()
        && gpus > have
        && site.knows_gpus(partition)
    {
        found.push(
            Diagnostic::new(
                &codes::MORE_THAN_THERE_IS,
                format!("`{}` allows {gpus} GPUs a job, and `{}` has {have}", mode.name, partition.name),
            )
            .at(mode_place(mode, "MaxTRESPerJob"))
            .label(format!("`{}` has {have}", partition.name))
            .hint("lower it, or take the mode out of the partition"),
        );
    }
}

fn inside_mode(mode: &AccessMode, found: &mut Diagnostics) {
    for (tres, least) in &mode.minimum {
        if let Some(most) = mode.maximum.get(tres)
            && least > most
        {
            found.push(
                Diagnostic::new(
                    &codes::MINIMUM_EXCEEDS_MAXIMUM,
                    format!("`{}`: a job needs at least {least} {tres} and may have at most {most}", mode.name),
                )
                .at(mode_place(mode, "MinTRESPerJob"))
                .label("no job fits")
                .related(mode_place(mode, "MaxTRESPerJob"), "the most")
                .hint("lower the minimum"),
            );
        }
    }
    for holder in ["MaxTRESPerUser", "MaxTRESPerAccount", "GrpTRES"] {
        let Some(limits) = mode.fields.body.get(holder).and_then(|value| value.as_object()) else { continue };
        for (tres, least) in &mode.minimum {
            if let Some(most) = limits.get(tres).and_then(serde_json::Value::as_u64)
                && *least > most
            {
                found.push(
                    Diagnostic::new(
                        &codes::MINIMUM_EXCEEDS_MAXIMUM,
                        format!("`{}`: a job needs {least} {tres}, and {holder} allows {most}", mode.name),
                    )
                    .at(mode_place(mode, holder))
                    .label("no job fits")
                    .related(mode_place(mode, "MinTRESPerJob"), "the least of a job")
                    .hint("raise the limit"),
                );
            }
        }
    }
    for (running, submitted) in [
        ("MaxJobsPerUser", "MaxSubmitJobsPerUser"),
        ("MaxJobsPerAccount", "MaxSubmitJobsPerAccount"),
        ("GrpJobs", "GrpSubmit"),
    ] {
        let number = |key: &str| mode.fields.body.get(key).and_then(serde_json::Value::as_u64);
        if let (Some(running_jobs), Some(submitted_jobs)) = (number(running), number(submitted))
            && running_jobs > submitted_jobs
        {
            found.push(
                Diagnostic::new(
                    &codes::IDLE_LIMIT,
                    format!("`{}`: {running_jobs} jobs may run, and only {submitted_jobs} be in the queue", mode.name),
                )
                .at(mode_place(mode, running))
                .label("can never be reached")
                .related(mode_place(mode, submitted), "the tighter limit")
                .hint("raise the number of submitted jobs"),
            );
        }
    }
}
