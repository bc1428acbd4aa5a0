//! What a node's system keeps for itself leaves something for jobs, and is said once.

use crate::diagnostics::codes::{manifest, rules as codes};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{NodeGroup, Partition, Site};
use crate::slurm::cpulist;

/// Fields that say how many cores a node has, and how manifests call them.
const TOPOLOGY: [(&str, &str); 6] = [
    ("CPUs", "cpus"),
    ("Boards", "boards"),
    ("Sockets", "sockets"),
    ("SocketsPerBoard", "socketsPerBoard"),
    ("CoresPerSocket", "coresPerSocket"),
    ("ThreadsPerCore", "threadsPerCore"),
];

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for partition in &site.partitions {
        for group in &partition.groups {
            cores(site, partition, group, found);
        }
    }
}

fn cores(site: &Site, partition: &Partition, group: &NodeGroup, found: &mut Diagnostics) {
    let number = |key: &str| group.fields.body.get(key).and_then(serde_json::Value::as_u64);
    let at = |field: &str| Place::value(partition.document, group.path.key("reserved").key(field));
    let kept = number("CoreSpecCount");
    let list = group.fields.body.get("CPUSpecList").and_then(serde_json::Value::as_str);
    if kept.is_some() && list.is_some() {
        found.push(
            Diagnostic::new(&manifest::SAID_TWICE, "what the system keeps is said twice, as a number and as a list")
                .at(at("cpus"))
                .label("said again")
                .related(at("cores"), "said here")
                .why("Slurm passes over the number where there is a list")
                .hint("keep one of the two"),
        );
    }
    if TOPOLOGY.iter().any(|(_, field)| site.refused.touches(partition.document, &group.path.key(field))) {
        return;
    }
    let Some((cores, cpus)) = topology(number) else { return };
    if let Some(kept) = kept.filter(|kept| *kept >= cores) {
        found.push(
            Diagnostic::new(
                &codes::RESERVED_TOO_LARGE,
                format!("the system would keep {kept} cores for itself, and the node has {cores}"),
            )
            .at(at("cores"))
            .label(format!("of {cores} cores"))
            .why("Slurm silently keeps 1 instead")
            .hint("reserve less"),
        );
    }
    let Some(list) = list.and_then(cpulist::parse) else { return };
    if let Some(last) = list.last().filter(|last| u64::from(**last) >= cpus) {
        found.push(
            Diagnostic::new(&codes::RESERVED_TOO_LARGE, format!("there is no CPU {last}: the node has {cpus}, from 0"))
                .at(at("cpus"))
                .label(format!("of {cpus} CPUs"))
                .why("Slurm silently passes over such a list")
                .hint(format!("write numbers from 0 to {}", cpus.saturating_sub(1))),
        );
    } else if list.len() as u64 >= cpus {
        found.push(
            Diagnostic::new(&codes::RESERVED_TOO_LARGE, "the system would keep all CPUs of the node for itself")
                .at(at("cpus"))
                .hint("reserve less"),
        );
    }
}

/// Cores and CPUs of a node, inferred as Slurm does; nothing where nothing is written.
fn topology(number: impl Fn(&str) -> Option<u64>) -> Option<(u64, u64)> {
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
