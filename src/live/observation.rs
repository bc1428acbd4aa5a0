//! What `observe` returns.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::LiveBody;
use super::kubernetes::KubernetesFacts;
use crate::diagnostics::Diagnostics;
use crate::resource::{Address, Body};
use crate::slurm::release::Release;

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

/// What the controller does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Controller {
    /// It answers.
    Up,
    /// It does not answer; the text says what its client said.
    Down(String),
}

/// What only a Slurm target knows; planning needs it, comparing does not.
#[derive(Debug, Clone, PartialEq)]
pub struct SlurmFacts {
    /// Release of the programs.
    pub release: Release,
    /// Cluster name, lower case.
    pub cluster: String,
    /// Whether slurmctld answers.
    pub controller: Controller,
    /// Folder of slurm.conf on the controller's host.
    pub conf_dir: String,
    /// Path of slurm.conf.
    pub slurm_conf: String,
    /// Path of gres.conf.
    pub gres_conf: String,
    /// Path of our include file for nodes, node sets and partitions.
    pub include: String,
    /// Path of our include file for gres.
    pub gres_include: String,
    /// Every configuration file read, by path; a file that does not exist is absent.
    pub files: BTreeMap<String, String>,
    /// `scontrol show config`, keys as printed; empty while the controller is down.
    pub settings: BTreeMap<String, String>,
    /// `AccountingStorageEnforce` and the like are in `settings`; TRES that the database knows, lower case
    /// (`cpu`, `gres/gpu`, `gres/gpu:h100`).
    pub tres: BTreeSet<String>,
    /// Whether accounting (slurmdbd) is there; without it accounting resources are refused.
    pub accounting: bool,
    /// Default account of users on this cluster, where known.
    pub default_accounts: BTreeMap<String, String>,
    /// Whether the accounting database serves this cluster alone; else rows of accounts are shared with others.
    pub single_cluster: bool,
    /// Account rows without an association on this cluster; creating the account again does not update them.
    pub bare_accounts: BTreeSet<String>,
    /// Hosts that the site's own files define.
    pub foreign_hosts: BTreeSet<String>,
    /// Whether our include files were changed by another hand (their digest line does not match).
    pub edited_files: BTreeSet<String>,
    /// Which of our include files the site's files include.
    pub include_lines: BTreeSet<String>,
}

/// One target, read whole.
#[derive(Debug, Clone)]
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
    /// Only for Slurm.
    pub slurm: Option<SlurmFacts>,
    /// Only for Kubernetes.
    pub kubernetes: Option<KubernetesFacts>,
}

impl SlurmFacts {
    /// TRES that the configuration files ask to be accounted (`AccountingStorageTRES`), lower case.
    pub fn tracked_tres(&self) -> BTreeSet<String> {
        let from_settings = self.settings.get("AccountingStorageTRES").into_iter().cloned();
        let from_files = self.files.values().flat_map(|text| text.lines()).filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            key.trim().eq_ignore_ascii_case("AccountingStorageTRES").then(|| value.to_owned())
        });
        let listed = from_settings.chain(from_files).collect::<Vec<_>>();
        listed
            .iter()
            .flat_map(|text| text.split(','))
            .map(|name| name.trim().to_lowercase())
            .filter(|name| !name.is_empty())
            .collect()
    }
}
