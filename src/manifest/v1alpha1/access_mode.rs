//! `kind: AccessMode`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Amounts, Category, Manifest, Metadata};
use super::partition::compute;

/// A way of using the factory (playground, fast lane, large scale, …): who may, how much, how soon. A QOS on Slurm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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

impl Manifest for AccessMode {
    fn target(&self) -> Option<&str> {
        Some(&self.spec.target)
    }
}

/// What an access mode allows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessModeSpec {
    /// Target it lives on; `compute` where absent.
    #[serde(default = "compute")]
    pub target: String,
    /// Text for people; kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Categories of organisations that it admits; all where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eligible: Vec<Category>,
    /// What one project may be given.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_project: PerProject,
    /// Limits of one job.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_job: PerJob,
    /// TRES of one job on each node (`MaxTRESPerNode`).
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_node: Amounts,
    /// Limits of one user.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_user: PerHolder,
    /// Limits of one account.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_account: PerHolder,
    /// Limits of the whole mode.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub total: Total,
    /// Priority: more is sooner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u64>,
    /// Part of the factory's time, e.g. `10%`; the modes' shares add up to no more than 100 %.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// Modes whose jobs may be preempted by jobs of this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preempts: Vec<String>,
    /// What happens to jobs of this mode when they are preempted, e.g. `[requeue]`; the cluster's where absent.
    #[schemars(extend("items" = {"type": "string", "enum": ["cancel", "requeue", "suspend", "gang", "within", "priority"]}))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preemption: Vec<String>,
    /// Time that a job of this mode runs before it can be preempted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt_time: Option<String>,
    /// Time between the preemption signal and the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_time: Option<String>,
    /// Flags of the QOS, e.g. `[deny-on-limit]` for `DenyOnLimit`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<QosFlag>,
    #[schemars(extend("x-number" = true))]
    /// Factor on usage, e.g. `0.5`: half of the time is charged.
    #[schemars(example = &"0.5")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_factor: Option<String>,
    /// Least share of fair use at which jobs may start, e.g. `0.1`.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_threshold: Option<String>,
    /// Factor on the limits of associations, e.g. `2.0`.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_factor: Option<String>,
    /// Least priority at which a job may reserve resources (`MinPrioThreshold`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_priority: Option<u64>,
    /// Fields of a QOS by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slurm: BTreeMap<String, String>,
    /// Its Kubernetes side; none where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<super::kubernetes::AccessModeKubernetes>,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
}

/// What one project may be given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerProject {
    /// Most GPU-hours of one allocation, e.g. `50_000`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_hours: Option<u64>,
    /// Longest allocation in months, e.g. 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<u64>,
}

/// Limits of one job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerJob {
    /// Most GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// Most CPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Most nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    /// Most memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Most of any other TRES, by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres: BTreeMap<String, String>,
    /// Longest time (`MaxWall`).
    #[schemars(example = &"12h")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_time: Option<String>,
    /// Most GPU-hours (`MaxTRESMinsPerJob gres/gpu`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_hours: Option<u64>,
    /// Most TRES-minutes, by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres_minutes: BTreeMap<String, String>,
    /// Least that a job must ask for (`MinTRESPerJob`).
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub minimum: Amounts,
    /// Mode whose range of job sizes this one continues: its minimum begins right after that one's maximum,
    /// without gap or overlap, e.g. `normal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
}

/// Limits of one user, or of one account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerHolder {
    /// GPUs in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// CPUs in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Nodes in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    /// Memory in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Any other TRES in use, by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres: BTreeMap<String, String>,
    /// Running jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_jobs: Option<u64>,
    /// Jobs in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_jobs: Option<u64>,
    /// Pending jobs that gain priority by age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accruing_jobs: Option<u64>,
    /// TRES-minutes that running jobs may still need, by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub running_tres_minutes: BTreeMap<String, String>,
}

/// Limits of the whole mode.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Total {
    /// GPUs in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// CPUs in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Nodes in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    /// Memory in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Any other TRES in use, by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres: BTreeMap<String, String>,
    /// GPU-hours in all (`GrpTRESMins gres/gpu`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_hours: Option<u64>,
    /// TRES-minutes in all, by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres_minutes: BTreeMap<String, String>,
    /// TRES-minutes that running jobs may still need, by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub running_tres_minutes: BTreeMap<String, String>,
    /// Running jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_jobs: Option<u64>,
    /// Jobs in the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_jobs: Option<u64>,
    /// Pending jobs that gain priority by age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accruing_jobs: Option<u64>,
    /// Wall time of all jobs together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_time: Option<String>,
}

/// Flags of a QOS (sacctmgr(1), Flags).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
