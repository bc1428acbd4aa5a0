//! What reading a Kubernetes cluster gives besides resources.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::discovery::Discovery;
use super::failure::{Failure, FieldConflict};
use crate::resource::{Address, Digest};

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

/// The ApplySet that marks what is ours (KEP-3659, as kubectl implements it).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplySet {
    /// Its id, the value of the members' label.
    pub id: String,
    /// Namespace of its parent, a ConfigMap.
    pub namespace: String,
    /// Name of its parent.
    pub name: String,
    /// The parent as it is; absent before the first apply.
    pub parent: Option<Value>,
}

/// What the server's dry-run of an apply said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Answer {
    /// The object as it would be; where there are conflicts, as it would be if all were won.
    pub object: Value,
    /// Fields of others that we would have to take.
    pub conflicts: Vec<FieldConflict>,
}

/// What is known of one declared object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It is as declared: proved from what was read, without a request.
    Proved,
    /// The server says what an apply would make of it; nothing at all, perhaps.
    Confirmed(Answer),
    /// Nobody could say: why (`its namespace is created by the same plan`).
    Predicted(String),
    /// The server would refuse it.
    Blocked(Failure),
}

/// What the server answered to a question, bound to the question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirmation {
    /// Digest of the object that the server was asked about.
    pub asked: Digest,
    /// The answer.
    pub verdict: Verdict,
}

/// What only a Kubernetes target knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubernetesFacts {
    /// `1.36.3`.
    pub version: String,
    /// The server's address, by which two targets that are one cluster are told.
    pub server: String,
    /// What marks ours.
    pub set: ApplySet,
    /// Kinds that the server has, by their name in addresses; those that the scope or the set names.
    pub served: BTreeMap<String, Served>,
    /// Objects as they are, `managedFields` and `status` included: ours, and those that the scope names.
    #[serde(with = "shared")]
    pub objects: BTreeMap<Address, Arc<Value>>,
    /// The versions in which the server has the kinds of the scope.
    pub discovery: Discovery,
    /// Namespaces that exist, of those that the scope names or that hold an object read.
    pub namespaces: BTreeSet<String>,
    /// What the server answered when it was asked about an object.
    pub confirmations: BTreeMap<Address, Confirmation>,
    /// What is known of each declared object: the verdicts of the last comparison, and no part of a record.
    #[serde(skip)]
    pub verdicts: BTreeMap<Address, Verdict>,
}

impl KubernetesFacts {
    /// The server's release without its patches: `1.36`.
    pub fn minor(&self) -> String {
        minor(&self.version)
    }

    /// An object as it is, if it is there.
    pub fn object(&self, address: &Address) -> Option<&Value> {
        self.objects.get(address).map(Arc::as_ref)
    }
}

/// Objects that are shared, as plain ones in a record.
mod shared {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::Value;

    use crate::resource::Address;

    pub(super) fn serialize<S: Serializer>(
        objects: &BTreeMap<Address, Arc<Value>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(objects.iter().map(|(address, object)| (address, &**object)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Address, Arc<Value>>, D::Error> {
        let objects = BTreeMap::<Address, Value>::deserialize(deserializer)?;
        Ok(objects.into_iter().map(|(address, object)| (address, Arc::new(object))).collect())
    }
}

/// A version without its patches: `1.36` of `1.36.3`.
pub(super) fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}
