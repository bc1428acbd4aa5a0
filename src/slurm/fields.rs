//! Every field that can be managed: how it is spelt in a body, read, written, cleared, and since when it exists.
//!
//! One row serves the reader (`format=` column or `scontrol` key), the writer (`set` name or configuration key), the
//! linter and the `slurm:` map of the manifests. Sources: the manual pages `sacctmgr(1)`, `slurm.conf(5)` and
//! `read_config.c`, `sacctmgr/*.c` of Slurm 21.08 to 26.05.

use super::release::Release;

/// What a field's text means, and so its canonical JSON value. The field's default is always *absent* from a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Free text; folded to lower case where the database does so. JSON string.
    Text,
    /// A word, case kept. JSON string.
    Word,
    /// One of a closed set of words, upper case in configuration files and lower case in accounting. JSON string.
    Choice,
    /// A number; `UNLIMITED`, `INFINITE`, `-1` and empty are absent. JSON integer.
    Count,
    /// A factor. JSON string of the shortest decimal (`0.5`), so that it compares exactly.
    Real,
    /// Minutes, written `D-HH:MM:SS` (or plain minutes) and rounded up. JSON integer.
    Minutes,
    /// Seconds, read as `HH:MM:SS` or `D-HH:MM:SS`, written as a number. JSON integer.
    Seconds,
    /// Seconds, read and written as `HH:MM:SS` or `D-HH:MM:SS`, since a bare number would be minutes. JSON integer.
    Clock,
    /// Megabytes, read with or without unit. JSON integer.
    Megabytes,
    /// TRES map `gres/gpu=4,mem=500G`: JSON object of integers, `mem` in megabytes.
    Tres,
    /// TRES weights `CPU=1.0,Mem=0.25G,GRES/gpu=2.0`: JSON object of decimal strings, keys in lower case.
    Weights,
    /// A set of words, order without meaning; `ALL` and empty are absent. JSON array of strings, sorted.
    Names,
    /// `YES`/`NO`; `NO` is absent. JSON `true`.
    Flag,
    /// `parent` or a number. JSON string `parent` or integer.
    Shares,
    /// Host list in canonical form. JSON string.
    Hosts,
    /// `gpu:h100:4,shard:8`: JSON object from `name:type` to count.
    Gres,
}

/// What Slurm makes of a zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    /// What it says.
    Plain,
    /// No limit at all.
    Unlimited,
    /// A limit that no job can keep.
    NoJob,
    /// It takes one instead, with a line in its log.
    One,
    /// It goes on as if the field were not there.
    Ignored,
    /// Its daemons do not start.
    Refused,
}

/// 16 bits without the top two, which mean "unset" and "unlimited" (slurm.h, `NO_VAL16` and `INFINITE16`).
const SHORT: u64 = 0xfffd;
/// 32 bits, likewise.
const LONG: u64 = 0xffff_fffd;
/// Signed 32 bits: columns of the database, which clips what is more, and the seconds of a time.
const SIGNED: u64 = 0x7fff_ffff;
/// Of what Slurm counts in 64 bits: more than any site has, and small enough for sums and products.
pub const AMOUNT: u64 = 1_000_000_000_000;

/// One field.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Name in bodies and in plan text, as Slurm's manuals spell it.
    pub key: &'static str,
    /// Meaning of its text.
    pub shape: Shape,
    /// Column of `sacctmgr … format=`, or key printed by `scontrol show`; empty where it cannot be read there.
    pub read: &'static str,
    /// Name in `sacctmgr … set NAME=`, or key in the configuration file.
    pub write: &'static str,
    /// Text of the default as the reader prints it (besides empty, `N/A`, `(null)`, `NONE`, `UNLIMITED`), e.g. `1`.
    pub default: &'static str,
    /// What clears it in `sacctmgr … set NAME=…` (for TRES maps: each TRES gets `=-1`; nothing for `NAME=`, as seen on live daemons).
    pub clear: &'static str,
    /// First release that has it.
    pub since: Release,
    /// First release that no longer has it.
    pub until: Option<Release>,
    /// What a zero means.
    pub zero: Zero,
    /// Largest number that arrives as written; in a map, of each.
    pub most: u64,
}

/// The largest number by the shape alone.
const fn most_of(shape: Shape) -> u64 {
    match shape {
        Shape::Minutes => SIGNED / 60,
        Shape::Clock => SIGNED,
        Shape::Shares => SIGNED - 1,
        Shape::Megabytes | Shape::Tres | Shape::Gres => AMOUNT,
        _ => LONG,
    }
}

const fn field(
    key: &'static str,
    shape: Shape,
    read: &'static str,
    default: &'static str,
    clear: &'static str,
) -> Field {
    let (zero, most) = (Zero::Plain, most_of(shape));
    Field { key, shape, read, write: key, default, clear, since: Release::OLDEST, until: None, zero, most }
}

impl Field {
    const fn since(mut self, year: u16, month: u16) -> Self {
        self.since = Release::new(year, month);
        self
    }

    const fn written(mut self, write: &'static str) -> Self {
        self.write = write;
        self
    }

    const fn zero(mut self, zero: Zero) -> Self {
        self.zero = zero;
        self
    }

    const fn most(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    /// Whether the release has this field.
    pub fn exists(&self, release: Release) -> bool {
        self.since <= release && self.until.is_none_or(|until| release < until)
    }
}

use Shape::{
    Choice, Clock, Count, Flag, Gres, Hosts, Megabytes, Minutes, Names, Real, Seconds, Shares, Text, Tres, Weights,
    Word,
};
use Zero::{Ignored, NoJob, One, Refused, Unlimited};

/// QOS, `sacctmgr show qos` (sacctmgr(1), SPECIFICATIONS FOR QOS). Description comes last: it may hold the separator.
pub const QOS: &[Field] = &[
    field("Priority", Count, "priority", "0", "-1"),
    field("GraceTime", Seconds, "gracetime", "00:00:00", "-1"),
    field("PreemptExemptTime", Clock, "preemptexempttime", "", "-1"),
    field("Preempt", Names, "preempt", "", ""),
    field("PreemptMode", Names, "preemptmode", "cluster", "cluster"),
    field("Flags", Names, "flags", "", "-1"),
    field("UsageThreshold", Real, "usagethres", "", "-1"),
    field("UsageFactor", Real, "usagefactor", "1.000000", "-1"),
    field("LimitFactor", Real, "limitfactor", "", "-1").zero(Ignored),
    field("GrpTRES", Tres, "grptres", "", "-1"),
    field("GrpTRESMins", Tres, "grptresmins", "", "-1"),
    field("GrpTRESRunMins", Tres, "grptresrunmins", "", "-1"),
    field("GrpJobs", Count, "grpjobs", "", "-1").most(SIGNED),
    field("GrpJobsAccrue", Count, "grpjobsaccrue", "", "-1").most(SIGNED),
    field("GrpSubmit", Count, "grpsubmit", "", "-1").most(SIGNED).written("GrpSubmitJobs"),
    field("GrpWall", Minutes, "grpwall", "", "-1"),
    field("MaxTRESPerJob", Tres, "maxtres", "", "-1"),
    field("MaxTRESPerNode", Tres, "maxtrespernode", "", "-1"),
    field("MaxTRESMinsPerJob", Tres, "maxtresmins", "", "-1").written("MaxTRESMins"),
    field("MaxWall", Minutes, "maxwall", "", "-1").zero(NoJob),
    field("MaxTRESPerUser", Tres, "maxtrespu", "", "-1"),
    field("MaxJobsPerUser", Count, "maxjobspu", "", "-1").most(SIGNED),
    field("MaxJobsAccruePerUser", Count, "maxjobsaccruepu", "", "-1").most(SIGNED),
    field("MaxSubmitJobsPerUser", Count, "maxsubmitpu", "", "-1").most(SIGNED),
    field("MaxTRESPerAccount", Tres, "maxtrespa", "", "-1"),
    field("MaxTRESRunMinsPerAccount", Tres, "maxtresrunminspa", "", "-1").written("MaxTRESRunMinsPA"),
    field("MaxTRESRunMinsPerUser", Tres, "maxtresrunminspu", "", "-1").written("MaxTRESRunMinsPU"),
    field("MaxJobsPerAccount", Count, "maxjobspa", "", "-1").most(SIGNED),
    field("MaxJobsAccruePerAccount", Count, "maxjobsaccruepa", "", "-1").most(SIGNED),
    field("MaxSubmitJobsPerAccount", Count, "maxsubmitpa", "", "-1").most(SIGNED),
    field("MinPrioThreshold", Count, "minprio", "", "-1").most(SIGNED).written("MinPrioThres"),
    field("MinTRESPerJob", Tres, "mintres", "", "-1"),
    field("Description", Text, "description", "", ""),
];

/// The account row itself, `sacctmgr show account WithCoord`. Coordinators are resources of their own.
pub const ACCOUNT: &[Field] = &[
    field("Organization", Text, "organization", "", ""),
    // `-1` clears nothing (24.05) or is refused (26.05); the one flag that there is has a word for its end.
    field("Flags", Names, "flags", "", "NoUsersAreCoords").since(24, 5),
    field("Description", Text, "description", "", ""),
];

/// What an association (of an account or of a user) can carry, `sacctmgr show assoc WOPLimits WithRawQOSLevel`.
/// `Parent` belongs to accounts alone. The QOS list is compared raw.
pub const ASSOCIATION: &[Field] = &[
    field("Parent", Word, "parentname", "", ""),
    field("Fairshare", Shares, "fairshare", "1", "1"),
    field("Priority", Count, "priority", "", "-1"),
    field("DefaultQOS", Word, "defaultqos", "", "-1"),
    field("GrpTRES", Tres, "grptres", "", "-1"),
    field("GrpTRESMins", Tres, "grptresmins", "", "-1"),
    field("GrpTRESRunMins", Tres, "grptresrunmins", "", "-1"),
    field("GrpJobs", Count, "grpjobs", "", "-1").most(SIGNED),
    field("GrpJobsAccrue", Count, "grpjobsaccrue", "", "-1").most(SIGNED),
    field("GrpSubmit", Count, "grpsubmit", "", "-1").most(SIGNED).written("GrpSubmitJobs"),
    field("GrpWall", Minutes, "grpwall", "", "-1"),
    field("MaxTRESPerJob", Tres, "maxtres", "", "-1").written("MaxTRES"),
    field("MaxTRESPerNode", Tres, "maxtrespernode", "", "-1"),
    field("MaxTRESMinsPerJob", Tres, "maxtresmins", "", "-1").written("MaxTRESMins"),
    field("MaxJobs", Count, "maxjobs", "", "-1").most(SIGNED),
    field("MaxJobsAccrue", Count, "maxjobsaccrue", "", "-1").most(SIGNED),
    field("MaxSubmitJobs", Count, "maxsubmit", "", "-1").most(SIGNED),
    field("MaxWall", Minutes, "maxwall", "", "-1").zero(NoJob),
    field("MinPrioThreshold", Count, "minprio", "", "-1").most(SIGNED).written("MinPrioThres"),
    field("QOS", Names, "qos", "", ""),
    field("Comment", Text, "comment", "", "").since(23, 2),
];

/// `PartitionName` (slurm.conf(5), PARTITION CONFIGURATION). `read` is the key of `scontrol -o show partition`.
pub const PARTITION: &[Field] = &[
    field("Nodes", Hosts, "Nodes", "", ""),
    field("Default", Flag, "Default", "NO", ""),
    field("State", Choice, "State", "UP", ""),
    field("MaxTime", Minutes, "MaxTime", "UNLIMITED", "").zero(NoJob),
    field("DefaultTime", Minutes, "DefaultTime", "NONE", "").zero(NoJob),
    // Minutes, but the daemon takes no `HH:MM:SS` here.
    field("OverTimeLimit", Count, "OverTimeLimit", "NONE", "").most(SHORT),
    field("GraceTime", Seconds, "GraceTime", "0", ""),
    field("MinNodes", Count, "MinNodes", "0", ""),
    field("MaxNodes", Count, "MaxNodes", "UNLIMITED", "").zero(NoJob),
    field("MaxCPUsPerNode", Count, "MaxCPUsPerNode", "UNLIMITED", "").zero(NoJob),
    field("MaxCPUsPerSocket", Count, "MaxCPUsPerSocket", "UNLIMITED", "").zero(NoJob).since(23, 2),
    field("DefMemPerCPU", Megabytes, "DefMemPerCPU", "UNLIMITED", "").zero(Unlimited),
    field("DefMemPerNode", Megabytes, "DefMemPerNode", "UNLIMITED", "").zero(Unlimited),
    field("DefMemPerGPU", Megabytes, "", "", "").zero(Unlimited),
    field("DefCPUPerGPU", Count, "", "", "").zero(Ignored),
    field("MaxMemPerCPU", Megabytes, "MaxMemPerCPU", "UNLIMITED", "").zero(Unlimited),
    field("MaxMemPerNode", Megabytes, "MaxMemPerNode", "UNLIMITED", "").zero(Unlimited),
    field("OverSubscribe", Choice, "OverSubscribe", "NO", ""),
    field("ExclusiveUser", Flag, "ExclusiveUser", "NO", ""),
    field("ExclusiveTopo", Flag, "ExclusiveTopo", "NO", "").since(24, 5),
    field("AllowQos", Names, "AllowQos", "ALL", ""),
    field("DenyQos", Names, "DenyQos", "", ""),
    field("AllowAccounts", Names, "AllowAccounts", "ALL", ""),
    field("DenyAccounts", Names, "DenyAccounts", "", ""),
    field("AllowGroups", Names, "AllowGroups", "ALL", ""),
    field("AllocNodes", Hosts, "AllocNodes", "ALL", ""),
    field("QOS", Word, "QoS", "N/A", ""),
    field("PriorityTier", Count, "PriorityTier", "1", "").most(SHORT),
    field("PriorityJobFactor", Count, "PriorityJobFactor", "1", "").most(SHORT),
    field("PreemptMode", Names, "PreemptMode", "", ""),
    field("Alternate", Word, "Alternate", "", ""),
    field("CpuBind", Choice, "CpuBind", "", ""),
    field("SelectTypeParameters", Choice, "SelectTypeParameters", "NONE", ""),
    field("TRESBillingWeights", Weights, "TRESBillingWeights", "", ""),
    field("DisableRootJobs", Flag, "DisableRootJobs", "NO", ""),
    field("Hidden", Flag, "Hidden", "NO", ""),
    field("LLN", Flag, "LLN", "NO", ""),
    field("ReqResv", Flag, "ReqResv", "NO", ""),
    field("RootOnly", Flag, "RootOnly", "NO", ""),
    // The text of `scontrol show partition` leaves these four out (seen on 24.11).
    field("PowerDownOnIdle", Flag, "", "NO", "").since(23, 2),
    field("SuspendTime", Seconds, "", "GLOBAL", ""),
    field("SuspendTimeout", Seconds, "", "GLOBAL", "").most(SHORT),
    field("ResumeTimeout", Seconds, "", "GLOBAL", "").most(SHORT),
    field("Topology", Word, "Topology", "", "").since(25, 5),
];

/// `NodeName`, one body a host (slurm.conf(5), NODE CONFIGURATION). `read` is the key of `scontrol -o show node`.
pub const NODE: &[Field] = &[
    field("NodeAddr", Word, "NodeAddr", "", ""),
    field("NodeHostname", Word, "NodeHostName", "", ""),
    field("BcastAddr", Word, "BcastAddr", "", ""),
    field("Port", Count, "Port", "6818", "").most(0xffff).zero(Refused),
    field("CPUs", Count, "CPUTot", "", "").most(SHORT).zero(One),
    field("Boards", Count, "Boards", "1", "").most(SHORT).zero(One),
    field("Sockets", Count, "Sockets", "", "").most(SHORT).zero(One),
    field("SocketsPerBoard", Count, "", "", "").most(SHORT).zero(One),
    field("CoresPerSocket", Count, "CoresPerSocket", "", "").most(SHORT).zero(One),
    field("ThreadsPerCore", Count, "ThreadsPerCore", "", "").most(SHORT).zero(One),
    field("RealMemory", Megabytes, "RealMemory", "1", "").zero(NoJob),
    field("TmpDisk", Megabytes, "TmpDisk", "0", "").most(LONG),
    field("Features", Names, "AvailableFeatures", "", "").written("Feature"),
    field("Gres", Gres, "Gres", "", ""),
    field("Weight", Count, "Weight", "1", ""),
    field("CoreSpecCount", Count, "CoreSpecCount", "0", "").most(SHORT),
    field("CPUSpecList", Word, "CPUSpecList", "", ""),
    field("MemSpecLimit", Megabytes, "MemSpecLimit", "0", ""),
    field("RestrictedCoresPerGPU", Count, "RestrictedCoresPerGPU", "0", "").most(SHORT).since(24, 5),
    field("CpuBind", Choice, "CpuBind", "", ""),
    field("TRESWeights", Weights, "", "", ""),
    field("State", Choice, "", "UNKNOWN", ""),
    field("Reason", Text, "", "", ""),
    field("Topology", Word, "Topology", "", "").since(25, 5),
    field("GresConf", Word, "", "", "").since(25, 11),
    field("Parameters", Word, "", "", "").since(25, 11),
    field("SuspendTime", Seconds, "", "", "").since(26, 5),
];

/// Fields of a node that Slurm infers from each other: only an explicit one can differ.
const INFERRED: [&str; 14] = [
    "BcastAddr",
    "Boards",
    "CPUSpecList",
    "CPUs",
    "CoreSpecCount",
    "CoresPerSocket",
    "CpuBind",
    "NodeAddr",
    "NodeHostname",
    "Port",
    "RealMemory",
    "Sockets",
    "SocketsPerBoard",
    "ThreadsPerCore",
];

/// Whether Slurm infers that field of a node where its line does not have it, so that a running value differs from nothing.
pub fn is_inferred(key: &str) -> bool {
    INFERRED.contains(&key)
}

/// `NodeSet` (slurm.conf(5), NODESET CONFIGURATION).
pub const NODESET: &[Field] = &[field("Feature", Word, "", "", ""), field("Nodes", Hosts, "", "", "")];

/// One `gres.conf` line of one host and one gres `name[:type]` (gres.conf(5)). Never read from the controller.
pub const GRES: &[Field] = &[
    field("Count", Count, "", "", ""),
    field("File", Word, "", "", ""),
    field("MultipleFiles", Word, "", "", "").since(21, 8),
    field("Cores", Word, "", "", ""),
    field("Flags", Names, "", "", ""),
    field("Links", Word, "", "", ""),
    field("AutoDetect", Choice, "", "", ""),
];

/// The user row; only levels are managed there. The default account is per cluster.
pub const USER: &[Field] =
    &[field("AdminLevel", Choice, "adminlevel", "None", "None"), field("DefaultAccount", Word, "", "", "")];

/// Fields of a resource kind of a Slurm target; an account carries its own row and its association's.
pub fn of_kind(kind: &str) -> Vec<&'static Field> {
    match kind {
        "qos" => QOS.iter().collect(),
        "account" => ASSOCIATION.iter().chain(ACCOUNT).collect(),
        "association" => ASSOCIATION.iter().filter(|field| field.key != "Parent").collect(),
        "user" => USER.iter().collect(),
        "partition" => PARTITION.iter().collect(),
        "node" => NODE.iter().collect(),
        "nodeset" => NODESET.iter().collect(),
        "gres" => GRES.iter().collect(),
        _ => Vec::new(),
    }
}

/// The field of a kind by its key, whatever the case.
pub fn find(kind: &str, key: &str) -> Option<&'static Field> {
    of_kind(kind).into_iter().find(|field| field.key.eq_ignore_ascii_case(key))
}
