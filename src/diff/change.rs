//! One resource's difference.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Note;
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
    /// A field changes that is fixed while the object exists: the object is deleted and created again (`--recreate`).
    Recreate,
    /// It is ours and no longer declared.
    Delete,
    /// It is no longer declared and stays: what is ours on it goes (labels of a node).
    Release,
}

/// What changing a field costs on a running site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// At once, nobody notices.
    Live,
    /// Include file and `scontrol reconfigure`.
    Reconfigure,
    /// Include file and a restart of slurmctld (jobs run on).
    Restart,
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
    /// Key of the field in the resource's body (`MaxTRESPerUser`), or its path (`.spec.replicas`).
    pub field: String,
    /// Entry of a field that is a map: `gres/gpu`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entry: Option<String>,
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

impl FieldChange {
    /// Whether two changes are of the same field, and of the same entry of it.
    pub fn is_same_field(&self, other: &Self) -> bool {
        (&self.field, &self.entry) == (&other.field, &other.entry)
    }

    /// The field for people: `MaxTRESPerUser gres/gpu`.
    pub fn title(&self) -> Cow<'_, str> {
        match &self.entry {
            Some(entry) => Cow::Owned(format!("{} {entry}", self.field)),
            None => Cow::Borrowed(&self.field),
        }
    }
}

/// What a change does to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The target refuses the removal while the job exists; no flag lifts that.
    BlocksRemoval,
    /// The job runs and could be aborted.
    CouldBeAborted,
    /// The job waits and could no longer start.
    CannotStart,
    /// The job runs and would be killed.
    Killed,
    /// The job would run on without its QOS.
    LosesQos,
    /// The job waits and would vanish from the queue.
    Vanishes,
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
    /// What happens to it.
    pub effect: Effect,
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
    /// Its field manager.
    pub manager: String,
    /// Version of the kind that the manager wrote with; empty where it is not known.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub version: String,
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
    /// What it costs: the dearest of its fields.
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
    /// What its fields do not say.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<Note>,
}
