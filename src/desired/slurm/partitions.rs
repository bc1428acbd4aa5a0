//! Partitions, nodes, node sets and gres.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::diagnostics::Place;
use crate::model::{NodeGroup, Partition, Site};
use crate::resource::{Address, Body, Resource, protect};
use crate::slurm::hostlist::expand_in_order;

pub(super) fn compile(site: &Site) -> Vec<Resource> {
    let mut resources: Vec<Resource> = site.partitions.iter().flat_map(of_partition).collect();
    let kept = kept(site, &resources);
    for resource in &mut resources {
        resource.protect = kept.contains(&resource.address);
        protect(&mut resource.body, resource.protect);
    }
    resources
}

/// What no plan may delete: all that a protected manifest makes, and the nodes and node sets of others that it names,
/// without which it would not be what it is.
fn kept(site: &Site, resources: &[Resource]) -> BTreeSet<Address> {
    let mut kept: BTreeSet<Address> =
        resources.iter().filter(|resource| resource.protect).map(|resource| resource.address.clone()).collect();
    if kept.is_empty() {
        return kept;
    }
    let mut names: BTreeSet<(&str, String)> = BTreeSet::new();
    for partition in site.partitions.iter().filter(|partition| partition.protect) {
        let listed = partition.hosts.iter().filter_map(|(text, _)| expand_in_order(text).ok()).flatten();
        names.extend(listed.map(|name| (partition.target.as_str(), name)));
    }
    let of_kind = |kind: &'static str| resources.iter().filter(move |resource| resource.address.kind == kind);
    let mut features: BTreeSet<(&str, &str)> = BTreeSet::new();
    for set in of_kind("nodeset") {
        let target = set.address.target.as_str();
        if !names.contains(&(target, set.address.name.clone())) {
            continue;
        }
        kept.insert(set.address.clone());
        features.extend(set.body.get("Feature").and_then(Value::as_str).map(|feature| (target, feature)));
        let hosts = set.body.get("Nodes").and_then(Value::as_str).and_then(|text| expand_in_order(text).ok());
        names.extend(hosts.into_iter().flatten().map(|host| (target, host)));
    }
    for node in of_kind("node") {
        let target = node.address.target.as_str();
        let mut own = node.body.get("Features").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let named = names.contains(&(target, node.address.name.clone())) || names.contains(&(target, "ALL".to_owned()));
        if named || own.any(|feature| features.contains(&(target, feature))) {
            kept.insert(node.address.clone());
        }
    }
    for gres in of_kind("gres") {
        let host = gres.address.name.split('/').next().unwrap_or_default();
        if kept.contains(&Address::new(&gres.address.target, "node", host)) {
            kept.insert(gres.address.clone());
        }
    }
    kept
}

fn of_partition(partition: &Partition) -> Vec<Resource> {
    let target = &partition.target;
    let place = Place::value(partition.document, crate::resource::FieldPath::keys("metadata.name"));
    let mut resources = vec![Resource {
        address: Address::new(target, "partition", &partition.name),
        body: partition.fields.body.clone(),
        places: partition.fields.places.clone(),
        place: Some(place),
        protect: partition.protect,
        summary: summary(partition),
    }];
    for set in &partition.node_sets {
        let mut body = Body::new();
        if let Some(feature) = &set.feature {
            body.insert("Feature".to_owned(), json!(feature));
        }
        if let Some(hosts) = &set.hosts {
            body.insert("Nodes".to_owned(), json!(hosts.to_string()));
        }
        resources.push(Resource {
            address: Address::new(target, "nodeset", &set.name),
            body,
            places: BTreeMap::new(),
            place: Some(Place::value(partition.document, set.path.key("name"))),
            protect: partition.protect,
            summary: String::new(),
        });
    }
    for group in &partition.groups {
        nodes(partition, group, &mut resources);
    }
    resources
}

fn nodes(partition: &Partition, group: &NodeGroup, resources: &mut Vec<Resource>) {
    let place = Place::value(partition.document, group.path.key("hosts"));
    let summary = node_summary(group);
    for (index, host) in group.order.iter().enumerate() {
        let mut body = group.fields.body.clone();
        for (key, values) in &group.per_host {
            let Some(text) = values.get(index).or_else(|| values.first()) else { continue };
            let value = match text.parse::<u64>() {
                Ok(number) if *key == "Port" => json!(number),
                _ => json!(text),
            };
            body.insert((*key).to_owned(), value);
        }
        resources.push(Resource {
            address: Address::new(&partition.target, "node", host),
            body,
            places: group.fields.places.clone(),
            place: Some(place.clone()),
            protect: partition.protect,
            summary: summary.clone(),
        });
        for (name, fields) in &group.gres {
            resources.push(Resource {
                address: Address::new(&partition.target, "gres", format!("{host}/{name}")),
                body: fields.body.clone(),
                places: fields.places.clone(),
                place: Some(place.clone()),
                protect: partition.protect,
                summary: String::new(),
            });
        }
    }
}

fn summary(partition: &Partition) -> String {
    let own = partition.own_hosts();
    let mut parts = Vec::new();
    if !own.is_empty() {
        parts.push(format!("{} {}", own.len(), if own.len() == 1 { "node" } else { "nodes" }));
    }
    let gpus = partition.gpus();
    if gpus > 0 {
        let mut models: Vec<&str> = partition.groups.iter().filter_map(|group| group.model.as_deref()).collect();
        models.sort_unstable();
        models.dedup();
        let models = if models.is_empty() { String::new() } else { format!(" ({})", models.join(", ")) };
        parts.push(format!("{gpus} GPUs{models}"));
    }
    if let Some(minutes) = partition.number("MaxTime") {
        parts.push(format!("up to {}", crate::slurm::value::clock(minutes * 60)));
    }
    parts.join(" · ")
}

fn node_summary(group: &NodeGroup) -> String {
    let mut parts = Vec::new();
    if let Some(cpus) = group.cpus {
        parts.push(format!("{cpus} CPUs"));
    }
    if let Some(memory) = group.memory {
        parts.push(crate::slurm::value::size(memory));
    }
    if group.gpus > 0 {
        parts.push(format!("{} GPUs", group.gpus));
    }
    parts.join(" · ")
}
