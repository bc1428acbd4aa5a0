//! Queues have something to share out, share out no more than that, and borrow and preempt where they can.

use std::collections::BTreeSet;

use crate::diagnostics::codes::{kubernetes_site as codes, rules};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::kubernetes::{ModeKubernetes, PartitionKubernetes};
use crate::model::units::{WHOLE, percent_text};
use crate::model::{AccessMode, Partition, Site};
use crate::resource::FieldPath;

/// Label of the narrowest level that there can be.
const HOSTNAME: &str = "kubernetes.io/hostname";
/// Most levels that Kueue takes.
const LEVELS: usize = 16;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for partition in &site.partitions {
        let Some(side) = &partition.sides.kubernetes else { continue };
        capacity(site, partition, found);
        shares(site, partition, found);
        topology(partition, side, found);
    }
    for mode in &site.modes {
        let Some(side) = &mode.sides.kubernetes else { continue };
        borrowing(site, mode, side, found);
        preemption(site, mode, side, found);
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
        Diagnostic::new(
            &codes::NO_CAPACITY,
            format!("`{}` does not say how much {} it has", partition.name, lacks.join(" and ")),
        )
        .at(Place::key(partition.document, FieldPath::keys("spec.kubernetes")))
        .label("its queues would admit nothing")
        .hint(format!("say it at the nodes, or add `quota: {{ {} }}` here", example.join(", "))),
    );
}

fn shares(site: &Site, partition: &Partition, found: &mut Diagnostics) {
    let queues = site.queues(partition);
    let with_share: Vec<_> = queues.iter().filter_map(|queue| Some((queue, queue.side.share?))).collect();
    let total: u64 = with_share.iter().map(|(_, share)| u64::from(*share)).sum();
    // What `spec.share` alone adds up to is told once, for the factory.
    let own = with_share.iter().any(|(queue, _)| queue.side.says_share);
    let Some(((last, _), others)) = with_share.split_last().filter(|_| total > u64::from(WHOLE) && own) else { return };
    let place = |queue: &crate::model::kubernetes::Queue<'_>| {
        let field = if queue.side.says_share { "spec.kubernetes.share" } else { "spec.share" };
        Place::value(queue.mode.document, FieldPath::keys(field))
    };
    let sum = percent_text(u32::try_from(total).unwrap_or(u32::MAX));
    let mut finding =
        Diagnostic::new(&rules::SHARES, format!("the queues of `{}` share out {sum} of it", partition.name))
            .at(place(last))
            .label("more than there is")
            .hint("lower a share");
    for (queue, share) in others {
        finding = finding.related(place(queue), format!("`{}`: {}", queue.mode.name, percent_text(*share)));
    }
    found.push(finding);
}

fn topology(partition: &Partition, side: &PartitionKubernetes, found: &mut Diagnostics) {
    let at = |path: &FieldPath| Place::value(partition.document, path.clone());
    let mut report = |message: String, place: Place, hint: &str| {
        found.push(Diagnostic::new(&codes::TOPOLOGY_LEVELS, message).at(place).hint(hint));
    };
    let mut seen = BTreeSet::new();
    for (index, (level, path)) in side.topology.iter().enumerate() {
        if !seen.insert(level.as_str()) {
            report(format!("the level `{level}` stands twice"), at(path), "keep one of the two");
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
            "take one out",
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

fn borrowing(site: &Site, mode: &AccessMode, side: &ModeKubernetes, found: &mut Diagnostics) {
    if side.borrowing.is_none_or(|share| share == 0) || !site.knows(mode.document, &["spec.kubernetes"]) {
        return;
    }
    let here: Vec<&Partition> = site
        .partitions
        .iter()
        .filter(|partition| site.queues(partition).iter().any(|queue| queue.mode.document == mode.document))
        .collect();
    if here.is_empty() {
        return;
    }
    let factory = site.factories.first().filter(|factory| site.knows(factory.document, &["spec.kubernetes"]));
    let Some(factory) = factory else { return };
    let has_cohort = factory.sides.kubernetes.as_ref().is_some_and(|one| one.target == side.target);
    let alone =
        here.iter().all(|partition| site.queues(partition).len() == 1 && side.share.is_none_or(|share| share == WHOLE));
    let (message, hint) = if !has_cohort {
        (
            format!("`{}` may borrow, and the factory has no cohort on `{}`", mode.name, side.target),
            "add `kubernetes: {}` to the factory, or take `borrowing` out",
        )
    } else if alone {
        let names: Vec<String> = here.iter().map(|partition| format!("`{}`", partition.name)).collect();
        (format!("`{}` may borrow, and owns all of {}", mode.name, names.join(", ")), "take `borrowing` out")
    } else {
        return;
    };
    found.push(
        Diagnostic::new(&codes::NOTHING_TO_BORROW, message)
            .at(Place::value(mode.document, FieldPath::keys("spec.kubernetes.borrowing")))
            .label("from nobody")
            .hint(hint),
    );
}

fn preemption(site: &Site, mode: &AccessMode, side: &ModeKubernetes, found: &mut Diagnostics) {
    let known = |one: &AccessMode| site.knows(one.document, &["spec.priority", "spec.kubernetes"]);
    for (name, path) in mode.preempts.iter().filter(|_| known(mode)) {
        let others = site.modes.iter().filter(|one| one.name == *name && known(one));
        let other = others
            .filter_map(|one| Some((one, one.sides.kubernetes.as_ref()?)))
            .find(|(_, it)| it.target == side.target);
        let Some((other, there)) = other.filter(|(_, there)| there.priority >= side.priority) else { continue };
        let field = if there.says_priority { "spec.kubernetes.priority" } else { "spec.priority" };
        found.push(
            Diagnostic::new(
                &codes::NO_PREEMPTION,
                format!("`{}` cannot preempt `{name}` on `{}`", mode.name, side.target),
            )
            .at(Place::value(mode.document, path.clone()))
            .label(format!("has priority {}, and this one {}", there.priority, side.priority))
            .related(Place::value(other.document, FieldPath::keys(field)), "its priority")
            .hint(format!("raise this one's: `priority: {}`", there.priority.saturating_add(100))),
        );
    }
}
