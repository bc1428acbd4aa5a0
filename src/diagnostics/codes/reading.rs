//! Reading live targets: transports, incomplete or filtered answers, unsupported releases.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &CONFIGURATION_BROKEN,
    &DAMAGED_TWIN,
    &FOREIGN_APPLYSET,
    &INCLUDE_LINE_MISSING,
    &NOT_ENFORCED,
    &READING_FAILED,
    &READING_FILTERED,
    &READING_FORBIDDEN,
    &READING_INCOMPLETE,
    &UNKNOWN_FORM,
    &UNSUPPORTED_RELEASE,
];

/// Slurm's programs refuse their own configuration.
pub const CONFIGURATION_BROKEN: Code = Code {
    name: "configuration-broken",
    severity: Severity::Error,
    summary: "Slurm's programs do not start: they refuse their configuration file",
    explanation: "One unknown key in slurm.conf stops every Slurm program on every host that reads the file. Look for the line \
with `sitewright doctor --slurm-conf /etc/slurm/slurm.conf`.",
    failing: "# slurm.conf\nMaxJobCuont=10",
    passing: "# slurm.conf\nMaxJobCount=10",
};

/// A twin is not what was stored.
pub const DAMAGED_TWIN: Code = Code {
    name: "damaged-twin",
    severity: Severity::Error,
    summary: "The file of a twin does not hold what was stored in it",
    explanation: "A twin carries a checksum over all that is in it. This one does not fit: the file was cut off, overwritten, \
copied while it was written, or is none. Nothing is planned from it: what is lost would look as if it had never been there. Put \
a copy back, or remove the file and apply again: a twin holds nothing that the manifests do not say.",
    failing: "truncate --size 4096 .sitewright/default-compute.twin; sitewright plan",
    passing: "rm .sitewright/default-compute.twin; sitewright apply",
};

/// The parent of our ApplySet is somebody else's.
pub const FOREIGN_APPLYSET: Code = Code {
    name: "foreign-applyset",
    severity: Severity::Error,
    summary: "The ConfigMap that marks our objects belongs to another tool",
    explanation: "What is ours on a Kubernetes cluster carries the label `applyset.kubernetes.io/part-of`, whose value is the id of \
the ConfigMap `sitewright-<factory>` in the binding's namespace (KEP-3659). That ConfigMap is there already, and another tool \
keeps it, or its id is not the one that its name and namespace give. Nothing is planned from it: what belongs to others could \
be deleted as ours.",
    failing: "kubectl create configmap sitewright-nordlys -n sitewright; sitewright plan",
    passing: "kubectl delete configmap sitewright-nordlys -n sitewright; sitewright plan",
};

/// Our Include line is missing.
pub const INCLUDE_LINE_MISSING: Code = Code {
    name: "include-line-missing",
    severity: Severity::Error,
    summary: "The site's file does not include ours",
    explanation: "sitewright writes nodes and partitions into a file of its own and never touches the site's slurm.conf. That file \
has to include ours, once, in the first column; gres.conf likewise where gres are declared.",
    failing: "# end of slurm.conf, no Include line",
    passing: "Include sitewright.conf",
};

/// Limits are declared and not enforced.
pub const NOT_ENFORCED: Code = Code {
    name: "not-enforced",
    severity: Severity::Warning,
    summary: "Declared limits have no effect on this cluster",
    explanation: "Limits, QOS and associations are stored in any case, but slurmctld looks at them only as far as \
AccountingStorageEnforce says (slurm.conf(5)); with `safe` a job starts only if it can end within the minutes that are left. \
Access modes preempt each other under PreemptType=preempt/qos alone, partitions under preempt/partition_prio. GPU-hours are \
counted against usage: where that decays (PriorityDecayHalfLife, by default a half in 7 days) or is reset \
(PriorityUsageResetPeriod), steady work never uses them up; access modes with the flag `no-decay` are exempt. `plan` and \
`doctor` judge by what is declared, before the first apply too.",
    failing: "AccountingStorageEnforce=none",
    passing: "AccountingStorageEnforce=associations,limits,qos,safe",
};

/// A program failed.
pub const READING_FAILED: Code = Code {
    name: "reading-failed",
    severity: Severity::Error,
    summary: "The target cannot be read",
    explanation: "A program that the reading needs did not start, did not answer, or ended with an error. Nothing is planned from \
half a reading: what could not be read would look as if it did not exist.",
    failing: "systemctl stop slurmdbd; sitewright plan",
    passing: "systemctl start slurmdbd; sitewright plan",
};

/// PrivateData filters.
pub const READING_FILTERED: Code = Code {
    name: "reading-filtered",
    severity: Severity::Error,
    summary: "PrivateData hides part of the cluster from this user",
    explanation: "With PrivateData set, Slurm answers ordinary users with their own rows only, and exits 0: the reading looks whole \
and is not. Planned from it, existing objects would be created and running jobs not be seen. Read as a user with AdminLevel \
Operator (slurm.conf(5) and slurmdbd.conf(5), PrivateData).",
    failing: "PrivateData=jobs,users     # and the reader has AdminLevel None",
    passing: "sacctmgr -i modify user reader set adminlevel=Operator",
};

/// RBAC does not let us see.
pub const READING_FORBIDDEN: Code = Code {
    name: "reading-forbidden",
    severity: Severity::Error,
    summary: "This user may not read what a plan needs to see",
    explanation: "A plan reads the ConfigMap of its ApplySet, and each kind that the manifests or the last apply have, in all \
namespaces: verbs `get` and `list`. What may not be seen would look as if it did not exist, so nothing is planned without. \
`sitewright doctor` prints the missing rights as a ClusterRole.",
    failing: "kubectl create clusterrole reader --verb=get --resource=configmaps",
    passing: "kubectl create clusterrole reader --verb=get,list --resource=configmaps",
};

/// An answer is cut or garbled.
pub const READING_INCOMPLETE: Code = Code {
    name: "reading-incomplete",
    severity: Severity::Error,
    summary: "An answer of Slurm is empty, cut off or garbled",
    explanation: "Each answer has to carry its header, whole lines with the columns asked for, and values that can be parsed where \
they are ours or compared; the associations must contain the cluster's root. Otherwise nothing is planned.",
    failing: "sacctmgr printed half a line",
    passing: "sacctmgr printed all rows",
};

/// A foreign value is not understood.
pub const UNKNOWN_FORM: Code = Code {
    name: "unknown-form",
    severity: Severity::Warning,
    summary: "A value of somebody else's object is printed in a form that is not known",
    explanation: "Releases of Slurm print new forms, and patched ones their own. Where an object is ours, or a plan compares the \
value, that is an error (`reading-incomplete`). Here the object belongs to somebody else, or Slurm inferred the value by itself: it \
is kept as text, nothing is planned from it, and everything else goes on.",
    failing: "NodeName=old1 … Weight=heavy     # of a node that the site's own file defines",
    passing: "NodeName=old1 … Weight=10",
};

/// A release that we do not know.
pub const UNSUPPORTED_RELEASE: Code = Code {
    name: "unsupported-release",
    severity: Severity::Error,
    summary: "This Slurm release is not supported",
    explanation: "Releases 22.05 to 26.05 are known: their fields, and what a reconfigure does on them.",
    failing: "slurm 20.11.9",
    passing: "slurm 24.05.4",
};
