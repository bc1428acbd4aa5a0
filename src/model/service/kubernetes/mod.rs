//! Services on Kubernetes, and Kubernetes' own manifests.

mod blocks;
mod parse;
mod pass_through;
mod surroundings;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostics::DocumentId;
use crate::resource::FieldPath;

pub(super) use blocks::BLOCKS;
pub(in crate::model) use pass_through::attach;

/// What services on Kubernetes are.
#[derive(Debug, Clone)]
pub enum Runtime {
    /// As described here.
    Described(Box<KubernetesService>),
    /// As described by its own manifests.
    Manifests(PassThroughService),
}

/// A service on Kubernetes.
#[derive(Debug, Clone)]
pub struct KubernetesService {
    /// Namespace.
    pub namespace: String,
    /// Image.
    pub image: String,
    /// Secret for pulling it.
    pub pull_secret: Option<String>,
    /// Program.
    pub command: Vec<String>,
    /// Arguments.
    pub args: Vec<String>,
    /// How many run.
    pub replicas: Replicas,
    /// Ports.
    pub ports: Vec<Port>,
    /// GPUs of each replica.
    pub gpus: u64,
    /// Kubernetes' name for them, where it is written.
    pub gpu_resource: Option<String>,
    /// CPUs of each replica, as Kubernetes writes them.
    pub cpus: Option<String>,
    /// Memory of each replica, as Kubernetes writes it.
    pub memory: Option<String>,
    /// Environment.
    pub env: Vec<Variable>,
    /// Volumes.
    pub storage: Vec<Volume>,
    /// Probes by Kubernetes' name (`readinessProbe`), with their places.
    pub probes: BTreeMap<&'static str, (Probe, FieldPath)>,
    /// Route.
    pub route: Option<Route>,
    /// Partition and mode of its queue.
    pub queue: Option<(String, String)>,
    /// Priority class.
    pub priority_class: Option<String>,
    /// Limits of its namespace by Kubernetes' name (`requests.cpu`; `gpus` for GPUs), with their places.
    pub quota: BTreeMap<String, (String, FieldPath)>,
    /// User number.
    pub run_as_user: Option<u64>,
    /// Service account that exists.
    pub service_account: Option<String>,
}

/// How many run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// As many.
    Fixed(u64),
    /// By load.
    Scaled {
        /// Fewest.
        min: u64,
        /// Most.
        max: u64,
        /// Percent of CPU use aimed at.
        cpu: u64,
    },
}

impl Replicas {
    /// Fewest.
    pub fn least(self) -> u64 {
        match self {
            Self::Fixed(count) => count,
            Self::Scaled { min, .. } => min,
        }
    }

    /// Most.
    pub fn most(self) -> u64 {
        match self {
            Self::Fixed(count) => count,
            Self::Scaled { max, .. } => max,
        }
    }
}

/// A port.
#[derive(Debug, Clone)]
pub struct Port {
    /// Where it stands.
    pub path: FieldPath,
    /// Name.
    pub name: String,
    /// Number.
    pub number: u64,
    /// `TCP` or `UDP`.
    pub protocol: &'static str,
}

/// An environment variable.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Where it stands.
    pub path: FieldPath,
    /// Name.
    pub name: String,
    /// Where its value comes from, with the field that says so; one is right.
    pub sources: Vec<Source>,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// It is written here.
    Value(String),
    /// Name and key of a secret.
    Secret(String, String),
    /// Name and key of a ConfigMap.
    Config(String, String),
}

impl Source {
    /// Field of the manifest.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Value(_) => "value",
            Self::Secret(..) => "fromSecret",
            Self::Config(..) => "fromConfig",
        }
    }
}

/// A volume.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Where it stands.
    pub path: FieldPath,
    /// Name.
    pub name: String,
    /// Folder.
    pub mount: String,
    /// Size as Kubernetes writes it.
    pub size: Option<String>,
    /// Storage class.
    pub class: Option<String>,
    /// Whether one replica alone writes.
    pub one_writer: bool,
}

/// A probe.
#[derive(Debug, Clone)]
pub struct Probe {
    /// Path.
    pub path: Option<String>,
    /// Port's name.
    pub port: Option<String>,
    /// Program.
    pub command: Vec<String>,
    /// Seconds between two questions.
    pub every: Option<u64>,
    /// Bad answers that count.
    pub failures: Option<u64>,
}

/// A route.
#[derive(Debug, Clone)]
pub struct Route {
    /// Host.
    pub host: String,
    /// Path.
    pub path: String,
    /// Port's name.
    pub port: Option<String>,
    /// Ways that are named; one is right.
    pub ways: Vec<Way>,
}

/// A way in.
#[derive(Debug, Clone)]
pub enum Way {
    /// Gateway API.
    Gateway {
        /// Gateway.
        name: String,
        /// Its namespace.
        namespace: String,
        /// Namespace of the pods that traffic comes through, where that is another.
        proxy: Option<String>,
    },
    /// Ingress.
    Ingress {
        /// Class.
        class: String,
        /// Namespace of the controller.
        namespace: String,
        /// Secret with the certificate.
        tls: Option<String>,
    },
}

/// A service described by Kubernetes' own manifests.
#[derive(Debug, Clone, Default)]
pub struct PassThroughService {
    /// Its folder, as files are called; none where it cannot be one.
    pub folder: Option<String>,
    /// Namespace of what names none.
    pub namespace: String,
    /// Its objects.
    pub objects: Vec<PassThroughObject>,
}

/// An object of Kubernetes' own manifests.
#[derive(Debug, Clone)]
pub struct PassThroughObject {
    /// Document it stands in.
    pub document: DocumentId,
    /// Where it begins in the document.
    pub base: FieldPath,
    /// Its canonical content.
    pub object: Value,
}
