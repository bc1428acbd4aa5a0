//! Reading a Kubernetes cluster: one paged LIST a kind, a local proof on our `managedFields`, and the server's dry-run for
//! what cannot be proved.

mod classify;
mod client;
mod cluster;
mod discovery;
mod examine;
mod facts;
mod failure;
mod lease;
mod observe;
mod quotas;
mod verdict;

pub use classify::classify;
pub use cluster::{Cluster, Connection, Scope, Sending};
pub use examine::{Examination, examine};
pub use facts::{Answer, ApplySet, FieldConflict, KubernetesFacts, KubernetesFacts as Facts, Served, Verdict};
pub use failure::{Cause, Failure, FailureKind, Right};
pub use observe::{FACTORY_LABEL, config_maps, diagnostic, namespaces, observe, set_of};
pub use verdict::sent;

/// Our name as a field manager.
pub const MANAGER: &str = "sitewright";
