//! Kinds as a server serves them.

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use serde::{Deserialize, Serialize};

/// How a kind is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Served {
    /// `apps/v1`; of several versions the one that the manifests use, else the preferred one.
    pub api_version: String,
    /// `Deployment`.
    pub kind: String,
    /// `deployments`, as it stands in paths.
    pub plural: String,
    /// Whether its objects are in namespaces.
    pub namespaced: bool,
}

impl Served {
    /// A kind that comes with every server, in the version that k8s-openapi describes.
    pub(super) fn built_in<K: Resource<Scope: Stands>>() -> Self {
        Self {
            api_version: K::API_VERSION.to_owned(),
            kind: K::KIND.to_owned(),
            plural: K::URL_PATH_SEGMENT.to_owned(),
            namespaced: <K::Scope as Stands>::IN_NAMESPACES,
        }
    }
}

/// Where objects of a scope stand.
pub(super) trait Stands {
    /// Whether each of them stands in a namespace.
    const IN_NAMESPACES: bool;
}

impl Stands for ClusterResourceScope {
    const IN_NAMESPACES: bool = false;
}

impl Stands for NamespaceResourceScope {
    const IN_NAMESPACES: bool = true;
}
