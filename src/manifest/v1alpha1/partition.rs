//! `kind: Partition`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Manifest, Metadata};

/// Nodes with common rules: a partition of the supercomputer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Partition {
    /// `sitewright.io/v1alpha1`.
    pub api_version: String,
    /// `Partition`.
    pub kind: String,
    /// Its name; on Slurm `PartitionName`, where case counts.
    pub metadata: Metadata,
    /// What it is.
    pub spec: PartitionSpec,
}

impl Manifest for Partition {
    fn target(&self) -> Option<&str> {
        Some(&self.spec.target)
    }
}

/// What a partition is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "Slurm's flags of a partition are independent of each other")]
pub struct PartitionSpec {
    /// Target it lives on, as in `sitewright.yaml`; `compute` where absent.
    #[serde(default = "compute")]
    pub target: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// Groups of equal nodes that this partition brings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<NodeGroup>,
    /// Further hosts or node sets that other partitions, or the site itself, define: `gpu[001-004]`, `bigmem`, `ALL`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Named sets of nodes, to be used in `hosts`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub node_sets: Vec<NodeSet>,
    /// Limits of jobs.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub limits: PartitionLimits,
    /// What a job gets that asks for nothing.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub defaults: PartitionDefaults,
    /// Whether jobs share nodes: `no` (jobs share nodes but not CPUs), `exclusive` (a job has its nodes alone), `user`,
    /// `topology`, `yes`, `yes:N`, `force`, `force:N`.
    #[schemars(regex(pattern = r"^(no|exclusive|user|topology|(yes|force)(:[0-9]+)?)$"), example = &"exclusive")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sharing: Option<String>,
    /// Access modes that may run here (`AllowQos`); all where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// Access modes that may not (`DenyQos`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny_modes: Vec<String>,
    /// Accounts that may, and may not, run here.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub accounts: AccountLists,
    /// Unix groups whose members may run here (`AllowGroups`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Hosts that jobs may be submitted from (`AllocNodes`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submit_hosts: Option<String>,
    /// Whether jobs without a partition go here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// Whether it is hidden from users who cannot use it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Whether only root may submit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub root_only: bool,
    /// Whether jobs need a reservation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_reservation: bool,
    /// Whether root may not run jobs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disable_root_jobs: bool,
    /// Whether jobs go to the least loaded nodes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub least_loaded_nodes: bool,
    /// Priority.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub priority: PartitionPriority,
    /// What happens to a job that is preempted here (`PreemptMode`), e.g. `[requeue]`; the cluster's where absent.
    #[schemars(extend("items" = {"type": "string", "enum": ["off", "cancel", "requeue", "suspend", "gang", "within", "priority"]}))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preemption: Vec<String>,
    /// Access mode whose limits hold for all jobs here (partition QOS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qos: Option<String>,
    /// Whether jobs are queued and started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<PartitionState>,
    /// Partition that takes jobs while this one is draining.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternate: Option<String>,
    /// How tasks are bound to CPUs where a job does not say.
    #[schemars(extend("enum" = ["none", "socket", "ldom", "core", "thread"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_bind: Option<String>,
    /// What is allocated to jobs, where it differs from the cluster's.
    #[schemars(extend("enum" = ["CR_Core", "CR_Core_Memory", "CR_Socket", "CR_Socket_Memory"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub select_type_parameters: Option<String>,
    /// Billing weights by TRES, e.g. `{ gres/gpu: 1.0, cpu: 0.125 }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub billing: BTreeMap<String, String>,
    /// Power saving.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub power_saving: PowerSaving,
    /// Named topology (25.05 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<String>,
    /// Keys of `PartitionName` that have no field of their own, by Slurm's name; checked against the release.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slurm: BTreeMap<String, String>,
    /// Its Kubernetes side; none where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<super::kubernetes::PartitionKubernetes>,
    /// No plan may delete it, its node sets, nodes and gres, nor those of others that `hosts` names.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
}

pub(super) fn compute() -> String {
    "compute".to_owned()
}

/// What a partition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Regular work.
    Production,
    /// Trying out new hardware or software.
    Experimental,
    /// Short, interactive work.
    Interactive,
    /// Support services.
    Service,
}

/// Whether jobs are queued and started (slurm.conf(5), State).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionState {
    /// Queued and started.
    Up,
    /// Queued, not started; running jobs go on.
    Down,
    /// Not queued; queued and running jobs go on.
    Drain,
    /// Neither queued nor started.
    Inactive,
}

/// A group of equal nodes: one `NodeName` line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeGroup {
    /// Host list as Slurm writes it.
    #[schemars(example = &"gpu[0001-0120]")]
    pub hosts: String,
    /// Network addresses, one for each host (`NodeAddr`), as a host list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<String>,
    /// Host names, one for all or one for each (`NodeHostname`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_names: Option<String>,
    /// Addresses for sbcast, one for each host (`BcastAddr`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broadcast_addresses: Option<String>,
    /// Port of slurmd: one for all, or a list such as `[17001-17004]`, one for each.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Baseboards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boards: Option<u64>,
    /// Sockets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u64>,
    /// Sockets on each board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sockets_per_board: Option<u64>,
    /// Cores of each socket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores_per_socket: Option<u64>,
    /// Hardware threads of each core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads_per_core: Option<u64>,
    /// CPUs in all; follows from sockets, cores and threads where absent.
    #[schemars(extend("x-where-absent" = "follows from sockets, cores and threads"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Memory of each node, e.g. `512GB`.
    #[schemars(example = &"512GB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Temporary disk space, e.g. `1TB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporary_disk: Option<String>,
    /// Scheduling weight: nodes of least weight are used first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<u64>,
    /// Features that jobs can ask for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accelerators: Option<Accelerators>,
    /// Other generic resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gres: Vec<Gres>,
    /// What the system keeps for itself.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub reserved: Reserved,
    /// How tasks are bound to CPUs.
    #[schemars(extend("enum" = ["none", "socket", "ldom", "core", "thread"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_bind: Option<String>,
    /// Weights by TRES.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres_weights: BTreeMap<String, String>,
    /// State that nodes have when they are first seen; `unknown` (they are asked) where absent.
    #[schemars(extend("enum" = ["unknown", "cloud", "down", "drain", "fail", "failing", "future", "external"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Why they are down or drained.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Place in the topology (25.05 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topology: Option<String>,
    /// Gres configuration on the node's line (25.11 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gres_conf: Option<String>,
    /// Parameters (25.11 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<String>,
    /// Idle time before a node is powered down (26.05 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend_time: Option<String>,
    /// Power of each node under load, e.g. `6.1kW`; for capacity, not for Slurm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power: Option<String>,
    /// Keys of `NodeName` that have no field of their own, by Slurm's name; checked against the release.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slurm: BTreeMap<String, String>,
}

/// GPUs of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Accelerators {
    /// Model, as jobs name it: `--gres=gpu:h100:4`.
    #[schemars(example = &"h100")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How many in each node.
    pub count: u64,
    /// Memory of each, e.g. `80GB`; for capacity, not for Slurm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Device files, e.g. `/dev/nvidia[0-3]` (gres.conf(5), File).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// Device files that make one device together (gres.conf(5), `MultipleFiles`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiple_files: Option<String>,
    /// Cores near the devices, e.g. `0-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<String>,
    /// Links between devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    /// Flags of gres.conf.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// How slurmd finds them (gres.conf(5), `AutoDetect`).
    #[schemars(extend("enum" = ["nvml", "nvidia", "rsmi", "oneapi", "nrt", "off"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_detect: Option<String>,
}

/// A generic resource of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gres {
    /// Name, e.g. `shard`, `mps`, `nic`.
    pub name: String,
    /// Type, if there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// How many in each node.
    pub count: u64,
    /// Device files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<String>,
    /// Device files that make one device together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiple_files: Option<String>,
    /// Cores near the devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<String>,
    /// Links between devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<String>,
    /// Flags of gres.conf.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// How slurmd finds them.
    #[schemars(extend("enum" = ["nvml", "nvidia", "rsmi", "oneapi", "nrt", "off"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_detect: Option<String>,
}

/// What the system keeps for itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reserved {
    /// Cores (`CoreSpecCount`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores: Option<u64>,
    /// CPU numbers, e.g. `0-1` (`CPUSpecList`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// Memory, e.g. `8GB` (`MemSpecLimit`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Cores kept for the jobs of each GPU (`RestrictedCoresPerGPU`, 24.05 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cores_per_gpu: Option<u64>,
}

/// A named set of nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeSet {
    /// Its name; not that of a node.
    pub name: String,
    /// Nodes with this feature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// These hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<String>,
}

/// Limits of jobs in a partition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionLimits {
    /// Longest job, e.g. `2d`, `1-12:00:00`, `12:00:00` (twelve hours).
    #[schemars(example = &"1-12:00:00")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_time: Option<String>,
    /// Time of a job that gives none.
    #[schemars(example = &"1h")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_wall_time: Option<String>,
    /// How far a job may go over its time before it is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_time: Option<String>,
    /// Time between the preemption signal and the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_time: Option<String>,
    /// Most nodes of a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes_per_job: Option<u64>,
    /// Fewest nodes of a job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_nodes_per_job: Option<u64>,
    /// Most CPUs of a job on a node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus_per_node: Option<u64>,
    /// Most CPUs of a job on a socket (23.02 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus_per_socket: Option<u64>,
    /// Most memory of a job on a node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_per_node: Option<String>,
    /// Most memory of a job for each CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_per_cpu: Option<String>,
}

/// What a job gets that asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionDefaults {
    /// Memory on each node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_per_node: Option<String>,
    /// Memory for each CPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_per_cpu: Option<String>,
    /// Memory for each GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_per_gpu: Option<String>,
    /// CPUs for each GPU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus_per_gpu: Option<u64>,
}

/// Accounts that may, and may not, run in a partition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountLists {
    /// Only these (`AllowAccounts`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// Not these (`DenyAccounts`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
}

/// Priority of a partition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionPriority {
    /// Jobs of a higher tier are considered first (`PriorityTier`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<u64>,
    /// Part of a job's priority (`PriorityJobFactor`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_factor: Option<u64>,
}

/// Power saving of a partition's nodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PowerSaving {
    /// Idle time before a node is powered down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend_time: Option<String>,
    /// Time that powering down may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspend_timeout: Option<String>,
    /// Time that powering up may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume_timeout: Option<String>,
    /// Whether nodes go down as soon as they are idle (23.02 and later).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub power_down_on_idle: bool,
}
