//! Planning, applying and the command line: guards, stale plans, locks, ownership.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &FIELD_LEFT_OUT,
    &FOREIGN,
    &FRAGILE_RECONFIGURE,
    &IDLE_FLAG,
    &JOBS_IN_THE_WAY,
    &JOBS_UNKNOWN,
    &LOCKED,
    &MANIFESTS_CHANGED,
    &NOT_CONFIRMED,
    &NOT_IN_PLAN,
    &NOT_ITS_FOLDER,
    &NO_ACCOUNTING,
    &PLAN_CONTRADICTED,
    &PLAN_FILE,
    &PLAN_FORMAT,
    &PROTECTED,
    &STALE_PLAN,
    &STATE_FOLDER,
    &STILL_NAMED,
    &TOO_MANY_DELETES,
    &UNKNOWN_TRES,
    &UNWRITABLE_CONFIGURATION,
];

/// The release of a target has no such field.
pub const FIELD_LEFT_OUT: Code = Code {
    name: "field-left-out",
    severity: Severity::Warning,
    summary: "The target's release has no such field, so it is left out",
    explanation: "Fields come with releases. A declared field that this release cannot keep would come back as a change in \
every plan. It is left out of the resource, on this target only.",
    failing: "comment: of the ministry   # on a release whose accounts have no comment",
    passing: "# remove the field, or bind the target to a release that has it",
};

/// A declared object exists and is somebody else's.
pub const FOREIGN: Code = Code {
    name: "foreign-object",
    severity: Severity::Error,
    summary: "A declared object exists and is not managed by this factory",
    explanation: "An account, QOS or partition of that name exists without this factory's marker, so somebody else made it. \
Taking it over silently would overwrite their settings. Look at it with `sacctmgr show` or `scontrol show`; then either \
rename yours, or take it over on purpose with `--adopt ADDRESS`: the plan then shows each field that changes. A partition \
or node of the site's own slurm.conf cannot be adopted: its line has to leave that file first.",
    failing: "sacctmgr -i add qos fast-lane     # by hand\nsitewright apply --yes            # fast-lane is declared",
    passing: "sitewright apply --yes --adopt compute/qos/fast-lane",
};

/// A reconfigure may end the controller and nobody could start it again.
pub const FRAGILE_RECONFIGURE: Code = Code {
    name: "fragile-reconfigure",
    severity: Severity::Error,
    summary: "A reconfigure could end the controller, and no restart command is declared",
    explanation: "Before 23.11 slurmctld exits when it refuses a file at `scontrol reconfigure`. sitewright checks the files \
first and would put the previous ones back, but it can start the controller again only with a command of the site's.",
    failing: "targets:\n  compute:\n    production: { slurm: { over: local } }",
    passing: "targets:\n  compute:\n    production: { slurm: { over: local, restart: [systemctl, restart, slurmctld] } }",
};

/// A flag that comes to nothing.
pub const IDLE_FLAG: Code = Code {
    name: "idle-flag",
    severity: Severity::Warning,
    summary: "A flag names something that this plan does not do",
    explanation: "`--adopt`, `--take`, `--recreate` and `--prune` allow one thing each, to one resource each. This plan has \
no such change: the address is misspelt, or what it allows is done already. The plan does what it says all the same; take \
the flag out, so that it allows nothing later.",
    failing: "sitewright plan --adopt compute/account/medicks      # the account is called medix",
    passing: "sitewright plan --adopt compute/account/medix",
};

/// Running jobs would be hit.
pub const JOBS_IN_THE_WAY: Code = Code {
    name: "jobs-in-the-way",
    severity: Severity::Error,
    summary: "Jobs are in the way of a change",
    explanation: "Removing a partition or a node kills the jobs that run there; removing an account or a user is refused by \
Slurm while any of their jobs is unfinished. Set the partition to `state: drain`, apply, wait until it is empty, and then \
remove it. What kills running jobs can be allowed with `--allow-jobs N`; what Slurm refuses cannot.",
    failing: "sbatch -p debug --wrap 'sleep 3600'\n# partition debug taken out of the manifests\nsitewright apply --yes",
    passing: "scancel 48213\nsitewright apply --yes",
};

/// Jobs cannot be seen.
pub const JOBS_UNKNOWN: Code = Code {
    name: "jobs-unknown",
    severity: Severity::Error,
    summary: "The job queue cannot be read, and the change could hit running jobs",
    explanation: "While slurmctld does not answer nobody knows which jobs run. A removal planned now could kill them at its \
next start. Start the controller and plan again, or say that you know with `--allow-unseen-jobs`.",
    failing: "pkill slurmctld\n# partition debug taken out of the manifests\nsitewright apply --yes",
    passing: "systemctl start slurmctld\nsitewright apply --yes",
};

/// Another apply is under way.
pub const LOCKED: Code = Code {
    name: "locked",
    severity: Severity::Error,
    summary: "The lock of this target cannot be had",
    explanation: "One apply at a time changes a target. Where another has it, the holder, its host, process and start are shown. \
A lock whose process has died on this host is taken over by itself; one of another host is taken over once it has expired. \
Who may not write the lock (a Lease on Kubernetes, a file beside slurm.conf) may not apply: the message says which right is \
missing.",
    failing: "sitewright apply --yes &\nsitewright apply --yes",
    passing: "sitewright apply --yes\nsitewright apply --yes",
};

/// The manifests are no longer those of the saved plan.
pub const MANIFESTS_CHANGED: Code = Code {
    name: "manifests-changed",
    severity: Severity::Error,
    summary: "The manifests changed since the plan was saved",
    explanation: "A saved plan is bound to the manifests that it was made from, so that what was reviewed is what is applied. \
Plan again.",
    failing: "sitewright plan --out plan.json\n# edit access.yaml\nsitewright apply plan.json",
    passing: "sitewright plan --out plan.json\nsitewright apply plan.json",
};

/// Nobody confirmed.
pub const NOT_CONFIRMED: Code = Code {
    name: "not-confirmed",
    severity: Severity::Error,
    summary: "Nobody confirmed the changes",
    explanation: "apply and destroy ask on a terminal. In a pipe they cannot: pass `--yes`, or for destroy \
`--confirm NAME` with the factory's name.",
    failing: "sitewright apply < /dev/null",
    passing: "sitewright apply --yes < /dev/null",
};

/// A saved plan holds fewer changes than the manifests need now.
pub const NOT_IN_PLAN: Code = Code {
    name: "not-in-plan",
    severity: Severity::Warning,
    summary: "The manifests need changes that the saved plan does not hold",
    explanation: "A saved plan executes what it shows and nothing else. Since it was made, more has become due: an \
allocation began or ended, or somebody changed another object. These changes stay for the next plan.",
    failing: "sitewright plan --out plan.json\nsacctmgr -i modify account medix set fairshare=7   # by hand\nsitewright apply plan.json --yes",
    passing: "sitewright apply plan.json --yes && sitewright plan   # shows what is left",
};

/// The plan is of another folder.
pub const NOT_ITS_FOLDER: Code = Code {
    name: "not-its-folder",
    severity: Severity::Error,
    summary: "The plan was made from another folder",
    explanation: "A saved plan is applied together with the manifests that it was made from, and finds them in the current folder \
unless `--dir DIR` names another. This folder has no manifests, or those of another factory.",
    failing: "sitewright plan nordlys --out plan.json\nsitewright apply plan.json",
    passing: "sitewright plan nordlys --out plan.json\nsitewright apply plan.json --dir nordlys",
};

/// No accounting.
pub const NO_ACCOUNTING: Code = Code {
    name: "no-accounting",
    severity: Severity::Error,
    summary: "Access modes and projects need Slurm's accounting, and this cluster has none",
    explanation: "QOS, accounts and associations live in slurmdbd's database (slurm.conf(5), AccountingStorageType).",
    failing: "AccountingStorageType=accounting_storage/none",
    passing: "AccountingStorageType=accounting_storage/slurmdbd",
};

/// A flag says otherwise than the plan.
pub const PLAN_CONTRADICTED: Code = Code {
    name: "plan-contradicted",
    severity: Severity::Error,
    summary: "A flag says otherwise than the saved plan",
    explanation: "Environment, day, what is taken over and what is allowed were decided when the plan was made, and reviewed with it. \
A flag cannot change them afterwards.",
    failing: "sitewright plan --env staging --out plan.json\nsitewright apply plan.json --env production",
    passing: "sitewright plan --env staging --out plan.json\nsitewright apply plan.json",
};

/// The plan file cannot be used.
pub const PLAN_FILE: Code = Code {
    name: "bad-plan-file",
    severity: Severity::Error,
    summary: "The plan file cannot be used",
    explanation: "It is not a plan that this version of sitewright saved: not JSON, cut off, edited, or of another format \
version. A plan carries a checksum over all that is in it, against accidents; it is no signature. Plan again with `--out`, \
which overwrites nothing but another plan.",
    failing: "echo '{}' > plan.json; sitewright apply plan.json",
    passing: "sitewright plan --out plan.json; sitewright apply plan.json",
};

/// A plan of another version.
pub const PLAN_FORMAT: Code = Code {
    name: "other-plan-format",
    severity: Severity::Error,
    summary: "The plan was saved by a version of sitewright with another plan format",
    explanation: "A saved plan says in `format` which version of the format it has. A version of sitewright executes plans of \
its own format only: it cannot know what an older plan leaves out, or what a newer one means. Plan again with this version, \
or apply the plan with the version that saved it (`tool` in the file).",
    failing: "sitewright-0.1 plan --out plan.json\nsitewright-0.2 apply plan.json",
    passing: "sitewright-0.2 plan --out plan.json\nsitewright-0.2 apply plan.json",
};

/// Protected.
pub const PROTECTED: Code = Code {
    name: "protected",
    severity: Severity::Error,
    summary: "A protected resource would be deleted",
    explanation: "`protect: true` on a manifest says that no plan may delete what it declares. The mark is kept with the object, \
so it holds even when the manifest disappears. A partition shares it with the node sets, nodes and gres that its manifest \
makes, and with the nodes and node sets of others that its `hosts` names. Set `protect: false`, apply, and then remove the \
manifest: both in one step is refused.",
    failing: "# project medix, protected, taken out of projects.yaml\nsitewright apply --yes",
    passing: "# protect: false\nsitewright apply --yes\n# project medix taken out\nsitewright apply --yes",
};

/// The site moved.
pub const STALE_PLAN: Code = Code {
    name: "stale-plan",
    severity: Severity::Error,
    summary: "The site moved since this plan was made",
    explanation: "Each resource that a saved plan touches is read again before anything is changed. When one is no longer as the \
plan saw it, nothing is applied. Changes elsewhere do not matter. Plan again.",
    failing: "sitewright plan --out plan.json\nsacctmgr -i modify qos fast-lane set priority=500\nsitewright apply plan.json",
    passing: "sitewright plan --out plan.json\nsitewright apply plan.json",
};

/// The folder for journal and twin cannot be written.
pub const STATE_FOLDER: Code = Code {
    name: "state-folder",
    severity: Severity::Error,
    summary: "The folder for the journal and the twin cannot be used",
    explanation: "`.sitewright/` beside the manifests keeps the journal of each apply and the embedded twins. It has to be \
writable for apply; plan only reads it.",
    failing: "chmod a-w .; sitewright apply --yes",
    passing: "chmod u+w .; sitewright apply --yes",
};

/// Still named.
pub const STILL_NAMED: Code = Code {
    name: "still-named",
    severity: Severity::Error,
    summary: "An object cannot go while another still names it",
    explanation: "Slurm refuses to delete a QOS that is somebody's default, and slurmctld does not start with a partition whose \
QOS is gone (slurm.conf(5), QOS). With an account it would take away all that stands below it, whoever made it. The object \
that names it is not managed here, so it has to be changed by its owner.",
    failing: "PartitionName=legacy Nodes=ALL QOS=fast-lane   # in the site's slurm.conf; fast-lane taken out of the manifests",
    passing: "PartitionName=legacy Nodes=ALL",
};

/// Too many deletes.
pub const TOO_MANY_DELETES: Code = Code {
    name: "too-many-deletes",
    severity: Severity::Error,
    summary: "More would be deleted than is allowed",
    explanation: "A folder that was read by mistake, or half of one, looks like a wish to delete everything else. So a plan may \
delete ten resources, and half of what is ours on a target. Each of the two is lifted by its own flag: `--allow-deletes N`, and \
`--allow-delete-share PERCENT`; a plan that breaks both needs both. Up to two resources are no share.",
    failing: "# projects.yaml lost\nsitewright apply --yes",
    passing: "sitewright apply --yes --allow-deletes 42 --allow-delete-share 80",
};

/// Unknown TRES.
pub const UNKNOWN_TRES: Code = Code {
    name: "unknown-tres",
    severity: Severity::Error,
    summary: "A limit or a weight names a TRES that the cluster does not account",
    explanation: "TRES such as `gres/gpu` exist only after slurmctld has registered with `AccountingStorageTRES` naming them \
(slurm.conf(5)); before that `sacctmgr` refuses the limit. A weight of such a TRES (TRESBillingWeights, TRESWeights, \
PriorityWeightTRES) is worse: slurmctld ends with \"failed to parse tres weights str\", also when it reconfigures. A type such as \
`gres/gpu:h100` is a TRES of its own, which has to be named beside `gres/gpu`.",
    failing: "# slurm.conf without AccountingStorageTRES\nperJob: { gpus: 8 }",
    passing: "AccountingStorageTRES=gres/gpu",
};

/// Unwritable.
pub const UNWRITABLE_CONFIGURATION: Code = Code {
    name: "unwritable-configuration",
    severity: Severity::Error,
    summary: "A value cannot be written into a Slurm file",
    explanation: "slurm.conf has no way to write a value with a double quote or a line break (slurm.conf(5)).",
    failing: "slurm: { Reason: \"a\\nb\" }",
    passing: "slurm: { Reason: \"a b\" }",
};
