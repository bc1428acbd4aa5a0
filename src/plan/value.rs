//! The plan as a value: what `--out` saves, `show` prints and `apply` executes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::twin;
use crate::diff::{Change, ChangeClass, Tiers, Warning, Wishes};
use crate::live::Reads;
use crate::resource::{Address, Digest};
use crate::targets::{one_of, placed};

/// Which system a target is. A saved plan is for no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// `twin`, or the kind of target as bindings name it.
    pub kind: String,
    /// Release that it runs; empty on a twin.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub version: String,
    /// What tells it from others of its kind and release: a cluster's name, a server's address. Empty on a twin.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub name: String,
}

impl Identity {
    /// A twin.
    pub fn twin() -> Self {
        Self { kind: "twin".to_owned(), version: String::new(), name: String::new() }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.kind)?;
        for part in [&self.version, &self.name] {
            if !part.is_empty() {
                write!(formatter, " {part}")?;
            }
        }
        Ok(())
    }
}

/// A target as the plan found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetSummary {
    /// Name in the manifests.
    pub name: String,
    /// For people: `twin`, `slurm 24.11 (nordlys)`.
    pub title: String,
    /// Which system it is.
    pub identity: Identity,
    /// What reading it cost.
    pub reads: Reads,
    /// Declared resources that need nothing.
    pub unchanged: usize,
    /// Live resources that are not ours, left alone.
    pub unmanaged: Vec<Address>,
    /// Resources of ours that are no longer declared and are kept all the same.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub kept: Vec<Address>,
    /// How declared objects are known; only for Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tiers: Option<Tiers>,
}

one_of! {
    /// What an action does.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    pub enum Step {
        /// The twin's.
        Twin(twin::Step),
    }
}

placed!(Step);

/// One action: the smallest thing that is journalled, reported and retried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Number, from one, in order of execution.
    pub id: u32,
    /// Target it is for.
    pub target: String,
    /// For people: `create 40 accounts under nordlys`.
    pub title: String,
    /// Resources it changes.
    pub addresses: Vec<Address>,
    /// What it does.
    pub step: Step,
    /// Actions that must have succeeded before.
    pub after: Vec<u32>,
    /// What it costs.
    pub class: ChangeClass,
}

/// What a plan may do without being asked again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Guards {
    /// Most resources it may delete.
    pub deletes: usize,
    /// Most it may delete of what is ours on a target, in percent.
    pub delete_share: u8,
    /// Most running jobs it may hit.
    pub jobs: usize,
    /// Whether jobs may be hit that nobody can see.
    pub unseen_jobs: bool,
    /// Whether `scontrol reconfigure` may be sent to a release that dies of a bad file (before 23.11).
    pub reconfigure: bool,
}

impl Default for Guards {
    /// Ten deletes, or half of a small site, and no job.
    fn default() -> Self {
        Self { deletes: 10, delete_share: 50, jobs: 0, unseen_jobs: false, reconfigure: false }
    }
}

/// Why a plan may not be applied, and the flag that lifts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Diagnostic code, e.g. `too-many-deletes`.
    pub code: String,
    /// What is refused and why.
    pub message: String,
    /// The way out that is no flag.
    #[serde(default)]
    pub hint: String,
    /// Flag that lifts it, with its value, e.g. `--allow-deletes 12`; empty if nothing lifts it.
    pub flag: String,
    /// Resources concerned.
    pub addresses: Vec<Address>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Version of this format.
    pub format: u32,
    /// Version of the tool that made it.
    pub tool: String,
    /// The factory.
    pub factory: String,
    /// Environment of `sitewright.yaml`.
    pub environment: String,
    /// Day that allocations are evaluated on (`2026-11-21`).
    pub at: String,
    /// Digest of the manifests.
    pub manifests: Digest,
    /// What was asked for by address when it was made.
    pub wishes: Wishes,
    /// What it was allowed when it was made.
    pub guards: Guards,
    /// Whether it destroys the factory.
    #[serde(default)]
    pub destroying: bool,
    /// Targets, in order of their names.
    pub targets: Vec<TargetSummary>,
    /// Differences, sorted: deletions first, then by address.
    pub changes: Vec<Change>,
    /// What to do, in order.
    pub actions: Vec<Action>,
    /// Why it may not be applied as it stands.
    pub refusals: Vec<Refusal>,
    /// Things to know that are no difference (`limits are declared but not enforced`).
    pub warnings: Vec<Warning>,
}

impl Plan {
    /// Whether there is anything to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.actions.is_empty()
    }
}
