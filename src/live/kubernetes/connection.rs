//! How a cluster is reached.

use std::path::PathBuf;

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
