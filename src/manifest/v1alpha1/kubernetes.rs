//! `spec.kubernetes` of the kinds that also live on Slurm: what has the block has a Kubernetes side.
//!
//! Where `spec.target` names the same target as the block does, it has no Slurm side.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Target of a block that names none.
pub(super) fn services() -> String {
    "services".to_owned()
}

/// The factory on Kubernetes: the root cohort, in which queues borrow from each other, and what all namespaces share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactoryKubernetes {
    /// Target it lives on, as in `sitewright.yaml`; `services` where absent.
    #[serde(default = "services")]
    pub target: String,
    /// Name of the root cohort; the factory's name where absent.
    #[schemars(example = &"nordlys")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    /// Registry from which images come where the site does not reach the internet, e.g. `registry.nordlys.example`.
    #[schemars(example = &"registry.nordlys.example")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mirror: Option<String>,
    /// What becomes of a user's name in role bindings.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub users: UserNames,
}

/// What stands around a user's name, as the API server's authentication gives it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserNames {
    /// Before it (`--oidc-username-prefix`), e.g. `"oidc:"`.
    #[schemars(example = &"oidc:")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// After it, where users are known by their mail address, e.g. `"@nordlys.example"`.
    #[schemars(example = &"@nordlys.example")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
}

/// The partition on Kubernetes: a flavor of Kueue, labels of its Nodes, and a queue for each access mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionKubernetes {
    /// Target it lives on, as in `sitewright.yaml`; `services` where absent. The same as `spec.target` where the partition
    /// lives on Kubernetes only.
    #[serde(default = "services")]
    pub target: String,
    /// Its name there, where that differs from the partition's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its hosts as Nodes.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub nodes: KubernetesNodes,
    /// Labels of Nodes that say where they stand in the network, from the widest level to the narrowest, for
    /// topology-aware scheduling.
    #[schemars(example = ["topology.nordlys.example/block", "topology.nordlys.example/rack", "kubernetes.io/hostname"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub topology: Vec<String>,
    /// Runtime class for pods on its nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_class: Option<RuntimeClass>,
    /// Taints that its nodes have, as kubectl writes them. They are told to Kueue, and not set on Nodes.
    #[schemars(example = ["nvidia.com/gpu=present:NoSchedule"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taints: Vec<String>,
    /// Taints that admitted pods tolerate by themselves: `key=value:effect`, or `key:effect` for any value.
    #[schemars(example = ["nvidia.com/gpu:NoSchedule"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<String>,
    /// Name of the GPUs as the device plugin gives it, e.g. `amd.com/gpu`; `nvidia.com/gpu` where absent.
    #[schemars(example = &"nvidia.com/gpu")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_resource: Option<String>,
    /// What its queues share out, where that differs from what its nodes have.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub quota: PartitionQuota,
}

/// Hosts as Nodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubernetesNodes {
    /// Whether the Nodes of its hosts are labelled; `true` where absent. Without, the flavor picks nodes by `labels`, which
    /// somebody else sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<bool>,
    /// What follows the host's name in the name of its Node, where Nodes have whole names, e.g. `nordlys.example`.
    #[schemars(example = &"nordlys.example")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Further labels, e.g. `nvidia.com/mig.config: all-1g.10gb`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// A runtime class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RuntimeClass {
    /// Its name, e.g. `nvidia`.
    #[schemars(example = &"nvidia")]
    pub name: String,
    /// Handler of the container runtime; the class's name where absent. It cannot be changed later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
}

/// What the queues of a partition share out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionQuota {
    /// GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// CPUs, as the kubelet counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Memory, e.g. `8TB`; 1 GB is 1024 MB.
    #[schemars(example = &"8TB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// The access mode on Kubernetes: a priority, and a queue in each partition that admits it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessModeKubernetes {
    /// Target it lives on, as in `sitewright.yaml`; `services` where absent. The same as `spec.target` where the mode lives
    /// on Kubernetes only.
    #[serde(default = "services")]
    pub target: String,
    /// Its name there, where that differs from the mode's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Priority there, where that differs from `spec.priority`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u64>,
    /// Part of each partition that is its own; `spec.share` where absent. Modes without either divide what is left.
    #[schemars(example = &"30%")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// How much of a partition it may use beyond its part while others leave it free: `0%` for nothing; as much as there
    /// is where absent.
    #[schemars(example = &"50%")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borrowing: Option<String>,
    /// Weight among those who borrow, where Kueue shares fairly; 1 where absent.
    #[schemars(example = &"2", extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
}

/// The project on Kubernetes: a namespace with its limits, roles, network, queues and storage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectKubernetes {
    /// Target it lives on, as in `sitewright.yaml`; `services` where absent. The same as `spec.target` where the project
    /// lives on Kubernetes only.
    #[serde(default = "services")]
    pub target: String,
    /// Its namespace, where that differs from the project's name, e.g. `p-medix`.
    #[schemars(example = &"p-medix")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Most that all its pods and claims may ask for at one time.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub quota: ProjectQuota,
    /// What a container gets that asks for nothing, and the most that one may have.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub container: ContainerDefaults,
    /// Volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<Claim>,
    /// Whether its pods reach the internet; what the factory's `site.internet` says where absent, and no where that says
    /// nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet: Option<bool>,
    /// Networks that its pods reach besides, e.g. a licence server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub egress: Vec<Egress>,
    /// Further labels of its namespace.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// Most that a project may ask for at one time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectQuota {
    /// GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// CPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Memory, e.g. `1TB`; 1 GB is 1024 MB.
    #[schemars(example = &"1TB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Storage of all claims, e.g. `10TB`.
    #[schemars(example = &"10TB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods: Option<u64>,
}

/// What a container gets, and the most that one may have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerDefaults {
    /// What is set aside for a container that asks for nothing; 1 CPU and 1 GB where absent, since a quota refuses pods that
    /// ask for nothing.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub requests: ContainerAmounts,
    /// What a container that says no limit may use.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub limits: ContainerAmounts,
    /// The most that any container may ask for; also the limit of one that says none.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub maximum: ContainerAmounts,
}

/// CPUs and memory of a container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerAmounts {
    /// CPUs, e.g. `2`, `0.5` or `500m`.
    #[schemars(example = &"0.5", extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// Memory, e.g. `4GB`.
    #[schemars(example = &"4GB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// A volume of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    /// Its name, e.g. `data`.
    #[schemars(example = &"data")]
    pub name: String,
    /// How much, e.g. `4TB`. It can grow later, where its class allows that, and never shrink.
    #[schemars(example = &"4TB")]
    pub size: String,
    /// Storage class, e.g. `lustre`; the cluster's default where absent.
    #[schemars(example = &"lustre")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Who may mount it; `read-write-many` where absent.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub access: ClaimAccess,
}

/// Who may mount a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimAccess {
    /// Pods on any nodes, to read and write.
    #[default]
    ReadWriteMany,
    /// Pods on one node, to read and write.
    ReadWriteOnce,
    /// One pod, to read and write.
    ReadWriteOncePod,
    /// Pods on any nodes, to read.
    ReadOnlyMany,
}

impl ClaimAccess {
    /// Kubernetes' spelling.
    pub fn kubernetes(self) -> &'static str {
        match self {
            Self::ReadWriteMany => "ReadWriteMany",
            Self::ReadWriteOnce => "ReadWriteOnce",
            Self::ReadWriteOncePod => "ReadWriteOncePod",
            Self::ReadOnlyMany => "ReadOnlyMany",
        }
    }
}

/// A network that pods reach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Egress {
    /// The network, e.g. `10.20.0.0/16`, or one host, e.g. `10.20.0.5/32`.
    #[schemars(example = &"10.20.0.0/16")]
    pub to: String,
    /// TCP ports; all ports and protocols where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u64>,
}
