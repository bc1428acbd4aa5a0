//! Hosts that a partition names are defined in a manifest. Those that are not may be the site's own: a warning.

use super::node_group;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::manifest::Kind;
use crate::model::Site;
use crate::resource::hostlist::{HostSet, expand_in_order};

/// Hosts are named and defined in no manifest.
const CODE: Code = Code {
    name: "undeclared-hosts",
    severity: Severity::Warning,
    summary: "Hosts are named and defined in no manifest",
    explanation: "They have to be defined in the site's own slurm.conf; if they are not, slurmctld does not start.",
    failing: "hosts: [old001]",
    passing: "nodes: [{ hosts: old001 }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let defining = ["spec.target", "spec.nodes[].hosts", "spec.nodeSets[].name"];
    let knows_all =
        site.partitions.iter().all(|one| site.knows(one.document, &defining)) && !site.may_hide(Kind::Partition, None);
    if !knows_all {
        return;
    }
    for partition in &site.partitions {
        for (text, path) in &partition.hosts {
            let Ok(names) = expand_in_order(text) else { continue };
            let defined = |name: &str| {
                node_group::all(site)
                    .any(|(other, group)| other.target == partition.target && group.hosts.contains(name))
            };
            let is_set = |name: &str| site.partitions.iter().flat_map(|one| &one.node_sets).any(|set| set.name == name);
            let unknown: HostSet =
                names.into_iter().filter(|name| name != "ALL" && !defined(name) && !is_set(name)).collect();
            if !unknown.is_empty() {
                found.push(
                    Diagnostic::new(&CODE, format!("`{unknown}` is defined in no manifest"))
                        .at(Place::value(partition.document, path.clone()))
                        .label("has to exist on the site already")
                        .hint("define it under `nodes:`, unless the site's own slurm.conf has it"),
                );
            }
        }
    }
}
