//! The queues of a partition have CPUs and memory to share out.

use super::named;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Partition, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// It is not known how much a partition has.
const CODE: Code = Code {
    name: "no-capacity",
    severity: Severity::Error,
    summary: "It is not known how much the queues of a partition share out",
    explanation: "Kueue admits nothing that asks for a resource which a queue does not cover, and every job asks for CPUs and memory. They follow from the nodes of the partition; what other partitions or the site define is not known here.",
    failing: "nodes: [{ hosts: \"gpu[1-4]\", cpus: 64 }]\nkubernetes: {}",
    passing: "nodes: [{ hosts: \"gpu[1-4]\", cpus: 64, memory: 512GB }]\nkubernetes: {}",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, _) in named::partitions(site) {
        capacity(site, partition, found);
    }
}

fn capacity(site: &Site, partition: &Partition, found: &mut Diagnostics) {
    let known = site.knows(partition.document, &["spec.nodes", "spec.hosts", "spec.kubernetes.quota"]);
    if !known || site.queues(partition).is_empty() {
        return;
    }
    let capacity = partition.capacity();
    let lacks: Vec<&str> = [("cpus", capacity.cpus), ("memory", capacity.memory)]
        .iter()
        .filter(|(_, amount)| amount.is_none())
        .map(|(name, _)| *name)
        .collect();
    if lacks.is_empty() {
        return;
    }
    let example: Vec<&str> =
        lacks.iter().map(|name| if *name == "cpus" { "cpus: 256" } else { "memory: 2TB" }).collect();
    found.push(
        Diagnostic::new(&CODE, format!("`{}` does not say how much {} it has", partition.name, lacks.join(" and ")))
            .at(Place::key(partition.document, FieldPath::keys("spec.kubernetes")))
            .label("its queues would admit nothing")
            .hint(format!("say it at the nodes, or add `quota: {{ {} }}` here", example.join(", "))),
    );
}
