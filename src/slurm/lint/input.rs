//! What the linter is given.

use std::collections::{BTreeMap, BTreeSet};

use crate::slurm::release::Release;

/// What is linted.
#[derive(Debug, Clone, Default)]
pub struct LintInput {
    /// Path of slurm.conf; a key of `files`.
    pub slurm_conf: String,
    /// Path of gres.conf; it need not exist.
    pub gres_conf: Option<String>,
    /// Content by path, includes too.
    pub files: BTreeMap<String, String>,
    /// Release of the controller; without one only what holds for all is checked.
    pub release: Option<Release>,
    /// QOS that exist, or will before the files are taken up.
    pub known_qos: Option<BTreeSet<String>>,
    /// Accounts likewise.
    pub known_accounts: Option<BTreeSet<String>>,
}
