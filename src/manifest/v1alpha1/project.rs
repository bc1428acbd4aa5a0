//! `kind: Project`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{AssociationLimits, Category, Manifest, Metadata};
use super::partition::compute;

/// Who may use the factory, for what, and how much: an account with its users on Slurm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Project {
    /// `sitewright.io/v1alpha1`.
    pub api_version: String,
    /// `Project`.
    pub kind: String,
    /// Its name; on Slurm the name of the account.
    pub metadata: Metadata,
    /// What it is.
    pub spec: ProjectSpec,
}

impl Manifest for Project {
    fn target(&self) -> Option<&str> {
        Some(&self.spec.target)
    }
}

/// What a project is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectSpec {
    /// Target its account lives on; `compute` where absent.
    #[serde(default = "compute")]
    pub target: String,
    /// Whose it is.
    pub organisation: Organisation,
    /// Sector, e.g. `health`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Text for people; kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its account on Slurm, where that has another name, e.g. `project_465000001`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Branch account that it stands under; the factory's account where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Attestation of the ethics conditions, which the factory makes a condition of access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ethics: Option<Attestation>,
    /// Its users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<ProjectMember>,
    /// What it was given. GPU-hours of the allocations in force are one pool, since Slurm counts them by account: hours given
    /// for one mode or partition can be spent in another of the same project.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<Allocation>,
    /// Further access modes that it may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// Access mode of jobs that name none; the first allocation's where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_mode: Option<String>,
    /// Shares among its siblings: a number, or `parent`.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fairshare: Option<String>,
    /// Priority of its jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u64>,
    /// Limits.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub limits: AssociationLimits,
    /// Account flags, e.g. `UsersAreCoords` (24.05 and later).
    #[schemars(extend("items" = {"type": "string", "enum": ["UsersAreCoords"]}))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Comment on the account's association (23.02 and later); kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Storage that was given, for the record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<Storage>,
    /// Fields of the account's association by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slurm: BTreeMap<String, String>,
    /// Its Kubernetes side; none where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<super::kubernetes::ProjectKubernetes>,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
}

/// Whose a project is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Organisation {
    /// Name; kept on the account in lower case.
    pub name: String,
    /// Country as two letters. `NO` is Norway.
    #[schemars(regex(pattern = r"^[A-Z]{2}$"), example = &"FI")]
    pub country: String,
    /// Category.
    pub category: Category,
}

/// Attestation of the ethics conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attestation {
    /// Who gave it.
    pub attested_by: String,
    /// When, as `2026-03-01`.
    #[schemars(example = &"2026-03-01")]
    pub on: String,
}

/// A user of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectMember {
    /// User name.
    pub user: String,
    /// `lead` coordinates the account on Slurm.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub role: Role,
    /// Partition that this entry is for; the user's limits elsewhere are another entry without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// Whether the project's account is the user's default.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// Shares among the members: a number, or `parent`.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fairshare: Option<String>,
    /// Priority of the user's jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u64>,
    /// Access modes, where they differ from the project's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// Access mode of jobs that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_mode: Option<String>,
    /// Limits.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub limits: AssociationLimits,
    /// Comment (23.02 and later); kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Fields of the user's association by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slurm: BTreeMap<String, String>,
}

/// Role of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs jobs.
    #[default]
    Member,
    /// Also coordinates the account.
    Lead,
}

/// What a project was given: a partition, a mode, GPU-hours and a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Allocation {
    /// Partition.
    pub partition: String,
    /// Access mode.
    pub mode: String,
    /// GPU-hours, e.g. `40_000`; they go into the project's one pool. `0` on a partition without GPUs: its jobs run, and
    /// none with a GPU does.
    pub gpu_hours: u64,
    /// First day, as `2026-04-01`. A project of which no allocation is in force takes no jobs.
    #[schemars(example = &"2026-04-01")]
    pub from: String,
    /// Last day, which belongs to it.
    #[schemars(example = &"2026-09-30")]
    pub until: String,
}

/// Storage that was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Storage {
    /// Where, e.g. `/scratch/medix`.
    pub path: String,
    /// How much, e.g. `4TB`.
    #[schemars(example = &"4TB")]
    pub size: String,
    /// On what, e.g. `lustre`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}
