//! Requests to one cluster.

use std::path::PathBuf;

use serde_json::Value;

use super::{Failure, Served};

/// How an apply is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sending {
    /// Take fields that others own.
    pub force: bool,
    /// Only ask what would become of it.
    pub dry_run: bool,
}

/// How a cluster is reached: what `kubectl` would be told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// File of the kubeconfig; what the environment says where absent.
    pub kubeconfig: Option<PathBuf>,
    /// Context; the file's current one where absent.
    pub context: Option<String>,
    /// Namespace of the ApplySet's parent and of our lock.
    pub namespace: String,
}

/// One cluster. Nothing is opened before the first request.
#[derive(Debug)]
pub struct Cluster {
    connection: Connection,
}

impl Cluster {
    /// A cluster that nobody has spoken to yet.
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// How it is reached, for people and for telling two targets that are one.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Server-side apply. `object` is whole, with `apiVersion`, `kind`, name and namespace; `metadata.uid` and
    /// `metadata.resourceVersion` in it guard against an object that was replaced or changed.
    pub async fn apply(&self, served: &Served, object: &Value, sending: Sending) -> Result<Value, Failure> {
        let _ = (served, object, sending);
        unimplemented!()
    }

    /// Reads one object; `None` where there is none.
    pub async fn get(&self, served: &Served, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Failure> {
        let _ = (served, namespace, name);
        unimplemented!()
    }

    /// Deletes one object if it is still that one. `propagation` is `Background`, `Foreground` or `Orphan`. One that is
    /// gone already is no failure.
    pub async fn delete(
        &self,
        served: &Served,
        (namespace, name): (Option<&str>, &str),
        uid: &str,
        propagation: &str,
    ) -> Result<(), Failure> {
        let _ = (served, namespace, name, uid, propagation);
        unimplemented!()
    }
}
