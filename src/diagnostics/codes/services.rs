//! Support services: what `manifest`, `model` and `rules` raise about them and about what they pass through.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &NO_OBJECT,
    &AMBIGUOUS_SCALAR,
    &MANIFESTS_FOLDER,
    &SECRET_VALUE,
    &NOT_EXACTLY_ONE,
    &SLA_WITHOUT_CAPACITY,
    &ROOT_POD,
    &PRIVILEGED_POD,
    &SERVICE_TOO_LARGE,
    &NO_MIRROR,
    &ROUTE_TAKEN,
    &UNKNOWN_PROJECT,
    &ONE_WRITER,
    &UNKNOWN_PORT,
    &SCALE_BLIND,
    &IMAGE_NOT_PINNED,
    &PORTFOLIO,
];

/// A document of a service's folder is no Kubernetes object that can be planned.
pub const NO_OBJECT: Code = Code {
    name: "not-an-object",
    severity: Severity::Error,
    summary: "A document of a service's folder is no Kubernetes object that can be planned",
    explanation: "A folder that a service passes through holds Kubernetes objects and nothing else: each has `apiVersion`, `kind` and `metadata.name`, quantities that are quantities, and no label of an ApplySet, which is written by apply. Values of a chart and kustomizations are rendered first.",
    failing: "# grafana/values.yaml\nreplicas: 2",
    passing: r#"# grafana/settings.yaml
apiVersion: v1
kind: ConfigMap
metadata: { name: grafana }
data: { replicas: "2" }"#,
};

/// Readers of YAML do not agree on a value.
pub const AMBIGUOUS_SCALAR: Code = Code {
    name: "ambiguous-scalar",
    severity: Severity::Error,
    summary: "Readers of YAML do not agree on a value",
    explanation: "`kubectl` reads YAML 1.1, where `NO` is false and `017` is fifteen; other tools read YAML 1.2, where they are a text and seventeen. What is passed through has to mean one thing.",
    failing: "data: { country: NO }",
    passing: r#"data: { country: "NO" }"#,
};

/// A service's folder cannot be passed through.
pub const MANIFESTS_FOLDER: Code = Code {
    name: "manifests-folder",
    severity: Severity::Error,
    summary: "A service's folder cannot be passed through",
    explanation: "The folder is relative to the manifest that names it, stands inside the site's folder, holds YAML files, and does not hold the manifest itself: all YAML in it is taken for Kubernetes' own.",
    failing: "spec: { category: helpdesk, manifests: { folder: ../.. } }",
    passing: "spec: { category: helpdesk, manifests: { folder: helpdesk } }",
};

/// A secret is written in a manifest.
pub const SECRET_VALUE: Code = Code {
    name: "secret-value",
    severity: Severity::Error,
    summary: "A secret is written in a manifest",
    explanation: "Manifests are kept in version control, and plans are shown to many. Secrets live in the cluster, put there by external-secrets, sealed-secrets or by hand, and manifests refer to them by name. An environment variable counts as a secret by its name (`HF_TOKEN`, `DB_PASSWORD`), or where its value is a URL with a password.",
    failing: "env: [{ name: HF_TOKEN, value: hf_0123 }]",
    passing: "env: [{ name: HF_TOKEN, fromSecret: { name: model-hub, key: token } }]",
};

/// Of several fields exactly one is written.
pub const NOT_EXACTLY_ONE: Code = Code {
    name: "not-exactly-one",
    severity: Severity::Error,
    summary: "Of several fields exactly one is written",
    explanation: "A service has one runtime (`kubernetes`, `slurm`, `manifests` or `external`), a route one way in (`gateway` or `ingress`), a variable one source (`value`, `fromSecret` or `fromConfig`). A service in two parts is two services.",
    failing: "spec: { category: inference, external: { contact: a@b.example }, slurm: { user: svc, partition: booster } }",
    passing: "spec: { category: inference, slurm: { user: svc, partition: booster } }",
};

/// A service promises hours and has no capacity of its own.
pub const SLA_WITHOUT_CAPACITY: Code = Code {
    name: "sla-without-capacity",
    severity: Severity::Error,
    summary: "A service promises hours and has no capacity of its own",
    explanation: "What shares its capacity with everybody stops answering when everybody computes. On Kubernetes give it a `queue`, a `quota` or a `priorityClass`, and say what it needs; on Slurm a reservation, a partition that only it uses, or a QOS of its own with a priority or a limit.",
    failing: r#"sla: { hours: 24x7 }
kubernetes: { image: "r.example/a:1" }"#,
    passing: r#"sla: { hours: 24x7 }
kubernetes: { image: "r.example/a:1", quota: { cpus: 8 }, resources: { cpus: 4 } }"#,
};

/// A pod may run as root.
pub const ROOT_POD: Code = Code {
    name: "root-pod",
    severity: Severity::Error,
    summary: "A pod may run as root",
    explanation: "Services share nodes with users' pods: none of them runs as root. What is described here is made with `runAsNonRoot: true`; what is passed through has to say so itself, for the pod or for each container.",
    failing: r#"kubernetes: { image: "r.example/a:1", runAsUser: 0 }"#,
    passing: r#"kubernetes: { image: "r.example/a:1", runAsUser: 10001 }"#,
};

/// A pod has rights over its node.
pub const PRIVILEGED_POD: Code = Code {
    name: "privileged-pod",
    severity: Severity::Error,
    summary: "A pod has rights over its node",
    explanation: "A privileged container, a `hostPath` volume, the host's network, processes or IPC, and added capabilities give a service the node and the jobs on it (Pod Security Standards, baseline). Operators that need them are installed by the administrators of the cluster and are no support service.",
    failing: "spec: { hostNetwork: true, containers: [] }",
    passing: "spec: { containers: [] }",
};

/// A service does not fit where it is to run.
pub const SERVICE_TOO_LARGE: Code = Code {
    name: "service-too-large",
    severity: Severity::Error,
    summary: "A service does not fit where it is to run",
    explanation: "Its pods would wait for ever: a node, the partition, the access mode or the quota of its namespace has less than it asks for.",
    failing: "kubernetes: { replicas: 3, resources: { gpus: 1 }, quota: { gpus: 2 } }",
    passing: "kubernetes: { replicas: 2, resources: { gpus: 1 }, quota: { gpus: 2 } }",
};

/// An image comes from the internet, which the site does not reach.
pub const NO_MIRROR: Code = Code {
    name: "no-mirror",
    severity: Severity::Error,
    summary: "An image comes from the internet, which the site does not reach",
    explanation: "Where `site.internet` is false, nodes pull images only from the registry that the factory names as its mirror (`spec.kubernetes.mirror`).",
    failing: "site: { internet: false }\nimage: docker.io/library/nginx:1.29",
    passing: "site: { internet: false }\nkubernetes: { mirror: registry.nordlys.example }\nimage: registry.nordlys.example/library/nginx:1.29",
};

/// Two services answer at one address.
pub const ROUTE_TAKEN: Code = Code {
    name: "route-taken",
    severity: Severity::Error,
    summary: "Two services answer at one address",
    explanation: "Which of two routes of the same host and path is taken depends on their age, and changes when one is made anew.",
    failing: "route: { host: ai.nordlys.example, … }   # in two services",
    passing: "route: { host: ai.nordlys.example, path: /notebooks, … }",
};

/// A project that is named is declared nowhere.
pub const UNKNOWN_PROJECT: Code = Code {
    name: "unknown-project",
    severity: Severity::Error,
    summary: "A project that is named is declared nowhere",
    explanation: "The service would be open to nobody.",
    failing: "audience: { projects: [medx] }",
    passing: "audience: { projects: [medix] }",
};

/// A volume for one writer is used by several replicas.
pub const ONE_WRITER: Code = Code {
    name: "one-writer",
    severity: Severity::Error,
    summary: "A volume for one writer is used by several replicas",
    explanation: "A volume with `writers: one` is mounted on one node at a time; a second replica would wait for it for ever. So the service is a StatefulSet of one.",
    failing: "replicas: 2\nstorage: [{ mount: /data, size: 1TB, writers: one }]",
    passing: "replicas: 2\nstorage: [{ mount: /data, size: 1TB }]",
};

/// A port that is named is not declared.
pub const UNKNOWN_PORT: Code = Code {
    name: "unknown-port",
    severity: Severity::Error,
    summary: "A port that is named is not declared",
    explanation: "A route, a probe or a service leads to a port of the container by its name.",
    failing: "ports: [{ name: http, port: 8000 }]\nprobes: { readiness: { path: /, port: web } }",
    passing: "ports: [{ name: http, port: 8000 }]\nprobes: { readiness: { path: /, port: http } }",
};

/// A service is scaled by CPU use and asks for no CPUs.
pub const SCALE_BLIND: Code = Code {
    name: "scale-blind",
    severity: Severity::Error,
    summary: "A service is scaled by CPU use and asks for no CPUs",
    explanation: "The share that is aimed at is one of what each replica asks for (HorizontalPodAutoscaler, `averageUtilization`); without it nothing is scaled.",
    failing: "scale: { min: 1, max: 4, cpu: 70% }",
    passing: "scale: { min: 1, max: 4, cpu: 70% }\nresources: { cpus: 4 }",
};

/// An image has no version.
pub const IMAGE_NOT_PINNED: Code = Code {
    name: "image-not-pinned",
    severity: Severity::Warning,
    summary: "An image has no version",
    explanation: "Without a tag, or with `latest`, what runs changes with each restart and no plan shows it. A digest is safest.",
    failing: "image: registry.nordlys.example/vllm",
    passing: "image: registry.nordlys.example/vllm:0.11",
};

/// The services leave a part of an AI factory's duties open.
pub const PORTFOLIO: Code = Code {
    name: "portfolio-gap",
    severity: Severity::Warning,
    summary: "The services leave a part of an AI factory's duties open",
    explanation: "Article 4(1)(h) of Council Regulation (EU) 2021/1173, as amended by (EU) 2024/1732, says what an AI factory does besides running its system: (iii) fair access, widened to start-ups and SMEs; (iv) service centres that help to train, test, evaluate and validate models; (v) programming facilities; (vi) other AI-enabling services; (vii) attracting, pooling and training talent; (viii) working with other factories and centres, with services reachable across Europe. Services that people or other sites give count too (`external`).",
    failing: "category: inference   # and nothing else",
    passing: "category: one-stop-shop   # and algorithmic-support, programming-environment, inference, training; one of them public",
};
