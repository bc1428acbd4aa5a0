//! The Kubernetes side of factories, partitions, access modes and projects.

mod binding;
mod parse;
mod site;

use std::collections::BTreeMap;

use crate::kubernetes::names::Taint;
use crate::kubernetes::quantity;
use crate::resource::FieldPath;

pub(super) use self::{
    FactoryKubernetes as OfFactory, ModeKubernetes as OfMode, PartitionKubernetes as OfPartition,
    ProjectKubernetes as OfProject,
};
pub(super) use binding::BINDING;
pub(super) use parse::{factory, mode, partition, project};
pub use site::{Queue, queue_name};

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
