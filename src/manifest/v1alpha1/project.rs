//! `kind: Project`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::common::{AssociationLimits, Category, Metadata};
use super::partition::compute;

/// Who may use the factory, for what, and how much: an account with its users on Slurm.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
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

/// What a project is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectSpec {
    /// Target its account lives on; `compute` where absent.
    #[serde(default = "compute")]
    pub target: String,
    /// Whose it is.
    pub organisation: Organisation,
    /// Sector, e.g. `health`.
    pub domain: Option<String>,
    /// Text for people; kept in lower case.
    pub description: Option<String>,
    /// Branch account that it stands under; the factory's account where absent.
    pub parent: Option<String>,
    /// Attestation of the ethics conditions, which the factory makes a condition of access.
    pub ethics: Option<Attestation>,
    /// Its users.
    #[serde(default)]
    pub members: Vec<ProjectMember>,
    /// What it was given.
    #[serde(default)]
    pub allocations: Vec<Allocation>,
    /// Further access modes that it may use.
    #[serde(default)]
    pub modes: Vec<String>,
    /// Access mode of jobs that name none; the first allocation's where absent.
    pub default_mode: Option<String>,
    /// Shares among its siblings: a number, or `parent`.
    pub fairshare: Option<String>,
    /// Priority of its jobs.
    pub priority: Option<u64>,
    /// Limits.
    #[serde(default)]
    pub limits: AssociationLimits,
    /// Account flags, e.g. `UsersAreCoords` (24.05 and later).
    #[serde(default)]
    pub flags: Vec<String>,
    /// Fields of the account's association by Slurm's name.
    #[serde(default)]
    pub slurm: BTreeMap<String, String>,
    /// No plan may delete it.
    #[serde(default)]
    pub protect: bool,
}

/// Whose a project is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attestation {
    /// Who gave it.
    pub attested_by: String,
    /// When, as `2026-03-01`.
    #[schemars(example = &"2026-03-01")]
    pub on: String,
}

/// A user of a project.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectMember {
    /// User name.
    pub user: String,
    /// `lead` coordinates the account on Slurm.
    #[serde(default)]
    pub role: Role,
    /// Partition that this entry is for; the user's limits elsewhere are another entry without it.
    pub partition: Option<String>,
    /// Whether the project's account is the user's default.
    #[serde(default)]
    pub default: bool,
    /// Shares among the members: a number, or `parent`.
    pub fairshare: Option<String>,
    /// Priority of the user's jobs.
    pub priority: Option<u64>,
    /// Access modes, where they differ from the project's.
    #[serde(default)]
    pub modes: Vec<String>,
    /// Access mode of jobs that name none.
    pub default_mode: Option<String>,
    /// Limits.
    #[serde(default)]
    pub limits: AssociationLimits,
    /// Comment (23.02 and later); kept in lower case.
    pub comment: Option<String>,
}

/// Role of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs jobs.
    #[default]
    Member,
    /// Also coordinates the account.
    Lead,
}

/// What a project was given: a partition, a mode, GPU-hours and a window.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Allocation {
    /// Partition.
    pub partition: String,
    /// Access mode.
    pub mode: String,
    /// GPU-hours, e.g. `40_000`.
    pub gpu_hours: u64,
    /// First day, as `2026-04-01`.
    #[schemars(example = &"2026-04-01")]
    pub from: String,
    /// Last day, which belongs to it.
    #[schemars(example = &"2026-09-30")]
    pub until: String,
}
