//! Reading a Kubernetes cluster: one paged LIST a kind, a local proof on our `managedFields`, and the server's dry-run for
//! what cannot be proved.

mod asked;
mod classify;
mod client;
mod cluster;
mod connection;
mod discovery;
mod examine;
mod facts;
mod failure;
mod lease;
mod observe;
mod quotas;
mod verdict;

pub use classify::classify;
pub use cluster::{Cluster, Scope, Sending};
pub use connection::Connection;
pub use examine::{Examination, examine};
pub use facts::{Answer, ApplySet, KubernetesFacts, KubernetesFacts as Facts, Served, Verdict};
pub use failure::{Cause, Failure, FailureKind, FieldConflict, Right};
pub use observe::{FACTORY_LABEL, config_maps, diagnostic, namespaces, observe, set_of};
pub use verdict::sent;

/// Our name as a field manager.
pub const MANAGER: &str = "sitewright";
