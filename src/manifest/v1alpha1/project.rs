//! `kind: Project`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::is_false;
use super::{AccountFlag, AssociationLimits, Count, Country, Date, Fairshare, Memory, Name, SlurmMap};

/// Who uses the factory: organisation, members, allocations (an account in Slurm).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectSpec {
    /// Whose project it is.
    pub organisation: Option<Organisation>,
    /// Field of work, e.g. `health`.
    pub domain: Option<String>,
    /// Its Slurm account, e.g. `project_465000001`; default `metadata.name`.
    pub account: Option<Name>,
    /// The account above it; default the factory's.
    pub parent: Option<Name>,
    /// Description, e.g. `models for radiology`.
    pub description: Option<String>,
    /// Flags of the account row (Slurm 24.05).
    #[serde(default)]
    pub flags: Vec<AccountFlag>,
    /// Shares relative to its siblings, e.g. 10.
    pub fairshare: Option<Fairshare>,
    /// Priority of its jobs, e.g. 10.
    pub priority: Option<Count>,
    /// Limits for the whole project.
    pub limits: Option<AssociationLimits>,
    /// Access mode of jobs that name none.
    pub default_mode: Option<Name>,
    /// Access modes besides those of the allocations, e.g. `[debug]`.
    #[serde(default)]
    pub modes: Vec<Name>,
    /// Who has attested that the conditions of use are kept.
    pub ethics: Option<Attestation>,
    /// Who works in it.
    #[serde(default)]
    pub members: Vec<Member>,
    /// What was granted.
    #[serde(default)]
    pub allocations: Vec<Allocation>,
    /// Storage that was granted; for the record.
    #[serde(default)]
    pub storage: Vec<Storage>,
    /// Comment on the account's association (Slurm 23.02).
    pub comment: Option<String>,
    /// The targets it exists on; none given: those of its allocations' partitions, else all of Slurm.
    #[serde(default)]
    pub targets: Vec<Name>,
    /// Whatever has no field of its own, as sacctmgr spells it.
    #[serde(default)]
    pub slurm: SlurmMap,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
}

/// Whose project it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Organisation {
    /// Its name, e.g. `Medix Oy`.
    pub name: String,
    /// Its country, e.g. `FI`.
    pub country: Option<Country>,
    /// What sort of organisation it is; decides which access modes are open to it.
    pub category: Option<Category>,
}

/// What sort of organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// A start-up.
    Startup,
    /// A small or medium enterprise: fewer than 250 staff, and at most 50 M EUR turnover or 43 M EUR balance sheet.
    Sme,
    /// A larger enterprise.
    Industry,
    /// A university or research institute.
    Academia,
    /// An authority or public body.
    PublicSector,
}

/// Who has attested, and when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Attestation {
    /// The user who did, e.g. `anna`.
    pub attested_by: Name,
    /// The day, e.g. `2026-03-01`.
    pub on: Date,
}

/// A member of a project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// The login name, e.g. `anna`.
    pub user: Name,
    /// A `lead` coordinates the Slurm account; default `member`.
    pub role: Option<Role>,
    /// This project is the user's default account. A user's first project is, where none says so.
    #[serde(default, skip_serializing_if = "is_false")]
    pub default: bool,
    /// The rest of this entry holds in this partition alone.
    pub partition: Option<Name>,
    /// Shares relative to other members, e.g. 10, or `parent`.
    pub fairshare: Option<Fairshare>,
    /// Priority of the member's jobs, e.g. 10.
    pub priority: Option<Count>,
    /// Limits for this member.
    pub limits: Option<AssociationLimits>,
    /// Access modes of this member alone, in place of the project's.
    #[serde(default)]
    pub modes: Vec<Name>,
    /// Access mode of jobs that name none.
    pub default_mode: Option<Name>,
    /// Comment on the association (Slurm 23.02).
    pub comment: Option<String>,
    /// Whatever has no field of its own, as sacctmgr spells it.
    #[serde(default)]
    pub slurm: SlurmMap,
}

/// What a member may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs jobs.
    #[default]
    Member,
    /// Also coordinates the account.
    Lead,
}

/// What was granted: GPU-hours on a partition in a mode, for a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Allocation {
    /// Where, e.g. `booster`.
    pub partition: Name,
    /// How, e.g. `fast-lane`.
    pub mode: Name,
    /// How much, in GPU-hours, e.g. 40_000.
    pub gpu_hours: Count,
    /// First day, e.g. `2026-04-01`; before it nothing is created.
    pub from: Date,
    /// Last day, e.g. `2026-09-30`; after it the allocation is removed.
    pub until: Date,
}

/// Storage that was granted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Storage {
    /// Where, e.g. `/scratch/medix`.
    pub path: String,
    /// How much, e.g. `4TB`.
    pub size: Memory,
    /// On what, e.g. `lustre`.
    pub class: Option<String>,
}
