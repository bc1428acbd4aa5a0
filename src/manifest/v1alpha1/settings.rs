//! `sitewright.yaml`: which clusters the targets are, per environment. Not a manifest: it says where, not what.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Count, Percent};

/// Settings of a site folder. Everything is optional; a target that is not bound is a twin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// `sitewright.io/v1alpha1`; may be left out.
    pub api_version: Option<String>,
    /// `Site`; may be left out.
    pub kind: Option<SettingsKind>,
    /// Target name → environment (`default`, `staging`, `production`, …) → what it is there.
    #[serde(default)]
    pub targets: BTreeMap<String, BTreeMap<String, Binding>>,
    /// What a plan may not exceed without being told so.
    pub guards: Option<Guards>,
}

/// The kind of a settings file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SettingsKind {
    /// Settings of a site folder.
    Site,
}

/// What a target is in an environment: one of the two.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Binding {
    /// The embedded twin: a file beside the manifests, for laptops and pipelines.
    pub twin: Option<TwinBinding>,
    /// A Slurm cluster.
    pub slurm: Option<SlurmBinding>,
}

/// An embedded twin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TwinBinding {
    /// Its file, relative to this folder, e.g. `.sitewright/twin.redb`; default one a target and environment.
    pub file: Option<String>,
    /// The Slurm release that it plays, e.g. `24.05`; default the newest known.
    pub release: Option<String>,
}

/// How a Slurm cluster is reached, and where its files are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlurmBinding {
    /// `local`, `ssh`, or the words before each command, e.g. `[kubectl, exec, -n, slurm, controller-0, --]`.
    pub over: Over,
    /// With `over: ssh`, the host, e.g. `slurm-admin.nordlys.example` or `root@admin`.
    pub host: Option<String>,
    /// With `over: ssh`, a configuration file for ssh, e.g. `ssh_config`; default the user's own.
    pub ssh_config: Option<String>,
    /// Folder of slurm.conf on the controller, e.g. `/etc/slurm`; default asked from Slurm, else `/etc/slurm`.
    pub conf_dir: Option<String>,
    /// Folder of Slurm's commands on the controller, e.g. `/opt/slurm/bin`; default the search path.
    pub bin_dir: Option<String>,
    /// Command that restarts the controller, as words, e.g. `[systemctl, restart, slurmctld]`. Run only by apply, only
    /// where the release needs it, and shown before.
    #[serde(default)]
    pub restart: Vec<String>,
    /// Name of the cluster; where Slurm calls itself otherwise, nothing is done. Default what it says.
    pub cluster: Option<String>,
    /// Our include file of slurm.conf, relative to `confDir`; default `sitewright.conf`.
    pub include: Option<String>,
    /// Our include file of gres.conf, relative to `confDir`; default `sitewright-gres.conf`.
    pub gres_include: Option<String>,
}

/// What a plan may not exceed without being told so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guards {
    /// Most deletes of one plan, e.g. 10.
    pub deletes: Option<Count>,
    /// Most deletes as a part of all managed resources, e.g. `10%`.
    pub delete_share: Option<Percent>,
    /// Most running jobs that may be in the way, e.g. 0.
    pub jobs: Option<Count>,
}

/// How commands get to a cluster: `local`, `ssh`, or the words before each command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// One word: `local` or `ssh`.
    Word(String),
    /// The words before each command.
    Words(Vec<String>),
}

impl Default for Over {
    fn default() -> Self {
        Self::Word("local".to_owned())
    }
}

impl Serialize for Over {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Word(word) => serializer.serialize_str(word),
            Self::Words(words) => words.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Over {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Over;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("`local`, `ssh` or a list of words")
            }

            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Over, E> {
                if ["local", "ssh"].contains(&word) {
                    Ok(Over::Word(word.to_owned()))
                } else {
                    Err(E::invalid_value(serde::de::Unexpected::Str(word), &self))
                }
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, items: A) -> Result<Over, A::Error> {
                Vec::deserialize(serde::de::value::SeqAccessDeserializer::new(items)).map(Over::Words)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Over {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Over".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "format": "sitewright-over",
            "pattern": "^(local|ssh)$",
            "items": { "type": "string" },
            "minItems": 1,
            "examples": ["local", "ssh", ["kubectl", "exec", "-n", "slurm", "controller-0", "--"]],
        })
    }
}
