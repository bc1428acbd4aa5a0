//! What an action on a Kubernetes target does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::resource::{Address, Body};

/// How an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Server-side apply.
    Apply,
    /// Deletion, bound to the object's uid.
    Delete,
    /// Deletion and apply anew: a field that cannot be changed was.
    Recreate,
    /// An apply of nothing but the name: what only we owned goes, the object stays.
    Release,
    /// An apply of what is ours with `stopPolicy: Hold`, and waiting until no workload holds the queue's quota.
    Hold,
}

/// One write of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectWrite {
    /// Which object.
    pub address: Address,
    /// `apps/v1`.
    pub api_version: String,
    /// `deployments`, as it stands in paths.
    pub plural: String,
    /// How.
    pub verb: Verb,
    /// What is applied; absent for a deletion.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<Body>,
    /// uid of the object that the plan saw; absent where there was none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uid: Option<String>,
    /// Whether fields of others are taken, all of which the plan shows.
    #[serde(default)]
    pub force: bool,
    /// Seconds to wait until it does what it is for, or is gone; absent where nothing is waited for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wait: Option<u64>,
    /// Resources of this plan that it needs: where one of them failed, it is not tried.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub needs: BTreeSet<Address>,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Writes to a Kubernetes server, sent together; what one needs of another plan action stands with it.
    Objects {
        /// What is sent, in no particular order.
        writes: Vec<ObjectWrite>,
    },
}
