//! Rule findings about the Kubernetes side of a site: what `rules::kubernetes` raises.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &NOT_ON_TARGET,
    &NO_CAPACITY,
    &QUOTA_EXCEEDS_PARTITION,
    &CLAIMS_EXCEED_QUOTA,
    &TOPOLOGY_LEVELS,
    &NOTHING_TO_BORROW,
    &NO_PREEMPTION,
    &SLURM_ONLY_FIELD,
];

/// A partition, mode or project is needed on a target on which it does not live.
pub const NOT_ON_TARGET: Code = Code {
    name: "not-on-target",
    severity: Severity::Error,
    summary: "Something is needed on a target where it does not live",
    explanation: "A queue on Kubernetes takes a partition, an access mode and a project that all have a `kubernetes:` block for the same target. Where one lacks it, no queue is made, and the allocation is worth nothing. The same holds on Slurm for a partition, of which all modes live on Kubernetes only.",
    failing: "kind: AccessMode\nspec: { priority: 200 }   # allocated on a partition with `target: services`",
    passing: "kind: AccessMode\nspec: { priority: 200, kubernetes: {} }",
};

/// It is not known how much a partition has.
pub const NO_CAPACITY: Code = Code {
    name: "no-capacity",
    severity: Severity::Error,
    summary: "It is not known how much the queues of a partition share out",
    explanation: "Kueue admits nothing that asks for a resource which a queue does not cover, and every job asks for CPUs and memory. They follow from the nodes of the partition; what other partitions or the site define is not known here.",
    failing: "nodes: [{ hosts: \"gpu[1-4]\", cpus: 64 }]\nkubernetes: {}",
    passing: "nodes: [{ hosts: \"gpu[1-4]\", cpus: 64, memory: 512GB }]\nkubernetes: {}",
};

/// A project's quota is larger than its partitions.
pub const QUOTA_EXCEEDS_PARTITION: Code = Code {
    name: "quota-exceeds-partition",
    severity: Severity::Error,
    summary: "A project may ask for more than its partitions have",
    explanation: "Such a quota limits nothing: it is a slip of the number, or of the partition.",
    failing: "quota: { gpus: 640 }   # on a partition with 64 GPUs",
    passing: "quota: { gpus: 64 }",
};

/// A project's claims do not fit its quota.
pub const CLAIMS_EXCEED_QUOTA: Code = Code {
    name: "claims-exceed-quota",
    severity: Severity::Error,
    summary: "A project's volumes are larger than its quota",
    explanation: "The API server would refuse the last of them (`exceeded quota`).",
    failing: "quota: { storage: 4TB }\nstorage: [{ name: data, size: 10TB }]",
    passing: "quota: { storage: 10TB }\nstorage: [{ name: data, size: 10TB }]",
};

/// Levels of a topology that Kueue refuses.
pub const TOPOLOGY_LEVELS: Code = Code {
    name: "topology-levels",
    severity: Severity::Error,
    summary: "Levels of a topology are not such as Kueue takes",
    explanation: "Levels go from the widest to the narrowest; there are 16 at most, each stands once, and `kubernetes.io/hostname` can only be the last. The flavor of a topology has to pick its nodes by a label. Levels cannot be changed later.",
    failing: "topology: [kubernetes.io/hostname, nordlys.example/rack]",
    passing: "topology: [nordlys.example/rack, kubernetes.io/hostname]",
};

/// A mode may borrow, and there is nobody to borrow from.
pub const NOTHING_TO_BORROW: Code = Code {
    name: "nothing-to-borrow",
    severity: Severity::Warning,
    summary: "A mode may borrow where there is nobody to borrow from",
    explanation: "Queues borrow from other queues of the same partition, in the factory's cohort. Without a `kubernetes:` block of the factory for that target there is no cohort, and a queue that is alone in its partition and owns all of it has nobody beside it.",
    failing: "kind: Factory   # without `kubernetes`\n---\nkind: AccessMode\nspec: { kubernetes: { borrowing: 50% } }",
    passing: "kind: Factory\nspec: { kubernetes: {} }\n---\nkind: AccessMode\nspec: { kubernetes: { borrowing: 50% } }",
};

/// A mode preempts another of no lower priority.
pub const NO_PREEMPTION: Code = Code {
    name: "no-preemption",
    severity: Severity::Warning,
    summary: "A mode cannot preempt another whose priority is no lower",
    explanation: "Slurm preempts by QOS, whatever the priorities; Kueue preempts only what has a lower priority. So on Kubernetes this `preempts` has no effect.",
    failing: "priority: 100\npreempts: [playground]   # which has priority 100",
    passing: "priority: 200\npreempts: [playground]",
};

/// A field that only Slurm has, on something that lives on Kubernetes only.
pub const SLURM_ONLY_FIELD: Code = Code {
    name: "slurm-only-field",
    severity: Severity::Warning,
    summary: "A field has no effect, since what it is of lives on Kubernetes only",
    explanation: "Limits of jobs and users, flags and the like are Slurm's. Kueue shares out quotas, and knows no such limits.",
    failing: "kind: AccessMode\nspec: { target: services, perJob: { wallTime: 12h }, kubernetes: {} }",
    passing: "kind: AccessMode\nspec: { target: services, kubernetes: {} }",
};
