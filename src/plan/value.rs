//! The plan as a value: what `--out` saves, `show` prints and `apply` executes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::diff::{Change, ChangeClass, Tiers};
use crate::live::Reads;
use crate::resource::{Address, Body, Digest};

/// A target as the plan found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetSummary {
    /// Name in the manifests.
    pub name: String,
    /// For people: `twin`, `slurm 24.11 (nordlys)`.
    pub title: String,
    /// What reading it cost.
    pub reads: Reads,
    /// Declared resources that need nothing.
    pub unchanged: usize,
    /// Live resources that are not ours, left alone.
    pub unmanaged: Vec<Address>,
    /// How declared objects are known; only for Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tiers: Option<Tiers>,
}

/// One text file written whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileWrite {
    /// Path on the target.
    pub path: String,
    /// Content that the plan saw; absent when the file did not exist. Goes back if the controller does not take the new.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
    /// Content to write.
    pub after: String,
}

/// How a controller takes up new files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Not at all: only comments of ours differ.
    Nothing,
    /// `scontrol reconfigure`.
    Reconfigure,
    /// The site's own restart command, from `sitewright.yaml`.
    Restart(Vec<String>),
    /// No restart command is declared: people have to do it; the text says what to run.
    ByHand(String),
}

/// How an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Server-side apply.
    Apply,
    /// Deletion, bound to the object's uid.
    Delete,
    /// Deletion and apply anew: a field that cannot be changed was.
    Recreate,
    /// An apply of nothing but the name: what only we owned goes, the object stays.
    Release,
    /// An apply of what is ours with `stopPolicy: Hold`, and waiting until no workload holds the queue's quota.
    Hold,
}

/// One write of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectWrite {
    /// Which object.
    pub address: Address,
    /// `apps/v1`.
    pub api_version: String,
    /// `deployments`, as it stands in paths.
    pub plural: String,
    /// How.
    pub verb: Verb,
    /// What is applied; absent for a deletion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<Body>,
    /// uid of the object that the plan saw; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uid: Option<String>,
    /// Whether fields of others are taken, all of which the plan shows.
    #[serde(default)]
    pub force: bool,
    /// Seconds to wait until it does what it is for, or is gone; absent where nothing is waited for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wait: Option<u64>,
    /// Resources of this plan that it needs: where one of them failed, it is not tried.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub needs: BTreeSet<Address>,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// One `sacctmgr -i` command: one transaction, often over many names.
    Accounting {
        /// The argument vector, program first.
        argv: Vec<String>,
    },
    /// Include files, and making the controller take them up; rolled back as a whole.
    Configure {
        /// Files, written beside and renamed after a digest check.
        files: Vec<FileWrite>,
        /// How the controller takes them up.
        how: How,
    },
    /// Writes to a Kubernetes server, sent together; what one needs of another plan action stands with it.
    Objects {
        /// What is sent, in no particular order.
        writes: Vec<ObjectWrite>,
    },
    /// Writes of an embedded twin, one transaction.
    Twin {
        /// Resources to store.
        put: BTreeMap<Address, Body>,
        /// Resources to remove.
        remove: Vec<Address>,
    },
}

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
    /// The time that allocations were evaluated at (RFC 3339).
    pub at: String,
    /// Digest of the manifests.
    pub manifests: Digest,
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
    pub warnings: Vec<String>,
}

impl Plan {
    /// Whether there is anything to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.actions.is_empty()
    }
}
