//! Partitions, nodes, node sets and gres.

use std::collections::BTreeMap;

use serde_json::json;

use crate::diagnostics::Place;
use crate::model::{NodeGroup, Partition, Site};
use crate::resource::{Address, Body, Resource};

pub(super) fn compile(site: &Site) -> Vec<Resource> {
    site.partitions.iter().flat_map(of_partition).collect()
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
