//! What `observe` returns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::LiveBody;
use crate::diagnostics::Diagnostics;
use crate::resource::{Address, Body};
use crate::targets::{one_of, placed};

/// Who a live resource belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// Carries our marker, or stands in our include file.
    Ours,
    /// Carries the marker of another factory.
    OtherFactory(String),
    /// Carries no marker.
    Unmarked,
    /// Belongs to nobody alone (a user row): declared fields are set, others left alone, and it is never deleted.
    Shared,
    /// Built in (root, `normal`): never created, never deleted.
    BuiltIn,
}

/// One live resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Its fields, canonical, without our marker.
    pub body: LiveBody,
    /// Whose it is.
    pub owner: Owner,
}

/// State of a job, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Holds nodes: RUNNING, CONFIGURING, SUSPENDED, COMPLETING, STOPPED, SIGNALING, RESIZING.
    Running,
    /// Waits: PENDING, REQUEUED and the like.
    Pending,
}

/// One job of the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Job id as squeue prints it (`48213`, `48213_7`).
    pub id: String,
    /// Running or pending.
    pub state: JobState,
    /// Partitions it asked for or runs in.
    pub partitions: Vec<String>,
    /// Its account.
    pub account: String,
    /// Its QOS.
    pub qos: String,
    /// Its user.
    pub user: String,
    /// Its hosts; empty while it waits.
    pub hosts: Vec<String>,
    /// GPUs asked for or held; zero where unknown.
    pub gpus: u64,
    /// Nodes asked for or held.
    pub nodes: u64,
    /// Its time limit in minutes; `None` for unlimited.
    pub time_limit: Option<u64>,
    /// Expected end (UTC, `2026-11-21T14:10:00`), if Slurm knows one.
    pub ends: Option<String>,
}

/// The queue. What cannot be seen is unknown, never "none".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jobs {
    /// All jobs of the cluster.
    Known(Vec<Job>),
    /// Not known, and why (`the controller is down`).
    Unknown(String),
}

/// What the reading cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// Processes started, or requests sent.
    pub requests: u32,
    /// Bytes read.
    pub bytes: u64,
    /// Milliseconds from first to last.
    pub milliseconds: u64,
}

one_of! {
    /// What only one kind of target knows; planning needs it, comparing bodies does not. Its own modules alone look inside.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum Facts {
        /// Nothing: a twin is no more than its resources.
        #[default]
        None,
    }
}

placed!(Facts);

/// One target, read whole. Written down, it is a record: marks stand in it for secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The target's name in the manifests.
    pub target: String,
    /// For people: `twin`, `slurm 24.11 (nordlys)`.
    pub title: String,
    /// Every resource: accounting rows, and what our include files say.
    pub resources: BTreeMap<Address, Live>,
    /// What the controller runs, for partitions and nodes; empty on a twin and while the controller is down.
    pub running: BTreeMap<Address, Body>,
    /// The queue.
    pub jobs: Jobs,
    /// What it cost.
    pub reads: Reads,
    /// Warnings of the reading (drift of files, enforcement that is off).
    pub findings: Diagnostics,
    /// What only its kind of target knows.
    pub facts: Facts,
    /// Salt of the marks that stand for secrets, in an observation that was read back; `None` where it has no marks.
    pub salt: Option<String>,
}
