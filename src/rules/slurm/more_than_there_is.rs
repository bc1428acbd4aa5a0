//! A limit is no more than the partition has.

use super::limit;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::{Partition, Site};
use crate::rules::rule::{Rule, Turn};

/// A limit is more than the partition has.
const CODE: Code = Code {
    name: "more-than-there-is",
    severity: Severity::Warning,
    summary: "A limit is more than the partition has",
    explanation: "It can never be reached, so it is probably a slip.",
    failing: "nodes: [{ hosts: gpu[1-4] }], limits: { nodesPerJob: 40 }",
    passing: "limits: { nodesPerJob: 4 }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in limit::partitions(site) {
        nodes(site, partition, found);
        memory(site, partition, found);
    }
    for (mode, partition) in limit::admitted(site) {
        let (gpus, have) = (mode.maximum.get("gres/gpu").copied(), partition.gpus());
        if let Some(gpus) = gpus
            && partition.hosts.is_empty()
            && gpus > have
            && site.knows_gpus(partition)
        {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("`{}` allows {gpus} GPUs a job, and `{}` has {have}", mode.name, partition.name),
                )
                .at(limit::of_mode(mode, "MaxTRESPerJob"))
                .label(format!("`{}` has {have}", partition.name))
                .hint("lower it, or take the mode out of the partition"),
            );
        }
    }
}

fn nodes(site: &Site, partition: &Partition, found: &mut Diagnostics) {
    let own = partition.own_hosts().len() as u64;
    // Further hosts may be node sets, whose number of nodes is not known.
    if !partition.hosts.is_empty() || own == 0 || !site.knows_hosts(partition) {
        return;
    }
    for key in ["MaxNodes", "MinNodes"] {
        if let Some(nodes) = partition.number(key)
            && nodes > own
        {
            found.push(
                Diagnostic::new(&CODE, format!("`{}` has {own} nodes, and a limit of {nodes}", partition.name))
                    .at(limit::of_partition(partition, key))
                    .label(format!("has {own} nodes"))
                    .hint(format!("write at most {own}")),
            );
        }
    }
}

fn memory(site: &Site, partition: &Partition, found: &mut Diagnostics) {
    let largest = partition.groups.iter().filter_map(|group| group.memory).max();
    if let (Some(limit), Some(memory)) = (partition.number("MaxMemPerNode"), largest)
        && limit > memory
        && site.knows(partition.document, &["spec.nodes[].memory"])
    {
        found.push(
            Diagnostic::new(&CODE, format!("`{}` allows more memory on a node than any node has", partition.name))
                .at(limit::of_partition(partition, "MaxMemPerNode"))
                .hint("lower it to what the nodes have"),
        );
    }
}
