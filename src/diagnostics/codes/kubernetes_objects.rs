//! Objects of a Kubernetes cluster: what keeps a plan from being applied.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &APPLYSET_LOST,
    &FIELD_CONFLICT,
    &GOES_WITH_NAMESPACE,
    &KEPT_OBJECT,
    &MARKS_ONLY,
    &NEEDS_RECREATE,
    &NODE_NOT_JOINED,
    &OBJECT_TERMINATING,
    &SERVER_REFUSES,
    &STILL_GOING,
];

/// The parent of the ApplySet is gone.
pub const APPLYSET_LOST: Code = Code {
    name: "applyset-lost",
    severity: Severity::Warning,
    summary: "The ConfigMap that marks what is ours is gone",
    explanation: "sitewright keeps its objects as an ApplySet: a ConfigMap, the parent of the set, names the kinds and the \
namespaces in which the set has objects, and each object carries the set's label. Without the parent only the kinds that \
manifests name are read, so an object of another kind that is no longer declared is not seen and stays. The next apply writes \
the parent again. Objects of other kinds are found by the label.",
    failing: "kubectl delete configmap -n sitewright sitewright-nordlys\nsitewright plan",
    passing: "sitewright apply --yes\nkubectl get clusterrole -l applyset.kubernetes.io/part-of=applyset-…-v1",
};

/// Somebody else owns a field.
pub const FIELD_CONFLICT: Code = Code {
    name: "field-conflict",
    severity: Severity::Error,
    summary: "A field that would change belongs to another field manager",
    explanation: "The API server records who set each field (`metadata.managedFields`). A field that another manager set to \
another value is a conflict: one of the two would fight the other for ever. Take the field out of the manifest and leave it \
to them, or take it over field by field with `--take ADDRESS:PATH`. A field is taken only if all of its object's conflicts \
are named, since the server forces an object as a whole. The plan shows each path with its owner.",
    failing: "kubectl scale -n p-medix deployment/web --replicas 3   # or an autoscaler\nsitewright apply --yes",
    passing: "sitewright apply --yes --take services/Deployment.apps/p-medix/web:.spec.replicas",
};

/// What is kept by default would be deleted with its namespace.
pub const GOES_WITH_NAMESPACE: Code = Code {
    name: "goes-with-namespace",
    severity: Severity::Error,
    summary: "What is never deleted by itself would go with its namespace",
    explanation: "Claims, volumes and definitions that are no longer declared stay, for data may go with them. A namespace \
takes all that is in it along, so `--prune` of a namespace alone would delete its claims too, without a word for them. Name \
each of them with `--prune`, or leave the namespace.",
    failing: "sitewright apply --yes --prune services/Namespace/p-medix   # with a claim in it",
    passing: "sitewright apply --yes --prune services/Namespace/p-medix --prune services/PersistentVolumeClaim/p-medix/data",
};

/// An object that is no longer declared is kept.
pub const KEPT_OBJECT: Code = Code {
    name: "kept-object",
    severity: Severity::Warning,
    summary: "An object is no longer declared and is kept",
    explanation: "Namespaces, volumes, claims and definitions are never deleted because a manifest went away: data, or other \
people's objects, would go with them. Such an object stays, with its mark, until it is named with `--prune ADDRESS`.",
    failing: "# a claim of p-medix taken out of the manifests\nsitewright plan",
    passing: "sitewright apply --yes --prune services/PersistentVolumeClaim/p-medix/data",
};

/// Nothing changes but marks of ours.
pub const MARKS_ONLY: Code = Code {
    name: "marks-only",
    severity: Severity::Warning,
    summary: "Nothing changes but the ConfigMap that marks what is ours",
    explanation: "All objects are as declared, and the parent of the ApplySet does not say so: an apply ended before it could \
write the parent, or somebody edited or deleted it. Applying writes the parent and nothing else.",
    failing: "kubectl delete configmap -n sitewright sitewright-nordlys\nsitewright plan",
    passing: "sitewright apply --yes",
};

/// A field cannot be changed on an object that exists.
pub const NEEDS_RECREATE: Code = Code {
    name: "needs-recreate",
    severity: Severity::Error,
    summary: "A field changes that the API server fixes when an object is made",
    explanation: "Some fields cannot be changed while an object lives: the selector of a Deployment, the queue that a \
LocalQueue names, the role of a RoleBinding, the value of a PriorityClass. The only way is to delete the object and make it \
anew, with what that costs: pods of a Deployment end, work waits. So it is done only where it is asked for by address, \
with `--recreate ADDRESS`. Namespaces, volumes, claims and definitions are never recreated, for data and other people's \
objects go with them.",
    failing: "# `clusterQueue` of a LocalQueue changed\nsitewright apply --yes",
    passing: "sitewright apply --yes --recreate services/LocalQueue.kueue.x-k8s.io/p-medix/fast-lane",
};

/// A declared node is not in the cluster.
pub const NODE_NOT_JOINED: Code = Code {
    name: "node-not-joined",
    severity: Severity::Warning,
    summary: "A declared node is not in the cluster",
    explanation: "Nodes join a cluster by themselves; sitewright sets labels and taints on those that are there. A node that \
is declared and has not joined gets them at the next apply after it has. Until then nothing that asks for its labels is \
scheduled there.",
    failing: "# `hosts: node[001-004]` of a partition, and node004 is switched off\nsitewright plan",
    passing: "kubectl wait --for=create node/node004 --timeout=30m\nsitewright apply --yes",
};

/// A declared object is being deleted.
pub const OBJECT_TERMINATING: Code = Code {
    name: "object-terminating",
    severity: Severity::Error,
    summary: "A declared object is being deleted",
    explanation: "Somebody asked for its deletion, and it stays until its finalizers are done: what is written to it now is \
lost with it. sitewright never takes finalizers away, for they keep work and data from being orphaned. Wait until it is \
gone; if it does not go, look at the controller that the finalizer belongs to. In a namespace that is being deleted nothing \
new can be made: it is told once, with the number of the objects that wait for it.",
    failing: "kubectl delete --wait=false clusterqueue booster   # while jobs hold its quota\nsitewright plan",
    passing: "kubectl wait --for=delete clusterqueue/booster --timeout=1h\nsitewright plan",
};

/// The server would not take an object.
pub const SERVER_REFUSES: Code = Code {
    name: "server-refuses",
    severity: Severity::Error,
    summary: "The API server would refuse a declared object",
    explanation: "Before anything is written the server was asked (`dryRun=All`) what would become of each object that \
differs, and it refuses this one: a right is missing, an admission webhook or a quota denies it, or a value is wrong. The \
message is the server's own; where it names a field, the place is that of the manifest which says it.",
    failing: "# a ClusterQueue that names no flavor\nsitewright plan",
    passing: "# the flavor is named\nsitewright plan",
};

/// An object that is no longer declared is being deleted already.
pub const STILL_GOING: Code = Code {
    name: "still-going",
    severity: Severity::Warning,
    summary: "An object that is no longer declared is being deleted, and not gone yet",
    explanation: "Its deletion was asked for, by an earlier apply or by somebody else, and the object stays until its \
finalizers are done. Nothing more is to be done to it. If it does not go, look at the controller that the finalizer belongs \
to: a queue, for one, waits until no workload holds its quota.",
    failing: "# an access mode taken out of the manifests while jobs hold its quota\nsitewright apply --yes; sitewright plan",
    passing: "kubectl wait --for=delete clusterqueue/fast-lane --timeout=1h\nsitewright plan",
};
