//! Rule findings: what `rules` raises.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &DUPLICATE_NAME,
    &TWO_FACTORIES,
    &NO_FACTORY,
    &DUPLICATE_MEMBER,
    &TWO_DEFAULT_ACCOUNTS,
    &UNKNOWN_MODE,
    &UNKNOWN_PARTITION,
    &UNKNOWN_BRANCH,
    &UNKNOWN_DOMAIN,
    &MODE_NOT_OFFERED,
    &ACCOUNT_LOOP,
    &OVERLAPPING_HOSTS,
    &DEVICES_MISCOUNTED,
    &CPUS_MISCOUNTED,
    &RESERVED_TOO_LARGE,
    &NODE_SET_NAME,
    &EMPTY_NODE_SET,
    &NO_NODES,
    &UNDECLARED_HOSTS,
    &UNDECLARED_ACCOUNT,
    &MINIMUM_EXCEEDS_MAXIMUM,
    &MEMORY_TWICE,
    &MORE_THAN_THERE_IS,
    &TWO_DEFAULTS,
    &LIMIT_EXCEEDS_PARTITION,
    &IDLE_LIMIT,
    &RANGE_GAP,
    &PREEMPTION_LOOP,
    &SHARES,
    &NO_ATTESTATION,
    &NOT_ELIGIBLE,
    &ALLOCATION_TOO_LARGE,
    &ALLOCATION_TOO_LONG,
    &WINDOW,
    &WINDOW_OVERLAP,
    &NO_GPUS,
    &OVERBOOKED,
];

/// A name is declared twice.
pub const DUPLICATE_NAME: Code = Code {
    name: "duplicate-name",
    severity: Severity::Error,
    summary: "A name is declared twice",
    explanation: "Two documents would describe one object, and the last one read would win.",
    failing: "metadata: { name: booster }   # in two files",
    passing: "metadata: { name: booster-2 }",
};

/// A folder has two factories.
pub const TWO_FACTORIES: Code = Code {
    name: "two-factories",
    severity: Severity::Error,
    summary: "A folder has two factories",
    explanation: "One folder describes one factory; everything in it is provisioned below it.",
    failing: "kind: Factory   # twice",
    passing: "kind: Factory   # once",
};

/// A folder has no factory.
pub const NO_FACTORY: Code = Code {
    name: "no-factory",
    severity: Severity::Error,
    summary: "A folder has no factory",
    explanation: "The factory's name is the root of what is owned; without it nothing can be provisioned.",
    failing: "kind: Partition   # alone",
    passing: "kind: Factory\n---\nkind: Partition",
};

/// A user is listed twice in a project.
pub const DUPLICATE_MEMBER: Code = Code {
    name: "duplicate-member",
    severity: Severity::Error,
    summary: "A user is listed twice in a project",
    explanation: "One entry without a partition, and one for each partition, are right.",
    failing: "members: [{ user: anna }, { user: anna }]",
    passing: "members: [{ user: anna }]",
};

/// A user has two default accounts.
pub const TWO_DEFAULT_ACCOUNTS: Code = Code {
    name: "two-default-accounts",
    severity: Severity::Error,
    summary: "A user has two default accounts",
    explanation: "Slurm keeps one default account a user and cluster.",
    failing: "default: true   # for anna, in two projects",
    passing: "default: true   # in one",
};

/// An access mode is referred to and declared nowhere.
pub const UNKNOWN_MODE: Code = Code {
    name: "unknown-mode",
    severity: Severity::Error,
    summary: "An access mode is referred to and declared nowhere",
    explanation: "The reference would lock everybody out, or stop slurmctld at its start.",
    failing: "modes: [fast-line]",
    passing: "modes: [fast-lane]",
};

/// A partition is referred to and declared nowhere.
pub const UNKNOWN_PARTITION: Code = Code {
    name: "unknown-partition",
    severity: Severity::Error,
    summary: "A partition is referred to and declared nowhere",
    explanation: "The reference leads nowhere.",
    failing: "partition: boster",
    passing: "partition: booster",
};

/// A branch account is referred to and declared nowhere.
pub const UNKNOWN_BRANCH: Code = Code {
    name: "unknown-branch",
    severity: Severity::Error,
    summary: "A branch account is referred to and declared nowhere",
    explanation: "Parents are branch accounts of the Factory.",
    failing: "parent: industri",
    passing: "parent: industry",
};

/// A sector domain is unknown.
pub const UNKNOWN_DOMAIN: Code = Code {
    name: "unknown-domain",
    severity: Severity::Error,
    summary: "A sector domain is unknown",
    explanation: "Domains are those of the common European data spaces and of the AI factories' sectors.",
    failing: "domain: helth",
    passing: "domain: health",
};

/// An allocation's mode is not admitted by its partition.
pub const MODE_NOT_OFFERED: Code = Code {
    name: "mode-not-offered",
    severity: Severity::Error,
    summary: "An allocation's mode is not admitted by its partition",
    explanation: "Jobs of the project would be refused.",
    failing: "allocations: [{ partition: booster, mode: fast-lane, … }]   # booster: modes: [playground]",
    passing: "modes: [playground, fast-lane]   # booster",
};

/// Accounts stand under each other in a loop.
pub const ACCOUNT_LOOP: Code = Code {
    name: "account-loop",
    severity: Severity::Error,
    summary: "Accounts stand under each other in a loop",
    explanation: "An account tree has one root.",
    failing: "accounts: [{ name: a, parent: b }, { name: b, parent: a }]",
    passing: "accounts: [{ name: a }, { name: b, parent: a }]",
};

/// A node is defined twice.
pub const OVERLAPPING_HOSTS: Code = Code {
    name: "overlapping-hosts",
    severity: Severity::Error,
    summary: "A node is defined twice",
    explanation: "slurmctld does not start with a node that stands on two lines (slurm.conf(5), NodeName).",
    failing: "nodes: [{ hosts: gpu[1-4] }, { hosts: gpu[4-8] }]",
    passing: "nodes: [{ hosts: gpu[1-4] }, { hosts: gpu[5-8] }]",
};

/// A count of devices is not the number of their files.
pub const DEVICES_MISCOUNTED: Code = Code {
    name: "devices-miscounted",
    severity: Severity::Error,
    summary: "A count of devices is not the number of their files",
    explanation: "A node that registers with fewer devices than configured becomes INVALID and is drained.",
    failing: "accelerators: { count: 4, files: \"/dev/nvidia[0-1]\" }",
    passing: "accelerators: { count: 4, files: \"/dev/nvidia[0-3]\" }",
};

/// CPUs are not what the topology gives.
pub const CPUS_MISCOUNTED: Code = Code {
    name: "cpus-miscounted",
    severity: Severity::Error,
    summary: "CPUs are not what the topology gives",
    explanation: "Slurm infers one from the other; a contradiction makes the node invalid.",
    failing: "cpus: 100, sockets: 2, coresPerSocket: 56",
    passing: "sockets: 2, coresPerSocket: 56",
};

/// The system would keep all of a node for itself.
pub const RESERVED_TOO_LARGE: Code = Code {
    name: "reserved-too-large",
    severity: Severity::Error,
    summary: "The system would keep all of a node for itself",
    explanation: "Slurm silently sets a reserve of all memory to 0 and one of all cores to 1, and passes over a list with CPUs that the node has not (slurm.conf(5), MemSpecLimit, CoreSpecCount, CPUSpecList).",
    failing: "memory: 64GB, reserved: { memory: 64GB }",
    passing: "memory: 64GB, reserved: { memory: 4GB }",
};

/// A node set has the name of a node.
pub const NODE_SET_NAME: Code = Code {
    name: "node-set-name",
    severity: Severity::Error,
    summary: "A node set has the name of a node",
    explanation: "slurmctld does not start (slurm.conf(5), NodeSet).",
    failing: "nodeSets: [{ name: gpu1, feature: big }]",
    passing: "nodeSets: [{ name: big-nodes, feature: big }]",
};

/// A node set has neither a feature nor hosts.
pub const EMPTY_NODE_SET: Code = Code {
    name: "empty-node-set",
    severity: Severity::Error,
    summary: "A node set has neither a feature nor hosts",
    explanation: "It would be empty.",
    failing: "nodeSets: [{ name: big }]",
    passing: "nodeSets: [{ name: big, feature: big }]",
};

/// A partition has no nodes.
pub const NO_NODES: Code = Code {
    name: "no-nodes",
    severity: Severity::Error,
    summary: "A partition has no nodes",
    explanation: "Slurm would accept it, and no job would ever run in it.",
    failing: "spec: {}",
    passing: "spec: { nodes: [{ hosts: gpu[1-4] }] }",
};

/// Hosts are named and defined in no manifest.
pub const UNDECLARED_HOSTS: Code = Code {
    name: "undeclared-hosts",
    severity: Severity::Warning,
    summary: "Hosts are named and defined in no manifest",
    explanation: "They have to be defined in the site's own slurm.conf; if they are not, slurmctld does not start.",
    failing: "hosts: [old001]",
    passing: "nodes: [{ hosts: old001 }]",
};

/// A partition lists an account that is declared in no manifest.
pub const UNDECLARED_ACCOUNT: Code = Code {
    name: "undeclared-account",
    severity: Severity::Warning,
    summary: "A partition lists an account that is declared in no manifest",
    explanation: "It may be an account that somebody else keeps on the cluster. If there is none of that name, nobody is let in by it, or kept out.",
    failing: "accounts: { allow: [medxi] }",
    passing: "accounts: { allow: [medix] }",
};

/// A minimum is more than its maximum.
pub const MINIMUM_EXCEEDS_MAXIMUM: Code = Code {
    name: "minimum-exceeds-maximum",
    severity: Severity::Error,
    summary: "A minimum is more than its maximum",
    explanation: "No job fits, or Slurm drops the smaller one silently.",
    failing: "limits: { wallTime: 1h, defaultWallTime: 2h }",
    passing: "limits: { wallTime: 2h, defaultWallTime: 1h }",
};

/// Memory is limited by node and by CPU.
pub const MEMORY_TWICE: Code = Code {
    name: "memory-twice",
    severity: Severity::Error,
    summary: "Memory is limited by node and by CPU",
    explanation: "The two exclude each other (slurm.conf(5), DefMemPerCPU).",
    failing: "defaults: { memoryPerNode: 8GB, memoryPerCpu: 1GB }",
    passing: "defaults: { memoryPerCpu: 1GB }",
};

/// A limit is more than the partition has.
pub const MORE_THAN_THERE_IS: Code = Code {
    name: "more-than-there-is",
    severity: Severity::Warning,
    summary: "A limit is more than the partition has",
    explanation: "It can never be reached, so it is probably a slip.",
    failing: "nodes: [{ hosts: gpu[1-4] }], limits: { nodesPerJob: 40 }",
    passing: "limits: { nodesPerJob: 4 }",
};

/// Two partitions are the default.
pub const TWO_DEFAULTS: Code = Code {
    name: "two-defaults",
    severity: Severity::Error,
    summary: "Two partitions are the default",
    explanation: "Slurm takes the last one.",
    failing: "default: true   # on two partitions",
    passing: "default: true   # on one",
};

/// An access mode allows more than its partition.
pub const LIMIT_EXCEEDS_PARTITION: Code = Code {
    name: "limit-exceeds-partition",
    severity: Severity::Error,
    summary: "An access mode allows more than its partition",
    explanation: "The partition's limit wins, so the mode promises what it does not keep: jobs wait for ever with the reason PartitionTimeLimit.",
    failing: "perJob: { wallTime: 12h }   # booster: limits: { wallTime: 6h }",
    passing: "perJob: { wallTime: 6h }",
};

/// A limit can never be reached.
pub const IDLE_LIMIT: Code = Code {
    name: "idle-limit",
    severity: Severity::Warning,
    summary: "A limit can never be reached",
    explanation: "A tighter limit holds before.",
    failing: "perUser: { runningJobs: 10, submittedJobs: 5 }",
    passing: "perUser: { runningJobs: 5, submittedJobs: 10 }",
};

/// Ranges that should continue each other leave a gap or overlap.
pub const RANGE_GAP: Code = Code {
    name: "range-gap",
    severity: Severity::Error,
    summary: "Ranges that should continue each other leave a gap or overlap",
    explanation: "A mode with `continues` begins right after the maximum of the other: a job in between would fit nowhere.",
    failing: "continues: fast-lane, perJob: { minimum: { gpus: 66 } }   # fast-lane: gpus: 64",
    passing: "continues: fast-lane, perJob: { minimum: { gpus: 65 } }",
};

/// Access modes preempt each other in a loop.
pub const PREEMPTION_LOOP: Code = Code {
    name: "preemption-loop",
    severity: Severity::Error,
    summary: "Access modes preempt each other in a loop",
    explanation: "Slurm refuses it (sacctmgr(1), Preempt).",
    failing: "# a: preempts: [b]\n# b: preempts: [a]",
    passing: "# a: preempts: [b]",
};

/// Shares do not add up.
pub const SHARES: Code = Code {
    name: "shares-do-not-add-up",
    severity: Severity::Error,
    summary: "Shares do not add up",
    explanation: "Shares of a whole add up to 100 %, and parts of it to no more.",
    failing: "consortium: [{ country: FI, share: 60% }, { country: SE, share: 60% }]",
    passing: "consortium: [{ country: FI, share: 60% }, { country: SE, share: 40% }]",
};

/// A project has not attested the ethics conditions.
pub const NO_ATTESTATION: Code = Code {
    name: "no-attestation",
    severity: Severity::Error,
    summary: "A project has not attested the ethics conditions",
    explanation: "Where a factory has ethics conditions, their attestation is a condition of access (Council Regulation (EU) 2021/1173 as amended by (EU) 2024/1732).",
    failing: "spec: { allocations: […] }",
    passing: "spec: { ethics: { attestedBy: anna, on: 2026-03-01 }, allocations: […] }",
};

/// A project's category is not admitted by its mode.
pub const NOT_ELIGIBLE: Code = Code {
    name: "not-eligible",
    severity: Severity::Error,
    summary: "A project's category is not admitted by its mode",
    explanation: "Access modes admit categories of organisations.",
    failing: "category: academia   # fast-lane: eligible: [startup, sme]",
    passing: "category: sme",
};

/// An allocation has more GPU-hours than its mode gives.
pub const ALLOCATION_TOO_LARGE: Code = Code {
    name: "allocation-too-large",
    severity: Severity::Error,
    summary: "An allocation has more GPU-hours than its mode gives",
    explanation: "`perProject.gpuHours` of the mode is the most for one allocation.",
    failing: "gpuHours: 60_000   # fast-lane: 50_000",
    passing: "gpuHours: 50_000",
};

/// An allocation is longer than its mode gives.
pub const ALLOCATION_TOO_LONG: Code = Code {
    name: "allocation-too-long",
    severity: Severity::Error,
    summary: "An allocation is longer than its mode gives",
    explanation: "`perProject.months` of the mode is the longest.",
    failing: "from: 2026-01-01, until: 2026-12-31   # months: 3",
    passing: "from: 2026-01-01, until: 2026-03-31",
};

/// An allocation ends before it begins.
pub const WINDOW: Code = Code {
    name: "window-reversed",
    severity: Severity::Error,
    summary: "An allocation ends before it begins",
    explanation: "It would never be in force.",
    failing: "from: 2026-09-30, until: 2026-04-01",
    passing: "from: 2026-04-01, until: 2026-09-30",
};

/// Two allocations of one mode on one partition overlap.
pub const WINDOW_OVERLAP: Code = Code {
    name: "window-overlap",
    severity: Severity::Error,
    summary: "Two allocations of one mode on one partition overlap",
    explanation: "Nobody could tell how many hours are meant.",
    failing: "- { partition: booster, mode: fast-lane, from: 2026-01-01, until: 2026-06-30 }\n- { partition: booster, mode: fast-lane, from: 2026-06-01, until: 2026-12-31 }",
    passing: "- { …, until: 2026-05-31 }\n- { …, from: 2026-06-01 }",
};

/// GPU-hours are allocated on a partition without GPUs.
pub const NO_GPUS: Code = Code {
    name: "no-gpus",
    severity: Severity::Error,
    summary: "GPU-hours are allocated on a partition without GPUs",
    explanation: "The hours could never be used.",
    failing: "allocations: [{ partition: cpu, gpuHours: 100 }]",
    passing: "allocations: [{ partition: booster, gpuHours: 100 }]",
};

/// More GPU-hours are allocated than the partition can deliver.
pub const OVERBOOKED: Code = Code {
    name: "overbooked",
    severity: Severity::Error,
    summary: "More GPU-hours are allocated than the partition can deliver",
    explanation: "Hours are counted as spent evenly over an allocation's days; on no day may the sum exceed GPUs × 24.",
    failing: "gpuHours: 100_000   # 4 GPUs for a month",
    passing: "gpuHours: 2_000",
};
