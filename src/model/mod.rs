//! The typed site: units parsed, host lists expanded, and each field that a target knows with its canonical value and
//! its place. No serde, no YAML.
//!
//! References stay names: rules check that they lead somewhere. Declarations that stand twice are all kept, so that rules
//! can point at both.

mod accounts;
mod binding;
mod bindings;
mod bounds;
mod collect;
pub mod composed;
mod facts;
mod fields;
pub mod kubernetes;
mod lists;
mod mode;
mod node;
mod partition;
mod resolve;
pub mod rows;
pub mod service;
mod sides;
mod slurm;
mod tables;
mod targets;
pub mod units;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::diagnostics::{DocumentId, Place};
use crate::manifest::{Kind, Refused};
use crate::resource::FieldPath;
use crate::resource::hostlist::HostSet;

pub use crate::manifest::v1alpha1::common::Category;
pub use bindings::{check_settings, check_targets, ways};
pub use fields::Fields;
pub use resolve::resolve;
pub use service::{Audience, Runtime, ServiceCategory, SupportService};
pub use sides::{FactorySides, ModeSides, PartitionSides, ProjectSides};
pub use tables::TABLES;

/// The whole.
#[derive(Debug, Clone, Default)]
pub struct Site {
    /// Factories; one is right.
    pub factories: Vec<Factory>,
    /// Partitions.
    pub partitions: Vec<Partition>,
    /// Access modes.
    pub modes: Vec<AccessMode>,
    /// Projects.
    pub projects: Vec<Project>,
    /// Support services.
    pub services: Vec<SupportService>,
    /// Documents that it was resolved from, each with its kind.
    pub documents: Vec<(Kind, DocumentId)>,
    /// What of them was refused, and is absent for that.
    pub refused: Refused,
}

/// A factory.
#[derive(Debug, Clone)]
pub struct Factory {
    /// Document it stands in.
    pub document: DocumentId,
    /// Name.
    pub name: String,
    /// Country of the host.
    pub country: String,
    /// Shares of the consortium's states, in hundredths of a percent, with their places.
    pub shares: Vec<(String, u32, Place)>,
    /// Access shares by name (`union`, `states`, `industry`).
    pub access: BTreeMap<&'static str, (u32, Place)>,
    /// Whether ethics conditions are a condition of access.
    pub ethics_conditions: bool,
    /// Root account's name.
    pub account: String,
    /// Access modes that all below it may use, with their places.
    pub modes: Vec<(String, FieldPath)>,
    /// Access mode of jobs below it that name none.
    pub default_mode: Option<String>,
    /// Root account's fields.
    pub fields: Fields,
    /// Branch accounts.
    pub branches: Vec<Branch>,
    /// Users with rights over the cluster: name, Slurm's level, place.
    pub administrators: Vec<(String, &'static str, Place)>,
    /// Whether its nodes reach the internet, where it says so.
    pub internet: Option<bool>,
    /// What it says for one target alone.
    pub sides: FactorySides,
    /// No plan may delete its account.
    pub protect: bool,
}

/// A branch account.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Name.
    pub name: String,
    /// Parent branch; the root account where absent.
    pub parent: Option<String>,
    /// Where it stands.
    pub path: FieldPath,
    /// Access modes, with their places.
    pub modes: Vec<(String, FieldPath)>,
    /// Access mode of jobs below it that name none.
    pub default_mode: Option<String>,
    /// Fields.
    pub fields: Fields,
    /// No plan may delete it.
    pub protect: bool,
}

/// A group of equal nodes.
#[derive(Debug, Clone)]
pub struct NodeGroup {
    /// Where it stands.
    pub path: FieldPath,
    /// Hosts.
    pub hosts: HostSet,
    /// Hosts in the order written, for lists that are zipped with them.
    pub order: Vec<String>,
    /// Values that differ from host to host, by Slurm's key: one for all, or as many as there are hosts.
    pub per_host: BTreeMap<&'static str, Vec<String>>,
    /// Fields that all share.
    pub fields: Fields,
    /// gres.conf lines: `name[:type]` → fields.
    pub gres: Vec<(String, Fields)>,
    /// GPUs in each node, and their model.
    pub gpus: u64,
    /// Model of the GPUs.
    pub model: Option<String>,
    /// CPUs in each node, where they follow from what is written.
    pub cpus: Option<u64>,
    /// Memory of each node in megabytes.
    pub memory: Option<u64>,
}

/// A partition.
#[derive(Debug, Clone)]
pub struct Partition {
    /// Document it stands in.
    pub document: DocumentId,
    /// Name.
    pub name: String,
    /// Target.
    pub target: String,
    /// Node groups it brings.
    pub groups: Vec<NodeGroup>,
    /// Further hosts and node sets.
    pub hosts: Vec<(String, FieldPath)>,
    /// Node sets it defines: name, feature, hosts, path.
    pub node_sets: Vec<NodeSet>,
    /// Modes allowed, with their places; empty for all.
    pub modes: Vec<(String, FieldPath)>,
    /// Modes denied.
    pub deny_modes: Vec<(String, FieldPath)>,
    /// Accounts that it allows and denies, with their places.
    pub accounts: Vec<(String, FieldPath)>,
    /// Partition QOS.
    pub qos: Option<String>,
    /// Fields.
    pub fields: Fields,
    /// Keys of the `slurm:` map of the partition and of its node groups, with their places.
    pub raw_keys: Vec<(&'static str, String, FieldPath)>,
    /// Whether it is the default.
    pub default: bool,
    /// What it says for one target alone.
    pub sides: PartitionSides,
    /// No plan may delete it.
    pub protect: bool,
}

/// A node set.
#[derive(Debug, Clone)]
pub struct NodeSet {
    /// Name.
    pub name: String,
    /// Feature.
    pub feature: Option<String>,
    /// Hosts.
    pub hosts: Option<HostSet>,
    /// Fields.
    pub fields: Fields,
    /// Where it stands.
    pub path: FieldPath,
}

/// An access mode.
#[derive(Debug, Clone)]
pub struct AccessMode {
    /// Document it stands in.
    pub document: DocumentId,
    /// Name.
    pub name: String,
    /// Target.
    pub target: String,
    /// Categories admitted; empty for all.
    pub eligible: Vec<Category>,
    /// Most GPU-hours of one allocation.
    pub gpu_hours: Option<u64>,
    /// Longest allocation in months.
    pub months: Option<u64>,
    /// Most and least per job, by TRES name.
    pub maximum: BTreeMap<String, u64>,
    /// Least per job.
    pub minimum: BTreeMap<String, u64>,
    /// Mode whose range it continues.
    pub continues: Option<String>,
    /// Modes it preempts, with their places.
    pub preempts: Vec<(String, FieldPath)>,
    /// Share in hundredths of a percent.
    pub share: Option<u32>,
    /// Text for people, as written.
    pub description: Option<String>,
    /// Fields of the QOS.
    pub fields: Fields,
    /// What it says for one target alone.
    pub sides: ModeSides,
    /// No plan may delete it.
    pub protect: bool,
}

/// A project.
#[derive(Debug, Clone)]
pub struct Project {
    /// Document it stands in.
    pub document: DocumentId,
    /// Name.
    pub name: String,
    /// Its account on Slurm; its name, where nothing else is said.
    pub account: String,
    /// Target.
    pub target: String,
    /// Category of its organisation.
    pub category: Category,
    /// Country of its organisation.
    pub country: String,
    /// Sector.
    pub domain: Option<String>,
    /// Whether the ethics conditions were attested.
    pub attested: bool,
    /// Parent branch account.
    pub parent: Option<String>,
    /// Members.
    pub members: Vec<Member>,
    /// Allocations.
    pub allocations: Vec<Allocation>,
    /// Further modes, with their places.
    pub modes: Vec<(String, FieldPath)>,
    /// Default mode.
    pub default_mode: Option<String>,
    /// Fields of the account.
    pub fields: Fields,
    /// What it says for one target alone.
    pub sides: ProjectSides,
    /// No plan may delete it.
    pub protect: bool,
}

/// A member of a project.
#[derive(Debug, Clone)]
pub struct Member {
    /// User.
    pub user: String,
    /// Where it stands.
    pub path: FieldPath,
    /// Whether the user coordinates the account.
    pub lead: bool,
    /// Partition that the entry is for.
    pub partition: Option<String>,
    /// Whether the account is the user's default.
    pub default: bool,
    /// Modes, with their places.
    pub modes: Vec<(String, FieldPath)>,
    /// Default mode.
    pub default_mode: Option<String>,
    /// Fields of the association.
    pub fields: Fields,
}

/// An allocation.
#[derive(Debug, Clone)]
pub struct Allocation {
    /// Where it stands.
    pub path: FieldPath,
    /// Partition.
    pub partition: String,
    /// Mode.
    pub mode: String,
    /// GPU-hours; none where they were refused.
    pub gpu_hours: Option<u64>,
    /// Days on which it is in force; none where they were refused.
    pub window: Option<Window>,
}

/// Days from one to another, both of which belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

impl Site {
    /// Targets that something lives on, each with the document that says so.
    pub fn target_uses(&self) -> impl Iterator<Item = (DocumentId, &str)> {
        let partitions = self.partitions.iter().map(|one| (one.document, one.target.as_str()));
        let modes = self.modes.iter().map(|one| (one.document, one.target.as_str()));
        let projects = self.projects.iter().map(|one| (one.document, one.target.as_str()));
        let services = self.services.iter().filter_map(|one| Some((one.document, one.target.as_deref()?)));
        partitions.chain(modes).chain(projects).chain(services).chain(self.targets_of_sides())
    }

    /// Targets that a side lives on, each with the document that says so.
    fn targets_of_sides(&self) -> impl Iterator<Item = (DocumentId, &str)> {
        fn each<'a>(
            document: DocumentId,
            targets: impl Iterator<Item = &'a str>,
        ) -> impl Iterator<Item = (DocumentId, &'a str)> {
            targets.map(move |target| (document, target))
        }
        let factories = self.factories.iter().flat_map(|one| each(one.document, one.sides.targets()));
        let partitions = self.partitions.iter().flat_map(|one| each(one.document, one.sides.targets()));
        let modes = self.modes.iter().flat_map(|one| each(one.document, one.sides.targets()));
        let projects = self.projects.iter().flat_map(|one| each(one.document, one.sides.targets()));
        factories.chain(partitions).chain(modes).chain(projects)
    }

    /// Targets that something lives on.
    pub fn targets(&self) -> BTreeSet<&str> {
        self.target_uses().map(|(_, name)| name).collect()
    }
}

impl Window {
    /// Whether a day belongs to it.
    pub fn contains(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }

    /// Days it covers.
    pub fn days(&self) -> i64 {
        self.from.until(self.until).map_or(0, |span| i64::from(span.get_days()) + 1).max(0)
    }
}

impl Site {
    /// Whether none of these fields of a document was refused, nor anything above or below them: `spec.nodes[].hosts`.
    pub fn knows(&self, document: DocumentId, fields: &[&str]) -> bool {
        !fields.iter().any(|field| self.refused.touches_any(document, field))
    }

    /// Whether a document of which not even the name could be read may declare this; anything, where no name is given.
    pub fn may_hide(&self, kind: Kind, name: Option<&str>) -> bool {
        let nameless = |document: DocumentId| self.refused.touches_any(document, "metadata.name");
        let unnamed = || self.documents.iter().any(|(own, document)| *own == kind && nameless(*document));
        (name.is_some() && unnamed()) || self.refused.may_declare(kind, name)
    }

    /// Whether the hosts of a partition's nodes are known.
    pub fn knows_hosts(&self, partition: &Partition) -> bool {
        self.knows(partition.document, &["spec.nodes[].hosts", "spec.hosts"])
    }

    /// Whether the GPUs of a partition's nodes are known.
    pub fn knows_gpus(&self, partition: &Partition) -> bool {
        let counted = ["spec.nodes[].accelerators.count", "spec.nodes[].gres[].name", "spec.nodes[].gres[].count"];
        self.knows_hosts(partition) && self.knows(partition.document, &counted)
    }
}

impl Partition {
    /// GPUs of the nodes that it brings.
    pub fn gpus(&self) -> u64 {
        self.groups.iter().map(|group| group.gpus.saturating_mul(group.hosts.len() as u64)).fold(0, u64::saturating_add)
    }

    /// Whether all its nodes are known and none has a GPU.
    pub fn has_no_gpus(&self) -> bool {
        !self.groups.is_empty() && self.hosts.is_empty() && self.node_sets.is_empty() && self.gpus() == 0
    }

    /// Hosts of the nodes that it brings.
    pub fn own_hosts(&self) -> HostSet {
        self.groups.iter().fold(HostSet::default(), |all, group| all.union(&group.hosts))
    }

    /// A number among its fields.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.fields.body.get(key).and_then(serde_json::Value::as_u64)
    }
}
