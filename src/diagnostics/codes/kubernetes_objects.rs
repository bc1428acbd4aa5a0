//! Objects of a Kubernetes cluster: what keeps a plan from being applied.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] =
    &[&FIELD_CONFLICT, &GOES_WITH_NAMESPACE, &NEEDS_RECREATE, &OBJECT_TERMINATING, &SERVER_REFUSES];

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
