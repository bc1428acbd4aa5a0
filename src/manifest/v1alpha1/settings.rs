//! `sitewright.yaml`: which cluster a target name means, per environment.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `sitewright.yaml`: which clusters the targets of the manifests are, and what plans may do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// `sitewright.io/v1alpha1`; may be left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `Site`; may be left out.
    #[schemars(extend("enum" = ["Site"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Target name → environment → cluster. Where nothing is bound, each target is a twin in the environment `default`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, BTreeMap<String, Binding>>,
    /// What a plan may do without being asked again.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub guards: GuardSettings,
}

/// What a target is in one environment: exactly one of its fields.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Binding {
    /// The embedded twin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub twin: Option<TwinBinding>,
    /// A Slurm cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slurm: Option<SlurmBinding>,
    /// A Kubernetes cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<KubernetesBinding>,
}

/// A Kubernetes cluster, reached as `kubectl` would.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubernetesBinding {
    /// Context of the kubeconfig; its current one where absent.
    #[schemars(example = &"nordlys-services")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// File of the kubeconfig, relative to this one, `~` being your home folder; `KUBECONFIG` or `~/.kube/config` where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<String>,
    /// Namespace of the ApplySet's parent and of our lock; made where it is missing.
    #[serde(default = "home_namespace")]
    pub namespace: String,
}

fn home_namespace() -> String {
    "sitewright".to_owned()
}

/// The embedded twin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TwinBinding {
    /// Its file, relative to this one, `~` being your home folder; `.sitewright/<environment>-<target>.twin` beside the
    /// manifests where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A Slurm cluster.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlurmBinding {
    /// How it is reached.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub over: Over,
    /// Host for `over: ssh`, as the ssh client's configuration knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Configuration file of the ssh client (`ssh -F`), relative to this one, `~` being your home folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh_config: Option<String>,
    /// Words before each program and file command, e.g. `[sudo, -u, slurm]`, `[docker, exec, slurmctld]`,
    /// `[kubectl, exec, -n, slurm, controller-0, --]`, `[chroot, /srv/slurm]`. On this machine they start in the folder of
    /// this file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefix: Vec<String>,
    /// Cluster, where one database serves several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// Folder of slurm.conf, where Slurm cannot be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conf_dir: Option<String>,
    /// Our include file, beside slurm.conf.
    #[serde(default = "include")]
    pub include: String,
    /// Our include file for gres.conf.
    #[serde(default = "gres_include")]
    pub gres_include: String,
    /// Command that restarts slurmctld, as an argument vector; run only by apply, only where the release needs it, and
    /// shown before.
    #[schemars(example = ["systemctl", "restart", "slurmctld"])]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restart: Vec<String>,
}

fn include() -> String {
    "sitewright.conf".to_owned()
}

fn gres_include() -> String {
    "sitewright-gres.conf".to_owned()
}

/// How a cluster is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// Programs of this machine (behind `prefix`, if there is one).
    #[default]
    Local,
    /// The user's own ssh client.
    Ssh,
}

/// What a plan may do without being asked again.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GuardSettings {
    /// Most resources that it may delete; 10 where absent, 0 for none.
    #[schemars(extend("x-where-absent" = "10"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deletes: Option<u64>,
    /// Most of what is ours on a target that it may delete, e.g. `25%`; 50% where absent.
    #[schemars(example = &"25%", extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_share: Option<String>,
    /// Most running jobs that it may hit; 0 where absent: then none may be hit.
    #[schemars(extend("x-where-absent" = "0"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jobs: Option<u64>,
}
