//! `kind: AccessMode`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::common::{Amounts, Category, Metadata};
use super::partition::compute;

/// A way of using the factory (playground, fast lane, large scale, …): who may, how much, how soon. A QOS on Slurm.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessMode {
    /// `sitewright.io/v1alpha1`.
    pub api_version: String,
    /// `AccessMode`.
    pub kind: String,
    /// Its name; on Slurm the name of the QOS.
    pub metadata: Metadata,
    /// What it allows.
    pub spec: AccessModeSpec,
}

/// What an access mode allows.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessModeSpec {
    /// Target it lives on; `compute` where absent.
    #[serde(default = "compute")]
    pub target: String,
    /// Text for people; kept in lower case.
    pub description: Option<String>,
    /// Categories of organisations that it admits; all where absent.
    #[serde(default)]
    pub eligible: Vec<Category>,
    /// What one project may be given.
    #[serde(default)]
    pub per_project: PerProject,
    /// Limits of one job.
    #[serde(default)]
    pub per_job: PerJob,
    /// TRES of one job on each node (`MaxTRESPerNode`).
    #[serde(default)]
    pub per_node: Amounts,
    /// Limits of one user.
    #[serde(default)]
    pub per_user: PerHolder,
    /// Limits of one account.
    #[serde(default)]
    pub per_account: PerHolder,
    /// Limits of the whole mode.
    #[serde(default)]
    pub total: Total,
    /// Priority: more is sooner.
    pub priority: Option<u64>,
    /// Part of the factory's time, e.g. `10%`; the modes' shares add up to no more than 100 %.
    pub share: Option<String>,
    /// Modes whose jobs may be preempted by jobs of this one.
    #[serde(default)]
    pub preempts: Vec<String>,
    /// What happens to jobs of this mode when they are preempted: `cancel`, `requeue`, `suspend`, `gang`, `within`.
    #[serde(default)]
    pub preemption: Vec<String>,
    /// Time that a job of this mode runs before it can be preempted.
    pub exempt_time: Option<String>,
    /// Time between the preemption signal and the end.
    pub grace_time: Option<String>,
    /// Flags of the QOS.
    #[serde(default)]
    pub flags: Vec<QosFlag>,
    /// Factor on usage, e.g. `0.5`.
    #[schemars(example = &"0.5")]
    pub usage_factor: Option<String>,
    /// Least share of fair use at which jobs may start, e.g. `0.1`.
    pub usage_threshold: Option<String>,
    /// Factor on the limits of associations.
    pub limit_factor: Option<String>,
    /// Least priority at which a job may reserve resources (`MinPrioThreshold`).
    pub minimum_priority: Option<u64>,
    /// Fields of a QOS by Slurm's name.
    #[serde(default)]
    pub slurm: BTreeMap<String, String>,
    /// No plan may delete it.
    #[serde(default)]
    pub protect: bool,
}

/// What one project may be given.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerProject {
    /// Most GPU-hours of one allocation, e.g. `50_000`.
    pub gpu_hours: Option<u64>,
    /// Longest allocation in months.
    pub months: Option<u64>,
}

/// Limits of one job.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerJob {
    /// Most GPUs.
    pub gpus: Option<u64>,
    /// Most CPUs.
    pub cpus: Option<u64>,
    /// Most nodes.
    pub nodes: Option<u64>,
    /// Most memory.
    pub memory: Option<String>,
    /// Most of any other TRES, by Slurm's name.
    #[serde(default)]
    pub tres: BTreeMap<String, String>,
    /// Longest time (`MaxWall`).
    #[schemars(example = &"12h")]
    pub wall_time: Option<String>,
    /// Most GPU-hours (`MaxTRESMinsPerJob gres/gpu`).
    pub gpu_hours: Option<u64>,
    /// Most TRES-minutes, by Slurm's name.
    #[serde(default)]
    pub tres_minutes: BTreeMap<String, String>,
    /// Least that a job must ask for (`MinTRESPerJob`).
    #[serde(default)]
    pub minimum: Amounts,
    /// Mode whose range this one continues: its minimum begins right after that one's maximum, without a gap.
    pub continues: Option<String>,
}

/// Limits of one user, or of one account.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerHolder {
    /// GPUs in use.
    pub gpus: Option<u64>,
    /// CPUs in use.
    pub cpus: Option<u64>,
    /// Nodes in use.
    pub nodes: Option<u64>,
    /// Memory in use.
    pub memory: Option<String>,
    /// Any other TRES in use, by Slurm's name.
    #[serde(default)]
    pub tres: BTreeMap<String, String>,
    /// Running jobs.
    pub running_jobs: Option<u64>,
    /// Jobs in the queue.
    pub submitted_jobs: Option<u64>,
    /// Pending jobs that gain priority by age.
    pub accruing_jobs: Option<u64>,
    /// TRES-minutes that running jobs may still need, by Slurm's name.
    #[serde(default)]
    pub running_tres_minutes: BTreeMap<String, String>,
}

/// Limits of the whole mode.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Total {
    /// GPUs in use.
    pub gpus: Option<u64>,
    /// CPUs in use.
    pub cpus: Option<u64>,
    /// Nodes in use.
    pub nodes: Option<u64>,
    /// Memory in use.
    pub memory: Option<String>,
    /// Any other TRES in use, by Slurm's name.
    #[serde(default)]
    pub tres: BTreeMap<String, String>,
    /// GPU-hours in all (`GrpTRESMins gres/gpu`).
    pub gpu_hours: Option<u64>,
    /// TRES-minutes in all, by Slurm's name.
    #[serde(default)]
    pub tres_minutes: BTreeMap<String, String>,
    /// TRES-minutes that running jobs may still need, by Slurm's name.
    #[serde(default)]
    pub running_tres_minutes: BTreeMap<String, String>,
    /// Running jobs.
    pub running_jobs: Option<u64>,
    /// Jobs in the queue.
    pub submitted_jobs: Option<u64>,
    /// Pending jobs that gain priority by age.
    pub accruing_jobs: Option<u64>,
    /// Wall time of all jobs together.
    pub wall_time: Option<String>,
}

/// Flags of a QOS (sacctmgr(1), Flags).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum QosFlag {
    /// Jobs over a limit are refused, not queued.
    DenyOnLimit,
    /// The usage threshold is enforced.
    EnforceUsageThreshold,
    /// Usage does not decay: GPU-hours are a true quota.
    NoDecay,
    /// No reservation for jobs of this mode while they wait.
    NoReserve,
    /// The mode's limits win over the partition's QOS.
    OverPartQos,
    /// The partition's maximum of nodes need not be kept.
    PartitionMaxNodes,
    /// The partition's minimum of nodes need not be kept.
    PartitionMinNodes,
    /// The partition's time limit need not be kept.
    PartitionTimeLimit,
    /// Limits are percentages (23.11 and later).
    Relative,
    /// Jobs need a reservation.
    RequiresReservation,
    /// Jobs start only if they can end within the limit.
    UsageFactorSafe,
}

impl QosFlag {
    /// Slurm's spelling.
    pub fn slurm(self) -> &'static str {
        match self {
            Self::DenyOnLimit => "DenyOnLimit",
            Self::EnforceUsageThreshold => "EnforceUsageThreshold",
            Self::NoDecay => "NoDecay",
            Self::NoReserve => "NoReserve",
            Self::OverPartQos => "OverPartQOS",
            Self::PartitionMaxNodes => "PartitionMaxNodes",
            Self::PartitionMinNodes => "PartitionMinNodes",
            Self::PartitionTimeLimit => "PartitionTimeLimit",
            Self::Relative => "Relative",
            Self::RequiresReservation => "RequiresReservation",
            Self::UsageFactorSafe => "UsageFactorSafe",
        }
    }
}
