//! Parts that several kinds share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Amount, Count, Duration, Memory, Name, Verbatim};

/// Who this manifest is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// The name, unique among manifests of one kind, e.g. `booster`. On Slurm it becomes the name of the partition, QOS
    /// or account (accounting names in lower case).
    pub name: Name,
}

/// Trackable resources by Slurm's names: `{ cpu: 10, gres/gpu: 4, gres/gpu:h100: 4, mem: 500GB, license/matlab: 2 }`.
pub type TresMap = BTreeMap<String, Amount>;

/// Fields as Slurm spells them, for what has no field of its own; keys are checked against the release:
/// `{ PriorityTier: 10 }`.
pub type SlurmMap = BTreeMap<String, Verbatim>;

/// Limits of an account or of a member (an *association* in Slurm).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssociationLimits {
    /// What all jobs below this account or of this member may hold together (Slurm's `Grp…` limits).
    pub total: Option<TotalLimits>,
    /// What one job may ask for.
    pub per_job: Option<AssociationJobLimits>,
    /// What one job may use on one node.
    pub per_node: Option<PerNodeLimits>,
    /// How many jobs each user may have here.
    pub per_user: Option<JobCounts>,
    /// Jobs below this priority do not count as waiting (`MinPrioThreshold`), e.g. 100.
    pub minimum_priority: Option<Count>,
}

/// What everybody together may hold (`Grp…`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TotalLimits {
    /// GPUs in use at one time (`GrpTRES=gres/gpu`), e.g. 256.
    pub gpus: Option<Count>,
    /// CPUs in use at one time (`GrpTRES=cpu`), e.g. 4096.
    pub cpus: Option<Count>,
    /// Nodes in use at one time (`GrpTRES=node`), e.g. 64.
    pub nodes: Option<Count>,
    /// Memory in use at one time (`GrpTRES=mem`), e.g. `2TB`.
    pub memory: Option<Memory>,
    /// Other resources in use at one time (`GrpTRES`), e.g. `{ license/matlab: 4 }`.
    #[serde(default)]
    pub tres: TresMap,
    /// GPU-hours that may be used up in all (`GrpTRESMins=gres/gpu`, in minutes there), e.g. 40_000.
    pub gpu_hours: Option<Count>,
    /// Resource-minutes that may be used up in all (`GrpTRESMins`), e.g. `{ cpu: 6_000_000 }`.
    #[serde(default)]
    pub tres_minutes: TresMap,
    /// Resource-minutes that running jobs may still have ahead of them (`GrpTRESRunMins`), e.g. `{ cpu: 600_000 }`.
    #[serde(default)]
    pub running_tres_minutes: TresMap,
    /// Jobs running at one time (`GrpJobs`), e.g. 200.
    pub running_jobs: Option<Count>,
    /// Jobs that gain priority by waiting at one time (`GrpJobsAccrue`), e.g. 50.
    pub accruing_jobs: Option<Count>,
    /// Jobs running or waiting at one time (`GrpSubmitJobs`), e.g. 1_000.
    pub submitted_jobs: Option<Count>,
    /// Wall time that may be used up in all (`GrpWall`), e.g. `100d`.
    pub wall_time: Option<Duration>,
}

/// What one job of an association may ask for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssociationJobLimits {
    /// GPUs of one job (`MaxTRESPerJob=gres/gpu`), e.g. 64.
    pub gpus: Option<Count>,
    /// CPUs of one job, e.g. 1024.
    pub cpus: Option<Count>,
    /// Nodes of one job, e.g. 16.
    pub nodes: Option<Count>,
    /// Memory of one job, e.g. `1TB`.
    pub memory: Option<Memory>,
    /// Other resources of one job (`MaxTRESPerJob`), e.g. `{ license/matlab: 1 }`.
    #[serde(default)]
    pub tres: TresMap,
    /// GPU-hours of one job (`MaxTRESMinsPerJob=gres/gpu`, in minutes there), e.g. 500.
    pub gpu_hours: Option<Count>,
    /// Resource-minutes of one job (`MaxTRESMinsPerJob`), e.g. `{ cpu: 100_000 }`.
    #[serde(default)]
    pub tres_minutes: TresMap,
    /// Longest run time of one job (`MaxWall`), e.g. `12h`.
    pub wall_time: Option<Duration>,
}

/// What one job may use on one node (`MaxTRESPerNode`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PerNodeLimits {
    /// GPUs of one job on one node, e.g. 4.
    pub gpus: Option<Count>,
    /// CPUs of one job on one node, e.g. 56.
    pub cpus: Option<Count>,
    /// Memory of one job on one node, e.g. `500GB`.
    pub memory: Option<Memory>,
    /// Other resources of one job on one node, e.g. `{ gres/shard: 2 }`.
    #[serde(default)]
    pub tres: TresMap,
}

/// How many jobs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobCounts {
    /// Jobs running at one time (`MaxJobs`), e.g. 10.
    pub running_jobs: Option<Count>,
    /// Jobs that gain priority by waiting at one time (`MaxJobsAccrue`), e.g. 5.
    pub accruing_jobs: Option<Count>,
    /// Jobs running or waiting at one time (`MaxSubmitJobs`), e.g. 100.
    pub submitted_jobs: Option<Count>,
}

/// What a preempted job becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PreemptionMode {
    /// Never preempted.
    Off,
    /// Ended.
    Cancel,
    /// Put back into the queue.
    Requeue,
    /// Suspended, and resumed later.
    Suspend,
    /// Time-sliced.
    Gang,
    /// Also by jobs of the same QOS.
    Within,
    /// By the job's priority.
    Priority,
}

/// A flag that is left out when it is false.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !flag
}
