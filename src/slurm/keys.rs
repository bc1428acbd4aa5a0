//! Keys of slurm.conf and gres.conf by release (`slurm_conf_options`, `_nodename_options` and their like in
//! `read_config.c` and `gres.c` of the releases named). An unknown key stops every client program.

use std::fmt;

use super::release::Release;

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LineKind {
    /// A setting of slurm.conf.
    Setting,
    /// On a `NodeName` line.
    Node,
    /// On a `PartitionName` line.
    Partition,
    /// On a `NodeSet` line.
    NodeSet,
    /// On a `DownNodes` line.
    DownNodes,
    /// In gres.conf.
    Gres,
}

/// What a setting's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Anything.
    Text,
    /// A number, `UNLIMITED` or `INFINITE`.
    Number,
    /// YES or NO.
    Flag,
    /// Starts a line with further keys, or may stand more than once.
    Line,
}

use ValueKind::{Flag, Line, Number, Text};

/// A release's numbers; `(0, 0)` for "always was" as a beginning and for "still is" as an end.
pub(super) type Bound = (u16, u16);

/// Name, sort of value, first release with it, first release without it. Keys that ended before the first supported
/// release are kept for old files: the hint can say when they went.
type Key = (&'static str, ValueKind, Bound, Bound);

#[rustfmt::skip]
const SETTINGS: &[Key] = &[
    ("AccountingStorageBackupHost", Text, (0, 0), (0, 0)),
    ("AccountingStorageEnforce", Text, (0, 0), (0, 0)),
    ("AccountingStorageExternalHost", Text, (0, 0), (0, 0)),
    ("AccountingStorageHost", Text, (0, 0), (0, 0)),
    ("AccountingStorageLoc", Text, (0, 0), (25, 11)),
    ("AccountingStorageParameters", Text, (0, 0), (0, 0)),
    ("AccountingStoragePass", Text, (0, 0), (0, 0)),
    ("AccountingStoragePort", Number, (0, 0), (0, 0)),
    ("AccountingStorageTRES", Text, (0, 0), (0, 0)),
    ("AccountingStorageType", Text, (0, 0), (0, 0)),
    ("AccountingStorageUser", Text, (0, 0), (0, 0)),
    ("AccountingStoreFlags", Text, (0, 0), (0, 0)),
    ("AccountingStoreJobComment", Flag, (0, 0), (0, 0)),
    ("AcctGatherEnergyType", Text, (0, 0), (0, 0)),
    ("AcctGatherFilesystemType", Text, (0, 0), (0, 0)),
    ("AcctGatherInfinibandType", Text, (0, 0), (0, 0)),
    ("AcctGatherInterconnectType", Text, (0, 0), (0, 0)),
    ("AcctGatherNodeFreq", Number, (0, 0), (0, 0)),
    ("AcctGatherProfileType", Text, (0, 0), (0, 0)),
    ("AllowSpecResourcesUsage", Flag, (0, 0), (0, 0)),
    ("AuthAltParameters", Text, (0, 0), (0, 0)),
    ("AuthAltTypes", Text, (0, 0), (0, 0)),
    ("AuthInfo", Text, (0, 0), (0, 0)),
    ("AuthType", Text, (0, 0), (0, 0)),
    ("BackupAddr", Text, (0, 0), (0, 0)),
    ("BackupController", Text, (0, 0), (0, 0)),
    ("BatchStartTimeout", Number, (0, 0), (0, 0)),
    ("BcastExclude", Text, (0, 0), (0, 0)),
    ("BcastParameters", Text, (0, 0), (0, 0)),
    ("BurstBufferParameters", Text, (0, 0), (0, 0)),
    ("BurstBufferType", Text, (0, 0), (0, 0)),
    ("CacheGroups", Number, (0, 0), (21, 8)),
    ("CertgenParameters", Text, (25, 5), (0, 0)),
    ("CertgenType", Text, (25, 5), (0, 0)),
    ("CertmgrParameters", Text, (24, 11), (0, 0)),
    ("CertmgrType", Text, (24, 11), (0, 0)),
    ("CheckpointType", Text, (0, 0), (21, 8)),
    ("ChosLoc", Text, (0, 0), (20, 11)),
    ("CliFilterParameters", Text, (25, 11), (0, 0)),
    ("CliFilterPlugins", Text, (0, 0), (0, 0)),
    ("ClusterName", Text, (0, 0), (0, 0)),
    ("CommunicationParameters", Text, (0, 0), (0, 0)),
    ("CompleteWait", Number, (0, 0), (0, 0)),
    ("ControlAddr", Text, (0, 0), (0, 0)),
    ("ControlMachine", Text, (0, 0), (0, 0)),
    ("CoreSpecPlugin", Text, (0, 0), (0, 0)),
    ("CpuFreqDef", Text, (0, 0), (0, 0)),
    ("CpuFreqGovernors", Text, (0, 0), (0, 0)),
    ("CredType", Text, (0, 0), (0, 0)),
    ("CryptoType", Text, (0, 0), (0, 0)),
    ("DataParserParameters", Text, (24, 11), (0, 0)),
    ("DebugFlags", Text, (0, 0), (0, 0)),
    ("DefaultStorageHost", Text, (0, 0), (21, 8)),
    ("DefaultStorageLoc", Text, (0, 0), (21, 8)),
    ("DefaultStoragePass", Text, (0, 0), (21, 8)),
    ("DefaultStoragePort", Number, (0, 0), (21, 8)),
    ("DefaultStorageType", Text, (0, 0), (21, 8)),
    ("DefaultStorageUser", Text, (0, 0), (21, 8)),
    ("DefCPUPerGPU", Number, (0, 0), (0, 0)),
    ("DefMemPerCPU", Number, (0, 0), (0, 0)),
    ("DefMemPerGPU", Number, (0, 0), (0, 0)),
    ("DefMemPerNode", Number, (0, 0), (0, 0)),
    ("DependencyParameters", Text, (0, 0), (0, 0)),
    ("DisableRootJobs", Flag, (0, 0), (0, 0)),
    ("DownNodes", Line, (0, 0), (0, 0)),
    ("EioTimeout", Number, (0, 0), (0, 0)),
    ("EnforcePartLimits", Text, (0, 0), (0, 0)),
    ("Epilog", Line, (0, 0), (0, 0)),
    ("EpilogMsgTime", Number, (0, 0), (0, 0)),
    ("EpilogSlurmctld", Line, (0, 0), (0, 0)),
    ("EpilogTimeout", Number, (25, 5), (0, 0)),
    ("ExtSensorsFreq", Number, (0, 0), (0, 0)),
    ("ExtSensorsType", Text, (0, 0), (0, 0)),
    ("FairShareDampeningFactor", Number, (0, 0), (0, 0)),
    ("FastSchedule", Number, (0, 0), (0, 0)),
    ("FederationParameters", Text, (0, 0), (0, 0)),
    ("FirstJobId", Number, (0, 0), (0, 0)),
    ("FrontendName", Line, (0, 0), (25, 5)),
    ("GetEnvTimeout", Number, (0, 0), (0, 0)),
    ("GpuFreqDef", Text, (0, 0), (0, 0)),
    ("GresTypes", Text, (0, 0), (0, 0)),
    ("GroupUpdateForce", Number, (0, 0), (0, 0)),
    ("GroupUpdateTime", Number, (0, 0), (0, 0)),
    ("HashPlugin", Text, (24, 5), (0, 0)),
    ("HealthCheckInterval", Number, (0, 0), (0, 0)),
    ("HealthCheckNodeState", Text, (0, 0), (0, 0)),
    ("HealthCheckProgram", Text, (0, 0), (0, 0)),
    ("HealthCheckTimeout", Number, (26, 5), (0, 0)),
    ("HttpParserType", Text, (25, 11), (0, 0)),
    ("InactiveLimit", Number, (0, 0), (0, 0)),
    ("InteractiveStepOptions", Text, (0, 0), (0, 0)),
    ("JobAcctGatherFrequency", Text, (0, 0), (0, 0)),
    ("JobAcctGatherParams", Text, (0, 0), (0, 0)),
    ("JobAcctGatherType", Text, (0, 0), (0, 0)),
    ("JobCheckpointDir", Text, (0, 0), (21, 8)),
    ("JobCompHost", Text, (0, 0), (0, 0)),
    ("JobCompLoc", Text, (0, 0), (0, 0)),
    ("JobCompParams", Text, (0, 0), (0, 0)),
    ("JobCompPass", Text, (0, 0), (0, 0)),
    ("JobCompPassScript", Text, (25, 11), (0, 0)),
    ("JobCompPort", Number, (0, 0), (0, 0)),
    ("JobCompType", Text, (0, 0), (0, 0)),
    ("JobCompUser", Text, (0, 0), (0, 0)),
    ("JobContainerType", Text, (0, 0), (0, 0)),
    ("JobCredentialPrivateKey", Text, (0, 0), (0, 0)),
    ("JobCredentialPublicCertificate", Text, (0, 0), (0, 0)),
    ("JobFileAppend", Number, (0, 0), (0, 0)),
    ("JobRequeue", Number, (0, 0), (0, 0)),
    ("JobSubmitPlugins", Text, (0, 0), (0, 0)),
    ("KeepAliveTime", Number, (0, 0), (0, 0)),
    ("KillOnBadExit", Number, (0, 0), (0, 0)),
    ("KillWait", Number, (0, 0), (0, 0)),
    ("LaunchParameters", Text, (0, 0), (0, 0)),
    ("LaunchType", Text, (0, 0), (0, 0)),
    ("Layouts", Text, (0, 0), (20, 11)),
    ("LicenseParameters", Text, (26, 5), (0, 0)),
    ("Licenses", Text, (0, 0), (0, 0)),
    ("LogTimeFormat", Text, (0, 0), (0, 0)),
    ("MailDomain", Text, (0, 0), (0, 0)),
    ("MailProg", Text, (0, 0), (0, 0)),
    ("MaxArraySize", Number, (0, 0), (0, 0)),
    ("MaxBatchRequeue", Number, (23, 2), (0, 0)),
    ("MaxDBDMsgs", Number, (0, 0), (0, 0)),
    ("MaxJobCount", Number, (0, 0), (0, 0)),
    ("MaxJobId", Number, (0, 0), (0, 0)),
    ("MaxMemPerCPU", Number, (0, 0), (0, 0)),
    ("MaxMemPerNode", Number, (0, 0), (0, 0)),
    ("MaxNodeCount", Number, (0, 0), (0, 0)),
    ("MaxStepCount", Number, (0, 0), (0, 0)),
    ("MaxTasksPerNode", Number, (0, 0), (0, 0)),
    ("MCSParameters", Text, (0, 0), (0, 0)),
    ("MCSPlugin", Text, (0, 0), (0, 0)),
    ("MemLimitEnforce", Text, (0, 0), (21, 8)),
    ("MessageTimeout", Number, (0, 0), (0, 0)),
    ("MetricsAuthUsers", Text, (26, 5), (0, 0)),
    ("MetricsParameters", Text, (26, 5), (0, 0)),
    ("MetricsType", Text, (25, 11), (0, 0)),
    ("MinJobAge", Number, (0, 0), (0, 0)),
    ("MpiDefault", Text, (0, 0), (0, 0)),
    ("MpiParams", Text, (0, 0), (0, 0)),
    ("MsgAggregationParams", Text, (0, 0), (20, 11)),
    ("NamespaceType", Text, (25, 11), (0, 0)),
    ("NodeFeaturesPlugins", Text, (0, 0), (0, 0)),
    ("NodeName", Line, (0, 0), (0, 0)),
    ("NodeSet", Line, (0, 0), (0, 0)),
    ("OverTimeLimit", Number, (0, 0), (0, 0)),
    ("PartitionName", Line, (0, 0), (0, 0)),
    ("PluginDir", Text, (0, 0), (0, 0)),
    ("PlugStackConfig", Text, (0, 0), (0, 0)),
    ("PowerAction", Line, (26, 5), (0, 0)),
    ("PowerParameters", Text, (0, 0), (0, 0)),
    ("PowerPlugin", Text, (0, 0), (0, 0)),
    ("PreemptExemptTime", Text, (0, 0), (0, 0)),
    ("PreemptMode", Text, (0, 0), (0, 0)),
    ("PreemptParameters", Text, (23, 2), (0, 0)),
    ("PreemptType", Text, (0, 0), (0, 0)),
    ("PrEpParameters", Text, (0, 0), (0, 0)),
    ("PrEpPlugins", Text, (0, 0), (0, 0)),
    ("PriorityCalcPeriod", Text, (0, 0), (0, 0)),
    ("PriorityDecayHalfLife", Text, (0, 0), (0, 0)),
    ("PriorityFavorSmall", Flag, (0, 0), (0, 0)),
    ("PriorityFlags", Text, (0, 0), (0, 0)),
    ("PriorityMaxAge", Text, (0, 0), (0, 0)),
    ("PriorityParameters", Text, (0, 0), (0, 0)),
    ("PrioritySiteFactorParameters", Text, (0, 0), (0, 0)),
    ("PrioritySiteFactorPlugin", Text, (0, 0), (0, 0)),
    ("PriorityType", Text, (0, 0), (0, 0)),
    ("PriorityUsageResetPeriod", Text, (0, 0), (0, 0)),
    ("PriorityWeightAge", Number, (0, 0), (0, 0)),
    ("PriorityWeightAssoc", Number, (0, 0), (0, 0)),
    ("PriorityWeightFairshare", Number, (0, 0), (0, 0)),
    ("PriorityWeightJobSize", Number, (0, 0), (0, 0)),
    ("PriorityWeightPartition", Number, (0, 0), (0, 0)),
    ("PriorityWeightQOS", Number, (0, 0), (0, 0)),
    ("PriorityWeightTRES", Text, (0, 0), (0, 0)),
    ("PrivateData", Text, (0, 0), (0, 0)),
    ("ProctrackType", Text, (0, 0), (0, 0)),
    ("Prolog", Line, (0, 0), (0, 0)),
    ("PrologEpilogTimeout", Number, (0, 0), (0, 0)),
    ("PrologFlags", Text, (0, 0), (0, 0)),
    ("PrologSlurmctld", Line, (0, 0), (0, 0)),
    ("PrologTimeout", Number, (25, 5), (0, 0)),
    ("PropagatePrioProcess", Number, (0, 0), (0, 0)),
    ("PropagateResourceLimits", Text, (0, 0), (0, 0)),
    ("PropagateResourceLimitsExcept", Text, (0, 0), (0, 0)),
    ("RebootProgram", Text, (0, 0), (0, 0)),
    ("ReconfigFlags", Text, (0, 0), (0, 0)),
    ("RequeueExit", Text, (0, 0), (0, 0)),
    ("RequeueExitHold", Text, (0, 0), (0, 0)),
    ("ResumeFailProgram", Text, (0, 0), (0, 0)),
    ("ResumeProgram", Text, (0, 0), (0, 0)),
    ("ResumeRate", Number, (0, 0), (0, 0)),
    ("ResumeTimeout", Number, (0, 0), (0, 0)),
    ("ResvEpilog", Text, (0, 0), (0, 0)),
    ("ResvOverRun", Number, (0, 0), (0, 0)),
    ("ResvProlog", Text, (0, 0), (0, 0)),
    ("ReturnToService", Number, (0, 0), (0, 0)),
    ("RoutePlugin", Text, (0, 0), (0, 0)),
    ("SallocDefaultCommand", Text, (0, 0), (0, 0)),
    ("SbcastParameters", Text, (0, 0), (0, 0)),
    ("SchedulerAuth", Text, (0, 0), (24, 5)),
    ("SchedulerParameters", Text, (0, 0), (0, 0)),
    ("SchedulerPort", Number, (0, 0), (21, 8)),
    ("SchedulerRootFilter", Number, (0, 0), (21, 8)),
    ("SchedulerTimeSlice", Number, (0, 0), (0, 0)),
    ("SchedulerType", Text, (0, 0), (0, 0)),
    ("ScronParameters", Text, (0, 0), (0, 0)),
    ("SelectType", Text, (0, 0), (0, 0)),
    ("SelectTypeParameters", Text, (0, 0), (0, 0)),
    ("SlurmctldAddr", Text, (0, 0), (0, 0)),
    ("SlurmctldDebug", Text, (0, 0), (0, 0)),
    ("SlurmctldHost", Line, (0, 0), (0, 0)),
    ("SlurmctldHttpAuthParameters", Text, (26, 5), (0, 0)),
    ("SlurmctldLogFile", Text, (0, 0), (0, 0)),
    ("SlurmctldParameters", Text, (0, 0), (0, 0)),
    ("SlurmctldPidFile", Text, (0, 0), (0, 0)),
    ("SlurmctldPlugstack", Text, (0, 0), (23, 2)),
    ("SlurmctldPort", Text, (0, 0), (0, 0)),
    ("SlurmctldPrimaryOffProg", Text, (0, 0), (0, 0)),
    ("SlurmctldPrimaryOnProg", Text, (0, 0), (0, 0)),
    ("SlurmctldSyslogDebug", Text, (0, 0), (0, 0)),
    ("SlurmctldTimeout", Number, (0, 0), (0, 0)),
    ("SlurmdDebug", Text, (0, 0), (0, 0)),
    ("SlurmdHttpAuthParameters", Text, (26, 5), (0, 0)),
    ("SlurmdLogFile", Text, (0, 0), (0, 0)),
    ("SlurmdParameters", Text, (0, 0), (0, 0)),
    ("SlurmdPidFile", Text, (0, 0), (0, 0)),
    ("SlurmdPlugstack", Text, (0, 0), (17, 11)),
    ("SlurmdPort", Number, (0, 0), (0, 0)),
    ("SlurmdSpoolDir", Text, (0, 0), (0, 0)),
    ("SlurmdSyslogDebug", Text, (0, 0), (0, 0)),
    ("SlurmdTimeout", Number, (0, 0), (0, 0)),
    ("SlurmdUser", Text, (0, 0), (0, 0)),
    ("SlurmSchedLogFile", Text, (0, 0), (0, 0)),
    ("SlurmSchedLogLevel", Number, (0, 0), (0, 0)),
    ("SlurmUser", Text, (0, 0), (0, 0)),
    ("SrunEpilog", Text, (0, 0), (0, 0)),
    ("SrunPortRange", Text, (0, 0), (0, 0)),
    ("SrunProlog", Text, (0, 0), (0, 0)),
    ("StateSaveLocation", Text, (0, 0), (0, 0)),
    ("SuspendExcNodes", Text, (0, 0), (0, 0)),
    ("SuspendExcParts", Text, (0, 0), (0, 0)),
    ("SuspendExcStates", Text, (23, 2), (0, 0)),
    ("SuspendProgram", Text, (0, 0), (0, 0)),
    ("SuspendRate", Number, (0, 0), (0, 0)),
    ("SuspendTime", Text, (0, 0), (0, 0)),
    ("SuspendTimeout", Number, (0, 0), (0, 0)),
    ("SwitchParameters", Text, (0, 0), (0, 0)),
    ("SwitchType", Text, (0, 0), (0, 0)),
    ("TaskEpilog", Text, (0, 0), (0, 0)),
    ("TaskPlugin", Text, (0, 0), (0, 0)),
    ("TaskPluginParam", Text, (0, 0), (0, 0)),
    ("TaskProlog", Text, (0, 0), (0, 0)),
    ("TCPTimeout", Number, (0, 0), (0, 0)),
    ("TLSParameters", Text, (24, 5), (0, 0)),
    ("TLSType", Text, (24, 5), (0, 0)),
    ("TmpFS", Text, (0, 0), (0, 0)),
    ("TopologyParam", Text, (0, 0), (0, 0)),
    ("TopologyPlugin", Text, (0, 0), (0, 0)),
    ("TrackWCKey", Flag, (0, 0), (0, 0)),
    ("TreeWidth", Number, (0, 0), (0, 0)),
    ("UnkillableStepProgram", Text, (0, 0), (0, 0)),
    ("UnkillableStepTimeout", Number, (0, 0), (0, 0)),
    ("UrlParserType", Text, (25, 11), (0, 0)),
    ("UsePAM", Flag, (0, 0), (0, 0)),
    ("VSizeFactor", Number, (0, 0), (0, 0)),
    ("WaitTime", Number, (0, 0), (0, 0)),
    ("X11Parameters", Text, (0, 0), (0, 0)),
];

#[rustfmt::skip]
const NODE: &[Key] = &[
    ("BcastAddr", Text, (0, 0), (0, 0)),
    ("Boards", Text, (0, 0), (0, 0)),
    ("CoreSpecCount", Text, (0, 0), (0, 0)),
    ("CoresPerSocket", Text, (0, 0), (0, 0)),
    ("CpuBind", Text, (0, 0), (0, 0)),
    ("CPUs", Text, (0, 0), (0, 0)),
    ("CPUSpecList", Text, (0, 0), (0, 0)),
    ("Feature", Text, (0, 0), (0, 0)),
    ("Features", Text, (0, 0), (0, 0)),
    ("Gres", Text, (0, 0), (0, 0)),
    ("GresConf", Text, (25, 11), (0, 0)),
    ("MemSpecLimit", Text, (0, 0), (0, 0)),
    ("NodeAddr", Text, (0, 0), (0, 0)),
    ("NodeHostname", Text, (0, 0), (0, 0)),
    ("Parameters", Text, (25, 11), (0, 0)),
    ("Port", Text, (0, 0), (0, 0)),
    ("Procs", Text, (0, 0), (0, 0)),
    ("RealMemory", Text, (0, 0), (0, 0)),
    ("Reason", Text, (0, 0), (0, 0)),
    ("RestrictedCoresPerGPU", Text, (24, 5), (0, 0)),
    ("Sockets", Text, (0, 0), (0, 0)),
    ("SocketsPerBoard", Text, (0, 0), (0, 0)),
    ("State", Text, (0, 0), (0, 0)),
    ("SuspendTime", Text, (26, 5), (0, 0)),
    ("ThreadsPerCore", Text, (0, 0), (0, 0)),
    ("TmpDisk", Text, (0, 0), (0, 0)),
    ("Topology", Text, (25, 5), (0, 0)),
    ("TRESWeights", Text, (0, 0), (0, 0)),
    ("Weight", Text, (0, 0), (0, 0)),
];

#[rustfmt::skip]
const PARTITION: &[Key] = &[
    ("AllocNodes", Text, (0, 0), (0, 0)),
    ("AllowAccounts", Text, (0, 0), (0, 0)),
    ("AllowGroups", Text, (0, 0), (0, 0)),
    ("AllowQos", Text, (0, 0), (0, 0)),
    ("Alternate", Text, (0, 0), (0, 0)),
    ("CpuBind", Text, (0, 0), (0, 0)),
    ("Default", Text, (0, 0), (0, 0)),
    ("DefaultTime", Text, (0, 0), (0, 0)),
    ("DefCPUPerGPU", Text, (0, 0), (0, 0)),
    ("DefMemPerCPU", Text, (0, 0), (0, 0)),
    ("DefMemPerGPU", Text, (0, 0), (0, 0)),
    ("DefMemPerNode", Text, (0, 0), (0, 0)),
    ("DenyAccounts", Text, (0, 0), (0, 0)),
    ("DenyQos", Text, (0, 0), (0, 0)),
    ("DisableRootJobs", Text, (0, 0), (0, 0)),
    ("Exclusive", Text, (26, 5), (0, 0)),
    ("ExclusiveTopo", Text, (24, 5), (0, 0)),
    ("ExclusiveUser", Text, (0, 0), (0, 0)),
    ("GraceTime", Text, (0, 0), (0, 0)),
    ("Hidden", Text, (0, 0), (0, 0)),
    ("LLN", Text, (0, 0), (0, 0)),
    ("MaxCPUsPerNode", Text, (0, 0), (0, 0)),
    ("MaxCPUsPerSocket", Text, (23, 2), (0, 0)),
    ("MaxMemPerCPU", Text, (0, 0), (0, 0)),
    ("MaxMemPerNode", Text, (0, 0), (0, 0)),
    ("MaxNodes", Text, (0, 0), (0, 0)),
    ("MaxTime", Text, (0, 0), (0, 0)),
    ("MinNodes", Text, (0, 0), (0, 0)),
    ("Nodes", Text, (0, 0), (0, 0)),
    ("OverSubscribe", Text, (0, 0), (0, 0)),
    ("OverTimeLimit", Text, (0, 0), (0, 0)),
    ("PowerDownOnIdle", Text, (23, 2), (0, 0)),
    ("PreemptMode", Text, (0, 0), (0, 0)),
    ("Priority", Text, (0, 0), (0, 0)),
    ("PriorityJobFactor", Text, (0, 0), (0, 0)),
    ("PriorityTier", Text, (0, 0), (0, 0)),
    ("QOS", Text, (0, 0), (0, 0)),
    ("ReqResv", Text, (0, 0), (0, 0)),
    ("ResumeTimeout", Text, (0, 0), (0, 0)),
    ("RootOnly", Text, (0, 0), (0, 0)),
    ("SelectTypeParameters", Text, (0, 0), (0, 0)),
    ("Shared", Text, (0, 0), (0, 0)),
    ("State", Text, (0, 0), (0, 0)),
    ("SuspendTime", Text, (0, 0), (0, 0)),
    ("SuspendTimeout", Text, (0, 0), (0, 0)),
    ("Topology", Text, (25, 5), (0, 0)),
    ("TRESBillingWeights", Text, (0, 0), (0, 0)),
];

#[rustfmt::skip]
const NODESET: &[Key] = &[
    ("Feature", Text, (0, 0), (0, 0)),
    ("Nodes", Text, (0, 0), (0, 0)),
];

#[rustfmt::skip]
const DOWN_NODES: &[Key] = &[
    ("Reason", Text, (0, 0), (0, 0)),
    ("State", Text, (0, 0), (0, 0)),
];

#[rustfmt::skip]
const GRES: &[Key] = &[
    ("AutoDetect", Text, (0, 0), (0, 0)),
    ("Cores", Text, (0, 0), (0, 0)),
    ("Count", Text, (0, 0), (0, 0)),
    ("CPUs", Text, (0, 0), (0, 0)),
    ("File", Text, (0, 0), (0, 0)),
    ("Files", Text, (0, 0), (0, 0)),
    ("Flags", Text, (0, 0), (0, 0)),
    ("Link", Text, (0, 0), (0, 0)),
    ("Links", Text, (0, 0), (0, 0)),
    ("MultipleFiles", Text, (0, 0), (0, 0)),
    ("Name", Text, (0, 0), (0, 0)),
    ("NodeName", Text, (0, 0), (0, 0)),
    ("Type", Text, (0, 0), (0, 0)),
];

/// Key under which the lines of a kind are named.
pub fn keyword(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Setting => "",
        LineKind::Node => "NodeName",
        LineKind::Partition => "PartitionName",
        LineKind::NodeSet => "NodeSet",
        LineKind::DownNodes => "DownNodes",
        LineKind::Gres => "Name",
    }
}

fn table(kind: LineKind) -> &'static [Key] {
    match kind {
        LineKind::Setting => SETTINGS,
        LineKind::Node => NODE,
        LineKind::Partition => PARTITION,
        LineKind::NodeSet => NODESET,
        LineKind::DownNodes => DOWN_NODES,
        LineKind::Gres => GRES,
    }
}

/// Keys of a kind that the release knows; of any supported release where none is given.
pub fn known(kind: LineKind, release: Option<Release>) -> impl Iterator<Item = (&'static str, ValueKind)> {
    table(kind)
        .iter()
        .filter(move |(_, _, since, until)| in_release(*since, *until, release))
        .map(|(name, value, _, _)| (*name, *value))
}

/// Whether the release lies within; without one, whether any supported release does.
pub(super) fn in_release(since: Bound, until: Bound, release: Option<Release>) -> bool {
    let from = Release::new(since.0, since.1);
    let ended = |release: Release| until != (0, 0) && Release::new(until.0, until.1) <= release;
    match release {
        Some(release) => from <= release && !ended(release),
        None => from <= Release::LAST && !ended(Release::FIRST),
    }
}

/// Releases that know something. In words: `since 24.05`, `before 23.11`, `from 24.11 and before 25.05`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first of them; absent where older ones than any supported know it too.
    pub since: Option<Release>,
    /// The first that does not know it any more.
    pub until: Option<Release>,
}

impl Span {
    pub(super) fn new(since: Bound, until: Bound) -> Self {
        let release = |bound: Bound| (bound != (0, 0)).then(|| Release::new(bound.0, bound.1));
        Self { since: release(since), until: release(until) }
    }

    /// `exists`, or `existed` where newer releases do not know it.
    pub fn exists(&self) -> &'static str {
        if self.until.is_some() { "existed" } else { "exists" }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since, self.until) {
            (None, None) => formatter.write_str("in every release"),
            (None, Some(until)) => write!(formatter, "before {until}"),
            (Some(since), None) => write!(formatter, "since {since}"),
            (Some(since), Some(until)) => write!(formatter, "from {since} and before {until}"),
        }
    }
}

/// The key as Slurm spells it, with its sort of value, if the release knows it.
pub fn find(kind: LineKind, name: &str, release: Option<Release>) -> Option<(&'static str, ValueKind)> {
    known(kind, release).find(|(known, _)| known.eq_ignore_ascii_case(name))
}

/// Releases that know the key; `None` if none does.
pub fn releases_of(kind: LineKind, name: &str) -> Option<Span> {
    let (_, _, since, until) = table(kind).iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
    Some(Span::new(*since, *until))
}

/// Whether a setting may stand on several lines, each adding to the others. The scripts do since 24.05 (`_load_script`
/// in `read_config.c`); before, the last one won like everywhere else.
pub fn repeats(name: &str, release: Option<Release>) -> bool {
    let script =
        ["prolog", "epilog", "prologslurmctld", "epilogslurmctld"].contains(&name.to_ascii_lowercase().as_str());
    let line = find(LineKind::Setting, name, None).is_some_and(|(_, value)| value == ValueKind::Line);
    line && (!script || release.is_none_or(|release| release >= Release::new(24, 5)))
}

/// Whether a line that begins with this setting takes further keys. On any other line Slurm reads one setting, and what
/// follows is a parse error (`s_p_parse_file` in `parse_config.c`).
pub fn takes_keys(name: &str) -> bool {
    ["NodeName", "PartitionName", "NodeSet", "DownNodes", "FrontendName", "PowerAction"]
        .iter()
        .any(|line| line.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_and_go() {
        let old = Some(Release::new(22, 5));
        let new = Some(Release::new(26, 5));
        assert!(find(LineKind::Partition, "exclusivetopo", old).is_none());
        assert!(find(LineKind::Partition, "ExclusiveTopo", new).is_some());
        assert!(find(LineKind::Setting, "SlurmctldPlugstack", new).is_none());
        assert_eq!(releases_of(LineKind::Partition, "ExclusiveTopo").unwrap().to_string(), "since 24.05");
        assert!(find(LineKind::Node, "Gres", old).is_some());
    }

    #[test]
    fn without_a_release_only_supported_ones_count() {
        assert!(find(LineKind::Setting, "CacheGroups", None).is_none());
        assert_eq!(releases_of(LineKind::Setting, "CacheGroups").unwrap().to_string(), "before 21.08");
        assert!(find(LineKind::Setting, "SlurmctldPlugstack", None).is_some());
        assert!(find(LineKind::Partition, "Exclusive", None).is_some());
    }

    #[test]
    fn scripts_add_up_since_24_05() {
        assert!(!repeats("Prolog", Some(Release::new(23, 11))));
        assert!(repeats("Prolog", Some(Release::new(24, 5))));
        assert!(repeats("SlurmctldHost", Some(Release::new(22, 5))));
        assert!(!repeats("MaxJobCount", None));
    }
}
