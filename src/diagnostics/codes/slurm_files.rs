//! The linter over slurm.conf, gres.conf and includes.

use crate::diagnostics::{Code, Severity};

/// All codes of this area.
pub const ALL: &[&Code] = &[
    &MISSING_FILE,
    &INDENTED_INCLUDE,
    &WILDCARD_INCLUDE,
    &INCLUDE_CYCLE,
    &EMPTY_INCLUDE,
    &UNKNOWN_KEY,
    &STRAY_TEXT,
    &SWALLOWED_KEY,
    &CUT_BY_COMMENT,
    &REPEATED_SETTING,
    &BAD_SETTING,
    &BAD_VALUE,
    &BAD_HOSTS,
    &DUPLICATE_NODE,
    &DUPLICATE_ADDRESS,
    &DUPLICATE_PARTITION,
    &RESERVED_NODE,
    &UNKNOWN_NODE,
    &UNKNOWN_QOS,
    &UNKNOWN_ALLOWED_QOS,
    &UNKNOWN_ACCOUNT,
    &TWO_DEFAULTS,
    &DEFAULT_TIME,
    &MEMORY_TWICE,
    &MINIMUM_OVER_MAXIMUM,
    &MEMORY_RESERVED,
    &TOPOLOGY_MISMATCH,
    &GRES_TYPE,
    &GRES_COUNT,
    &GRES_FILES,
    &NO_PARTITION,
    &LIST_LENGTHS,
    &NODESET_NAME,
    &CLUSTER_NAME,
    &BAD_LICENSES,
    &DEFAULT_LINE_KEY,
];

/// A configuration file does not exist.
pub const MISSING_FILE: Code = Code {
    name: "missing-file",
    severity: Severity::Error,
    summary: "A configuration file does not exist",
    explanation: "Every Slurm program waits up to 60 seconds for an included file and then fails (parse_config.c).",
    failing: "Include sitewright.conf        # the file was never made",
    passing: "touch /etc/slurm/sitewright.conf\nInclude sitewright.conf",
};

/// An Include does not start in the first column.
pub const INDENTED_INCLUDE: Code = Code {
    name: "indented-include",
    severity: Severity::Error,
    summary: "An Include does not start in the first column",
    explanation: "Only an `Include` in column 0 is one; elsewhere the line is refused (parse_config.c).",
    failing: "  Include sitewright.conf",
    passing: "Include sitewright.conf",
};

/// An Include has a wildcard.
pub const WILDCARD_INCLUDE: Code = Code {
    name: "wildcard-include",
    severity: Severity::Error,
    summary: "An Include has a wildcard",
    explanation: "Slurm takes the name as it stands; there is no expansion.",
    failing: "Include conf.d/*.conf",
    passing: "Include conf.d/nodes.conf",
};

/// A file includes itself.
pub const INCLUDE_CYCLE: Code = Code {
    name: "include-cycle",
    severity: Severity::Error,
    summary: "A file includes itself",
    explanation: "The programs would read until they run out of memory.",
    failing: "# in a.conf\nInclude a.conf",
    passing: "Include b.conf",
};

/// An included file is empty.
pub const EMPTY_INCLUDE: Code = Code {
    name: "empty-include",
    severity: Severity::Warning,
    summary: "An included file is empty",
    explanation: "Every program prints a complaint about a file of zero bytes on its error output.",
    failing: "Include empty.conf     # zero bytes",
    passing: "# empty.conf\n# nothing yet",
};

/// A key is unknown to this release.
pub const UNKNOWN_KEY: Code = Code {
    name: "unknown-key",
    severity: Severity::Error,
    summary: "A key is unknown to this release",
    explanation: "One unknown key stops every Slurm program on every host that reads the file; the controller is not even asked.",
    failing: "PartitionName=a Nodes=n1 ExclusiveTopo=YES    # 22.05",
    passing: "PartitionName=a Nodes=n1 ExclusiveUser=YES",
};

/// A line has text that is no key=value.
pub const STRAY_TEXT: Code = Code {
    name: "stray-text",
    severity: Severity::Error,
    summary: "A line has text that is no key=value",
    explanation: "Slurm refuses the line (parse_config.c).",
    failing: "NodeName=n1 CPUs=4 spare",
    passing: "NodeName=n1 CPUs=4",
};

/// A value looks like the next key.
pub const SWALLOWED_KEY: Code = Code {
    name: "swallowed-key",
    severity: Severity::Warning,
    summary: "A value looks like the next key",
    explanation: "After `Key= ` the next word is the value, even if it looks like a key of its own.",
    failing: "MailProg= SlurmUser=slurm",
    passing: "MailProg=/usr/bin/mail\nSlurmUser=slurm",
};

/// A # cuts a quoted value.
pub const CUT_BY_COMMENT: Code = Code {
    name: "cut-by-comment",
    severity: Severity::Warning,
    summary: "A # cuts a quoted value",
    explanation: "A `#` starts a comment even inside quotes, unless a backslash stands before it.",
    failing: "NodeName=n1 Reason=\"rack # 3\"",
    passing: "NodeName=n1 Reason=\"rack \\# 3\"",
};

/// A setting stands twice.
pub const REPEATED_SETTING: Code = Code {
    name: "repeated-setting",
    severity: Severity::Warning,
    summary: "A setting is given twice",
    explanation: "The last one wins.",
    failing: "ReturnToService=1\nReturnToService=2",
    passing: "ReturnToService=2",
};

/// A setting's value is not what it must be.
pub const BAD_SETTING: Code = Code {
    name: "bad-setting",
    severity: Severity::Error,
    summary: "A setting's value is not what it must be",
    explanation: "Every program stops at a number or a YES that is none, and at a word that the release does not have \
(`PreemptMode=REQUEU`).",
    failing: "MaxJobCount=many",
    passing: "MaxJobCount=10000",
};

/// A value on a node or partition line cannot be parsed.
pub const BAD_VALUE: Code = Code {
    name: "bad-value",
    severity: Severity::Error,
    summary: "A value on a node or partition line cannot be parsed",
    explanation: "slurmctld stops at a value that it cannot parse, and at a word that the release does not have (`State=UNKNOW`).",
    failing: "PartitionName=a Nodes=n1 MaxTime=tomorrow",
    passing: "PartitionName=a Nodes=n1 MaxTime=1-00:00:00",
};

/// A host list cannot be read.
pub const BAD_HOSTS: Code = Code {
    name: "bad-hosts",
    severity: Severity::Error,
    summary: "A host list cannot be read",
    explanation: "slurmctld stops at a host list that it cannot expand, or invents hosts.",
    failing: "NodeName=gpu[001-",
    passing: "NodeName=gpu[001-004]",
};

/// A node is defined twice.
pub const DUPLICATE_NODE: Code = Code {
    name: "duplicate-node",
    severity: Severity::Error,
    summary: "A node is defined twice",
    explanation: "slurmctld stops: a node's name may stand on one line only (read_config.c).",
    failing: "NodeName=n[1-3]\nNodeName=n3",
    passing: "NodeName=n[1-3]\nNodeName=n4",
};

/// Two nodes share host name and port.
pub const DUPLICATE_ADDRESS: Code = Code {
    name: "duplicate-address",
    severity: Severity::Warning,
    summary: "Two nodes share host name and port",
    explanation: "Two slurmd cannot listen there, so one node is never reached. slurmctld goes on, with a line in its log (`_push_to_hashtbls` in \
read_config.c).",
    failing: "NodeName=n1 NodeHostname=h Port=7001\nNodeName=n2 NodeHostname=h Port=7001",
    passing: "NodeName=n1 NodeHostname=h Port=7001\nNodeName=n2 NodeHostname=h Port=7002",
};

/// A partition is defined twice.
pub const DUPLICATE_PARTITION: Code = Code {
    name: "duplicate-partition",
    severity: Severity::Error,
    summary: "A partition is defined twice",
    explanation: "slurmctld stops, though the manual says that the line is ignored.",
    failing: "PartitionName=a Nodes=n1\nPartitionName=a Nodes=n2",
    passing: "PartitionName=a Nodes=n1\nPartitionName=b Nodes=n2",
};

/// A node is named ALL.
pub const RESERVED_NODE: Code = Code {
    name: "reserved-node",
    severity: Severity::Error,
    summary: "A node is named ALL",
    explanation: "`NodeName=ALL` is fatal.",
    failing: "NodeName=ALL CPUs=4",
    passing: "NodeName=n[1-4] CPUs=4",
};

/// A partition or node set names a node that does not exist.
pub const UNKNOWN_NODE: Code = Code {
    name: "unknown-node",
    severity: Severity::Error,
    summary: "A partition or node set names a node that does not exist",
    explanation: "slurmctld stops at start, and up to 24.11 a reconfigure ends it.",
    failing: "NodeName=n[1-2]\nPartitionName=a Nodes=n[1-3]",
    passing: "NodeName=n[1-3]\nPartitionName=a Nodes=n[1-3]",
};

/// A partition's QOS does not exist.
pub const UNKNOWN_QOS: Code = Code {
    name: "unknown-qos",
    severity: Severity::Error,
    summary: "A partition's QOS does not exist",
    explanation: "slurmctld stops at start when a partition's QOS is not in the database.",
    failing: "PartitionName=a Nodes=n1 QOS=gone",
    passing: "PartitionName=a Nodes=n1 QOS=normal",
};

/// AllowQos or DenyQos names a QOS that does not exist.
pub const UNKNOWN_ALLOWED_QOS: Code = Code {
    name: "unknown-allowed-qos",
    severity: Severity::Warning,
    summary: "AllowQos or DenyQos names a QOS that does not exist",
    explanation: "Up to 25.05 it has no effect; from 25.11 slurmctld stops at start.",
    failing: "PartitionName=a Nodes=n1 AllowQos=gone",
    passing: "PartitionName=a Nodes=n1 AllowQos=normal",
};

/// AllowAccounts or DenyAccounts names an account that does not exist.
pub const UNKNOWN_ACCOUNT: Code = Code {
    name: "unknown-account",
    severity: Severity::Warning,
    summary: "AllowAccounts or DenyAccounts names an account that does not exist",
    explanation: "Slurm does not check it: a typo locks every user out.",
    failing: "PartitionName=a Nodes=n1 AllowAccounts=medx",
    passing: "PartitionName=a Nodes=n1 AllowAccounts=medix",
};

/// Two partitions are the default.
pub const TWO_DEFAULTS: Code = Code {
    name: "two-default-partitions",
    severity: Severity::Warning,
    summary: "Two partitions are the default",
    explanation: "The last one wins.",
    failing: "PartitionName=a Nodes=n1 Default=YES\nPartitionName=b Nodes=n1 Default=YES",
    passing: "PartitionName=a Nodes=n1 Default=YES\nPartitionName=b Nodes=n1",
};

/// DefaultTime is longer than MaxTime.
pub const DEFAULT_TIME: Code = Code {
    name: "default-time-over-maximum",
    severity: Severity::Warning,
    summary: "DefaultTime is longer than MaxTime",
    explanation: "slurmctld resets it to none with an error in its log; `scontrol update` ignores it and reports success.",
    failing: "PartitionName=a Nodes=n1 MaxTime=60 DefaultTime=120",
    passing: "PartitionName=a Nodes=n1 MaxTime=60 DefaultTime=30",
};

/// Memory is limited per CPU and per node.
pub const MEMORY_TWICE: Code = Code {
    name: "memory-per-cpu-and-node",
    severity: Severity::Warning,
    summary: "Memory is limited per CPU and per node",
    explanation: "The two exclude each other: one of them is lost (slurm.conf(5), DefMemPerCPU).",
    failing: "PartitionName=a Nodes=n1 DefMemPerCPU=1000 DefMemPerNode=8000",
    passing: "PartitionName=a Nodes=n1 DefMemPerCPU=1000",
};

/// MinNodes is more than MaxNodes.
pub const MINIMUM_OVER_MAXIMUM: Code = Code {
    name: "minimum-over-maximum",
    severity: Severity::Warning,
    summary: "MinNodes is more than MaxNodes",
    explanation: "No job fits.",
    failing: "PartitionName=a Nodes=n[1-9] MinNodes=4 MaxNodes=2",
    passing: "PartitionName=a Nodes=n[1-9] MinNodes=2 MaxNodes=4",
};

/// MemSpecLimit is at least RealMemory.
pub const MEMORY_RESERVED: Code = Code {
    name: "memory-reserve-too-large",
    severity: Severity::Warning,
    summary: "MemSpecLimit is at least RealMemory",
    explanation: "slurmctld silently sets it to 0.",
    failing: "NodeName=n1 RealMemory=1000 MemSpecLimit=1000",
    passing: "NodeName=n1 RealMemory=1000 MemSpecLimit=100",
};

/// CPUs is not what sockets, cores and threads give.
pub const TOPOLOGY_MISMATCH: Code = Code {
    name: "cpus-not-topology",
    severity: Severity::Warning,
    summary: "CPUs is not what sockets, cores and threads give",
    explanation: "CPUs may be the number of threads or of cores; anything else makes the node invalid or is corrected silently.",
    failing: "NodeName=n1 CPUs=7 Sockets=2 CoresPerSocket=4",
    passing: "NodeName=n1 CPUs=8 Sockets=2 CoresPerSocket=4",
};

/// A node has a gres that GresTypes does not name.
pub const GRES_TYPE: Code = Code {
    name: "gres-type-missing",
    severity: Severity::Warning,
    summary: "A node has a gres that GresTypes does not name",
    explanation: "slurmctld takes the gres off the node, with a line in its log (`gres_name_filter` in gres.c): no job gets it.",
    failing: "NodeName=n1 Gres=gpu:4",
    passing: "GresTypes=gpu\nNodeName=n1 Gres=gpu:4",
};

/// A node promises more gres than gres.conf gives.
pub const GRES_COUNT: Code = Code {
    name: "gres-count-mismatch",
    severity: Severity::Error,
    summary: "A node promises more gres than gres.conf gives",
    explanation: "The node registers with less than configured and becomes INVALID.",
    failing: "NodeName=n1 Gres=gpu:4\n# gres.conf\nNodeName=n1 Name=gpu File=/dev/nvidia[0-1]",
    passing: "NodeName=n1 Gres=gpu:4\n# gres.conf\nNodeName=n1 Name=gpu File=/dev/nvidia[0-3]",
};

/// Count in gres.conf is not the number of its files.
pub const GRES_FILES: Code = Code {
    name: "gres-count-not-files",
    severity: Severity::Error,
    summary: "Count in gres.conf is not the number of its files",
    explanation: "slurmd stops.",
    failing: "NodeName=n1 Name=gpu Count=4 File=/dev/nvidia[0-1]",
    passing: "NodeName=n1 Name=gpu Count=2 File=/dev/nvidia[0-1]",
};

/// There is no partition.
pub const NO_PARTITION: Code = Code {
    name: "no-partition",
    severity: Severity::Error,
    summary: "No partition is defined",
    explanation: "22.05 does not start without one.",
    failing: "NodeName=n1     # and no PartitionName",
    passing: "NodeName=n1\nPartitionName=a Nodes=n1",
};

/// Addresses and names of a node line differ in number.
pub const LIST_LENGTHS: Code = Code {
    name: "list-lengths-differ",
    severity: Severity::Error,
    summary: "Addresses and names of a node line differ in number",
    explanation: "NodeAddr, NodeHostname and Port may be lists, but only of the length of NodeName.",
    failing: "NodeName=n[1-3] Port=[7001-7002]",
    passing: "NodeName=n[1-3] Port=[7001-7003]",
};

/// A node set has the name of a node.
pub const NODESET_NAME: Code = Code {
    name: "node-set-named-as-node",
    severity: Severity::Error,
    summary: "A node set has the name of a node",
    explanation: "slurmctld stops (slurm.conf(5), NodeSet).",
    failing: "NodeName=big\nNodeSet=big Feature=x",
    passing: "NodeName=big1\nNodeSet=big Feature=x",
};

/// ClusterName is missing or too long.
pub const CLUSTER_NAME: Code = Code {
    name: "bad-cluster-name",
    severity: Severity::Error,
    summary: "ClusterName is missing or too long",
    explanation: "It has 1 to 40 characters and is folded to lower case.",
    failing: "ClusterName=",
    passing: "ClusterName=nordlys",
};

/// Licenses cannot be read.
pub const BAD_LICENSES: Code = Code {
    name: "bad-licenses",
    severity: Severity::Error,
    summary: "Licenses cannot be read",
    explanation: "slurmctld stops.",
    failing: "Licenses=matlab:many",
    passing: "Licenses=matlab:10",
};

/// A key on a DEFAULT line has no effect or is refused.
pub const DEFAULT_LINE_KEY: Code = Code {
    name: "default-line-without-effect",
    severity: Severity::Warning,
    summary: "A key on a DEFAULT line has no effect or is refused",
    explanation: "These keys are not inherited from a DEFAULT line; NodeHostname and NodeAddr are errors there.",
    failing: "PartitionName=DEFAULT ExclusiveUser=YES",
    passing: "PartitionName=a Nodes=n1 ExclusiveUser=YES",
};
