//! `kind: Factory`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::common::{AssociationLimits, Metadata};

/// The whole: who hosts it, who shares it, and the root of what is provisioned. One folder has one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
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

/// What a factory is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FactorySpec {
    /// The hosting entity.
    pub host: Host,
    /// States that share it; shares add up to 100 %.
    #[serde(default)]
    pub consortium: Vec<Member>,
    /// How access time is split.
    pub access: Option<Access>,
    /// The site.
    pub site: Option<SiteFacts>,
    /// Conditions of access (Article 5 of the AI factories' access rules).
    pub ethics: Option<EthicsConditions>,
    /// The factory's root account on Slurm.
    #[serde(default)]
    pub account: RootAccount,
    /// Branch accounts below the root account, to give categories of users a share of their own.
    #[serde(default)]
    pub accounts: Vec<BranchAccount>,
    /// Users with rights over the whole cluster.
    #[serde(default)]
    pub administrators: Vec<Administrator>,
    /// No plan may delete the factory's account.
    #[serde(default)]
    pub protect: bool,
}

/// The hosting entity.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Host {
    /// Its name, e.g. `CSC`.
    pub entity: String,
    /// Country as two letters (ISO 3166-1), e.g. `FI`. `NO` is Norway.
    #[schemars(regex(pattern = r"^[A-Z]{2}$"), example = &"FI")]
    pub country: String,
}

/// A state of the consortium.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Access {
    /// The Union's share, e.g. `50%`.
    pub union: Option<String>,
    /// The states' share.
    pub states: Option<String>,
    /// Share of the Union's time for commercial use.
    pub industry: Option<String>,
}

/// The site.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteFacts {
    /// Power for computing, e.g. `12MW`.
    pub power: Option<String>,
    /// Power usage effectiveness, e.g. `1.08`.
    pub pue: Option<String>,
    /// Wide-area network, e.g. `400Gb/s`.
    pub wan: Option<String>,
    /// How it is cooled.
    pub cooling: Option<String>,
    /// Whether compute nodes reach the internet.
    pub internet: Option<bool>,
}

/// Conditions of access.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EthicsConditions {
    /// Where they are written.
    pub conditions: Option<String>,
    /// Whether the factory has signed the AI Pact.
    pub ai_pact: Option<bool>,
}

/// The factory's root account on Slurm.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RootAccount {
    /// Its name; `metadata.name` where absent.
    pub name: Option<String>,
    /// Description; kept in lower case.
    pub description: Option<String>,
    /// Organisation; kept in lower case.
    pub organization: Option<String>,
    /// Shares among its siblings: a number, or `parent`.
    #[schemars(example = &"100")]
    pub fairshare: Option<String>,
    /// Limits.
    #[serde(default)]
    pub limits: AssociationLimits,
}

/// A branch account.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BranchAccount {
    /// Its name.
    pub name: String,
    /// Branch that it stands under; the factory's account where absent.
    pub parent: Option<String>,
    /// Description; kept in lower case.
    pub description: Option<String>,
    /// Organisation; kept in lower case.
    pub organization: Option<String>,
    /// Shares among its siblings: a number, or `parent`.
    pub fairshare: Option<String>,
    /// Access modes that all below it may use.
    #[serde(default)]
    pub modes: Vec<String>,
    /// Limits.
    #[serde(default)]
    pub limits: AssociationLimits,
}

/// A user with rights over the whole cluster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Administrator {
    /// User name.
    pub user: String,
    /// Slurm's AdminLevel.
    pub level: AdminLevel,
}

/// Slurm's AdminLevel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdminLevel {
    /// May see and change all but administrators.
    Operator,
    /// May do everything.
    Administrator,
}
