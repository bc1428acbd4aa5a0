//! Partitions, nodes, node sets and gres.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::diagnostics::{DocumentId, Place};
use crate::model::{NodeGroup, Partition, Site};
use crate::resource::hostlist::expand_in_order;
use crate::resource::{Address, FieldPath, PROTECT, Resource, protect};

pub(super) fn compile(site: &Site) -> Vec<Resource> {
    let mut resources: Vec<Resource> =
        site.partitions.iter().filter(|one| one.is_on_slurm()).flat_map(of_partition).collect();
    for key in ["AllowQos", "DenyQos"] {
        for resource in &mut resources {
            only_qos(site, resource, key);
        }
    }
    let kept = kept(site, &resources);
    for resource in &mut resources {
        let place = kept.get(&resource.address);
        resource.protect = place.is_some();
        protect(&mut resource.body, resource.protect);
        resource.places.extend(place.map(|place| (PROTECT.to_owned(), place.clone())));
    }
    resources
}

/// Takes modes that live on Kubernetes only out of a list: no QOS has their name.
fn only_qos(site: &Site, resource: &mut Resource, key: &str) {
    let Some(Value::Array(names)) = resource.body.get_mut(key) else { return };
    names.retain(|name| name.as_str().is_none_or(|name| site.is_mode_on_slurm(name)));
    // Nobody, where all are taken out: an absent list would be everybody.
    if names.is_empty() && key == "DenyQos" {
        resource.body.remove(key);
        resource.places.remove(key);
    }
}

/// What no plan may delete: all that a protected manifest makes, and the nodes and node sets of others that it names,
/// without which it would not be what it is. Each with the place of the `protect` that asks for it.
fn kept(site: &Site, resources: &[Resource]) -> BTreeMap<Address, Place> {
    let own = |resource: &Resource| match &resource.place {
        Some(Place::Field { document, .. }) => Some((resource.address.clone(), protected_at(*document))),
        _ => None,
    };
    let mut kept: BTreeMap<Address, Place> =
        resources.iter().filter(|resource| resource.protect).filter_map(own).collect();
    if kept.is_empty() {
        return kept;
    }
    let mut names: BTreeMap<(&str, String), Place> = BTreeMap::new();
    for partition in site.partitions.iter().filter(|partition| partition.protect) {
        let listed = partition.hosts.iter().filter_map(|(text, _)| expand_in_order(text).ok()).flatten();
        for name in listed {
            names.entry((&partition.target, name)).or_insert_with(|| protected_at(partition.document));
        }
    }
    let of_kind = |kind: &'static str| resources.iter().filter(move |resource| resource.address.kind == kind);
    let mut features: BTreeMap<(&str, &str), Place> = BTreeMap::new();
    for set in of_kind("nodeset") {
        let target = set.address.target.as_str();
        let Some(place) = names.get(&(target, set.address.name.clone())).cloned() else { continue };
        kept.entry(set.address.clone()).or_insert_with(|| place.clone());
        if let Some(feature) = set.body.get("Feature").and_then(Value::as_str) {
            features.entry((target, feature)).or_insert_with(|| place.clone());
        }
        let hosts = set.body.get("Nodes").and_then(Value::as_str).and_then(|text| expand_in_order(text).ok());
        for host in hosts.into_iter().flatten() {
            names.entry((target, host)).or_insert_with(|| place.clone());
        }
    }
    for node in of_kind("node") {
        let target = node.address.target.as_str();
        let mut own =
            node.body.get("Features").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let named =
            [node.address.name.as_str(), "ALL"].into_iter().find_map(|name| names.get(&(target, name.to_owned())));
        if let Some(place) = named.or_else(|| own.find_map(|feature| features.get(&(target, feature)))) {
            kept.entry(node.address.clone()).or_insert_with(|| place.clone());
        }
    }
    for gres in of_kind("gres") {
        let host = gres.address.name.split('/').next().unwrap_or_default();
        if let Some(place) = kept.get(&Address::new(&gres.address.target, "node", host)).cloned() {
            kept.entry(gres.address.clone()).or_insert(place);
        }
    }
    kept
}

fn protected_at(document: DocumentId) -> Place {
    Place::value(document, FieldPath::keys("spec.protect"))
}

fn of_partition(partition: &Partition) -> Vec<Resource> {
    let target = &partition.target;
    let at = |path: FieldPath| Place::value(partition.document, path);
    let mut resources = vec![Resource {
        address: Address::new(target, "partition", &partition.name),
        body: partition.fields.body.clone(),
        places: partition.fields.places.clone(),
        place: Some(at(FieldPath::keys("metadata.name"))),
        reasons: BTreeMap::new(),
        protect: partition.protect,
        summary: summary(partition),
    }];
    for set in &partition.node_sets {
        resources.push(Resource {
            address: Address::new(target, "nodeset", &set.name),
            body: set.fields.body.clone(),
            places: set.fields.places.clone(),
            place: Some(at(set.path.key("name"))),
            reasons: BTreeMap::new(),
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
            reasons: BTreeMap::new(),
            protect: partition.protect,
            summary: summary.clone(),
        });
        for (name, fields) in &group.gres {
            resources.push(Resource {
                address: Address::new(&partition.target, "gres", format!("{host}/{name}")),
                body: fields.body.clone(),
                places: fields.places.clone(),
                place: Some(place.clone()),
                reasons: BTreeMap::new(),
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
