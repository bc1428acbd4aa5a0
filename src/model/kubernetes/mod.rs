//! The Kubernetes side of factories, partitions, access modes and projects.

mod binding;
mod parse;

use std::collections::{BTreeMap, BTreeSet};

use super::{AccessMode, NodeGroup, Partition, Project, Site};
use crate::kubernetes::names::Taint;
use crate::kubernetes::quantity;
use crate::resource::FieldPath;

pub(super) use self::{
    FactoryKubernetes as OfFactory, ModeKubernetes as OfMode, PartitionKubernetes as OfPartition,
    ProjectKubernetes as OfProject,
};
pub(super) use binding::BINDING;
pub(super) use parse::{factory, mode, partition, project};

/// GPUs of a partition that names no other.
pub const NVIDIA: &str = "nvidia.com/gpu";

/// The factory's side.
#[derive(Debug, Clone)]
pub struct FactoryKubernetes {
    /// Target.
    pub target: String,
    /// Name of the root cohort.
    pub cohort: String,
    /// Registry from which images come.
    pub mirror: Option<String>,
    /// What stands before a user's name in role bindings.
    pub user_prefix: String,
    /// What stands after it.
    pub user_suffix: String,
}

/// A partition's side.
#[derive(Debug, Clone)]
pub struct PartitionKubernetes {
    /// Target.
    pub target: String,
    /// Its name there.
    pub name: String,
    /// Whether the Nodes of its hosts are labelled.
    pub labels_nodes: bool,
    /// What follows a host's name in its Node's.
    pub domain: Option<String>,
    /// Further labels of its Nodes.
    pub labels: BTreeMap<String, String>,
    /// Annotations of its Nodes.
    pub annotations: BTreeMap<String, String>,
    /// Labels of topology levels, widest first, with their places.
    pub topology: Vec<(String, FieldPath)>,
    /// Runtime class: name and handler.
    pub runtime_class: Option<(String, String)>,
    /// Taints of its nodes.
    pub taints: Vec<Taint>,
    /// Tolerations of admitted pods.
    pub tolerations: Vec<Taint>,
    /// Name of its GPUs.
    pub gpu_resource: String,
    /// What is said of its quota.
    pub quota: Capacity,
}

/// What there is to share out; what is not known is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capacity {
    /// GPUs.
    pub gpus: Option<u64>,
    /// CPUs.
    pub cpus: Option<u64>,
    /// Memory in megabytes of 1024 by 1024 bytes.
    pub memory: Option<u64>,
}

/// An access mode's side.
#[derive(Debug, Clone)]
pub struct ModeKubernetes {
    /// Target.
    pub target: String,
    /// Its name there.
    pub name: String,
    /// Its priority: at most what 32 bits hold.
    pub priority: i32,
    /// Part of each partition that is its own, in hundredths of a percent; none for an equal part of what is left.
    pub share: Option<u32>,
    /// Part of a partition that it may use beyond that, in hundredths of a percent; none for all that is free.
    pub borrowing: Option<u32>,
    /// Whether the priority is said for Kubernetes itself.
    pub says_priority: bool,
    /// Whether the share is said for Kubernetes itself.
    pub says_share: bool,
    /// Weight among those who borrow, a canonical quantity.
    pub weight: Option<String>,
}

/// A project's side.
#[derive(Debug, Clone)]
pub struct ProjectKubernetes {
    /// Target.
    pub target: String,
    /// Its namespace.
    pub namespace: String,
    /// Most that its pods may ask for at one time.
    pub quota: Capacity,
    /// Most storage of all its claims in megabytes.
    pub storage: Option<u64>,
    /// Most pods.
    pub pods: Option<u64>,
    /// What is set aside for a container that asks for nothing.
    pub requests: ContainerAmounts,
    /// What a container that says no limit may use.
    pub limits: ContainerAmounts,
    /// Most that any container may ask for.
    pub maximum: ContainerAmounts,
    /// Its volumes.
    pub claims: Vec<Claim>,
    /// Whether its pods reach the internet, where it says so.
    pub internet: Option<bool>,
    /// Networks that they reach besides.
    pub egress: Vec<Egress>,
    /// Further labels of the namespace.
    pub labels: BTreeMap<String, String>,
}

/// CPUs and memory of a container, as canonical quantities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerAmounts {
    /// CPUs.
    pub cpus: Option<String>,
    /// Memory.
    pub memory: Option<String>,
}

/// A volume.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Where it stands.
    pub path: FieldPath,
    /// Its name.
    pub name: String,
    /// Megabytes; none where they were refused.
    pub size: Option<u64>,
    /// Storage class.
    pub class: Option<String>,
    /// Who may mount it, in Kubernetes' spelling.
    pub access: &'static str,
}

/// A network that pods reach.
#[derive(Debug, Clone)]
pub struct Egress {
    /// Where it stands.
    pub path: FieldPath,
    /// The network.
    pub to: String,
    /// TCP ports; all where empty.
    pub ports: Vec<u16>,
}

/// The canonical quantity of a number: `1k` of 1,000.
pub fn count_quantity(number: u64) -> String {
    or_most(quantity::canonical(&number.to_string()))
}

/// The canonical quantity of megabytes: `512Gi` of 524,288.
pub fn memory_quantity(megabytes: u64) -> String {
    or_most(quantity::canonical(&format!("{megabytes}Mi")))
}

/// A sum that 63 bits do not hold is what the server makes of it: the largest that they do.
fn or_most<E>(canonical: Result<String, E>) -> String {
    canonical.unwrap_or_else(|_| i64::MAX.to_string())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_beyond_63_bits_are_what_the_server_makes_of_them() {
        assert_eq!(memory_quantity(524_288), "512Gi");
        assert_eq!(memory_quantity(858_993_459_173_376), "9223372036854775807");
        assert_eq!(count_quantity(u64::MAX), "9223372036854775807");
        assert_eq!(quantity::canonical("9223372036854775807").as_deref(), Ok("9223372036854775807"));
    }
}
