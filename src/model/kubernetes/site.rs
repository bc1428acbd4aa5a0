//! What the Kubernetes side of a site comes to: capacity, queues, and what lives on Slurm besides.

use std::collections::BTreeSet;

use super::{Capacity, ModeKubernetes, PartitionKubernetes};
use crate::model::{AccessMode, NodeGroup, Partition, Project, Site};

impl Partition {
    /// Whether it has a Slurm side: it has none where it lives on one target, which is its Kubernetes side's.
    pub fn is_on_slurm(&self) -> bool {
        self.sides.kubernetes.as_ref().is_none_or(|one| one.target != self.target)
    }

    /// What its queues share out: what is written, else what its nodes have without what their systems keep.
    pub fn capacity(&self) -> Capacity {
        let said = self.sides.kubernetes.as_ref().map(|one| one.quota).unwrap_or_default();
        // Nobody here knows what the hosts of others have.
        let known = self.hosts.is_empty() && !self.groups.is_empty();
        let sum = |of: &dyn Fn(&NodeGroup) -> Option<u64>| {
            let parts = self.groups.iter().map(|group| of(group)?.checked_mul(group.hosts.len() as u64));
            parts.sum::<Option<u64>>().filter(|_| known)
        };
        Capacity {
            gpus: said.gpus.or_else(|| sum(&|group| Some(group.gpus))),
            cpus: said.cpus.or_else(|| sum(&free_cpus)),
            memory: said.memory.or_else(|| sum(&free_memory)),
        }
    }
}

impl PartitionKubernetes {
    /// Name of the Node of a host.
    pub fn node_name(&self, host: &str) -> String {
        self.domain.as_ref().map_or_else(|| host.to_owned(), |domain| format!("{host}.{domain}"))
    }
}

impl AccessMode {
    /// Whether it has a Slurm side.
    pub fn is_on_slurm(&self) -> bool {
        self.sides.kubernetes.as_ref().is_none_or(|one| one.target != self.target)
    }
}

impl Project {
    /// Whether it has a Slurm side.
    pub fn is_on_slurm(&self) -> bool {
        self.sides.kubernetes.as_ref().is_none_or(|one| one.target != self.target)
    }
}

/// A queue: one for each access mode that a partition admits on Kubernetes.
#[derive(Debug, Clone, Copy)]
pub struct Queue<'a> {
    /// The mode.
    pub mode: &'a AccessMode,
    /// Its Kubernetes side.
    pub side: &'a ModeKubernetes,
}

impl Site {
    /// The queues of a partition, by the names of their modes. A partition that names no modes has those that allocations
    /// on it name.
    pub fn queues<'a>(&'a self, partition: &'a Partition) -> Vec<Queue<'a>> {
        let Some(here) = &partition.sides.kubernetes else { return Vec::new() };
        let named: BTreeSet<&str> = if partition.modes.is_empty() {
            let projects = self.projects.iter().filter(|project| project.sides.kubernetes.is_some());
            let allocations = projects.flat_map(|project| &project.allocations);
            allocations.filter(|one| one.partition == partition.name).map(|one| one.mode.as_str()).collect()
        } else {
            partition.modes.iter().map(|(name, _)| name.as_str()).collect()
        };
        let denied = |name: &str| partition.deny_modes.iter().any(|(other, _)| other == name);
        named.into_iter().filter(|name| !denied(name)).filter_map(|name| self.queue(here, name)).collect()
    }

    /// Whether Slurm knows a mode: one that lives on Kubernetes only is no QOS. What is declared nowhere may be the site's.
    pub fn is_mode_on_slurm(&self, name: &str) -> bool {
        let mut declared = self.modes.iter().filter(|mode| mode.name == name).peekable();
        declared.peek().is_none() || declared.any(AccessMode::is_on_slurm)
    }

    fn queue<'a>(&'a self, here: &PartitionKubernetes, name: &str) -> Option<Queue<'a>> {
        let mut modes = self.modes.iter().filter(|mode| mode.name == name);
        modes.find_map(|mode| {
            Some(Queue { mode, side: mode.sides.kubernetes.as_ref().filter(|one| one.target == here.target)? })
        })
    }

    /// The registry from which images have to come: the factory's mirror, where the site does not reach the internet.
    pub fn mirror(&self) -> Option<&str> {
        self.factories.first()?.sides.kubernetes.as_ref()?.mirror.as_deref()
    }
}

/// Name of the queue of a mode in a partition.
pub fn queue_name(partition: &PartitionKubernetes, mode: &ModeKubernetes) -> String {
    format!("{}-{}", partition.name, mode.name)
}

fn number(group: &NodeGroup, key: &str) -> Option<u64> {
    group.fields.body.get(key).and_then(serde_json::Value::as_u64)
}

/// CPUs of a node without those that its system keeps.
fn free_cpus(group: &NodeGroup) -> Option<u64> {
    let listed = group.fields.body.get("CPUSpecList").and_then(serde_json::Value::as_str);
    let kept = match listed.and_then(crate::slurm::cpulist::parse) {
        Some(list) => list.len() as u64,
        None => {
            number(group, "CoreSpecCount").unwrap_or(0).saturating_mul(number(group, "ThreadsPerCore").unwrap_or(1))
        }
    };
    Some(group.cpus?.saturating_sub(kept))
}

/// Megabytes of a node without those that its system keeps.
fn free_memory(group: &NodeGroup) -> Option<u64> {
    Some(group.memory?.saturating_sub(number(group, "MemSpecLimit").unwrap_or(0)))
}
