//! A host is defined once on a target.

use std::collections::BTreeMap;

use super::node_group;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{NodeGroup, Partition, Site};
use crate::resource::hostlist::HostSet;

/// A node is defined twice.
pub(super) const CODE: Code = Code {
    name: "overlapping-hosts",
    severity: Severity::Error,
    summary: "A node is defined twice",
    explanation: "slurmctld does not start if a node is defined on two lines (slurm.conf(5), NodeName).",
    failing: "nodes: [{ hosts: gpu[1-4] }, { hosts: gpu[4-8] }]",
    passing: "nodes: [{ hosts: gpu[1-4] }, { hosts: gpu[5-8] }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let groups: Vec<(&Partition, &NodeGroup)> = node_group::all(site).collect();
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
            Diagnostic::new(&CODE, format!("`{set}` is defined twice, in `{}` and in `{}`", one.0.name, two.0.name))
                .at(Place::value(two.0.document, two.1.path.key("hosts")))
                .label("defined again")
                .related(Place::value(one.0.document, one.1.path.key("hosts")), "first defined here")
                .why("slurmctld does not start if a node is defined on two lines")
                .hint(format!("define it once, and name it in the other partition: `hosts: [\"{set}\"]`")),
        );
    }
}
