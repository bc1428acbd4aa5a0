//! What a node's system keeps for itself leaves something for jobs.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{NodeGroup, Partition, Site};
use crate::rules::node_group;
use crate::rules::rule::{Rule, Turn};
use crate::slurm::cpulist;

/// The system would keep all of a node for itself.
const CODE: Code = Code {
    name: "reserved-too-large",
    severity: Severity::Error,
    summary: "The system would keep all of a node for itself",
    explanation: "Slurm silently sets a reserve of all memory to 0 and one of all cores to 1, and passes over a list with CPUs that the node has not (slurm.conf(5), MemSpecLimit, CoreSpecCount, CPUSpecList).",
    failing: "memory: 64GB, reserved: { memory: 64GB }",
    passing: "memory: 64GB, reserved: { memory: 4GB }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

/// Fields that say how many cores a node has, and how manifests call them.
const TOPOLOGY: [(&str, &str); 6] = [
    ("CPUs", "cpus"),
    ("Boards", "boards"),
    ("Sockets", "sockets"),
    ("SocketsPerBoard", "socketsPerBoard"),
    ("CoresPerSocket", "coresPerSocket"),
    ("ThreadsPerCore", "threadsPerCore"),
];

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, group) in node_group::all(site) {
        memory(partition, group, found);
        cores(site, partition, group, found);
    }
}

/// Where a reserved amount is written.
fn place(partition: &Partition, group: &NodeGroup, field: &str) -> Place {
    Place::value(partition.document, group.path.key("reserved").key(field))
}

fn memory(partition: &Partition, group: &NodeGroup, found: &mut Diagnostics) {
    if let (Some(reserved), Some(memory)) = (node_group::number(group, "MemSpecLimit"), group.memory)
        && reserved >= memory
    {
        found.push(
            Diagnostic::new(&CODE, "the system would keep all memory of the node for itself")
                .at(place(partition, group, "memory"))
                .why("Slurm silently sets such a reserve to 0")
                .hint("reserve less"),
        );
    }
}

fn cores(site: &Site, partition: &Partition, group: &NodeGroup, found: &mut Diagnostics) {
    if TOPOLOGY.iter().any(|(_, field)| site.refused.touches(partition.document, &group.path.key(field))) {
        return;
    }
    let Some((cores, cpus)) = topology(group) else { return };
    if let Some(kept) = node_group::number(group, "CoreSpecCount").filter(|kept| *kept >= cores) {
        found.push(
            Diagnostic::new(&CODE, format!("the system would keep {kept} cores for itself, and the node has {cores}"))
                .at(place(partition, group, "cores"))
                .label(format!("of {cores} cores"))
                .why("Slurm silently keeps 1 instead")
                .hint("reserve less"),
        );
    }
    let list = group.fields.body.get("CPUSpecList").and_then(serde_json::Value::as_str);
    let Some(list) = list.and_then(cpulist::parse) else { return };
    if let Some(last) = list.last().filter(|last| u64::from(**last) >= cpus) {
        found.push(
            Diagnostic::new(&CODE, format!("there is no CPU {last}: the node has {cpus}, from 0"))
                .at(place(partition, group, "cpus"))
                .label(format!("of {cpus} CPUs"))
                .why("Slurm silently passes over such a list")
                .hint(format!("write numbers from 0 to {}", cpus.saturating_sub(1))),
        );
    } else if list.len() as u64 >= cpus {
        found.push(
            Diagnostic::new(&CODE, "the system would keep all CPUs of the node for itself")
                .at(place(partition, group, "cpus"))
                .hint("reserve less"),
        );
    }
}

/// Cores and CPUs of a node, inferred as Slurm does; nothing where nothing is written.
fn topology(group: &NodeGroup) -> Option<(u64, u64)> {
    let number = |key: &str| node_group::number(group, key);
    TOPOLOGY.iter().find_map(|(key, _)| number(key))?;
    let per_socket = number("CoresPerSocket").unwrap_or(1).max(1);
    let threads = number("ThreadsPerCore").unwrap_or(1).max(1);
    let boards = number("Boards").unwrap_or(1).max(1);
    let of_a_socket = per_socket.saturating_mul(threads);
    let written = number("SocketsPerBoard").map(|sockets| sockets.saturating_mul(boards)).or_else(|| number("Sockets"));
    let by_cpus = || {
        number("CPUs")
            .filter(|cpus| cpus.is_multiple_of(of_a_socket))
            .map(|cpus| cpus / of_a_socket)
            .filter(|sockets| *sockets > 0)
    };
    let sockets = written.or_else(by_cpus).unwrap_or(boards);
    let cpus = number("CPUs").unwrap_or_else(|| sockets.saturating_mul(of_a_socket));
    Some((sockets.saturating_mul(per_socket), cpus))
}
