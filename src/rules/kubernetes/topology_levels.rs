//! Levels of a topology are such as Kueue takes.

use std::collections::BTreeSet;

use super::named;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::kubernetes::PartitionKubernetes;
use crate::model::{Partition, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// Levels of a topology that Kueue refuses.
const CODE: Code = Code {
    name: "topology-levels",
    severity: Severity::Error,
    summary: "Levels of a topology are not such as Kueue takes",
    explanation: "Levels go from the widest to the narrowest; there are 16 at most, each is listed once, and `kubernetes.io/hostname` can only be the last. The flavor of a topology has to pick its nodes by a label. Levels cannot be changed later.",
    failing: "topology: [kubernetes.io/hostname, nordlys.example/rack]",
    passing: "topology: [nordlys.example/rack, kubernetes.io/hostname]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

/// Label of the narrowest level that there can be.
const HOSTNAME: &str = "kubernetes.io/hostname";
/// Most levels that Kueue takes.
const LEVELS: usize = 16;

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, side) in named::partitions(site) {
        topology(partition, side, found);
    }
}

fn topology(partition: &Partition, side: &PartitionKubernetes, found: &mut Diagnostics) {
    let at = |path: &FieldPath| Place::value(partition.document, path.clone());
    let mut report = |message: String, place: Place, hint: &str| {
        found.push(Diagnostic::new(&CODE, message).at(place).hint(hint));
    };
    let mut seen = BTreeSet::new();
    for (index, (level, path)) in side.topology.iter().enumerate() {
        if !seen.insert(level.as_str()) {
            report(format!("the level `{level}` is listed twice"), at(path), "keep one of the two");
        } else if level == HOSTNAME && index + 1 < side.topology.len() {
            report(
                format!("`{HOSTNAME}` is the narrowest level, and others stand after it"),
                at(path),
                "write it last: `topology: [nordlys.example/rack, kubernetes.io/hostname]`",
            );
        }
    }
    if let Some((_, path)) = side.topology.get(LEVELS) {
        report(
            format!("a topology has at most {LEVELS} levels, this one {}", side.topology.len()),
            at(path),
            "remove one",
        );
    }
    if let Some((_, path)) = side.topology.first()
        && !side.labels_nodes
        && side.labels.is_empty()
    {
        report(
            format!("the topology of `{}` picks its nodes by no label", partition.name),
            at(path),
            "take `label: false` out of `nodes`, or add the labels that the nodes have: `labels: { pool: gpu }`",
        );
    }
}
