//! Partitions.

use serde_json::json;

use super::collect::Collector;
use super::collect::walk::heard;
use super::lists::{listed, numbered};
use super::rows::{Row, Table, Unit, fields, row};
use super::{Fields, NodeGroup, NodeSet, Partition, PartitionSides, node};
use crate::diagnostics::{Diagnostics, DocumentId, Place};
use crate::manifest::v1alpha1::Partition as Wire;
use crate::manifest::v1alpha1::partition::{NodeSet as WireSet, PartitionSpec};
use crate::manifest::{Kind, Refused};
use crate::resource::hostlist::{HostSet, expand_in_order};
use crate::resource::{FieldPath, PROTECT};
use crate::slurm::text::check_known_hosts;

use Unit::{
    Choice, Composed, Flag, Hosts, Megabytes, Minutes, Names, Number, OneOf, Raw, Says, Seconds, Sharing, Weights, Word,
};

/// Hosts beside those of the partition's own node groups.
const HOSTS: Row<PartitionSpec> = row!(hosts => "Nodes", Composed(&Unit::HostLists));

const ROWS: &[Row<PartitionSpec>] = &[
    row!(limits.wall_time => "MaxTime", Minutes),
    row!(limits.default_wall_time => "DefaultTime", Minutes),
    row!(limits.over_time => "OverTimeLimit", Minutes),
    row!(limits.grace_time => "GraceTime", Seconds),
    row!(limits.nodes_per_job => "MaxNodes", Number),
    row!(limits.minimum_nodes_per_job => "MinNodes", Number),
    row!(limits.cpus_per_node => "MaxCPUsPerNode", Number),
    row!(limits.cpus_per_socket => "MaxCPUsPerSocket", Number),
    row!(limits.memory_per_node => "MaxMemPerNode", Megabytes),
    row!(limits.memory_per_cpu => "MaxMemPerCPU", Megabytes),
    row!(defaults.memory_per_node => "DefMemPerNode", Megabytes),
    row!(defaults.memory_per_cpu => "DefMemPerCPU", Megabytes),
    row!(defaults.memory_per_gpu => "DefMemPerGPU", Megabytes),
    row!(defaults.cpus_per_gpu => "DefCPUPerGPU", Number),
    row!(sharing => "OverSubscribe", Sharing),
    row!(sharing => "ExclusiveUser", Says("user")),
    row!(sharing => "ExclusiveTopo", Says("topology")),
    row!(modes => "AllowQos", Names),
    row!(deny_modes => "DenyQos", Names),
    row!(accounts.allow => "AllowAccounts", Names),
    row!(accounts.deny => "DenyAccounts", Names),
    row!(groups => "AllowGroups", Names),
    row!(submit_hosts => "AllocNodes", Hosts),
    row!(default => "Default", Flag),
    row!(hidden => "Hidden", Flag),
    row!(root_only => "RootOnly", Flag),
    row!(require_reservation => "ReqResv", Flag),
    row!(disable_root_jobs => "DisableRootJobs", Flag),
    row!(least_loaded_nodes => "LLN", Flag),
    row!(priority.tier => "PriorityTier", Number),
    row!(priority.job_factor => "PriorityJobFactor", Number),
    row!(preemption => "PreemptMode", Names),
    row!(qos => "QOS", Word),
    row!(state => "State", OneOf(&[("up", "UP"), ("down", "DOWN"), ("drain", "DRAIN"), ("inactive", "INACTIVE")])),
    row!(alternate => "Alternate", Word),
    row!(cpu_bind => "CpuBind", Choice),
    row!(select_type_parameters => "SelectTypeParameters", Choice),
    row!(billing => "TRESBillingWeights", Weights),
    row!(power_saving.suspend_time => "SuspendTime", Seconds),
    row!(power_saving.suspend_timeout => "SuspendTimeout", Seconds),
    row!(power_saving.resume_timeout => "ResumeTimeout", Seconds),
    row!(power_saving.power_down_on_idle => "PowerDownOnIdle", Flag),
    row!(topology => "Topology", Word),
    HOSTS,
    row!(protect => PROTECT, Composed(&Flag)),
    row!(slurm => "*", Raw),
];

/// Fields of a partition.
pub(super) const TABLE: Table = Table {
    resource: "partition",
    manifest: Kind::Partition,
    base: "spec",
    needs: "{}",
    fields: || fields(ROWS),
    heard: |spec| heard("partition", ROWS, spec),
};

/// Nodes of a set by a feature of theirs.
const FEATURE: Row<WireSet> = row!(feature => "Feature", Composed(&Word));

/// Nodes of a set by their names.
const SET_HOSTS: Row<WireSet> = row!(hosts => "Nodes", Composed(&Hosts));

const SET_ROWS: &[Row<WireSet>] = &[FEATURE, SET_HOSTS];

/// Fields of a node set.
pub(super) const NODE_SETS: Table = Table {
    resource: "nodeset",
    manifest: Kind::Partition,
    base: "spec.nodeSets[]",
    needs: r#"{ "name": "set" }"#,
    fields: || fields(SET_ROWS),
    heard: |set| heard("nodeset", SET_ROWS, set),
};

pub(super) fn partition(document: DocumentId, wire: &Wire, refused: &Refused, found: &mut Diagnostics) -> Partition {
    let spec = &wire.spec;
    let mut raw_keys = Vec::new();
    let base = FieldPath::keys("spec");
    for key in spec.slurm.keys() {
        raw_keys.push(("partition", key.clone(), base.key("slurm").key(key)));
    }
    let mut groups = Vec::new();
    for (path, group) in numbered(&spec.nodes, document, &base.key("nodes"), refused) {
        for key in group.slurm.keys() {
            raw_keys.push(("node", key.clone(), path.key("slurm").key(key)));
        }
        groups.push(node::group(document, group, path, refused, found));
    }
    let mut node_sets = Vec::new();
    for (path, set) in numbered(&spec.node_sets, document, &base.key("nodeSets"), refused) {
        let mut collector = Collector::new("nodeset", document, path.clone(), refused, found);
        let place = collector.place("hosts");
        let hosts = set.hosts.as_ref().and_then(|text| collector.host_list(text, place, check_known_hosts));
        let mut fields = Fields::default();
        for field in [FEATURE.field, SET_HOSTS.field] {
            fields.places.insert(field.key.to_owned(), Place::value(document, field.at(&path)));
        }
        let feature = set.feature.as_ref().map(|feature| (FEATURE.field.key, json!(feature)));
        let listed = hosts.as_ref().map(|hosts| (SET_HOSTS.field.key, json!(hosts.to_string())));
        fields.body.extend([feature, listed].into_iter().flatten().map(|(key, value)| (key.to_owned(), value)));
        node_sets.push(NodeSet { name: set.name.clone(), feature: set.feature.clone(), hosts, fields, path });
    }
    let mut collector = Collector::new("partition", document, base.clone(), refused, found);
    collector.walk(ROWS, spec);
    let hosts = hosts(&mut collector, &spec.hosts);
    let own = groups.iter().fold(HostSet::default(), |all: HostSet, group: &NodeGroup| all.union(&group.hosts));
    let all: HostSet = own
        .iter()
        .map(ToOwned::to_owned)
        .chain(hosts.iter().flat_map(|(text, _)| expand_in_order(text).unwrap_or_default()))
        .collect();
    if !all.is_empty() {
        // Beside anything else the word would be the name of a node.
        let text = if all.contains("ALL") { "ALL".to_owned() } else { all.to_string() };
        let at = if spec.nodes.is_empty() { "hosts" } else { "nodes" };
        collector.put(HOSTS.field.key, json!(text), at);
    }
    let fields = collector.fields;
    Partition {
        document,
        name: wire.metadata.name.clone(),
        target: spec.target.clone(),
        groups,
        hosts,
        node_sets,
        modes: listed(&spec.modes, document, &base.key("modes"), refused),
        deny_modes: listed(&spec.deny_modes, document, &base.key("denyModes"), refused),
        accounts: [("allow", &spec.accounts.allow), ("deny", &spec.accounts.deny)]
            .into_iter()
            .flat_map(|(field, names)| listed(names, document, &base.key("accounts").key(field), refused))
            .collect(),
        qos: spec.qos.clone(),
        fields,
        raw_keys,
        default: spec.default,
        sides: PartitionSides::read(document, &wire.metadata.name, spec, refused, found),
        protect: spec.protect,
    }
}

fn hosts(collector: &mut Collector<'_>, written: &[String]) -> Vec<(String, FieldPath)> {
    let mut result = Vec::new();
    for (path, text) in numbered(written, collector.document, &FieldPath::keys("spec.hosts"), collector.refused) {
        let set = collector.host_list(text, Place::value(collector.document, path.clone()), check_known_hosts);
        result.extend(set.map(|set| (set.to_string(), path)));
    }
    result
}
