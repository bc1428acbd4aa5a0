//! The Kubernetes side of factories, partitions, access modes and projects.

use std::collections::{BTreeMap, BTreeSet};

use super::collect::Collector;
use super::resolve::numbered;
use super::{AccessMode, NodeGroup, Partition, Project, Site, targets, units};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostics, DocumentId};
use crate::kubernetes::names::{self, NameError, Taint};
use crate::kubernetes::quantity;
use crate::manifest::Refused;
use crate::manifest::v1alpha1::kubernetes as wire;
use crate::resource::FieldPath;

/// GPUs of a partition that names no other.
pub const NVIDIA: &str = "nvidia.com/gpu";

/// The factory's side.
#[derive(Debug, Clone)]
pub struct FactoryKubernetes {
    /// Target.
    pub target: String,
    /// Name of the root cohort.
    pub cohort: String,
    /// Registry from which images come.
    pub mirror: Option<String>,
    /// What stands before a user's name in role bindings.
    pub user_prefix: String,
    /// What stands after it.
    pub user_suffix: String,
}

/// A partition's side.
#[derive(Debug, Clone)]
pub struct PartitionKubernetes {
    /// Target.
    pub target: String,
    /// Its name there.
    pub name: String,
    /// Whether the Nodes of its hosts are labelled.
    pub labels_nodes: bool,
    /// What follows a host's name in its Node's.
    pub domain: Option<String>,
    /// Further labels of its Nodes.
    pub labels: BTreeMap<String, String>,
    /// Annotations of its Nodes.
    pub annotations: BTreeMap<String, String>,
    /// Labels of topology levels, widest first, with their places.
    pub topology: Vec<(String, FieldPath)>,
    /// Runtime class: name and handler.
    pub runtime_class: Option<(String, String)>,
    /// Taints of its nodes.
    pub taints: Vec<Taint>,
    /// Tolerations of admitted pods.
    pub tolerations: Vec<Taint>,
    /// Name of its GPUs.
    pub gpu_resource: String,
    /// What is said of its quota.
    pub quota: Capacity,
}

/// What there is to share out; what is not known is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capacity {
    /// GPUs.
    pub gpus: Option<u64>,
    /// CPUs.
    pub cpus: Option<u64>,
    /// Memory in megabytes of 1024 by 1024 bytes.
    pub memory: Option<u64>,
}

/// An access mode's side.
#[derive(Debug, Clone)]
pub struct ModeKubernetes {
    /// Target.
    pub target: String,
    /// Its name there.
    pub name: String,
    /// Its priority: at most what 32 bits hold.
    pub priority: i32,
    /// Part of each partition that is its own, in hundredths of a percent; none for an equal part of what is left.
    pub share: Option<u32>,
    /// Part of a partition that it may use beyond that, in hundredths of a percent; none for all that is free.
    pub borrowing: Option<u32>,
    /// Whether the priority is said for Kubernetes itself.
    pub says_priority: bool,
    /// Whether the share is said for Kubernetes itself.
    pub says_share: bool,
    /// Weight among those who borrow, a canonical quantity.
    pub weight: Option<String>,
}

/// A project's side.
#[derive(Debug, Clone)]
pub struct ProjectKubernetes {
    /// Target.
    pub target: String,
    /// Its namespace.
    pub namespace: String,
    /// Most that its pods may ask for at one time.
    pub quota: Capacity,
    /// Most storage of all its claims in megabytes.
    pub storage: Option<u64>,
    /// Most pods.
    pub pods: Option<u64>,
    /// What is set aside for a container that asks for nothing.
    pub requests: ContainerAmounts,
    /// What a container that says no limit may use.
    pub limits: ContainerAmounts,
    /// Most that any container may ask for.
    pub maximum: ContainerAmounts,
    /// Its volumes.
    pub claims: Vec<Claim>,
    /// Whether its pods reach the internet, where it says so.
    pub internet: Option<bool>,
    /// Networks that they reach besides.
    pub egress: Vec<Egress>,
    /// Further labels of the namespace.
    pub labels: BTreeMap<String, String>,
}

/// CPUs and memory of a container, as canonical quantities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerAmounts {
    /// CPUs.
    pub cpus: Option<String>,
    /// Memory.
    pub memory: Option<String>,
}

/// A volume.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Where it stands.
    pub path: FieldPath,
    /// Its name.
    pub name: String,
    /// Megabytes; none where they were refused.
    pub size: Option<u64>,
    /// Storage class.
    pub class: Option<String>,
    /// Who may mount it, in Kubernetes' spelling.
    pub access: &'static str,
}

/// A network that pods reach.
#[derive(Debug, Clone)]
pub struct Egress {
    /// Where it stands.
    pub path: FieldPath,
    /// The network.
    pub to: String,
    /// TCP ports; all where empty.
    pub ports: Vec<u16>,
}

/// The canonical quantity of a number: `1k` of 1,000.
pub fn count_quantity(number: u64) -> String {
    let text = number.to_string();
    quantity::canonical(&text).unwrap_or(text)
}

/// The canonical quantity of megabytes: `512Gi` of 524,288.
pub fn memory_quantity(megabytes: u64) -> String {
    let text = format!("{megabytes}Mi");
    quantity::canonical(&text).unwrap_or(text)
}

impl Partition {
    /// Whether it has a Slurm side: it has none where it lives on one target, which is its Kubernetes side's.
    pub fn is_on_slurm(&self) -> bool {
        self.kubernetes.as_ref().is_none_or(|one| one.target != self.target)
    }

    /// What its queues share out: what is written, else what its nodes have without what their systems keep.
    pub fn capacity(&self) -> Capacity {
        let said = self.kubernetes.as_ref().map(|one| one.quota).unwrap_or_default();
        // Nobody here knows what the hosts of others have.
        let known = self.hosts.is_empty() && !self.groups.is_empty();
        let sum = |of: &dyn Fn(&NodeGroup) -> Option<u64>| {
            let parts = self.groups.iter().map(|group| of(group)?.checked_mul(group.hosts.len() as u64));
            parts.sum::<Option<u64>>().filter(|_| known)
        };
        Capacity {
            gpus: said.gpus.or_else(|| sum(&|group| Some(group.gpus))),
            cpus: said.cpus.or_else(|| sum(&free_cpus)),
            memory: said.memory.or_else(|| sum(&free_memory)),
        }
    }
}

impl AccessMode {
    /// Whether it has a Slurm side.
    pub fn is_on_slurm(&self) -> bool {
        self.kubernetes.as_ref().is_none_or(|one| one.target != self.target)
    }
}

impl Project {
    /// Whether it has a Slurm side.
    pub fn is_on_slurm(&self) -> bool {
        self.kubernetes.as_ref().is_none_or(|one| one.target != self.target)
    }
}

/// A queue: one for each access mode that a partition admits on Kubernetes.
#[derive(Debug, Clone, Copy)]
pub struct Queue<'a> {
    /// The mode.
    pub mode: &'a AccessMode,
    /// Its Kubernetes side.
    pub side: &'a ModeKubernetes,
}

impl Site {
    /// The queues of a partition, by the names of their modes. A partition that names no modes has those that allocations
    /// on it name.
    pub fn queues<'a>(&'a self, partition: &'a Partition) -> Vec<Queue<'a>> {
        let Some(here) = &partition.kubernetes else { return Vec::new() };
        let named: BTreeSet<&str> = if partition.modes.is_empty() {
            let projects = self.projects.iter().filter(|project| project.kubernetes.is_some());
            let allocations = projects.flat_map(|project| &project.allocations);
            allocations.filter(|one| one.partition == partition.name).map(|one| one.mode.as_str()).collect()
        } else {
            partition.modes.iter().map(|(name, _)| name.as_str()).collect()
        };
        let denied = |name: &str| partition.deny_modes.iter().any(|(other, _)| other == name);
        named.into_iter().filter(|name| !denied(name)).filter_map(|name| self.queue(here, name)).collect()
    }

    /// Whether Slurm knows a mode: one that lives on Kubernetes only is no QOS. What is declared nowhere may be the site's.
    pub fn is_mode_on_slurm(&self, name: &str) -> bool {
        let mut declared = self.modes.iter().filter(|mode| mode.name == name).peekable();
        declared.peek().is_none() || declared.any(AccessMode::is_on_slurm)
    }

    fn queue<'a>(&'a self, here: &PartitionKubernetes, name: &str) -> Option<Queue<'a>> {
        let mut modes = self.modes.iter().filter(|mode| mode.name == name);
        modes.find_map(|mode| {
            Some(Queue { mode, side: mode.kubernetes.as_ref().filter(|one| one.target == here.target)? })
        })
    }

    /// The registry from which images have to come: the factory's mirror, where the site does not reach the internet.
    pub fn mirror(&self) -> Option<&str> {
        self.factories.first()?.kubernetes.as_ref()?.mirror.as_deref()
    }
}

/// Name of the queue of a mode in a partition.
pub fn queue_name(partition: &PartitionKubernetes, mode: &ModeKubernetes) -> String {
    format!("{}-{}", partition.name, mode.name)
}

fn number(group: &NodeGroup, key: &str) -> Option<u64> {
    group.fields.body.get(key).and_then(serde_json::Value::as_u64)
}

/// CPUs of a node without those that its system keeps.
fn free_cpus(group: &NodeGroup) -> Option<u64> {
    let listed = group.fields.body.get("CPUSpecList").and_then(serde_json::Value::as_str);
    let kept = match listed.and_then(crate::slurm::cpulist::parse) {
        Some(list) => list.len() as u64,
        None => {
            number(group, "CoreSpecCount").unwrap_or(0).saturating_mul(number(group, "ThreadsPerCore").unwrap_or(1))
        }
    };
    Some(group.cpus?.saturating_sub(kept))
}

/// Megabytes of a node without those that its system keeps.
fn free_memory(group: &NodeGroup) -> Option<u64> {
    Some(group.memory?.saturating_sub(number(group, "MemSpecLimit").unwrap_or(0)))
}

/// Parses blocks: what is wrong is reported at its place.
struct Block<'a> {
    collector: Collector<'a>,
}

impl<'a> Block<'a> {
    fn new(document: DocumentId, refused: &'a Refused, found: &'a mut Diagnostics) -> Self {
        let base = FieldPath::keys("spec.kubernetes");
        Self { collector: Collector::new("kubernetes", document, base, refused, found) }
    }

    fn target(&mut self, name: &str) -> String {
        let place = self.collector.place("target");
        if let Err(error) = targets::check(name) {
            self.collector.complain(&codes::BAD_NAME, place, error);
        }
        name.to_owned()
    }

    /// Reports what is wrong with a name; the name stays, so that nothing follows from its absence.
    fn name(&mut self, path: &FieldPath, result: Result<(), NameError>) -> bool {
        let place = crate::diagnostics::Place::value(self.collector.document, path.clone());
        match result {
            Ok(()) => true,
            Err(error) => {
                self.collector.complain(&codes::BAD_NAME, place, (error.message, error.hint));
                false
            }
        }
    }

    fn labels(&mut self, dotted: &str, map: &BTreeMap<String, String>, are_labels: bool) -> BTreeMap<String, String> {
        let mut kept = BTreeMap::new();
        for (key, value) in map {
            let path = self.collector.path(dotted).key(key);
            let reserved =
                ["applyset.kubernetes.io/", "sitewright.io/", "queue.sitewright.io/", "pod-security.kubernetes.io/"];
            let result = if reserved.iter().any(|one| key.starts_with(one)) || key == "app.kubernetes.io/managed-by" {
                let message = format!("`{key}` is set by this tool");
                Err(NameError { message, hint: "take it out, or use a domain of your own".to_owned() })
            } else {
                let value = if are_labels { names::check_value(value) } else { Ok(()) };
                names::check_key(key).and(value)
            };
            if self.name(&path, result) {
                kept.insert(key.clone(), value.clone());
            }
        }
        kept
    }

    fn megabytes(&mut self, path: &FieldPath, text: Option<&String>) -> Option<u64> {
        let text = text?;
        let parsed = units::megabytes(text).and_then(|megabytes| {
            if megabytes > units::MOST { Err(units::too_much(megabytes)) } else { Ok(megabytes) }
        });
        self.parsed(path, parsed)
    }

    fn parsed<Parsed>(&mut self, path: &FieldPath, parsed: Result<Parsed, units::UnitError>) -> Option<Parsed> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                let place = crate::diagnostics::Place::value(self.collector.document, path.clone());
                self.collector.complain(&codes::BAD_QUANTITY, place, error);
                None
            }
        }
    }

    fn count(&mut self, path: &FieldPath, number: Option<u64>) -> Option<u64> {
        let number = number?;
        self.parsed(path, if number > units::MOST { Err(units::too_much(number)) } else { Ok(number) })
    }

    fn percent(&mut self, dotted: &str, text: Option<&String>) -> Option<u32> {
        let path = self.collector.path(dotted);
        let share = self.parsed(&path, units::percent(text?))?;
        let whole = if share > 10_000 {
            Err((format!("`{}` is more than there is", units::percent_text(share)), "write at most `100%`".to_owned()))
        } else {
            Ok(share)
        };
        self.parsed(&path, whole)
    }

    fn container(&mut self, dotted: &str, written: &wire::ContainerAmounts) -> ContainerAmounts {
        let at = |field: &str| format!("container.{dotted}.{field}");
        let cpus = self.collector.path(&at("cpus"));
        let memory = self.collector.path(&at("memory"));
        ContainerAmounts {
            cpus: written.cpus.as_ref().and_then(|text| self.parsed(&cpus, positive(text, "`2`, `0.5` or `500m`"))),
            memory: self.megabytes(&memory, written.memory.as_ref()).map(memory_quantity),
        }
    }
}

/// A quantity above nothing, canonical.
fn positive(text: &str, examples: &str) -> Result<String, units::UnitError> {
    let hint = || format!("write e.g. {examples}");
    let canonical = quantity::canonical(text.trim()).map_err(|error| (error.to_string(), hint()))?;
    match quantity::milli(&canonical) {
        Ok(amount) if amount > 0 => Ok(canonical),
        _ => Err((format!("`{}` is nothing", text.escape_debug()), hint())),
    }
}

pub(super) fn factory(
    document: DocumentId,
    name: &str,
    written: Option<&wire::FactoryKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<FactoryKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let mirror = written.mirror.clone().filter(|mirror| {
        let path = block.collector.path("mirror");
        block.name(&path, names::check_registry(mirror))
    });
    let mut part = |field: &str, text: Option<&String>| {
        let text = text?;
        let path = block.collector.path("users").key(field);
        let wrong = if text.starts_with("system:") {
            Some("the names that begin with `system:` are the cluster's own")
        } else if text.is_empty() || text.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            Some("a part of a user's name has no blanks, and is not empty")
        } else {
            None
        };
        let hint = "write what your API server puts there: `\"oidc:\"`, `\"@nordlys.example\"`".to_owned();
        let result = wrong.map_or(Ok(()), |wrong| Err(NameError { message: wrong.to_owned(), hint }));
        block.name(&path, result).then(|| text.clone())
    };
    let user_prefix = part("prefix", written.users.prefix.as_ref()).unwrap_or_default();
    let user_suffix = part("suffix", written.users.suffix.as_ref()).unwrap_or_default();
    Some(FactoryKubernetes {
        target: block.target(&written.target),
        cohort: written.cohort.clone().unwrap_or_else(|| name.to_owned()),
        mirror,
        user_prefix,
        user_suffix,
    })
}

pub(super) fn partition(
    document: DocumentId,
    name: &str,
    written: Option<&wire::PartitionKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<PartitionKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let mut taints = |field: &str, texts: &[String]| {
        let list = block.collector.path(field);
        let mut kept = Vec::new();
        for (path, text) in numbered(texts, document, &list, refused) {
            let parsed = names::parse_taint(text);
            let result = parsed.as_ref().map(|_| ()).map_err(Clone::clone);
            if block.name(&path, result) {
                kept.extend(parsed);
            }
        }
        kept
    };
    let (own, tolerated) = (taints("taints", &written.taints), taints("tolerations", &written.tolerations));
    let domain = written.nodes.domain.clone().filter(|domain| {
        let path = block.collector.path("nodes.domain");
        block.name(&path, names::check_subdomain(domain))
    });
    let gpu_resource = written.gpu_resource.clone().filter(|resource| {
        let path = block.collector.path("gpuResource");
        let result = names::check_key(resource).and_then(|()| {
            let hint = "write the device plugin's name: `amd.com/gpu`".to_owned();
            let error = NameError { message: format!("`{resource}` has no domain, as names of devices have"), hint };
            if resource.contains('/') { Ok(()) } else { Err(error) }
        });
        block.name(&path, result)
    });
    let list = block.collector.path("topology");
    let levels: Vec<(String, FieldPath)> = numbered(&written.topology, document, &list, refused)
        .into_iter()
        .filter(|(path, level)| block.name(path, names::check_key(level)))
        .map(|(path, level)| (level.clone(), path))
        .collect();
    let quota = block.collector.path("quota");
    Some(PartitionKubernetes {
        target: block.target(&written.target),
        name: written.name.clone().unwrap_or_else(|| name.to_owned()),
        labels_nodes: written.nodes.label.unwrap_or(true),
        domain,
        labels: block.labels("nodes.labels", &written.nodes.labels, true),
        annotations: block.labels("nodes.annotations", &written.nodes.annotations, false),
        topology: levels,
        runtime_class: written
            .runtime_class
            .as_ref()
            .map(|class| (class.name.clone(), class.handler.clone().unwrap_or_else(|| class.name.clone()))),
        taints: own,
        tolerations: tolerated,
        gpu_resource: gpu_resource.unwrap_or_else(|| NVIDIA.to_owned()),
        quota: Capacity {
            gpus: block.count(&quota.key("gpus"), written.quota.gpus),
            cpus: block.count(&quota.key("cpus"), written.quota.cpus),
            memory: block.megabytes(&quota.key("memory"), written.quota.memory.as_ref()),
        },
    })
}

pub(super) fn mode(
    document: DocumentId,
    name: &str,
    (priority, share): (Option<u64>, Option<u32>),
    written: Option<&wire::AccessModeKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<ModeKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let own = block.collector.path("priority");
    let (path, number) = match written.priority {
        Some(number) => (own, number),
        None => (FieldPath::keys("spec.priority"), priority.unwrap_or(0)),
    };
    let fits = i32::try_from(number).map_err(|_| {
        (format!("{number} is more than a priority on Kubernetes can be"), format!("write at most {}", i32::MAX))
    });
    let priority = block.parsed(&path, fits).unwrap_or(0);
    let weight = block.collector.path("weight");
    let own_share = block.percent("share", written.share.as_ref());
    Some(ModeKubernetes {
        target: block.target(&written.target),
        name: written.name.clone().unwrap_or_else(|| name.to_owned()),
        priority,
        share: own_share.or(share.filter(|_| written.share.is_none())).map(|share| share.min(10_000)),
        says_priority: written.priority.is_some(),
        says_share: written.share.is_some(),
        borrowing: block.percent("borrowing", written.borrowing.as_ref()),
        weight: written.weight.as_ref().and_then(|text| block.parsed(&weight, positive(text, "`2` or `0.5`"))),
    })
}

pub(super) fn project(
    document: DocumentId,
    name: &str,
    written: Option<&wire::ProjectKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<ProjectKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let list = block.collector.path("storage");
    let mut claims = Vec::new();
    for (path, claim) in numbered(&written.storage, document, &list, refused) {
        let size = block.megabytes(&path.key("size"), Some(&claim.size));
        let nothing = || Err((format!("`{}` is nothing", claim.size), "write e.g. `4TB`".to_owned()));
        let size = size.and_then(|size| block.parsed(&path.key("size"), if size == 0 { nothing() } else { Ok(size) }));
        if let Some(class) = &claim.class {
            block.name(&path.key("class"), names::check_subdomain(class));
        }
        claims.push(Claim {
            name: claim.name.clone(),
            size,
            class: claim.class.clone(),
            access: claim.access.kubernetes(),
            path,
        });
    }
    let list = block.collector.path("egress");
    let mut egress = Vec::new();
    for (path, one) in numbered(&written.egress, document, &list, refused) {
        let mut ports = Vec::new();
        for (at, port) in numbered(&one.ports, document, &path.key("ports"), refused) {
            let parsed = u16::try_from(*port).ok().filter(|port| *port > 0);
            let parsed = parsed.ok_or_else(|| (format!("`{port}` is no port"), "write one from 1 to 65535".to_owned()));
            ports.extend(block.parsed(&at, parsed));
        }
        // A network whose ports were all refused would be open as a whole.
        if block.name(&path.key("to"), names::check_network(&one.to)) && ports.len() == one.ports.len() {
            egress.push(Egress { to: one.to.clone(), ports, path });
        }
    }
    let quota = block.collector.path("quota");
    Some(ProjectKubernetes {
        target: block.target(&written.target),
        namespace: written.namespace.clone().unwrap_or_else(|| name.to_owned()),
        quota: Capacity {
            gpus: block.count(&quota.key("gpus"), written.quota.gpus),
            cpus: block.count(&quota.key("cpus"), written.quota.cpus),
            memory: block.megabytes(&quota.key("memory"), written.quota.memory.as_ref()),
        },
        storage: block.megabytes(&quota.key("storage"), written.quota.storage.as_ref()),
        pods: block.count(&quota.key("pods"), written.quota.pods),
        requests: block.container("requests", &written.container.requests),
        limits: block.container("limits", &written.container.limits),
        maximum: block.container("maximum", &written.container.maximum),
        claims,
        internet: written.internet,
        egress,
        labels: block.labels("labels", &written.labels, true),
    })
}
