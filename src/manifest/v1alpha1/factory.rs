//! `kind: Factory`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{AssociationLimits, Manifest, Metadata};

/// The whole: who hosts it, who shares it, and the root of what is provisioned. One folder has one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Factory {
    /// `sitewright.io/v1alpha1`.
    pub api_version: String,
    /// `Factory`.
    pub kind: String,
    /// Its name; on Slurm also the name of its root account.
    pub metadata: Metadata,
    /// What it is.
    pub spec: FactorySpec,
}

impl Manifest for Factory {}

/// What a factory is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactorySpec {
    /// The hosting entity.
    pub host: Host,
    /// States that share it; shares add up to 100 %.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consortium: Vec<Member>,
    /// How access time is split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteFacts>,
    /// Conditions of access (Article 5 of the AI factories' access rules).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ethics: Option<EthicsConditions>,
    /// The factory's root account on Slurm.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub account: RootAccount,
    /// Branch accounts below the root account, to give categories of users a share of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<BranchAccount>,
    /// Users with rights over the whole cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub administrators: Vec<Administrator>,
    /// Its Kubernetes side; none where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<super::kubernetes::FactoryKubernetes>,
    /// No plan may delete the factory's account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
}

/// The hosting entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Host {
    /// Its name, e.g. `CSC`.
    pub entity: String,
    /// Country as two letters (ISO 3166-1), e.g. `FI`. `NO` is Norway.
    #[schemars(regex(pattern = r"^[A-Z]{2}$"), example = &"FI")]
    pub country: String,
}

/// A state of the consortium.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// Country as two letters.
    #[schemars(regex(pattern = r"^[A-Z]{2}$"), example = &"SE")]
    pub country: String,
    /// Its share, e.g. `25%`.
    #[schemars(example = &"25%")]
    pub share: String,
}

/// How access time is split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Access {
    /// The Union's share, e.g. `50%`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub union: Option<String>,
    /// The states' share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub states: Option<String>,
    /// Share of the Union's time for commercial use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
}

/// The site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteFacts {
    /// Power feed, for computing and cooling together, e.g. `12MW`.
    #[schemars(example = &"12MW")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power: Option<String>,
    /// Power usage effectiveness: all power by that of computing, e.g. `1.08`.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pue: Option<String>,
    /// Wide-area network, e.g. `400Gb/s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wan: Option<String>,
    /// How it is cooled, e.g. `liquid`.
    #[schemars(extend("enum" = ["air", "liquid", "hybrid", "immersion"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooling: Option<String>,
    /// Whether compute nodes reach the internet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub internet: Option<bool>,
}

/// Conditions of access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EthicsConditions {
    /// Where they are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    /// Whether the factory has signed the AI Pact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_pact: Option<bool>,
}

/// The factory's root account on Slurm.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RootAccount {
    /// Its name; `metadata.name` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Description; kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Organisation; kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Shares among its siblings: a number, or `parent`.
    #[schemars(extend("x-number" = true))]
    #[schemars(example = &"100")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fairshare: Option<String>,
    /// Access modes that all below it may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// Flags of the account row, e.g. `UsersAreCoords` (24.05 and later).
    #[schemars(extend("items" = {"type": "string", "enum": ["UsersAreCoords"]}))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Priority of the jobs below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u64>,
    /// Access mode of jobs below it that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_mode: Option<String>,
    /// Comment on its association (23.02 and later); kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Fields of its association by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slurm: BTreeMap<String, String>,
    /// Limits.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub limits: AssociationLimits,
}

/// A branch account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BranchAccount {
    /// Its name.
    pub name: String,
    /// Branch that it stands under; the factory's account where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Description; kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Organisation; kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// Shares among its siblings: a number, or `parent`.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fairshare: Option<String>,
    /// Access modes that all below it may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// Flags of the account row, e.g. `UsersAreCoords` (24.05 and later).
    #[schemars(extend("items" = {"type": "string", "enum": ["UsersAreCoords"]}))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Priority of the jobs below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u64>,
    /// Access mode of jobs below it that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_mode: Option<String>,
    /// Comment on its association (23.02 and later); kept in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Fields of its association by Slurm's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slurm: BTreeMap<String, String>,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// Limits.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub limits: AssociationLimits,
}

/// A user with rights over the whole cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Administrator {
    /// User name.
    pub user: String,
    /// Slurm's `AdminLevel`.
    pub level: AdminLevel,
}

/// Slurm's `AdminLevel`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdminLevel {
    /// May see and change all but administrators.
    Operator,
    /// May do everything.
    Administrator,
}
