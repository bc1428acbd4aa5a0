//! `kind: Factory`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::is_false;
use super::{AssociationLimits, Count, Country, Factor, Fairshare, Name, Percent, Power, Rate, SlurmMap};

/// The whole AI factory: who hosts it, who pays, who gets how much of it, and its root account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactorySpec {
    /// The hosting entity, e.g. `{ entity: CSC, country: FI }`.
    pub host: Option<Host>,
    /// The states of the hosting consortium with their shares; the shares add up to 100%.
    #[serde(default)]
    pub consortium: Vec<ConsortiumMember>,
    /// How access time is split, e.g. `{ union: 50%, states: 50%, industry: 20% }`.
    pub access: Option<AccessSplit>,
    /// The data centre.
    pub site: Option<DataCentre>,
    /// Under which ethical conditions it is used.
    pub ethics: Option<FactoryEthics>,
    /// The Slurm account that everything else hangs below.
    pub account: Option<RootAccount>,
    /// Accounts between the factory's and the projects', e.g. one a country or programme.
    #[serde(default)]
    pub accounts: Vec<BranchAccount>,
    /// Users with rights over the whole Slurm database.
    #[serde(default)]
    pub administrators: Vec<Administrator>,
    /// No plan may delete its accounts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
}

/// The hosting entity.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Host {
    /// Its name, e.g. `CSC`.
    pub entity: String,
    /// Its country, e.g. `FI`.
    pub country: Country,
}

/// A state of the consortium.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConsortiumMember {
    /// The state, e.g. `NO` for Norway.
    pub country: Country,
    /// Its share of the states' part, e.g. `25%`.
    pub share: Percent,
}

/// How access time is split (Regulation (EU) 2021/1173, articles 17 and 18).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccessSplit {
    /// The Union's share of access time, at most `50%`.
    pub union: Option<Percent>,
    /// The states' share of access time, e.g. `50%`.
    pub states: Option<Percent>,
    /// Commercial use, as a part of the Union's share, at most `20%`.
    pub industry: Option<Percent>,
}

/// The data centre.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DataCentre {
    /// Power feed for computing and cooling together, e.g. `12MW`.
    pub power: Option<Power>,
    /// Power usage effectiveness, 1.0 or more, e.g. `1.08`.
    pub pue: Option<Factor>,
    /// Wide-area network rate, e.g. `400Gb/s`.
    pub wan: Option<Rate>,
    /// Whether compute nodes reach the internet.
    pub internet: Option<bool>,
    /// How it is cooled.
    pub cooling: Option<Cooling>,
}

/// How a data centre is cooled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cooling {
    /// Air.
    Air,
    /// Direct liquid cooling.
    Liquid,
    /// Both.
    Hybrid,
    /// Immersion.
    Immersion,
}

/// Under which ethical conditions the factory is used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactoryEthics {
    /// File with the conditions that users attest to, relative to this folder, e.g. `docs/ethics.md`.
    pub conditions: Option<String>,
    /// Whether the factory has signed the AI Pact.
    pub ai_pact: Option<bool>,
}

/// The factory's root account in Slurm.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RootAccount {
    /// Its name, e.g. `nordlys`; default the factory's `metadata.name`.
    pub name: Option<Name>,
    /// Description, e.g. `the Nordlys AI factory`.
    pub description: Option<String>,
    /// Organization, e.g. `csc`.
    pub organization: Option<String>,
    /// Flags of the account row (Slurm 24.05).
    #[serde(default)]
    pub flags: Vec<AccountFlag>,
    /// Shares relative to other root accounts, e.g. 100.
    pub fairshare: Option<Fairshare>,
    /// Priority of jobs below it, e.g. 10.
    pub priority: Option<Count>,
    /// Limits for all below it.
    pub limits: Option<AssociationLimits>,
    /// Access mode of jobs that name none.
    pub default_mode: Option<Name>,
    /// Access modes that everybody below it may use.
    #[serde(default)]
    pub modes: Vec<Name>,
    /// Users that may coordinate it.
    #[serde(default)]
    pub coordinators: Vec<Name>,
    /// Comment on the association (Slurm 23.02).
    pub comment: Option<String>,
    /// Whatever has no field of its own, as sacctmgr spells it.
    #[serde(default)]
    pub slurm: SlurmMap,
}

/// An account between the factory's and the projects'.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BranchAccount {
    /// Its name, e.g. `finland`.
    pub name: Name,
    /// The account above it; default the factory's.
    pub parent: Option<Name>,
    /// Description, e.g. `national share`.
    pub description: Option<String>,
    /// Organization, e.g. `csc`.
    pub organization: Option<String>,
    /// Flags of the account row (Slurm 24.05).
    #[serde(default)]
    pub flags: Vec<AccountFlag>,
    /// Shares relative to its siblings, e.g. 60.
    pub fairshare: Option<Fairshare>,
    /// Priority of jobs below it, e.g. 10.
    pub priority: Option<Count>,
    /// Limits for all below it.
    pub limits: Option<AssociationLimits>,
    /// Access mode of jobs that name none.
    pub default_mode: Option<Name>,
    /// Access modes that everybody below it may use.
    #[serde(default)]
    pub modes: Vec<Name>,
    /// Users that may coordinate it.
    #[serde(default)]
    pub coordinators: Vec<Name>,
    /// Comment on the association (Slurm 23.02).
    pub comment: Option<String>,
    /// Whatever has no field of its own, as sacctmgr spells it.
    #[serde(default)]
    pub slurm: SlurmMap,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
}

/// A flag of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum AccountFlag {
    /// Every user of the account may coordinate it (Slurm 24.05).
    UsersAreCoords,
}

/// A user with rights over the whole Slurm database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Administrator {
    /// The login name, e.g. `anna`.
    pub user: Name,
    /// How much they may do.
    pub level: AdminLevel,
}

/// Slurm's administrator levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdminLevel {
    /// Sees all jobs and changes all but the database's administrators.
    Operator,
    /// Changes everything.
    Administrator,
}
