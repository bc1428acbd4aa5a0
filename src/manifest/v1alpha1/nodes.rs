//! Nodes of a partition: groups of equal hosts with their hardware.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Count, Duration, HostList, Memory, Name, Ports, Power, SlurmMap, Verbatim, Weight};

/// Equal hosts that this partition brings along.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeGroup {
    /// The hosts, e.g. `gpu[0001-0120]`.
    pub hosts: HostList,
    /// Their network addresses, as many as hosts, e.g. `10.0.0.[1-120]`; default their names.
    pub addresses: Option<HostList>,
    /// Their names as `hostname` prints them, as many as hosts; default the names in `hosts`.
    pub hostnames: Option<HostList>,
    /// Addresses for broadcasting files (`BcastAddr`), as many as hosts.
    pub broadcast_addresses: Option<HostList>,
    /// Port of slurmd: one for all, or as many as hosts, e.g. `[17001-17004]`; default 6818.
    pub ports: Option<Ports>,
    /// Boards of a node, e.g. 1.
    pub boards: Option<Count>,
    /// Sockets of a node, e.g. 2.
    pub sockets: Option<Count>,
    /// Sockets of a board, in place of `sockets`, e.g. 2.
    pub sockets_per_board: Option<Count>,
    /// Cores of a socket, e.g. 56.
    pub cores_per_socket: Option<Count>,
    /// Hardware threads of a core, e.g. 2.
    pub threads_per_core: Option<Count>,
    /// CPUs as Slurm counts them; default sockets × cores × threads.
    pub cpus: Option<Count>,
    /// Memory that jobs may use, e.g. `1TB`.
    pub memory: Option<Memory>,
    /// Temporary disk that jobs may use, e.g. `3TB`.
    pub temporary_disk: Option<Memory>,
    /// Scheduling weight: lighter nodes are filled first, e.g. 10.
    pub weight: Option<Count>,
    /// Words that jobs can ask for, e.g. `[ndr, h100]`.
    #[serde(default)]
    pub features: Vec<Name>,
    /// The GPUs of a node; sugar for one entry of `gres` with the name `gpu`.
    pub accelerators: Option<Accelerators>,
    /// Generic resources of a node.
    #[serde(default)]
    pub gres: Vec<Gres>,
    /// What jobs may not use: cores and memory for the system.
    pub reserved: Option<Reserved>,
    /// How tasks are bound to CPUs when a job does not say.
    pub cpu_bind: Option<CpuBind>,
    /// Weights of resources on this node (`TRESWeights`), e.g. `{ cpu: 1.0, mem: 0.25G, gres/gpu: 2.0 }`.
    #[serde(default)]
    pub tres_weights: BTreeMap<String, Weight>,
    /// State in which Slurm starts the node; default `unknown`: it is asked.
    pub state: Option<NodeState>,
    /// Reason that belongs to `state`, e.g. `delivered in May`.
    pub reason: Option<String>,
    /// Place in the topology (Slurm 25.05), e.g. `default:s1`.
    pub topology: Option<String>,
    /// Configuration for generic resources of dynamic nodes (`GresConf`, Slurm 25.11).
    pub gres_conf: Option<String>,
    /// Parameters of the node (`Parameters`, Slurm 25.11).
    pub parameters: Option<String>,
    /// Idle time after which the node is suspended (Slurm 26.05), e.g. `30m`.
    pub suspend_time: Option<Duration>,
    /// Power of one node under load, e.g. `6.1kW`; compared with the site's feed.
    pub power: Option<Power>,
    /// Whatever has no field of its own, as slurm.conf spells it.
    #[serde(default)]
    pub slurm: SlurmMap,
}

/// The GPUs of a node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Accelerators {
    /// The model, as jobs name it, e.g. `h100`.
    pub model: Option<Name>,
    /// GPUs of one node, e.g. 8.
    pub count: Count,
    /// Memory of one GPU, e.g. `80GB`.
    pub memory: Option<Memory>,
    /// Device files, e.g. `/dev/nvidia[0-7]`.
    pub files: Option<String>,
    /// Device files where a GPU has several, e.g. `/dev/nvidia-caps/nvidia-cap[21,30]`.
    pub multiple_files: Option<String>,
    /// Cores near the GPUs, e.g. `0-27`.
    pub cores: Option<String>,
    /// Links between the GPUs, e.g. `-1,16,16,16`.
    pub links: Option<String>,
    /// Flags of gres.conf, e.g. `[nvidia_gpu_env]`.
    #[serde(default)]
    pub flags: Vec<Name>,
    /// How slurmd finds them.
    pub auto_detect: Option<AutoDetect>,
}

/// A generic resource of a node (`Gres` in slurm.conf, a line of gres.conf).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gres {
    /// Its name, e.g. `gpu`, `shard`, `nic`.
    pub name: Name,
    /// Its type, e.g. `h100`.
    #[serde(rename = "type")]
    pub kind: Option<Name>,
    /// How many a node has, e.g. 8.
    pub count: Count,
    /// Device files, e.g. `/dev/nvidia[0-7]`.
    pub files: Option<String>,
    /// Device files where one has several.
    pub multiple_files: Option<String>,
    /// Cores near it, e.g. `0-27`.
    pub cores: Option<String>,
    /// Flags of gres.conf, e.g. `[countonly]`.
    #[serde(default)]
    pub flags: Vec<Name>,
    /// Links between them.
    pub links: Option<String>,
    /// How slurmd finds them.
    pub auto_detect: Option<AutoDetect>,
}

/// How slurmd finds GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AutoDetect {
    /// NVIDIA's management library.
    Nvml,
    /// NVIDIA's driver files (Slurm 24.11).
    Nvidia,
    /// AMD's.
    Rsmi,
    /// Intel's.
    Oneapi,
    /// AWS's accelerators (Slurm 23.11).
    Nrt,
    /// Not at all.
    Off,
}

/// What jobs may not use.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reserved {
    /// Cores for the system (`CoreSpecCount`), e.g. 2.
    pub cores: Option<Count>,
    /// CPUs for the system by number (`CPUSpecList`), e.g. `0,56`.
    pub cpus: Option<Verbatim>,
    /// Memory for the system (`MemSpecLimit`), e.g. `16GB`.
    pub memory: Option<Memory>,
    /// Cores that only jobs with GPUs may use, for each GPU (`RestrictedCoresPerGPU`, Slurm 24.05), e.g. 4.
    pub cores_per_gpu: Option<Count>,
}

/// How tasks are bound to CPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CpuBind {
    /// Not bound.
    None,
    /// To a socket.
    Socket,
    /// To a NUMA domain.
    Ldom,
    /// To a core.
    Core,
    /// To a hardware thread.
    Thread,
}

/// State in which Slurm starts a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    /// Asked when it registers.
    Unknown,
    /// Started on demand.
    Cloud,
    /// Not usable.
    Down,
    /// No new jobs.
    Drain,
    /// Expected to fail: no new jobs.
    Fail,
    /// Failing, and has a job.
    Failing,
    /// Known, not delivered yet.
    Future,
}

/// Hosts under one name (`NodeSet` in slurm.conf).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeSet {
    /// Its name, e.g. `fat`.
    pub name: Name,
    /// All hosts with this feature, e.g. `h100`.
    pub feature: Option<Name>,
    /// These hosts, e.g. `gpu[0001-0010]`.
    pub hosts: Option<HostList>,
}
