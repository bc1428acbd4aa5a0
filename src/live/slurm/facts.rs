//! What only a Slurm target knows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::slurm::release::Release;

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
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
