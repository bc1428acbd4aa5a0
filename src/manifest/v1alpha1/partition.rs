//! `kind: Partition`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::is_false;
use super::{
    Count, CpuBind, Duration, HostList, Memory, Name, NodeGroup, NodeSet, PreemptionMode, Sharing, SlurmMap, Weight,
};

/// Nodes, and who may run what on them for how long.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionSpec {
    /// The target it lives on, bound to a cluster in `sitewright.yaml`; default `compute`.
    pub target: Option<Name>,
    /// What it is for.
    pub class: Option<PartitionClass>,
    /// Groups of equal hosts that this partition brings along.
    #[serde(default)]
    pub nodes: Vec<NodeGroup>,
    /// Hosts or node sets that exist already or come with another partition, e.g. `gpu[0001-0010],fat`.
    pub hosts: Option<HostList>,
    /// Hosts under one name, to be used in `hosts`.
    #[serde(default)]
    pub node_sets: Vec<NodeSet>,
    /// What one job may take.
    pub limits: Option<PartitionLimits>,
    /// What a job gets that does not say.
    pub defaults: Option<PartitionDefaults>,
    /// Who shares a node, e.g. `exclusive`; default `no`: jobs share nodes, not cores.
    pub sharing: Option<Sharing>,
    /// Access modes that may run here (`AllowQos`), e.g. `[playground, fast-lane]`; none given: all.
    #[serde(default)]
    pub modes: Vec<Name>,
    /// Access modes that may not run here (`DenyQos`); not together with `modes`.
    #[serde(default)]
    pub deny_modes: Vec<Name>,
    /// Accounts that may or may not run here.
    pub accounts: Option<AccountAccess>,
    /// Unix groups that may run here (`AllowGroups`); none given: all.
    #[serde(default)]
    pub groups: Vec<Name>,
    /// Hosts from which jobs may be submitted here (`AllocNodes`), e.g. `login[1-4]`; default all.
    pub submit_hosts: Option<HostList>,
    /// Jobs that name no partition run here.
    #[serde(default, skip_serializing_if = "is_false")]
    pub default: bool,
    /// Not shown to those who may not use it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// Only root may start jobs here.
    #[serde(default, skip_serializing_if = "is_false")]
    pub root_only: bool,
    /// Only jobs in a reservation run here (`ReqResv`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_reservation: bool,
    /// Jobs of root are refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disable_root_jobs: bool,
    /// Jobs go to the least loaded nodes first (`LLN`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub least_loaded_nodes: bool,
    /// How urgent its jobs are.
    pub priority: Option<PartitionPriority>,
    /// What its jobs become when others preempt them, e.g. `[requeue]`; default the cluster's.
    #[serde(default)]
    pub preemption: Vec<PreemptionMode>,
    /// The access mode whose limits hold for all jobs here (the partition QOS).
    pub qos: Option<Name>,
    /// Whether jobs are taken and started; default `up`.
    pub state: Option<PartitionState>,
    /// The partition that jobs go to when this one does not take them.
    pub alternate: Option<Name>,
    /// How tasks are bound to CPUs when a job does not say.
    pub cpu_bind: Option<CpuBind>,
    /// What is allocated (`SelectTypeParameters`); default the cluster's.
    pub select_type_parameters: Option<SelectTypeParameters>,
    /// What is billed (`TRESBillingWeights`), e.g. `{ cpu: 1.0, mem: 0.25G, gres/gpu: 8.0 }`.
    #[serde(default)]
    pub billing: BTreeMap<String, Weight>,
    /// Switching idle nodes off.
    pub power_saving: Option<PowerSaving>,
    /// The topology to use (Slurm 25.05), e.g. `fat-tree`.
    pub topology: Option<Name>,
    /// Whatever has no field of its own, as slurm.conf spells it; keys are checked per release: `{ PriorityTier: 10 }`.
    #[serde(default)]
    pub slurm: SlurmMap,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
}

/// What a partition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionClass {
    /// Production.
    Production,
    /// The experimental AI platform.
    Experimental,
    /// Interactive work, debugging, teaching.
    Interactive,
    /// Workers of support services.
    Service,
}

/// What one job may take in a partition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionLimits {
    /// Longest run time of a job (`MaxTime`), e.g. `2-00:00:00` or `2d`; default unlimited.
    pub wall_time: Option<Duration>,
    /// Run time of a job that asks for none (`DefaultTime`), e.g. `1h`; default the longest.
    pub default_wall_time: Option<Duration>,
    /// How long a job may run over its limit (`OverTimeLimit`), e.g. `5m`.
    pub over_time: Option<Duration>,
    /// Time a preempted job gets to end (`GraceTime`), e.g. `60s`.
    pub grace_time: Option<Duration>,
    /// Most nodes of a job (`MaxNodes`), e.g. 64.
    pub nodes_per_job: Option<Count>,
    /// Fewest nodes of a job (`MinNodes`), e.g. 1.
    pub minimum_nodes_per_job: Option<Count>,
    /// Most CPUs of a node that jobs of this partition may use (`MaxCPUsPerNode`), e.g. 96.
    pub cpus_per_node: Option<Count>,
    /// Most CPUs of a socket that jobs of this partition may use (`MaxCPUsPerSocket`, Slurm 23.02), e.g. 48.
    pub cpus_per_socket: Option<Count>,
    /// Most memory of a job on a node (`MaxMemPerNode`), e.g. `1TB`; not together with `memoryPerCpu`.
    pub memory_per_node: Option<Memory>,
    /// Most memory of a job for each CPU (`MaxMemPerCPU`), e.g. `8GB`.
    pub memory_per_cpu: Option<Memory>,
}

/// What a job gets that does not say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionDefaults {
    /// Memory on each node (`DefMemPerNode`), e.g. `64GB`; not together with the other two.
    pub memory_per_node: Option<Memory>,
    /// Memory for each CPU (`DefMemPerCPU`), e.g. `4GB`.
    pub memory_per_cpu: Option<Memory>,
    /// Memory for each GPU (`DefMemPerGPU`), e.g. `120GB`.
    pub memory_per_gpu: Option<Memory>,
    /// CPUs for each GPU (`DefCPUPerGPU`), e.g. 14.
    pub cpus_per_gpu: Option<Count>,
}

/// Accounts that may or may not run in a partition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountAccess {
    /// Only these accounts and those below them (`AllowAccounts`), e.g. `[medix]`.
    #[serde(default)]
    pub allow: Vec<Name>,
    /// All but these accounts (`DenyAccounts`); not together with `allow`.
    #[serde(default)]
    pub deny: Vec<Name>,
}

/// How urgent the jobs of a partition are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PartitionPriority {
    /// Jobs of a higher tier are looked at first, and may preempt (`PriorityTier`), e.g. 10; default 1.
    pub tier: Option<Count>,
    /// Weight of this partition in a job's priority (`PriorityJobFactor`), e.g. 100; default 1.
    pub job_factor: Option<Count>,
}

/// Whether a partition takes and starts jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartitionState {
    /// Takes and starts jobs.
    Up,
    /// Takes jobs, starts none; running ones go on.
    Down,
    /// Takes no jobs, starts those that wait.
    Drain,
    /// Takes and starts none.
    Inactive,
}

/// What is allocated to jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum SelectTypeParameters {
    /// Cores.
    #[serde(rename = "CR_Core")]
    Core,
    /// Cores and memory.
    #[serde(rename = "CR_Core_Memory")]
    CoreMemory,
    /// Sockets.
    #[serde(rename = "CR_Socket")]
    Socket,
    /// Sockets and memory.
    #[serde(rename = "CR_Socket_Memory")]
    SocketMemory,
}

/// Switching idle nodes off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PowerSaving {
    /// Idle time after which a node is switched off (`SuspendTime`), e.g. `30m`; default the cluster's.
    pub suspend_time: Option<Duration>,
    /// Longest time to switch a node off (`SuspendTimeout`), e.g. `2m`.
    pub suspend_timeout: Option<Duration>,
    /// Longest time to switch a node on (`ResumeTimeout`), e.g. `10m`.
    pub resume_timeout: Option<Duration>,
    /// Switch a node off as soon as its job ends (`PowerDownOnIdle`, Slurm 23.02).
    #[serde(default, skip_serializing_if = "is_false")]
    pub power_down_on_idle: bool,
}
