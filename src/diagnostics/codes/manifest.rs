//! Shape of manifests and of `sitewright.yaml`: what `manifest` and `model` raise.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &YAML_SYNTAX,
    &YAML_FEATURE,
    &DUPLICATE_KEY,
    &UNREADABLE,
    &NOT_UTF8,
    &NO_MANIFESTS,
    &UNKNOWN_KIND,
    &UNSUPPORTED_API_VERSION,
    &UNKNOWN_FIELD,
    &MISSING_FIELD,
    &WRONG_TYPE,
    &NOT_ONE_OF,
    &WRONG_FORM,
    &BAD_QUANTITY,
    &BAD_NAME,
    &BAD_TEXT,
    &BAD_HOST_LIST,
    &BAD_SLURM_KEY,
    &SAID_TWICE,
    &BAD_BINDING,
    &UNBOUND_TARGET,
    &UNUSED_TARGET,
    &UNKNOWN_ENVIRONMENT,
];

/// A file is not YAML.
pub const YAML_SYNTAX: Code = Code {
    name: "yaml-syntax",
    severity: Severity::Error,
    summary: "Invalid YAML",
    explanation: "The text before the place could be read, the text after it not. Documents after it in the same file are not looked at.",
    failing: "spec: [a, b",
    passing: "spec: [a, b]",
};

/// A feature of YAML that is not supported.
pub const YAML_FEATURE: Code = Code {
    name: "yaml-feature-refused",
    severity: Severity::Error,
    summary: "A feature of YAML that is not supported",
    explanation: "Tags, merge keys (`<<`), keys that are no plain words, and aliases that repeat what they stand in or too much are refused. Anchors and aliases are taken.",
    failing: "limits: { <<: *common, wallTime: 1h }",
    passing: "limits: { nodesPerJob: 4, wallTime: 1h }",
};

/// A key stands twice in one mapping.
pub const DUPLICATE_KEY: Code = Code {
    name: "duplicate-key",
    severity: Severity::Error,
    summary: "Duplicate key in a mapping",
    explanation: "YAML forbids it, and readers differ in which one they take.",
    failing: "priority: 1\npriority: 2",
    passing: "priority: 2",
};

/// A file cannot be read.
pub const UNREADABLE: Code = Code {
    name: "unreadable-file",
    severity: Severity::Error,
    summary: "A file cannot be read",
    explanation: "It does not exist, is no file, is too large, or may not be read. Links to files and folders are followed; one that leads nowhere is told, for what stood behind it would be deleted.",
    failing: "chmod 000 access.yaml",
    passing: "chmod 644 access.yaml",
};

/// A file is not UTF-8.
pub const NOT_UTF8: Code = Code {
    name: "not-utf8",
    severity: Severity::Error,
    summary: "A file is not UTF-8",
    explanation: "Manifests are UTF-8 text.",
    failing: "iconv -t latin1 projects.yaml",
    passing: "iconv -f latin1 -t utf-8 projects.yaml",
};

/// There are no manifests.
pub const NO_MANIFESTS: Code = Code {
    name: "no-manifests",
    severity: Severity::Error,
    summary: "No manifests found",
    explanation: "A folder without any `*.yaml` would mean: delete everything. So it is an error. Sub-folders are read too, where the folder has a `sitewright.yaml` or a manifest at its top; those with a `sitewright.yaml` of their own are other sites.",
    failing: "cd /tmp; sitewright plan",
    passing: "sitewright init nordlys; cd nordlys; sitewright plan",
};

/// The kind of a document is unknown.
pub const UNKNOWN_KIND: Code = Code {
    name: "unknown-kind",
    severity: Severity::Error,
    summary: "The kind of a document is unknown",
    explanation: "Kinds are written with a capital.",
    failing: "kind: Patrition",
    passing: "kind: Partition",
};

/// The version of a document is not supported.
pub const UNSUPPORTED_API_VERSION: Code = Code {
    name: "unsupported-api-version",
    severity: Severity::Error,
    summary: "The version of a document is not supported",
    explanation: "This tool reads `sitewright.io/v1alpha1`.",
    failing: "apiVersion: sitewright.io/v2",
    passing: "apiVersion: sitewright.io/v1alpha1",
};

/// There is no such field.
pub const UNKNOWN_FIELD: Code = Code {
    name: "unknown-field",
    severity: Severity::Error,
    summary: "Unknown field",
    explanation: "An unknown field would have no effect, so it is refused.",
    failing: "limits: { wallTme: 1h }",
    passing: "limits: { wallTime: 1h }",
};

/// A field is missing.
pub const MISSING_FIELD: Code = Code {
    name: "missing-field",
    severity: Severity::Error,
    summary: "A field is missing",
    explanation: "The field has no default.",
    failing: "metadata: {}",
    passing: "metadata: { name: booster }",
};

/// A value is of the wrong type.
pub const WRONG_TYPE: Code = Code {
    name: "wrong-type",
    severity: Severity::Error,
    summary: "A value is of the wrong type",
    explanation: "Scalars mean what their field means: a number where a number is wanted, a text where a text is wanted.",
    failing: "priority: high",
    passing: "priority: 200",
};

/// A word is not one of those known.
pub const NOT_ONE_OF: Code = Code {
    name: "not-one-of",
    severity: Severity::Error,
    summary: "A word is not one of those known",
    explanation: "The field takes one of a closed set of words.",
    failing: "category: smee",
    passing: "category: sme",
};

/// A text is not of the right form.
pub const WRONG_FORM: Code = Code {
    name: "wrong-form",
    severity: Severity::Error,
    summary: "A text is not of the right form",
    explanation: "The field has a form, such as two capital letters for a country.",
    failing: "country: Finland",
    passing: "country: FI",
};

/// A quantity cannot be read.
pub const BAD_QUANTITY: Code = Code {
    name: "bad-quantity",
    severity: Severity::Error,
    summary: "A quantity cannot be read, or means something else to Slurm",
    explanation: "Times are written `12h`, `2d`, `1-12:00:00` or `12:00:00` (twelve hours), sizes `512GB`, shares `60%`, days `2026-04-01`; a bare number has no unit. A zero that Slurm reads as no limit, or that no job could keep, is refused, and so are numbers that do not fit its fields: their highest values mean \"unset\" and \"unlimited\".",
    failing: "wallTime: 12",
    passing: "wallTime: 12h",
};

/// A name is not legal on every target.
pub const BAD_NAME: Code = Code {
    name: "bad-name",
    severity: Severity::Error,
    summary: "A name is not legal on every target",
    explanation: "Slurm folds names to lower case, expands `[…]` and splits at commas, so names are kept to what arrives as written. `root` and `normal` are built in; `DEFAULT`, `ALL`, `none` and the like mean something else where a name stands. Names of targets and environments become names of files here: letters, digits, `-` and `_`.",
    failing: "metadata: { name: Fast Lane }",
    passing: "metadata: { name: fast-lane }",
};

/// A text cannot be kept as written.
pub const BAD_TEXT: Code = Code {
    name: "bad-text",
    severity: Severity::Error,
    summary: "A text cannot be kept as written",
    explanation: "Slurm turns quotes into back-ticks and has no escape for `|` and line breaks in what it prints.",
    failing: "description: \"the \\\"best\\\" one\"",
    passing: "description: the best one",
};

/// A host list cannot be read.
pub const BAD_HOST_LIST: Code = Code {
    name: "bad-host-list",
    severity: Severity::Error,
    summary: "A host list cannot be read",
    explanation: "Host lists follow Slurm's grammar without the quirks that it tolerates with surprising results.",
    failing: "hosts: gpu[1-3, 5]",
    passing: "hosts: gpu[1-3,5]",
};

/// A key of a `slurm:` map is unknown, or has a field of its own.
pub const BAD_SLURM_KEY: Code = Code {
    name: "bad-slurm-key",
    severity: Severity::Error,
    summary: "A key of a `slurm:` map is unknown, or has a field of its own",
    explanation: "Keys are those of `PartitionName`, `NodeName`, a QOS or an association by Slurm's name; what has a field of its own belongs there.",
    failing: "slurm: { PriorityTeir: 10 }",
    passing: "slurm: { PriorityTier: 10 }",
};

/// One thing is said in two ways.
pub const SAID_TWICE: Code = Code {
    name: "said-twice",
    severity: Severity::Error,
    summary: "One thing is said in two ways",
    explanation: "`gpus` is short for `tres: { gres/gpu: … }`, `accelerators` for an entry `gpu` of `gres`; an administrator has one level, and a country one share. Where both are set, which one holds is ambiguous.",
    failing: "perJob: { gpus: 4, tres: { gres/gpu: 8 } }",
    passing: "perJob: { gpus: 4, tres: { gres/gpu:h100: 2 } }",
};

/// A target's binding is not complete.
pub const BAD_BINDING: Code = Code {
    name: "bad-binding",
    severity: Severity::Error,
    summary: "A target's binding is not complete",
    explanation: "A binding names exactly one of `twin`, `slurm` and `kubernetes`, and `over: ssh` needs a `host`. Two targets cannot be one cluster or one twin: each would delete what is declared on the other. A target that is bound to Kubernetes takes objects only: what manifests say without a `kubernetes:` block is for Slurm.",
    failing: "production: { slurm: { over: ssh } }",
    passing: "production: { slurm: { over: ssh, host: admin.example } }",
};

/// A target is used and not bound.
pub const UNBOUND_TARGET: Code = Code {
    name: "unbound-target",
    severity: Severity::Error,
    summary: "A target is used, and `sitewright.yaml` binds others but not it",
    explanation: "Without any binding each target is a twin. Once `sitewright.yaml` binds one, a target that it does not name is more likely misspelt than a twin, and an apply would seem to succeed without reaching the cluster.",
    failing: "targets:\n  comput:                # the manifests live on `compute`\n    default: { twin: {} }",
    passing: "targets:\n  compute:\n    default: { twin: {} }",
};

/// A target is bound and not used.
pub const UNUSED_TARGET: Code = Code {
    name: "unused-target",
    severity: Severity::Warning,
    summary: "A target is bound, and no resource lives on it",
    explanation: "It is read all the same, so that a plan removes what sitewright once made there; take the binding away once nothing of ours is left. Manifests live on the target that their `spec.target` names, `compute` where absent.",
    failing: "targets:\n  compute: { default: { twin: {} } }\n  storage: { default: { twin: {} } }   # no manifest says `target: storage`",
    passing: "targets:\n  compute: { default: { twin: {} } }",
};

/// A target has no binding for this environment.
pub const UNKNOWN_ENVIRONMENT: Code = Code {
    name: "unknown-environment",
    severity: Severity::Error,
    summary: "A target has no binding for this environment",
    explanation: "`--env` names an environment of `sitewright.yaml`, `default` where absent. A target without a binding for it would silently be a twin, so each one that is used needs one; only where no target is bound at all is each a twin in `default`.",
    failing: "sitewright plan --env prodution",
    passing: "sitewright plan --env production",
};
