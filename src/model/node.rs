//! Groups of equal nodes, and their generic resources.

use std::collections::BTreeMap;

use serde_json::json;

use super::collect::Collector;
use super::collect::walk::heard;
use super::lists::numbered;
use super::rows::{Row, Table, Unit, Written, fields, row};
use super::{Fields, NodeGroup, facts, units};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Complaint, Diagnostic, Diagnostics, DocumentId, Place};
use crate::manifest::v1alpha1::partition::{Accelerators, Gres, NodeGroup as WireGroup};
use crate::manifest::{Kind, Refused};
use crate::resource::FieldPath;
use crate::resource::hostlist::expand_in_order;
use crate::slurm::fields as slurm;
use crate::slurm::text::check_new_hosts;

use Unit::{Choice, Composed, Cpus, Line, Megabytes, Names, Number, Raw, Seconds, Weights, Word};

/// Fields that differ from host to host: a host list of one value for all, or of one for each.
const PER_HOST: [Row<WireGroup>; 4] = [
    row!(addresses => "NodeAddr", Composed(&Word)),
    row!(host_names => "NodeHostname", Composed(&Word)),
    row!(broadcast_addresses => "BcastAddr", Composed(&Word)),
    row!(port => "Port", Composed(&Word)),
];

/// `accelerators` and `gres` together; what else they say of a device stands in gres.conf.
const GRES: Row<WireGroup> = row!(gres => "Gres", Composed(&Unit::Gres));

const ROWS: &[Row<WireGroup>] = &[
    row!(boards => "Boards", Number),
    row!(sockets => "Sockets", Number),
    row!(sockets_per_board => "SocketsPerBoard", Number),
    row!(cores_per_socket => "CoresPerSocket", Number),
    row!(threads_per_core => "ThreadsPerCore", Number),
    row!(cpus => "CPUs", Number),
    row!(memory => "RealMemory", Megabytes),
    row!(temporary_disk => "TmpDisk", Megabytes),
    row!(weight => "Weight", Number),
    row!(features => "Features", Names),
    row!(reserved.cores => "CoreSpecCount", Number),
    row!(reserved.cpus => "CPUSpecList", Cpus),
    row!(reserved.memory => "MemSpecLimit", Megabytes),
    row!(reserved.cores_per_gpu => "RestrictedCoresPerGPU", Number),
    row!(cpu_bind => "CpuBind", Choice),
    row!(tres_weights => "TRESWeights", Weights),
    row!(state => "State", Choice),
    row!(reason => "Reason", Line),
    row!(topology => "Topology", Word),
    row!(gres_conf => "GresConf", Word),
    row!(parameters => "Parameters", Word),
    row!(suspend_time => "SuspendTime", Seconds),
];

/// The `slurm:` map, read when all else is known.
const MORE: &[Row<WireGroup>] = &[row!(slurm => "*", Raw)];

/// Fields of a node, as a group of one says them.
pub(super) const TABLE: Table = Table {
    resource: "node",
    manifest: Kind::Partition,
    base: "spec.nodes[]",
    needs: r#"{ "hosts": "node" }"#,
    fields: || [fields(&PER_HOST), fields(ROWS), fields(&[GRES]), fields(MORE)].concat(),
    heard: |group| {
        let parts: [&[Row<WireGroup>]; 3] = [&PER_HOST, ROWS, MORE];
        parts.into_iter().map(|rows| heard("node", rows, group)).reduce(|all, part| {
            let mut all = all?;
            all.extend(part?);
            Some(all)
        })?
    },
};

/// Devices of a gres.conf line that names no files to count.
const COUNT: Row<Gres> = row!(count => "Count", Composed(&Number));

/// Fields of a gres.conf line.
const GRES_ROWS: &[Row<Gres>] = &[
    row!(files => "File", Word),
    row!(multiple_files => "MultipleFiles", Word),
    row!(cores => "Cores", Cpus),
    row!(links => "Links", Word),
    row!(flags => "Flags", Names),
    row!(auto_detect => "AutoDetect", Choice),
    COUNT,
];

/// Fields of a gres.conf line, where the resource stands in `gres`. Its name, type and count stand on the node.
pub(super) const GRES_TABLE: Table = Table {
    resource: "gres",
    manifest: Kind::Partition,
    base: "spec.nodes[].gres[]",
    needs: r#"{ "name": "gres", "count": 1 }"#,
    fields: || fields(GRES_ROWS),
    heard: |gres| heard("gres", GRES_ROWS, gres),
};

/// Fields of a gres.conf line, where the resource stands in `accelerators`.
pub(super) const ACCELERATORS_TABLE: Table = Table {
    resource: "gres",
    manifest: Kind::Partition,
    base: "spec.nodes[].accelerators",
    needs: r#"{ "name": "gpu", "count": 1 }"#,
    fields: || fields(GRES_ROWS),
    heard: |gpus| heard("gres", GRES_ROWS, gpus),
};

pub(super) fn group(
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
    for row in &PER_HOST {
        let Written::Text(text) = (row.read)(wire) else { continue };
        let (key, dotted) = (row.field.key, row.field.path());
        let place = Place::value(document, row.field.at(&path));
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
    collector.walk(ROWS, wire);
    // A memory that Slurm would not take is a memory all the same.
    let memory = wire.memory.as_ref().and_then(|text| units::megabytes(text).ok());
    let mut all_gres: Vec<(Gres, FieldPath)> = Vec::new();
    if let Some(gpus) = &wire.accelerators {
        all_gres.push((as_gres(gpus), path.key("accelerators")));
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
        collector.put(GRES.field.key, json!(promised), at);
    }
    collector.walk(MORE, wire);
    for row in PER_HOST.iter().filter(|row| per_host.contains_key(row.field.key)) {
        let place = Place::value(document, row.field.at(&path));
        collector.fields.places.insert(row.field.key.to_owned(), place);
    }
    let cpus = wire.cpus.or_else(|| {
        let sockets = wire.sockets.or_else(|| wire.sockets_per_board?.checked_mul(wire.boards.unwrap_or(1)))?;
        sockets.checked_mul(wire.cores_per_socket.unwrap_or(1))?.checked_mul(wire.threads_per_core.unwrap_or(1))
    });
    let most = slurm::find("node", "CPUs").map_or(u64::MAX, |field| field.most);
    if let Some(cpus) = cpus.filter(|cpus| *cpus > most && wire.cpus.is_none()) {
        let hint = format!("a node has at most {most}: correct sockets, cores and threads");
        let place = Place::value(document, path.key("sockets"));
        collector.complain(
            &codes::BAD_QUANTITY,
            place,
            Complaint::new(format!("{cpus} CPUs are more than Slurm can hold"), hint),
        );
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
    collector.walk(GRES_ROWS, gres);
    if gres.files.is_none() && gres.multiple_files.is_none() && gres.auto_detect.is_none() {
        collector.put(COUNT.field.key, json!(gres.count), COUNT.field.path);
    }
    collector.fields
}

fn as_gres(gpus: &Accelerators) -> Gres {
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
    }
}
