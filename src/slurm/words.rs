//! Words that settings and fields of slurm.conf may have, by release, as data.
//!
//! Read in the sources of 22.05 to 26.05: `_validate_and_set_defaults`, `_parse_partitionname`, `_parse_select_type_param`,
//! `debug_str2flags` and their like in `read_config.c`, `preempt_mode_num` in `slurm_protocol_defs.c`, `state_str2int` in
//! `node_conf.c`, `xlate_cpu_bind_str` in `slurm_resource_info.c`, `parse_rlimits` in `slurm_rlimits_info.c`.

use super::keys::{Bound, LineKind, Span, in_release};
use super::release::Release;

/// Name, first release with it, first release without it; as in `keys`.
type Name = (&'static str, Bound, Bound);

/// What slurmctld does with a word that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unknown {
    /// Every program that reads the file stops.
    Refused,
    /// It goes on without the word.
    Ignored,
    /// Refused before this release, and ignored since.
    RefusedBefore(u16, u16),
    /// Ignored before this release, and refused since.
    RefusedSince(u16, u16),
}

/// How a word is compared, always without regard to case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    /// As a whole.
    Whole,
    /// By its beginning: `DRAINED` is `DRAIN`.
    Start,
    /// Anywhere in the text (`xstrcasestr`), and where it is a plural, its singular.
    Anywhere,
}

/// The closed set of words of one key.
#[derive(Debug)]
pub struct Words {
    kind: LineKind,
    key: &'static str,
    /// Letters between words; empty for a single word.
    between: &'static str,
    compared: Compared,
    unknown: Unknown,
    always: &'static [&'static str],
    changed: &'static [Name],
}

use Compared::{Anywhere, Start, Whole};
use LineKind::{DownNodes, Node, Partition, Setting};
use Unknown::{Ignored, Refused, RefusedBefore, RefusedSince};

const fn words(
    kind: LineKind,
    key: &'static str,
    between: &'static str,
    (compared, unknown): (Compared, Unknown),
    always: &'static [&'static str],
    changed: &'static [Name],
) -> Words {
    Words { kind, key, between, compared, unknown, always, changed }
}

const PREEMPT_MODES: &[&str] = &["OFF", "CLUSTER", "CANCEL", "REQUEUE", "SUSPEND", "ON", "GANG", "WITHIN"];
const PRIORITY_MODE: &[Name] = &[("PRIORITY", (25, 5), (0, 0))];
const LEVELS: &[&str] =
    &["quiet", "fatal", "error", "info", "verbose", "debug", "debug2", "debug3", "debug4", "debug5"];
/// ALLOCATED, IDLE and the like are read from a file too, though nobody writes them. The last three count by their beginning.
const NODE_STATES: &[&str] =
    &["UNKNOWN", "DOWN", "FUTURE", "IDLE", "ALLOCATED", "MIXED", "ERROR", "CLOUD", "DRAIN", "FAIL"];
const EXTERNAL: &[Name] = &[("EXTERNAL", (25, 5), (0, 0))];
const BINDINGS: &[&str] =
    &["none", "no", "socket", "sockets", "ldom", "ldoms", "core", "cores", "thread", "threads", "off", "v", "verbose"];
const LIMITS: &[&str] =
    &["ALL", "NONE", "AS", "CORE", "CPU", "DATA", "FSIZE", "MEMLOCK", "NOFILE", "NPROC", "RSS", "STACK"];

#[rustfmt::skip]
const WORDS: &[Words] = &[
    words(Setting, "AccountingStorageEnforce", ",", (Whole, Refused),
        &["associations", "limits", "qos", "safe", "wckeys", "all", "nojobs", "nosteps", "1", "2"], &[]),
    words(Setting, "AccountingStoreFlags", ",", (Anywhere, Ignored),
        &["job_comment", "job_env", "job_script"], &[("job_extra", (23, 2), (0, 0)), ("no_stdio", (24, 5), (0, 0))]),
    words(Setting, "DebugFlags", ",", (Whole, Refused), &[
        "Accrue", "Agent", "Backfill", "BackfillMap", "BurstBuffer", "Cgroup", "CPU_Bind", "CpuFrequency", "Data",
        "DB_Archive", "DB_Assoc", "DB_Event", "DB_Job", "DB_QOS", "DB_Query", "DB_Reservation", "DB_Resource", "DB_Step",
        "DB_TRES", "DB_Usage", "DB_WCKey", "Dependency", "Elasticsearch", "Energy", "Federation", "Gang", "Gres",
        "Hetjob", "Interconnect", "JAG", "JobAccountGather", "JobContainer", "License", "MPI", "Net", "NetRaw",
        "Network", "NetworkRaw", "NodeFeatures", "NO_CONF_HASH", "Power", "PowerSave", "Priority", "Profile",
        "Protocol", "Reservation", "Route", "Script", "SelectType", "Steps", "Switch", "Task", "TraceJobs", "Trigger",
        "Triggers", "WorkQ", "WorkQueue",
    ], &[
        ("ExtSensors", (0, 0), (24, 5)), ("TimeCray", (0, 0), (24, 5)), ("FrontEnd", (0, 0), (25, 5)),
        ("JobComp", (23, 2), (0, 0)), ("GLOB_SILENCE", (23, 11), (0, 0)), ("Sack", (23, 11), (0, 0)),
        ("AuditRPCs", (24, 5), (0, 0)), ("DBD_Agent", (24, 5), (0, 0)), ("TLS", (24, 5), (0, 0)),
        ("ConMgr", (24, 11), (0, 0)), ("AuditTLS", (25, 5), (0, 0)), ("Metrics", (25, 11), (0, 0)),
        ("Namespace", (25, 11), (0, 0)), ("Thread", (26, 5), (0, 0)), ("Threads", (26, 5), (0, 0)),
    ]),
    words(Setting, "EnforcePartLimits", "", (Whole, Refused),
        &["ALL", "ANY", "NO", "YES", "up", "down", "true", "false", "1", "0"], &[]),
    words(Setting, "HealthCheckNodeState", ",", (Whole, Ignored), &["ANY", "ALLOC", "CYCLE", "IDLE", "MIXED"],
        &[("NONDRAINED_IDLE", (23, 2), (0, 0)), ("START_ONLY", (25, 11), (0, 0)), ("REBOOT_ONLY", (26, 5), (0, 0))]),
    words(Setting, "PreemptMode", ",", (Whole, Refused), PREEMPT_MODES, PRIORITY_MODE),
    // FAIR_TREE is the default and no longer looked for.
    words(Setting, "PriorityFlags", ",", (Anywhere, Ignored), &[
        "ACCRUE_ALWAYS", "CALCULATE_RUNNING", "DEPTH_OBLIVIOUS", "FAIR_TREE", "INCR_ONLY", "MAX_TRES", "NO_FAIR_TREE",
        "NO_NORMAL_ALL", "NO_NORMAL_ASSOC", "NO_NORMAL_PART", "NO_NORMAL_QOS", "NO_NORMAL_TRES", "SMALL_RELATIVE_TO_TIME",
    ], &[("MAX_TRES_GRES", (25, 5), (0, 0))]),
    words(Setting, "PriorityUsageResetPeriod", "", (Whole, Refused),
        &["none", "now", "daily", "weekly", "monthly", "quarterly", "yearly"], &[]),
    // `none` is looked for nowhere, and means what it does.
    words(Setting, "PrivateData", ",", (Anywhere, Ignored),
        &["accounts", "events", "jobs", "nodes", "partitions", "reservations", "usage", "users", "all", "none"], &[("cloud", (0, 0), (23, 2))]),
    words(Setting, "PrologFlags", ",", (Whole, Refused), &["Alloc", "Contain", "DeferBatch", "NoHold", "Serial", "X11"],
        &[("ForceRequeueOnFail", (23, 2), (0, 0)), ("RunInJob", (24, 5), (0, 0))]),
    words(Setting, "PropagateResourceLimits", ", \t\n", (Whole, Refused), LIMITS, &[]),
    words(Setting, "PropagateResourceLimitsExcept", ", \t\n", (Whole, Refused), LIMITS, &[]),
    words(Setting, "ReconfigFlags", ",", (Whole, RefusedSince(23, 2)), &["KeepPartInfo", "KeepPartState"],
        &[("KeepPowerSaveSettings", (23, 2), (0, 0)), ("KeepNodeStateFuture", (24, 11), (25, 5))]),
    // Any other number does as 0 does.
    words(Setting, "ReturnToService", "", (Whole, Ignored), &["0", "1", "2"], &[]),
    words(Setting, "SelectTypeParameters", ",", (Whole, Refused), &[
        "CR_CPU", "CR_CPU_Memory", "CR_Core", "CR_Core_Memory", "CR_Socket", "CR_Socket_Memory", "CR_Memory",
        "CR_ONE_TASK_PER_CORE", "CR_CORE_DEFAULT_DIST_BLOCK", "CR_LLN", "CR_Pack_Nodes",
    ], &[
        ("CR_ALLOCATE_FULL_SOCKET", (0, 0), (23, 2)), ("other_cons_res", (0, 0), (23, 11)), ("other_cons_tres", (0, 0), (24, 5)), ("LL_SHARED_GRES", (23, 11), (0, 0)),
        ("MULTIPLE_SHARING_GRES_PJ", (23, 11), (0, 0)), ("ENFORCE_BINDING_GRES", (23, 11), (0, 0)),
        ("ONE_TASK_PER_SHARING_GRES", (23, 11), (0, 0)), ("CR_NO_DIST_TOPO_BLOCK", (26, 5), (0, 0)),
    ]),
    words(Setting, "SlurmctldDebug", "", (Whole, Refused), LEVELS, &[]),
    words(Setting, "SlurmctldSyslogDebug", "", (Whole, Refused), LEVELS, &[]),
    words(Setting, "SlurmdDebug", "", (Whole, Refused), LEVELS, &[]),
    words(Setting, "SlurmdSyslogDebug", "", (Whole, Refused), LEVELS, &[]),
    words(Setting, "TaskPluginParam", ",", (Whole, Refused), &[
        "none", "sockets", "cores", "threads", "verbose", "autobind=none", "autobind=threads", "autobind=cores",
        "autobind=sockets", "SlurmdOffSpec",
    ], &[("Cpusets", (0, 0), (20, 11)), ("Sched", (0, 0), (21, 8)), ("Boards", (0, 0), (22, 5)), ("OOMKillStep", (24, 11), (0, 0)), ("SlurmdSpecOverride", (25, 5), (0, 0))]),
    words(Node, "State", "", (Whole, Refused), NODE_STATES, EXTERNAL),
    words(Node, "CpuBind", ",;", (Whole, Ignored), BINDINGS, &[]),
    words(DownNodes, "State", "", (Whole, Ignored), NODE_STATES, EXTERNAL),
    words(Partition, "CpuBind", ",;", (Whole, Ignored), BINDINGS, &[]),
    words(Partition, "Exclusive", "", (Whole, Refused), &["NO", "NONE", "NODE", "USER", "TOPO"], &[]),
    words(Partition, "OverSubscribe", "", (Whole, Refused), &["NO", "YES", "FORCE", "EXCLUSIVE"], &[]),
    // Since 24.11 the test for GANG comes before the test for an unknown word, and hides it.
    words(Partition, "PreemptMode", ",", (Whole, RefusedBefore(24, 11)), PREEMPT_MODES, PRIORITY_MODE),
    words(Partition, "SelectTypeParameters", "", (Start, Refused), &["CR_Core", "CR_Core_Memory", "CR_Socket", "CR_Socket_Memory"], &[]),
    words(Partition, "Shared", "", (Whole, Refused), &["NO", "YES", "FORCE", "EXCLUSIVE"], &[]),
    words(Partition, "State", "", (Start, Refused), &["UP", "DOWN", "DRAIN", "INACTIVE"], &[]),
];

impl Words {
    /// The set of a key, whatever its case.
    pub fn of(kind: LineKind, key: &str) -> Option<&'static Self> {
        WORDS.iter().find(|words| words.kind == kind && words.key.eq_ignore_ascii_case(key))
    }

    /// Words of a value. They are not trimmed: in `"a, b"` Slurm looks for ` b`.
    pub fn split<'a>(&self, value: &'a str) -> Vec<&'a str> {
        if self.between.is_empty() {
            return Some(value).filter(|value| !value.is_empty()).into_iter().collect();
        }
        value.split(|letter| self.between.contains(letter)).filter(|word| !word.is_empty()).collect()
    }

    /// Whether the release knows the word.
    pub fn knows(&self, word: &str, release: Option<Release>) -> bool {
        let lower = word.to_ascii_lowercase();
        let begins = |start: &str| lower.starts_with(start);
        let special = match (self.kind, self.key) {
            (Node | DownNodes, "State") => {
                ["cloud", "drain", "fail"].into_iter().any(begins)
                    || self.released("EXTERNAL", release) && begins("external")
            }
            // A count that is too small is another matter: the partition then shares nothing.
            (Partition, "OverSubscribe" | "Shared") => begins("yes:") || begins("force:"),
            (Setting, "PropagateResourceLimits" | "PropagateResourceLimitsExcept") => {
                return LIMITS.contains(&word.strip_prefix("RLIMIT_").unwrap_or(word));
            }
            _ => self.always == LEVELS && begins_with_digit(word),
        };
        special
            || self.names(release).any(|name| {
                let name = name.to_ascii_lowercase();
                match self.compared {
                    Whole => lower == name,
                    Start => lower.starts_with(&name),
                    Anywhere => lower.contains(name.trim_end_matches('s')),
                }
            })
    }

    /// Whether the release stops at a word that it does not know; without a release, whether all do.
    pub fn refuses(&self, release: Option<Release>) -> bool {
        match self.unknown {
            Refused => true,
            Ignored => false,
            RefusedBefore(year, month) => release.is_some_and(|release| release < Release::new(year, month)),
            RefusedSince(year, month) => release.is_some_and(|release| release >= Release::new(year, month)),
        }
    }

    /// Words of the release.
    pub fn names(&self, release: Option<Release>) -> impl Iterator<Item = &'static str> {
        let changed = self.changed.iter().filter(move |(_, since, until)| in_release(*since, *until, release));
        self.always.iter().copied().chain(changed.map(|(name, ..)| *name))
    }

    /// Releases of a word that not all know.
    pub fn releases_of(&self, word: &str) -> Option<Span> {
        let (_, since, until) = self.changed.iter().find(|(name, ..)| name.eq_ignore_ascii_case(word))?;
        Some(Span::new(*since, *until))
    }

    fn released(&self, word: &str, release: Option<Release>) -> bool {
        self.names(release).any(|name| name == word)
    }
}

fn begins_with_digit(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(kind: LineKind, key: &str, word: &str, year: u16, month: u16) -> bool {
        Words::of(kind, key).unwrap().knows(word, Some(Release::new(year, month)))
    }

    #[test]
    fn words_come_and_go() {
        assert!(!knows(Setting, "PreemptMode", "PRIORITY", 24, 11));
        assert!(knows(Setting, "PreemptMode", "priority", 25, 5));
        assert!(knows(Setting, "PrivateData", "cloud", 22, 5));
        assert!(!knows(Setting, "PrivateData", "cloud", 23, 2));
        assert!(knows(Setting, "SelectTypeParameters", "other_cons_tres", 23, 11));
        assert!(!knows(Setting, "SelectTypeParameters", "other_cons_tres", 24, 5));
        let modes = Words::of(Setting, "preemptmode").unwrap();
        assert_eq!(modes.releases_of("priority").unwrap().to_string(), "since 25.05");
        assert!(
            Words::of(Setting, "ReconfigFlags")
                .unwrap()
                .releases_of("KeepNodeStateFuture")
                .unwrap()
                .to_string()
                .contains("and before 25.05")
        );
    }

    #[test]
    fn words_are_compared_as_slurm_does() {
        assert!(knows(Setting, "PrivateData", "account", 24, 5) && knows(Setting, "PrivateData", "accounts", 24, 5));
        assert!(!knows(Setting, "PrivateData", "acounts", 24, 5));
        assert!(knows(Node, "State", "draining", 24, 5) && knows(Node, "State", "FAILING", 24, 5));
        assert!(!knows(Node, "State", "DOWNN", 24, 5) && knows(Partition, "State", "DOWNN", 24, 5));
        assert!(!knows(Node, "State", "EXTERNAL", 24, 11) && knows(Node, "State", "EXTERNAL", 25, 5));
        assert!(
            knows(Partition, "OverSubscribe", "force:2", 24, 5) && !knows(Partition, "OverSubscribe", "FORCED", 24, 5)
        );
        assert!(knows(Partition, "SelectTypeParameters", "CR_Core_Memory,CR_LLN", 24, 5));
        assert!(!knows(Partition, "SelectTypeParameters", "CR_CPU", 24, 5));
        assert!(knows(Setting, "SlurmctldDebug", "9", 24, 5) && !knows(Setting, "SlurmctldDebug", "debug6", 24, 5));
        assert!(knows(Setting, "PropagateResourceLimits", "RLIMIT_CORE", 24, 5));
        assert!(!knows(Setting, "PropagateResourceLimits", "core", 24, 5));
    }

    #[test]
    fn values_are_split_and_not_trimmed() {
        let enforce = Words::of(Setting, "AccountingStorageEnforce").unwrap();
        assert_eq!(enforce.split("limits, qos,,safe"), ["limits", " qos", "safe"]);
        assert!(enforce.split("").is_empty());
        assert_eq!(Words::of(Node, "CpuBind").unwrap().split("core;verbose"), ["core", "verbose"]);
        assert_eq!(Words::of(Partition, "State").unwrap().split("UP,DOWN"), ["UP,DOWN"]);
    }

    #[test]
    fn a_partition_s_preempt_mode_is_refused_before_24_11() {
        let modes = Words::of(Partition, "PreemptMode").unwrap();
        assert!(modes.refuses(Some(Release::new(24, 5))));
        assert!(!modes.refuses(Some(Release::new(24, 11))) && !modes.refuses(None));
        assert!(Words::of(Setting, "PreemptMode").unwrap().refuses(None));
    }
}
