//! `kind: AccessMode`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::is_false;
use super::{
    Category, Count, Duration, Factor, Memory, Name, PerNodeLimits, Percent, PreemptionMode, SlurmMap, TotalLimits,
    TresMap,
};

/// A way of access (a QOS in Slurm): who is eligible, how much, how long, how urgent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessModeSpec {
    /// Which organisations may have it, e.g. `[startup, sme]`; none given: all.
    #[serde(default)]
    pub eligible: Vec<Category>,
    /// What one project may be granted.
    pub per_project: Option<ProjectGrant>,
    /// What one job may ask for.
    pub per_job: Option<JobLimits>,
    /// What one job may use on one node.
    pub per_node: Option<PerNodeLimits>,
    /// What one user may hold.
    pub per_user: Option<HolderLimits>,
    /// What one account may hold.
    pub per_account: Option<HolderLimits>,
    /// What all jobs of this mode may hold together.
    pub total: Option<TotalLimits>,
    /// How urgent its jobs are, relative to other modes, e.g. 200; default 0.
    pub priority: Option<Count>,
    /// The part of the factory's time that is meant for it, e.g. `10%`; shares of all modes add up to at most 100%.
    pub share: Option<Percent>,
    /// Modes whose jobs it may push out (`Preempt`), e.g. `[playground]`.
    #[serde(default)]
    pub preempts: Vec<Name>,
    /// What its own jobs become when they are pushed out (`PreemptMode`), e.g. `[requeue]`; default the cluster's.
    #[serde(default)]
    pub preemption: Vec<PreemptionMode>,
    /// Time a job runs before it can be pushed out (`PreemptExemptTime`), e.g. `1h`.
    pub exempt_time: Option<Duration>,
    /// Time a job gets to end when it is pushed out (`GraceTime`), e.g. `60s`.
    pub grace_time: Option<Duration>,
    /// Flags of the QOS, e.g. `[DenyOnLimit]`.
    #[serde(default)]
    pub flags: Vec<QosFlag>,
    /// How much of the time used is charged (`UsageFactor`), e.g. `0.5`; default 1.
    pub usage_factor: Option<Factor>,
    /// Lowest fair-share that may still submit (`UsageThreshold`), e.g. `0.1`.
    pub usage_threshold: Option<Factor>,
    /// By how much the limits of associations are multiplied (`LimitFactor`), e.g. `2.0`.
    pub limit_factor: Option<Factor>,
    /// Jobs below this priority do not count as waiting (`MinPrioThreshold`), e.g. 100.
    pub minimum_priority: Option<Count>,
    /// The mode whose range of job sizes this one continues without gap or overlap, e.g. `normal`.
    pub continues: Option<Name>,
    /// Description, e.g. `quick start for small firms`; Slurm keeps it in lower case.
    pub description: Option<String>,
    /// The targets it exists on; none given: all of Slurm.
    #[serde(default)]
    pub targets: Vec<Name>,
    /// Whatever has no field of its own, as sacctmgr spells it.
    #[serde(default)]
    pub slurm: SlurmMap,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
}

/// What one project may be granted in a mode.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectGrant {
    /// Most GPU-hours of one allocation, e.g. 50_000.
    pub gpu_hours: Option<Count>,
    /// Fewest GPU-hours of one allocation, e.g. 10_000.
    pub minimum_gpu_hours: Option<Count>,
    /// Longest allocation in months, e.g. 3.
    pub months: Option<Count>,
}

/// What one job of a mode may ask for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobLimits {
    /// Most GPUs (`MaxTRESPerJob=gres/gpu`), e.g. 64.
    pub gpus: Option<Count>,
    /// Most CPUs, e.g. 1024.
    pub cpus: Option<Count>,
    /// Most nodes, e.g. 16.
    pub nodes: Option<Count>,
    /// Most memory, e.g. `4TB`.
    pub memory: Option<Memory>,
    /// Most of other resources (`MaxTRESPerJob`), e.g. `{ license/matlab: 1 }`.
    #[serde(default)]
    pub tres: TresMap,
    /// Most GPU-hours (`MaxTRESMinsPerJob=gres/gpu`, in minutes there), e.g. 500.
    pub gpu_hours: Option<Count>,
    /// Most resource-minutes (`MaxTRESMinsPerJob`), e.g. `{ cpu: 100_000 }`.
    #[serde(default)]
    pub tres_minutes: TresMap,
    /// Longest run time (`MaxWall`), e.g. `12h`.
    pub wall_time: Option<Duration>,
    /// The least a job has to ask for.
    pub minimum: Option<MinimumPerJob>,
}

/// The least a job has to ask for (`MinTRESPerJob`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MinimumPerJob {
    /// GPUs, e.g. 1.
    pub gpus: Option<Count>,
    /// CPUs, e.g. 8.
    pub cpus: Option<Count>,
    /// Nodes, e.g. 65.
    pub nodes: Option<Count>,
    /// Memory, e.g. `64GB`.
    pub memory: Option<Memory>,
    /// Other resources, e.g. `{ gres/shard: 1 }`.
    #[serde(default)]
    pub tres: TresMap,
}

/// What one user or one account may hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HolderLimits {
    /// GPUs in use at one time, e.g. 32.
    pub gpus: Option<Count>,
    /// CPUs in use at one time, e.g. 512.
    pub cpus: Option<Count>,
    /// Nodes in use at one time, e.g. 8.
    pub nodes: Option<Count>,
    /// Memory in use at one time, e.g. `2TB`.
    pub memory: Option<Memory>,
    /// Other resources in use at one time (`MaxTRESPerUser`, `MaxTRESPerAccount`), e.g. `{ license/matlab: 1 }`.
    #[serde(default)]
    pub tres: TresMap,
    /// Resource-minutes that running jobs may still have ahead of them (`MaxTRESRunMinsPerUser`, `…PerAccount`), e.g.
    /// `{ gres/gpu: 10_000 }`.
    #[serde(default)]
    pub running_tres_minutes: TresMap,
    /// Jobs running at one time, e.g. 10.
    pub running_jobs: Option<Count>,
    /// Jobs that gain priority by waiting at one time, e.g. 5.
    pub accruing_jobs: Option<Count>,
    /// Jobs running or waiting at one time, e.g. 100.
    pub submitted_jobs: Option<Count>,
}

/// A flag of a QOS, as Slurm spells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum QosFlag {
    /// Jobs over a limit are refused when submitted, in place of waiting.
    DenyOnLimit,
    /// `usageThreshold` holds.
    EnforceUsageThreshold,
    /// Usage of this QOS does not decay.
    NoDecay,
    /// Its jobs get no reservation from the backfill scheduler.
    NoReserve,
    /// Its limits win over those of the partition's QOS.
    OverPartQOS,
    /// Its jobs may exceed the partition's most nodes.
    PartitionMaxNodes,
    /// Its jobs may go below the partition's fewest nodes.
    PartitionMinNodes,
    /// Its jobs may exceed the partition's time limit.
    PartitionTimeLimit,
    /// Its TRES limits are per cent of the cluster (Slurm 23.11).
    Relative,
    /// Only jobs in a reservation may use it.
    RequiresReservation,
    /// A job must be able to end within its limits.
    UsageFactorSafe,
}
