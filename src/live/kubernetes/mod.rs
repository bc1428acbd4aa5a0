//! Reading a Kubernetes cluster: one paged LIST a kind; and the server's dry-run for what cannot be proved from it.

mod asked;
mod classify;
mod client;
mod cluster;
mod confirm;
mod connection;
mod discovery;
mod endpoint;
mod examine;
mod facts;
mod failure;
mod lease;
mod mask;
mod observe;
mod quotas;

pub use classify::classify;
pub use cluster::{Cluster, Cluster as Endpoint, Scope, Sending};
pub use confirm::{confirm, sent};
pub use connection::Connection;
pub use discovery::{Discovery, Found};
pub use examine::{Examination, examine};
pub use facts::{Answer, ApplySet, Confirmation, KubernetesFacts, KubernetesFacts as Facts, Served, Verdict};
pub use failure::{Cause, Failure, FailureKind, FieldConflict, Right};
pub(crate) use mask::secrets;
pub use observe::{FACTORY_LABEL, config_maps, diagnostic, namespaces, observe, set_of};

/// Our name as a field manager.
pub const MANAGER: &str = "sitewright";
