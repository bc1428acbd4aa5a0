//! Objects that support services pass through: what `manifest` and `model` raise about them.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[&NO_OBJECT, &AMBIGUOUS_SCALAR, &MANIFESTS_FOLDER, &SECRET_VALUE];

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
