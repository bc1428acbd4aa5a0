//! Hosts: no node twice, node sets apart from nodes, devices counted, and what `hosts` refers to.

use std::collections::BTreeMap;

use crate::diagnostics::codes::rules as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{NodeGroup, Partition, Site};
use crate::resource::FieldPath;
use crate::resource::hostlist::{HostSet, expand_in_order};

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    let groups: Vec<(&Partition, &NodeGroup)> = site
        .partitions
        .iter()
        .flat_map(|partition| partition.groups.iter().map(move |group| (partition, group)))
        .collect();
    overlaps(site, &groups, found);
    for (partition, group) in &groups {
        devices(site, partition, group, found);
    }
    node_sets(site, &groups, found);
    references(site, &groups, found);
}

/// A host may be defined once: slurmctld stops at a second line.
fn overlaps(site: &Site, groups: &[(&Partition, &NodeGroup)], found: &mut Diagnostics) {
    let mut owner: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut clashes: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
    let somewhere =
        groups.iter().enumerate().filter(|(_, (partition, _))| site.knows(partition.document, &["spec.target"]));
    for (index, (partition, group)) in somewhere {
        for host in group.hosts.iter() {
            if let Some(first) = owner.get(&(partition.target.as_str(), host)) {
                clashes.entry((*first, index)).or_default().push(host.to_owned());
            } else {
                owner.insert((&partition.target, host), index);
            }
        }
    }
    for ((first, second), hosts) in clashes {
        let (one, two) = (groups[first], groups[second]);
        let set: HostSet = hosts.into_iter().collect();
        found.push(
            Diagnostic::new(
                &codes::OVERLAPPING_HOSTS,
                format!("`{set}` is defined twice, in `{}` and in `{}`", one.0.name, two.0.name),
            )
            .at(Place::value(two.0.document, two.1.path.key("hosts")))
            .label("defined again")
            .related(Place::value(one.0.document, one.1.path.key("hosts")), "first defined here")
            .why("slurmctld does not start with a node that stands on two lines")
            .hint(format!("define it once, and name it in the other partition: `hosts: [\"{set}\"]`")),
        );
    }
}

/// As many device files as devices; CPUs as sockets, cores and threads give.
fn devices(site: &Site, partition: &Partition, group: &NodeGroup, found: &mut Diagnostics) {
    for (name, fields) in &group.gres {
        let Some(files) = fields.body.get("File").and_then(|value| value.as_str()) else { continue };
        // The count stands beside the files.
        if let Some(Place::Field { document, path, .. }) = fields.places.get("File")
            && path.parent().is_some_and(|parent| site.refused.touches(*document, &parent.key("count")))
        {
            continue;
        }
        let count = expand_in_order(files).map_or(1, |files| files.len() as u64);
        let promised =
            group.fields.body.get("Gres").and_then(|gres| gres.get(name)).and_then(serde_json::Value::as_u64);
        if let Some(promised) = promised
            && promised != count
        {
            let place = fields.places.get("File").cloned();
            let mut finding = Diagnostic::new(
                &codes::DEVICES_MISCOUNTED,
                format!("`{name}` counts {promised}, and `{files}` are {count} files"),
            )
            .label(format!("{count} files"))
            .why("a node that finds fewer devices than promised is drained as invalid")
            .hint("make count and files equal");
            if let Some(place) = place {
                finding = finding.at(place);
            }
            found.push(finding);
        }
    }
    let number = |key: &str| group.fields.body.get(key).and_then(serde_json::Value::as_u64);
    if let (Some(cpus), Some(sockets), Some(cores)) = (number("CPUs"), number("Sockets"), number("CoresPerSocket")) {
        let all_cores = sockets.saturating_mul(cores);
        let threads = all_cores.saturating_mul(number("ThreadsPerCore").unwrap_or(1));
        if cpus != all_cores
            && cpus != threads
            && !site.refused.touches(partition.document, &group.path.key("threadsPerCore"))
        {
            found.push(
                Diagnostic::new(
                    &codes::CPUS_MISCOUNTED,
                    format!("{cpus} CPUs are written, and sockets × cores × threads give {threads}"),
                )
                .at(Place::value(partition.document, group.path.key("cpus")))
                .label(format!("{threads} by the topology"))
                .hint("take `cpus` out: it follows"),
            );
        }
    }
    if let (Some(reserved), Some(memory)) = (number("MemSpecLimit"), group.memory)
        && reserved >= memory
    {
        found.push(
            Diagnostic::new(&codes::RESERVED_TOO_LARGE, "the system would keep all memory of the node for itself")
                .at(Place::value(partition.document, group.path.key("reserved").key("memory")))
                .why("Slurm silently sets such a reserve to 0")
                .hint("reserve less"),
        );
    }
}

fn node_sets(site: &Site, groups: &[(&Partition, &NodeGroup)], found: &mut Diagnostics) {
    for partition in &site.partitions {
        for set in &partition.node_sets {
            let place = Place::value(partition.document, set.path.key("name"));
            if groups.iter().any(|(_, group)| group.hosts.contains(&set.name)) {
                found.push(
                    Diagnostic::new(
                        &codes::NODE_SET_NAME,
                        format!("the node set `{}` has the name of a node", set.name),
                    )
                    .at(place.clone())
                    .hint("rename the set"),
                );
            }
            let knows_both = ["feature", "hosts"]
                .iter()
                .all(|field| !site.refused.touches(partition.document, &set.path.key(field)));
            if knows_both && set.feature.is_none() && set.hosts.is_none() {
                found.push(
                    Diagnostic::new(
                        &codes::EMPTY_NODE_SET,
                        format!("the node set `{}` has neither a feature nor hosts", set.name),
                    )
                    .at(place)
                    .hint("add `feature:` or `hosts:`"),
                );
            }
        }
    }
}

/// Hosts named and defined nowhere may be the site's own: a warning.
fn references(site: &Site, groups: &[(&Partition, &NodeGroup)], found: &mut Diagnostics) {
    let defining = ["spec.target", "spec.nodes[].hosts", "spec.nodeSets[].name"];
    let knows_all =
        site.partitions.iter().all(|one| site.knows(one.document, &defining)) && !site.may_hide("Partition", None);
    for partition in &site.partitions {
        if partition.groups.is_empty()
            && partition.hosts.is_empty()
            && site.knows(partition.document, &["spec.nodes", "spec.hosts"])
        {
            found.push(
                Diagnostic::new(&codes::NO_NODES, format!("`{}` has no nodes", partition.name))
                    .at(Place::value(partition.document, FieldPath::keys("metadata.name")))
                    .hint("add `nodes:` with hosts, or `hosts:` of another partition"),
            );
        }
        for (text, path) in partition.hosts.iter().filter(|_| knows_all) {
            let Ok(names) = expand_in_order(text) else { continue };
            let unknown: HostSet = names
                .into_iter()
                .filter(|name| name != "ALL")
                .filter(|name| {
                    !groups.iter().any(|(other, group)| other.target == partition.target && group.hosts.contains(name))
                })
                .filter(|name| !site.partitions.iter().flat_map(|one| &one.node_sets).any(|set| set.name == *name))
                .collect();
            if !unknown.is_empty() {
                found.push(
                    Diagnostic::new(&codes::UNDECLARED_HOSTS, format!("`{unknown}` is defined in no manifest"))
                        .at(Place::value(partition.document, path.clone()))
                        .label("has to exist on the site already")
                        .hint("define it under `nodes:`, unless the site's own slurm.conf has it"),
                );
            }
        }
    }
}
