//! One resource's difference.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::resource::{Address, Digest};

/// What happens to the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// It does not exist.
    Create,
    /// Fields differ.
    Update,
    /// It exists without our marker and is taken over (`--adopt`).
    Adopt,
    /// It is ours and no longer declared.
    Delete,
    /// It is no longer declared and stays: what is ours on it goes (labels of a node).
    Release,
}

/// What changing a field costs on a running site.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// At once, nobody notices.
    Live,
    /// Include file and `scontrol reconfigure`.
    Reconfigure,
    /// Include file and a restart of slurmctld (jobs run on).
    Restart,
    /// The node has to be empty first.
    Drain,
    /// Delete and create.
    Recreate,
    /// Cannot be done.
    Forbidden,
}

/// How sure the change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fidelity {
    /// Proved from what was read.
    Proved,
    /// Confirmed by the server's dry-run.
    Confirmed,
    /// Neither was possible.
    Predicted,
}

/// How live state left what was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Drift {
    /// Our include file was edited by another hand.
    FileChangedByHand,
    /// The controller runs something else than its file says; lost at its next restart.
    RunningDiffersFromFile,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// Field, for maps with the key: `MaxTRESPerUser gres/gpu`.
    pub field: String,
    /// Value before, canonical; absent when it was unset.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<Value>,
    /// Value after; absent when it is cleared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<Value>,
    /// `before` as people read it.
    pub before_text: String,
    /// `after` as people read it.
    pub after_text: String,
    /// `access.yaml:31`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// Why it is so, where the place does not say it: `expired 2026-06-30: no jobs`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// A job in the way of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobHit {
    /// Job id.
    pub id: String,
    /// Its user.
    pub user: String,
    /// Whether it holds nodes.
    pub running: bool,
    /// GPUs it holds or asks for.
    pub gpus: u64,
    /// Nodes it holds or asks for.
    pub nodes: u64,
    /// When it ends at the latest (UTC).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ends: Option<String>,
    /// What happens to it: `would be killed`, `could no longer start`, `blocks the removal`.
    pub effect: String,
}

/// Jobs hit by a change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobImpact {
    /// The jobs, by id.
    pub jobs: Vec<JobHit>,
    /// Set where jobs could not be seen: why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unknown: Option<String>,
}

/// A field of an object that somebody else owns and that would be taken from them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// `.spec.replicas`.
    pub path: String,
    /// Its field manager, as the server names it.
    pub manager: String,
    /// Where we declare it: `access.yaml:31`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
}

/// One resource's difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Which resource.
    pub address: Address,
    /// What happens to it.
    pub operation: Operation,
    /// What it costs; the dearest of its fields.
    pub class: ChangeClass,
    /// How sure it is.
    pub fidelity: Fidelity,
    /// Its fields; for a creation all that are set, for a removal none.
    pub fields: Vec<FieldChange>,
    /// One line for people.
    pub summary: String,
    /// Where it is declared: `access.yaml:31`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub place: Option<String>,
    /// Digest of the live resource that the plan saw; absent when there was none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seen: Option<Digest>,
    /// How live state had left the declaration, if that is why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub drift: Option<Drift>,
    /// Jobs in the way.
    #[serde(default)]
    pub impact: JobImpact,
    /// Fields that others own and that it takes.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub takes: Vec<Taken>,
    /// Things to know: `bo loses the last association, and with it the user row`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
}
