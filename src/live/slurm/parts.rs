//! What a reading is told, and what its parts hand to each other.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Controller;
use super::rows::Row;
use crate::slurm::release::Release;

/// How a cluster is read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Folder of slurm.conf; asked of Slurm where absent.
    pub conf_dir: Option<String>,
    /// Name of our include file.
    pub include: String,
    /// Name of our include file for gres.
    pub gres_include: String,
    /// Cluster, where one database serves several; asked of Slurm where absent.
    pub cluster: Option<String>,
    /// The factory's own account: associations in it mark declared administrators.
    pub root_account: String,
}

/// What is known before the bulk reads.
pub(super) struct Head {
    pub(super) release: Release,
    pub(super) cluster: String,
    pub(super) slurm_conf: String,
    pub(super) settings: BTreeMap<String, String>,
    pub(super) controller: Controller,
}

/// Raw answers of the accounting programs.
pub(super) struct Rows {
    pub(super) qos: Vec<Row>,
    pub(super) associations: Vec<Row>,
    pub(super) accounts: Vec<Row>,
    pub(super) users: Vec<Row>,
    pub(super) tres: BTreeSet<String>,
    pub(super) clusters: usize,
    /// Default accounts of all users, where asking for all of them is cheap.
    pub(super) defaults: Option<BTreeMap<String, String>>,
}

/// Raw answers of the controller's programs.
pub(super) struct Running {
    pub(super) partitions: String,
    pub(super) nodes: String,
    pub(super) queue: String,
}
