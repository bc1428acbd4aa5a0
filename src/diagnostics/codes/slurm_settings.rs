//! The linter over what settings of slurm.conf say: words, plugins, retired settings, and how settings fit together.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &TWO_SETTINGS,
    &NO_VALUE,
    &NO_CONTROLLER,
    &REMOVED_SETTING,
    &IGNORED_SETTING,
    &RENAMED_SETTING,
    &IGNORED_WORD,
    &PLUGIN_NOT_IN_RELEASE,
    &MISSPELT_PLUGIN,
    &UNKNOWN_PLUGIN,
    &INCOMPATIBLE_SETTINGS,
    &ALLOW_AND_DENY,
];

/// A line has two settings.
pub const TWO_SETTINGS: Code = Code {
    name: "two-settings-on-a-line",
    severity: Severity::Error,
    summary: "A line has two settings",
    explanation: "Slurm reads one setting a line, and what follows it is a parse error that stops every program (parse_config.c). \
Only lines that begin with NodeName, PartitionName, NodeSet or DownNodes take further keys.",
    failing: "JobCompType=jobcomp/none JobCompType=jobcomp/filetxt",
    passing: "JobCompType=jobcomp/filetxt",
};

/// A key has no value.
pub const NO_VALUE: Code = Code {
    name: "key-without-value",
    severity: Severity::Error,
    summary: "A key has no value",
    explanation: "Slurm takes `KEY=` for a parse error that stops every program (parse_config.c). An empty value is written \"\". Where \
another word follows on the line, that word is the value, even if it looks like a key.",
    failing: "SuspendExcNodes=",
    passing: "SuspendExcNodes=\"\"",
};

/// No controller is named.
pub const NO_CONTROLLER: Code = Code {
    name: "no-controller",
    severity: Severity::Error,
    summary: "No controller is named",
    explanation: "Every program stops with \"No SlurmctldHost defined\". The old ControlMachine still does instead (slurm.conf(5), \
SlurmctldHost; read_config.c).",
    failing: "ClusterName=nordlys",
    passing: "ClusterName=nordlys\nSlurmctldHost=admin",
};

/// A setting was removed, and is fatal.
pub const REMOVED_SETTING: Code = Code {
    name: "removed-setting",
    severity: Severity::Error,
    summary: "A setting was removed, and is fatal",
    explanation: "The key is still read, only to stop at it: slurmctld does not start with it (read_config.c). `FastSchedule=1`, which \
was the default, is ignored instead; 0 and 2 are fatal.",
    failing: "FastSchedule=2",
    passing: "SlurmdParameters=config_overrides",
};

/// A setting has no effect.
pub const IGNORED_SETTING: Code = Code {
    name: "ignored-setting",
    severity: Severity::Warning,
    summary: "A setting has no effect",
    explanation: "The release reads the key and does nothing with it, or another setting stands above it. Slurm says so in the log of \
its daemons at most (read_config.c).",
    failing: "PowerPlugin=power/none      # 24.05",
    passing: "# no PowerPlugin",
};

/// A setting has another name now.
pub const RENAMED_SETTING: Code = Code {
    name: "renamed-setting",
    severity: Severity::Warning,
    summary: "A setting has another name now",
    explanation: "The old name is still read where the new one is absent, and will go one day (read_config.c).",
    failing: "CryptoType=crypto/munge",
    passing: "CredType=cred/munge",
};

/// A word is ignored.
pub const IGNORED_WORD: Code = Code {
    name: "ignored-word",
    severity: Severity::Warning,
    summary: "A word is ignored",
    explanation: "slurmctld passes over a word that it does not know here, so what it was to do is not done.",
    failing: "PrivateData=jobs,acounts",
    passing: "PrivateData=jobs,accounts",
};

/// A plugin does not exist in this release.
pub const PLUGIN_NOT_IN_RELEASE: Code = Code {
    name: "plugin-not-in-release",
    severity: Severity::Error,
    summary: "A plugin does not exist in this release",
    explanation: "The daemon that loads it stops. `select/cons_res` was removed in 23.11, whatever was for Cray XC in 24.05, \
`auth/slurm` came in 23.11 (RELEASE_NOTES).",
    failing: "SelectType=select/cons_res      # 23.11",
    passing: "SelectType=select/cons_tres",
};

/// A plugin's name is misspelt.
pub const MISSPELT_PLUGIN: Code = Code {
    name: "misspelt-plugin",
    severity: Severity::Error,
    summary: "A plugin's name is misspelt",
    explanation: "It is nearly the name of one of Slurm's own plugins, or that name without its kind. Names are files, so capitals count, \
and the daemon that loads it stops.",
    failing: "SelectType=cons_tres",
    passing: "SelectType=select/cons_tres",
};

/// A plugin is none of Slurm's own.
pub const UNKNOWN_PLUGIN: Code = Code {
    name: "unknown-plugin",
    severity: Severity::Warning,
    summary: "A plugin is none of Slurm's own",
    explanation: "A site may put a plugin of its own into PluginDir. Where none is there, the daemon that loads it stops.",
    failing: "SchedulerType=sched/foo",
    passing: "SchedulerType=sched/backfill",
};

/// Two settings exclude each other.
pub const INCOMPATIBLE_SETTINGS: Code = Code {
    name: "incompatible-settings",
    severity: Severity::Error,
    summary: "Two settings exclude each other",
    explanation: "Each is right by itself, and slurmctld refuses both together (read_config.c, select.c).",
    failing: "PreemptType=preempt/none\nPreemptMode=REQUEUE",
    passing: "PreemptType=preempt/qos\nPreemptMode=REQUEUE",
};

/// A partition both allows and denies.
pub const ALLOW_AND_DENY: Code = Code {
    name: "allow-and-deny",
    severity: Severity::Warning,
    summary: "A partition both allows and denies",
    explanation: "Beside AllowQos and AllowAccounts, DenyQos and DenyAccounts have no effect (slurm.conf(5); read_config.c). `ALL` allows \
nothing in particular, so a denial holds beside it.",
    failing: "PartitionName=a Nodes=n1 AllowQos=normal DenyQos=slow",
    passing: "PartitionName=a Nodes=n1 AllowQos=normal",
};
