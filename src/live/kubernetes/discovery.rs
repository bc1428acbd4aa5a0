//! What a server serves: aggregated discovery (KEP-3352), two requests whatever it has.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::client::Ask;
use super::failure::{Failure, FailureKind};
use super::{Cluster, Served};
use crate::kubernetes::kinds;

const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

#[derive(Deserialize)]
struct Groups {
    kind: String,
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Named,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "version")]
    name: String,
    #[serde(default)]
    freshness: String,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(rename = "resource")]
    plural: String,
    #[serde(default)]
    scope: String,
    #[serde(default, rename = "responseKind")]
    kind: Kind,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Kind {
    #[serde(default)]
    kind: String,
}

/// How a kind is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is served.
    Served(Served),
    /// It is served, in these versions only.
    OtherVersions(Vec<String>),
    /// The server does not have it.
    Missing,
    /// Its group is served by another server, which does not answer now; so nobody knows.
    Unknown,
}

/// All kinds of a server by their name in addresses, each with the versions that it has, the preferred one first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Discovery {
    kinds: BTreeMap<String, Vec<Served>>,
    /// Groups whose own server does not answer.
    stale: Vec<String>,
}

impl Discovery {
    /// What is known of these kinds alone.
    pub(super) fn only<'a>(mut self, kinds: impl Iterator<Item = &'a String>) -> Self {
        let kinds: BTreeMap<String, Vec<Served>> =
            kinds.filter_map(|kind| Some((kind.clone(), self.kinds.remove(kind)?))).collect();
        Self { kinds, stale: self.stale }
    }

    /// How a kind is served, in the version that is wanted or else the preferred one.
    pub fn find(&self, kind: &str, api_version: Option<&str>) -> Found {
        match self.kinds.get(kind) {
            Some(versions) => {
                let fitting = versions.iter().find(|one| api_version.is_none_or(|wanted| wanted == one.api_version));
                match fitting {
                    Some(served) => Found::Served(served.clone()),
                    None => Found::OtherVersions(versions.iter().map(|one| one.api_version.clone()).collect()),
                }
            }
            None if self.stale.iter().any(|group| group == kinds::kind_and_group(kind).1) => Found::Unknown,
            None => Found::Missing,
        }
    }
}

/// Asks a server which kinds it serves.
pub(super) async fn discover(cluster: &Cluster) -> Result<Discovery, Failure> {
    let (core, groups) = futures::try_join!(ask(cluster, "/api"), ask(cluster, "/apis"))?;
    let mut discovery = Discovery::default();
    for group in core.items.into_iter().chain(groups.items) {
        for version in group.versions {
            let api_version = match group.metadata.name.as_str() {
                "" => version.name,
                name => format!("{name}/{}", version.name),
            };
            if version.freshness == "Stale" {
                discovery.stale.push(group.metadata.name.clone());
            }
            for one in version.resources {
                // What cannot be listed and read is no object (reviews, bindings).
                if !["get", "list"].iter().all(|verb| one.verbs.iter().any(|known| known == verb)) {
                    continue;
                }
                let served = Served {
                    api_version: api_version.clone(),
                    kind: one.kind.kind,
                    plural: one.plural,
                    namespaced: one.scope == "Namespaced",
                };
                let name = kinds::address_kind(&served.api_version, &served.kind);
                discovery.kinds.entry(name).or_default().push(served);
            }
        }
    }
    Ok(discovery)
}

async fn ask(cluster: &Cluster, path: &str) -> Result<Groups, Failure> {
    let ask = Ask { accept: ACCEPT, ..Ask::get(path.to_owned()) };
    let groups: Groups = cluster.send(&ask).await?.parse().await?;
    if groups.kind == "APIGroupDiscoveryList" {
        return Ok(groups);
    }
    Err(Failure::new(FailureKind::Garbled, format!("`{path}` gives `{}` and no aggregated discovery", groups.kind)))
}
