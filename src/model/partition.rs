//! Partitions and their nodes.

use std::collections::BTreeMap;

use serde_json::json;

use super::collect::Collector;
use super::lists::{listed, numbered};
use super::{Fields, NodeGroup, NodeSet, Partition, PartitionSides, bounds, facts, units};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::Partition as Wire;
use crate::manifest::v1alpha1::partition::{Gres, NodeGroup as WireGroup, PartitionState};
use crate::resource::FieldPath;
use crate::resource::hostlist::{HostSet, expand_in_order};
use crate::slurm::text::{check_known_hosts, check_new_hosts};
use crate::slurm::{fields, value};

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
        groups.push(node_group(document, group, path, refused, found));
    }
    let mut node_sets = Vec::new();
    for (path, set) in numbered(&spec.node_sets, document, &base.key("nodeSets"), refused) {
        let mut collector = Collector::new("nodeset", document, path.clone(), refused, found);
        let place = collector.place("hosts");
        let hosts = set.hosts.as_ref().and_then(|text| collector.host_list(text, place, check_known_hosts));
        node_sets.push(NodeSet { name: set.name.clone(), feature: set.feature.clone(), hosts, path });
    }
    let mut collector = Collector::new("partition", document, base.clone(), refused, found);
    let limits = &spec.limits;
    collector.minutes("MaxTime", limits.wall_time.as_ref(), "limits.wallTime");
    collector.minutes("DefaultTime", limits.default_wall_time.as_ref(), "limits.defaultWallTime");
    collector.minutes("OverTimeLimit", limits.over_time.as_ref(), "limits.overTime");
    collector.seconds("GraceTime", limits.grace_time.as_ref(), "limits.graceTime");
    collector.number("MaxNodes", limits.nodes_per_job, "limits.nodesPerJob");
    collector.number("MinNodes", limits.minimum_nodes_per_job, "limits.minimumNodesPerJob");
    collector.number("MaxCPUsPerNode", limits.cpus_per_node, "limits.cpusPerNode");
    collector.number("MaxCPUsPerSocket", limits.cpus_per_socket, "limits.cpusPerSocket");
    collector.megabytes("MaxMemPerNode", limits.memory_per_node.as_ref(), "limits.memoryPerNode");
    collector.megabytes("MaxMemPerCPU", limits.memory_per_cpu.as_ref(), "limits.memoryPerCpu");
    let defaults = &spec.defaults;
    collector.megabytes("DefMemPerNode", defaults.memory_per_node.as_ref(), "defaults.memoryPerNode");
    collector.megabytes("DefMemPerCPU", defaults.memory_per_cpu.as_ref(), "defaults.memoryPerCpu");
    collector.megabytes("DefMemPerGPU", defaults.memory_per_gpu.as_ref(), "defaults.memoryPerGpu");
    collector.number("DefCPUPerGPU", defaults.cpus_per_gpu, "defaults.cpusPerGpu");
    sharing(&mut collector, spec.sharing.as_deref());
    collector.names("AllowQos", &spec.modes, "modes");
    collector.names("DenyQos", &spec.deny_modes, "denyModes");
    collector.names("AllowAccounts", &spec.accounts.allow, "accounts.allow");
    collector.names("DenyAccounts", &spec.accounts.deny, "accounts.deny");
    collector.names("AllowGroups", &spec.groups, "groups");
    let place = collector.place("submitHosts");
    if let Some(set) = spec.submit_hosts.as_ref().and_then(|text| collector.host_list(text, place, check_known_hosts)) {
        collector.put("AllocNodes", json!(set.to_string()), "submitHosts");
    }
    collector.flag("Default", spec.default, "default");
    collector.flag("Hidden", spec.hidden, "hidden");
    collector.flag("RootOnly", spec.root_only, "rootOnly");
    collector.flag("ReqResv", spec.require_reservation, "requireReservation");
    collector.flag("DisableRootJobs", spec.disable_root_jobs, "disableRootJobs");
    collector.flag("LLN", spec.least_loaded_nodes, "leastLoadedNodes");
    collector.number("PriorityTier", spec.priority.tier, "priority.tier");
    collector.number("PriorityJobFactor", spec.priority.job_factor, "priority.jobFactor");
    collector.names("PreemptMode", &spec.preemption, "preemption");
    collector.word("QOS", spec.qos.as_ref(), "qos");
    if let Some(state) = spec.state {
        let word = match state {
            PartitionState::Up => "UP",
            PartitionState::Down => "DOWN",
            PartitionState::Drain => "DRAIN",
            PartitionState::Inactive => "INACTIVE",
        };
        collector.put("State", json!(word), "state");
    }
    collector.word("Alternate", spec.alternate.as_ref(), "alternate");
    collector.choice("CpuBind", spec.cpu_bind.as_ref(), "cpuBind");
    collector.choice("SelectTypeParameters", spec.select_type_parameters.as_ref(), "selectTypeParameters");
    weights(&mut collector, "TRESBillingWeights", &spec.billing, "billing");
    let power = &spec.power_saving;
    collector.seconds("SuspendTime", power.suspend_time.as_ref(), "powerSaving.suspendTime");
    collector.seconds("SuspendTimeout", power.suspend_timeout.as_ref(), "powerSaving.suspendTimeout");
    collector.seconds("ResumeTimeout", power.resume_timeout.as_ref(), "powerSaving.resumeTimeout");
    collector.flag("PowerDownOnIdle", power.power_down_on_idle, "powerSaving.powerDownOnIdle");
    collector.word("Topology", spec.topology.as_ref(), "topology");
    collector.raw(&spec.slurm);
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
        collector.put("Nodes", json!(text), at);
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

fn sharing(collector: &mut Collector<'_>, written: Option<&str>) {
    match written {
        None | Some("no") => {}
        Some("user") => collector.flag("ExclusiveUser", true, "sharing"),
        Some("topology") => collector.flag("ExclusiveTopo", true, "sharing"),
        Some(other) => {
            let word = other.to_uppercase();
            let word = if matches!(word.as_str(), "YES" | "FORCE") { format!("{word}:4") } else { word };
            // Slurm keeps the number in 15 bits, and ignores one that would share nothing.
            let least = if word.starts_with("YES") { 2 } else { 1 };
            let jobs = word.split_once(':').map_or(least, |(_, jobs)| jobs.parse().unwrap_or(u64::MAX));
            if !(least..=0x7fff).contains(&jobs) {
                let place = collector.place("sharing");
                let hint = format!("write a number from {least} to 32767, or none for 4");
                collector.complain(
                    &codes::BAD_QUANTITY,
                    place,
                    (format!("`{other}`: so many jobs cannot share a CPU"), hint),
                );
                return;
            }
            collector.put("OverSubscribe", json!(word), "sharing");
        }
    }
}

/// Weights by TRES; each is checked by itself, so that none can say more than one.
fn weights(collector: &mut Collector<'_>, key: &str, map: &BTreeMap<String, String>, dotted: &str) {
    let mut text = Vec::new();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (tres, weight) in map {
        let path = collector.path(dotted).key(tres);
        if let Some(first) = seen.insert(tres.to_lowercase(), tres) {
            let first = Place::key(collector.document, collector.path(dotted).key(first));
            collector.said_twice(&format!("`{tres}`"), Place::key(collector.document, path), first);
        } else if let Err(error) = bounds::name(tres) {
            collector.complain(&codes::BAD_QUANTITY, Place::key(collector.document, path), error);
        } else if let Err(error) = bounds::weight(weight) {
            collector.complain(&codes::BAD_QUANTITY, Place::value(collector.document, path), error);
        } else {
            text.push(format!("{tres}={weight}"));
        }
    }
    let canonical = fields::find(collector.kind, key).map(|field| value::canonical(field, &text.join(",")));
    if let Some(Ok(Some(value))) = canonical {
        collector.put(key, value, dotted);
    }
}

fn node_group(
    document: DocumentId,
    wire: &WireGroup,
    path: FieldPath,
    refused: &Refused,
    found: &mut Diagnostics,
) -> NodeGroup {
    facts::of_nodes(document, wire, &path, found);
    let mut collector = Collector::new("node", document, path.clone(), refused, found);
    let place = collector.place("hosts");
    // Without its hosts a group has no nodes, and its other fields are looked at all the same.
    let hosts = collector.host_list(&wire.hosts, place, check_new_hosts).unwrap_or_default();
    let order = if hosts.is_empty() { Vec::new() } else { expand_in_order(&wire.hosts).unwrap_or_default() };
    let mut per_host = BTreeMap::new();
    for (key, text, dotted) in [
        ("NodeAddr", &wire.addresses, "addresses"),
        ("NodeHostname", &wire.host_names, "hostNames"),
        ("BcastAddr", &wire.broadcast_addresses, "broadcastAddresses"),
        ("Port", &wire.port, "port"),
    ] {
        let Some(text) = text else { continue };
        let place = Place::value(document, path.key(dotted));
        let list = match expand_in_order(text) {
            Ok(list) => list,
            Err(error) => {
                collector.found.push(
                    Diagnostic::new(&codes::BAD_HOST_LIST, format!("`{text}`: {}", error.message))
                        .at(place)
                        .hint(error.hint),
                );
                continue;
            }
        };
        if list.len() != 1 && list.len() != order.len() && !order.is_empty() {
            collector.found.push(
                Diagnostic::new(
                    &codes::BAD_HOST_LIST,
                    format!("`{dotted}` has {} values for {} hosts", list.len(), order.len()),
                )
                .at(place)
                .hint("write one for all, or as many as there are hosts"),
            );
            continue;
        }
        if key == "Port" && !list.iter().all(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) {
            collector.found.push(
                Diagnostic::new(&codes::BAD_QUANTITY, format!("`{text}` is no port"))
                    .at(place)
                    .hint("write e.g. `6818` or `[17001-17004]`"),
            );
            continue;
        }
        per_host.insert(key, list);
    }
    collector.number("Boards", wire.boards, "boards");
    collector.number("Sockets", wire.sockets, "sockets");
    collector.number("SocketsPerBoard", wire.sockets_per_board, "socketsPerBoard");
    collector.number("CoresPerSocket", wire.cores_per_socket, "coresPerSocket");
    collector.number("ThreadsPerCore", wire.threads_per_core, "threadsPerCore");
    collector.number("CPUs", wire.cpus, "cpus");
    let memory = collector.megabytes("RealMemory", wire.memory.as_ref(), "memory");
    collector.megabytes("TmpDisk", wire.temporary_disk.as_ref(), "temporaryDisk");
    collector.number("Weight", wire.weight, "weight");
    collector.names("Features", &wire.features, "features");
    collector.number("CoreSpecCount", wire.reserved.cores, "reserved.cores");
    collector.cpu_list("CPUSpecList", wire.reserved.cpus.as_ref(), "reserved.cpus");
    collector.megabytes("MemSpecLimit", wire.reserved.memory.as_ref(), "reserved.memory");
    collector.number("RestrictedCoresPerGPU", wire.reserved.cores_per_gpu, "reserved.coresPerGpu");
    collector.choice("CpuBind", wire.cpu_bind.as_ref(), "cpuBind");
    weights(&mut collector, "TRESWeights", &wire.tres_weights, "tresWeights");
    collector.choice("State", wire.state.as_ref(), "state");
    if let Some(reason) = &wire.reason {
        if reason.contains('"') || reason.chars().any(char::is_control) {
            collector.found.push(
                Diagnostic::new(&codes::BAD_TEXT, "slurm.conf cannot hold a double quote or a line break")
                    .at(Place::value(document, path.key("reason")))
                    .hint("take it out"),
            );
        } else {
            collector.put("Reason", json!(reason), "reason");
        }
    }
    collector.word("Topology", wire.topology.as_ref(), "topology");
    collector.word("GresConf", wire.gres_conf.as_ref(), "gresConf");
    collector.word("Parameters", wire.parameters.as_ref(), "parameters");
    collector.seconds("SuspendTime", wire.suspend_time.as_ref(), "suspendTime");
    let mut all_gres: Vec<(Gres, FieldPath)> = Vec::new();
    if let Some(gpus) = &wire.accelerators {
        all_gres.push((
            Gres {
                name: "gpu".to_owned(),
                r#type: gpus.model.clone(),
                count: gpus.count,
                files: gpus.files.clone(),
                multiple_files: gpus.multiple_files.clone(),
                cores: gpus.cores.clone(),
                links: gpus.links.clone(),
                flags: gpus.flags.clone(),
                auto_detect: gpus.auto_detect.clone(),
            },
            path.key("accelerators"),
        ));
    }
    let more = numbered(&wire.gres, document, &path.key("gres"), refused);
    all_gres.extend(more.into_iter().map(|(at, gres)| (gres.clone(), at)));
    all_gres.retain(|(_, at)| !refused.touches(document, &at.key("name")));
    let mut promised: BTreeMap<String, u64> = BTreeMap::new();
    let mut seen: BTreeMap<String, FieldPath> = BTreeMap::new();
    let mut gres = Vec::new();
    let (mut gpus, mut model) = (0_u64, None);
    for (one, at) in all_gres {
        let word = |text: &str| {
            !text.is_empty()
                && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))
        };
        if !word(&one.name) || one.r#type.as_ref().is_some_and(|kind| !word(kind)) {
            collector.found.push(
                Diagnostic::new(&codes::BAD_NAME, "a gres has letters, digits, `_`, `-` and `.` in its name and type")
                    .at(Place::value(document, at))
                    .hint("write e.g. `gpu` and `h100`"),
            );
            continue;
        }
        if one.count > units::MOST {
            collector.complain(
                &codes::BAD_QUANTITY,
                Place::value(document, at.key("count")),
                units::too_much(one.count),
            );
            continue;
        }
        let name = one.r#type.as_ref().map_or_else(|| one.name.clone(), |kind| format!("{}:{kind}", one.name));
        let fields = gres_fields(document, &one, &at, refused, collector.found);
        // Without its type it could seem to be another.
        let whole_name = ["type", "model"].iter().all(|field| !refused.touches(document, &at.key(field)));
        if whole_name && let Some(first) = seen.insert(name.clone(), at.clone()) {
            collector.said_twice(
                &format!("the gres `{name}`"),
                Place::value(document, at),
                Place::value(document, first),
            );
            continue;
        }
        if one.name == "gpu" {
            gpus = gpus.saturating_add(one.count);
            model = model.or_else(|| one.r#type.clone());
        }
        if whole_name {
            promised.insert(name.clone(), one.count);
            gres.push((name, fields));
        }
    }
    if !promised.is_empty() {
        let at = if wire.accelerators.is_some() { "accelerators" } else { "gres" };
        collector.put("Gres", json!(promised), at);
    }
    collector.raw(&wire.slurm);
    let cpus = wire.cpus.or_else(|| {
        let sockets = wire.sockets.or_else(|| wire.sockets_per_board?.checked_mul(wire.boards.unwrap_or(1)))?;
        sockets.checked_mul(wire.cores_per_socket.unwrap_or(1))?.checked_mul(wire.threads_per_core.unwrap_or(1))
    });
    let most = fields::find("node", "CPUs").map_or(u64::MAX, |field| field.most);
    if let Some(cpus) = cpus.filter(|cpus| *cpus > most && wire.cpus.is_none()) {
        let hint = format!("a node has at most {most}: correct sockets, cores and threads");
        let place = Place::value(document, path.key("sockets"));
        collector.complain(&codes::BAD_QUANTITY, place, (format!("{cpus} CPUs are more than Slurm can hold"), hint));
    }
    let fields = collector.fields;
    NodeGroup { path, hosts, order, per_host, fields, gres, gpus, model, cpus, memory }
}

/// Fields of a gres.conf line; none where the controller needs no such line.
fn gres_fields(
    document: DocumentId,
    gres: &Gres,
    path: &FieldPath,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Fields {
    let mut collector = Collector::new("gres", document, path.clone(), refused, found);
    collector.word("File", gres.files.as_ref(), "files");
    collector.word("MultipleFiles", gres.multiple_files.as_ref(), "multipleFiles");
    collector.cpu_list("Cores", gres.cores.as_ref(), "cores");
    collector.word("Links", gres.links.as_ref(), "links");
    collector.names("Flags", &gres.flags, "flags");
    if let Some(word) = &gres.auto_detect {
        collector.word("AutoDetect", Some(&word.to_uppercase()), "autoDetect");
    }
    if gres.files.is_none() && gres.multiple_files.is_none() && gres.auto_detect.is_none() {
        collector.number("Count", Some(gres.count), "count");
    }
    collector.fields
}
