//! `kind: SupportService`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::common::{Amounts, Manifest, Metadata};

/// A service that the factory offers beside its batch work (Article 4(1)(h) of Regulation (EU) 2021/1173): what it is, who
/// may use it, and what it runs on. Kubernetes has a `Service` of its own, hence the name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportService {
    /// `sitewright.io/v1alpha1`.
    pub api_version: String,
    /// `SupportService`.
    pub kind: String,
    /// Its name; on Kubernetes that of its objects, so lower-case letters, digits and `-`.
    pub metadata: Metadata,
    /// What it is.
    pub spec: SupportServiceSpec,
}

impl Manifest for SupportService {
    fn target(&self) -> Option<&str> {
        self.spec.target.as_deref()
    }
}

/// What a service is. It has exactly one runtime: `kubernetes`, `slurm`, `manifests` or `external`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SupportServiceSpec {
    /// What it is for; counted in the factory's portfolio.
    pub category: ServiceCategory,
    /// Text for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Target it lives on; `services` where absent, and `compute` for a service that runs on Slurm.
    #[schemars(example = &"services")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Who may use it; nobody but its own namespace where absent.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub audience: Audience,
    /// What is promised. A service that promises something has capacity of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sla: Option<Sla>,
    /// Runs on Kubernetes, described here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<KubernetesRuntime>,
    /// Runs as Slurm jobs of an account of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slurm: Option<SlurmRuntime>,
    /// Runs on Kubernetes, described by manifests of Kubernetes' own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifests: Option<ManifestsRuntime>,
    /// People, or a site elsewhere: nothing is provisioned, and it counts in the portfolio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalRuntime>,
    /// No plan may delete it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
}

/// What a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceCategory {
    /// Where users begin: what there is, who may have it, how to ask.
    OneStopShop,
    /// People who answer users.
    Helpdesk,
    /// Interactive notebooks.
    Notebooks,
    /// Models served behind an interface.
    Inference,
    /// Models to be taken from.
    ModelHub,
    /// Data sets to be found and taken from.
    DataCatalogue,
    /// Compilers, libraries, containers, ready to use.
    ProgrammingEnvironment,
    /// Experts who help to train, test and evaluate models.
    AlgorithmicSupport,
    /// Courses, and talent.
    Training,
    /// Help with the AI Act, data protection and licences.
    Compliance,
}

/// Who may use a service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Audience {
    /// Projects with an allocation of these access modes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<String>,
    /// These projects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projects: Vec<String>,
    /// Everybody, from anywhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub public: bool,
}

/// What is promised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sla {
    /// Hours a day by days a week, e.g. `24x7`, `8x5`.
    #[schemars(regex(pattern = r"^(2[0-4]|1[0-9]|[1-9])x[1-7]$"), example = &"24x7")]
    pub hours: String,
    /// Part of these hours in which it answers, e.g. `99.5%`.
    #[schemars(example = &"99.5%")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<String>,
}

/// A service that runs on Kubernetes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KubernetesRuntime {
    /// Its namespace; `svc-` and its name where absent. Services may share one.
    #[schemars(example = &"svc-inference")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Container image with its tag or digest, e.g. `registry.nordlys.example/vllm:0.11`.
    #[schemars(example = &"registry.nordlys.example/vllm:0.11")]
    pub image: String,
    /// Name of the secret with which the image is pulled; it has to exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull_secret: Option<String>,
    /// Program, in place of the image's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// How many run; 1 where absent.
    #[schemars(extend("x-where-absent" = "1"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u64>,
    /// How many run, by load; in place of `replicas`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// Ports it listens on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// What each replica gets.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub resources: ServiceResources,
    /// Environment variables. Secrets are referred to, never written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
    /// Volumes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub storage: Vec<Volume>,
    /// How it is known to be well.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub probes: Probes,
    /// How it is reached from outside the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// Queue that its pods go through (Kueue).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<ServiceQueue>,
    /// Priority class of its pods; it has to exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class: Option<String>,
    /// What its namespace may have in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<ServiceQuota>,
    /// User number that it runs as, never 0; the image's where absent, which has to be a number that is not 0 then.
    #[schemars(example = &10001, extend("x-where-absent" = "the image's"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_as_user: Option<u64>,
    /// Service account that exists, for a service that talks to Kubernetes; one of its own without any right where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
}

/// How many run, by load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scale {
    /// Fewest.
    pub min: u64,
    /// Most.
    pub max: u64,
    /// CPU use that is aimed at, as a share of what each asks for, e.g. `70%`.
    #[schemars(example = &"70%")]
    pub cpu: String,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Port {
    /// Its name; `http` where absent.
    #[serde(default = "http")]
    pub name: String,
    /// Its number.
    #[schemars(example = &8000)]
    pub port: u64,
    /// `TCP` where absent.
    #[serde(default)]
    pub protocol: Protocol,
}

fn http() -> String {
    "http".to_owned()
}

/// Protocol of a port.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Protocol {
    /// TCP.
    #[default]
    #[serde(rename = "TCP")]
    Tcp,
    /// UDP.
    #[serde(rename = "UDP")]
    Udp,
}

/// What each replica gets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceResources {
    /// GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// Kubernetes' name for the GPUs; that of the queue's partition where absent, else `nvidia.com/gpu`.
    #[schemars(example = &"amd.com/gpu")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_resource: Option<String>,
    /// CPUs, e.g. `16`, `0.5`.
    #[schemars(extend("x-number" = true), example = &"16")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// Memory, e.g. `128GB`; by 1024.
    #[schemars(example = &"128GB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
}

/// An environment variable: exactly one of `value`, `fromSecret` and `fromConfig`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    #[schemars(example = &"HF_TOKEN")]
    pub name: String,
    /// Its value, which is no secret.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Key of a secret in its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_secret: Option<KeyReference>,
    /// Key of a ConfigMap in its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_config: Option<KeyReference>,
}

/// A key of a secret or ConfigMap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyReference {
    /// Name of the object.
    #[schemars(example = &"model-hub")]
    pub name: String,
    /// Key in it.
    #[schemars(example = &"token")]
    pub key: String,
}

/// A volume of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Volume {
    /// Its name; where absent that of the folder, e.g. `models` for `/models`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Folder in the container.
    #[schemars(example = &"/models")]
    pub mount: String,
    /// Its size, e.g. `4TB`; by 1024. It can grow, never shrink.
    #[schemars(example = &"4TB")]
    pub size: String,
    /// Storage class; the cluster's default where absent.
    #[schemars(example = &"lustre")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Who writes; all replicas where absent.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub writers: Writers,
}

/// Who writes to a volume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Writers {
    /// All replicas, on whatever node (`ReadWriteMany`).
    #[default]
    Many,
    /// One replica only, and never two at a time (`ReadWriteOnce`): the service is a StatefulSet of one.
    One,
}

/// How a service is known to be well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probes {
    /// When it may be sent requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Probe>,
    /// When it has to be started anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Probe>,
    /// When it has come up; the others wait for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<Probe>,
}

/// A question to a service: a path on a port, a port alone, or a command.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Probe {
    /// Path that answers, e.g. `/health`.
    #[schemars(example = &"/health")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Name of the port; the first where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Program that ends well, in place of a path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Time between two questions, e.g. `10s`; 10 s where absent.
    #[schemars(example = &"10s")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// Bad answers in a row that count; 3 where absent.
    #[schemars(extend("x-where-absent" = "3"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failures: Option<u64>,
}

/// How a service is reached from outside: through exactly one of a Gateway and an Ingress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Route {
    /// Host name.
    #[schemars(example = &"inference.nordlys.example")]
    pub host: String,
    /// Path below which it answers; `/` where absent.
    #[schemars(example = &"/v1")]
    #[serde(default = "slash", skip_serializing_if = "is_slash")]
    pub path: String,
    /// Name of the port; the first where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// Gateway API: an `HTTPRoute` on this Gateway, which ends TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gateway: Option<GatewayReference>,
    /// An `Ingress` of this class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<IngressReference>,
}

fn slash() -> String {
    "/".to_owned()
}

fn is_slash(path: &String) -> bool {
    path == "/"
}

/// A Gateway.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GatewayReference {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Namespace of the pods that its traffic comes through, where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_namespace: Option<String>,
}

/// An ingress controller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IngressReference {
    /// Its class.
    #[schemars(example = &"nginx")]
    pub class: String,
    /// Namespace of the controller's pods, which the traffic comes through.
    #[schemars(example = &"ingress-nginx")]
    pub namespace: String,
    /// Name of the secret with the certificate, in the service's namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_secret: Option<String>,
}

/// A queue: an access mode on a partition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceQueue {
    /// Partition on Kubernetes.
    pub partition: String,
    /// Access mode that the partition admits.
    pub mode: String,
}

/// What a service's namespace may have in all.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceQuota {
    /// GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpus: Option<u64>,
    /// CPUs, e.g. `64`.
    #[schemars(extend("x-number" = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<String>,
    /// Memory, e.g. `512GB`.
    #[schemars(example = &"512GB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// Storage, e.g. `10TB`.
    #[schemars(example = &"10TB")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    /// Pods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods: Option<u64>,
}

/// A service whose workers are Slurm jobs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SlurmRuntime {
    /// User that submits the workers.
    #[schemars(example = &"svc-aitta")]
    pub user: String,
    /// Its account; `svc-` and the service's name where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Partition that the workers run in.
    pub partition: String,
    /// Access mode that they use. Where absent the service has a QOS of its own, called as its account is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// Limits of the QOS of its own.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub limits: WorkerLimits,
    /// Priority of the QOS of its own: more is sooner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<u64>,
    /// Reservation that the workers run in; it has to exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reservation: Option<String>,
}

/// Limits of the QOS of a service's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkerLimits {
    /// In use at one time, over all workers (`GrpTRES`).
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub total: Amounts,
    /// Of one worker (`MaxTRESPerJob`).
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub per_worker: Amounts,
    /// Workers at one time (`GrpJobs`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workers: Option<u64>,
    /// Longest worker (`MaxWall`), e.g. `4h`.
    #[schemars(example = &"4h")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wall_time: Option<String>,
}

/// A service described by Kubernetes' own manifests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManifestsRuntime {
    /// Folder of the YAML files, relative to this file and inside the site's folder. All of it is Kubernetes' and none ours.
    #[schemars(example = &"grafana")]
    pub folder: String,
    /// Namespace of the built-in objects that name none; `svc-` and the service's name where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// People, or a site elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalRuntime {
    /// Whom to ask, e.g. an address.
    #[schemars(example = &"support@nordlys.example")]
    pub contact: String,
    /// Where it is found.
    #[schemars(example = &"https://nordlys.example/help")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
