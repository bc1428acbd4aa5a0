//! Pieces that several kinds share.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is asked of every manifest, whatever its kind.
pub trait Manifest {
    /// Target that `spec.target` names; none where the kind has no such field, or the manifest leaves it out.
    fn target(&self) -> Option<&str> {
        None
    }
}

/// Name of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// Name: lower-case letters, digits, `-`, `_` and `.`. On Slurm it becomes the name of the account, QOS or partition.
    #[schemars(example = &"booster")]
    pub name: String,
    /// Labels for people and pipelines; they have no effect on a target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// Category of an organisation (Council Regulation (EU) 2021/1173 as amended by (EU) 2024/1732 distinguishes them for
/// access to an AI factory).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// A start-up.
    Startup,
    /// A small or medium-sized enterprise.
    Sme,
    /// Any other company.
    Industry,
    /// A university or research organisation.
    Academia,
    /// A public authority or service.
    PublicSector,
}

/// Amounts of TRES, with short names for the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Amounts {
    /// GPUs (`gres/gpu`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// CPUs as Slurm counts them (`cpu`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<u64>,
    /// Nodes (`node`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    /// Memory (`mem`), e.g. `512GB`; 1 GB is 1024 MB, as Slurm counts.
    #[schemars(example = &"512GB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Any other TRES by Slurm's name, e.g. `gres/gpu:h100: 4`, `license/matlab: 10`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres: BTreeMap<String, String>,
}

/// Limits of an association (an account or a user in it), `sacctmgr(1)`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssociationLimits {
    /// GPU-hours in all (`GrpTRESMins gres/gpu`). A project's allocations add to it by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_hours: Option<u64>,
    /// TRES in use at one time, over all jobs (`GrpTRES`).
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub total: Amounts,
    /// TRES-minutes in all (`GrpTRESMins`), by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tres_minutes: BTreeMap<String, String>,
    /// TRES-minutes that running jobs may still need (`GrpTRESRunMins`), by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub running_tres_minutes: BTreeMap<String, String>,
    /// Jobs running at one time, over all users (`GrpJobs`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_running_jobs: Option<u64>,
    /// Pending jobs that gain priority by age, over all users (`GrpJobsAccrue`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_accruing_jobs: Option<u64>,
    /// Jobs in the queue, over all users (`GrpSubmitJobs`). `0` pauses a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_submitted_jobs: Option<u64>,
    /// Wall time of all jobs together (`GrpWall`), e.g. `100d`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_wall_time: Option<String>,
    /// TRES of one job (`MaxTRESPerJob`).
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_job: Amounts,
    /// TRES of one job on each node (`MaxTRESPerNode`).
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_node: Amounts,
    /// TRES-minutes of one job (`MaxTRESMinsPerJob`), by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub per_job_tres_minutes: BTreeMap<String, String>,
    /// Longest job (`MaxWall`), e.g. `12h`.
    #[schemars(example = &"12h")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_time: Option<String>,
    /// Running jobs of one user (`MaxJobs`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_jobs: Option<u64>,
    /// Pending jobs of one user that gain priority by age (`MaxJobsAccrue`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accruing_jobs: Option<u64>,
    /// Jobs of one user in the queue (`MaxSubmitJobs`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub submitted_jobs: Option<u64>,
    /// Least priority at which a job may reserve resources (`MinPrioThreshold`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_priority: Option<u64>,
}
