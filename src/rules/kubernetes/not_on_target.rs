//! A partition, its modes and the projects that are given it live on one target.

use std::collections::BTreeSet;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, DocumentId, Place, Severity};
use crate::model::{Allocation, Partition, Project, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// A partition, mode or project is needed on a target on which it does not live.
const CODE: Code = Code {
    name: "not-on-target",
    severity: Severity::Error,
    summary: "Something is needed on a target where it does not live",
    explanation: "A queue on Kubernetes takes a partition, an access mode and a project that all have a `kubernetes:` block for the same target. Where one lacks it, no queue is made, and the allocation is worth nothing. The same holds on Slurm for a partition, of which all modes live on Kubernetes only.",
    failing: "kind: AccessMode\nspec: { priority: 200 }   # allocated on a partition with `target: services`",
    passing: "kind: AccessMode\nspec: { priority: 200, kubernetes: {} }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in &site.partitions {
        modes(site, partition, found);
    }
    // Once for all allocations, of which there may be thousands.
    let queues: Vec<BTreeSet<&str>> = site
        .partitions
        .iter()
        .map(|one| site.queues(one).iter().map(|queue| queue.mode.name.as_str()).collect())
        .collect();
    for project in &site.projects {
        for allocation in &project.allocations {
            let mut all = site.partitions.iter().zip(&queues);
            if let Some(partition) = all.find(|(one, _)| one.name == allocation.partition) {
                allocated(site, project, allocation, partition, found);
            }
        }
    }
}

fn block(document: DocumentId) -> Place {
    Place::key(document, FieldPath::keys("spec.kubernetes"))
}

fn missing(message: String, place: Place, related: (Place, String), hint: String) -> Diagnostic {
    Diagnostic::new(&CODE, message).at(place).label("not there").related(related.0, related.1).hint(hint)
}

/// Modes of a partition live where it does.
fn modes(site: &Site, partition: &Partition, found: &mut Diagnostics) {
    if partition.modes.is_empty() || !site.knows(partition.document, &["spec.modes", "spec.target", "spec.kubernetes"])
    {
        return;
    }
    let declared = |name: &str| site.modes.iter().find(|mode| mode.name == name);
    let at = |path: &FieldPath| Place::value(partition.document, path.clone());
    let queues: BTreeSet<&str> = site.queues(partition).iter().map(|queue| queue.mode.name.as_str()).collect();
    if let Some(side) = &partition.sides.kubernetes {
        let lacks: Vec<_> = partition.modes.iter().filter(|(name, _)| !queues.contains(name.as_str())).collect();
        // Where the partition is on Slurm too, a mode may be for that side alone.
        let all_told = !partition.is_on_slurm() || queues.is_empty();
        for (name, path) in lacks.into_iter().filter(|_| all_told) {
            let Some(mode) = declared(name).filter(|mode| site.knows(mode.document, &["spec.kubernetes"])) else {
                continue;
            };
            found.push(missing(
                format!("`{name}` is a mode of `{}`, and does not live on `{}`", partition.name, side.target),
                at(path),
                (block(mode.document), "the mode".to_owned()),
                format!("add `kubernetes: {}` to the mode, or take it out here", wanted(&side.target)),
            ));
        }
    }
    if partition.is_on_slurm()
        && partition.modes.iter().all(|(name, _)| !site.is_mode_on_slurm(name))
        && let Some((name, path)) = partition.modes.first()
    {
        found.push(
            Diagnostic::new(
                &CODE,
                format!("`{}` is on Slurm, and all of its modes live on Kubernetes only", partition.name),
            )
            .at(at(path))
            .label("no QOS has this name")
            .hint(format!("let the mode `{name}` live on `{}`, or add one that does", partition.target)),
        );
    }
}

/// The block that a target needs.
fn wanted(target: &str) -> String {
    if target == "services" { "{}".to_owned() } else { format!("{{ target: {target} }}") }
}

/// An allocation gives a queue or an account: partition, mode and project meet on a target.
fn allocated(
    site: &Site,
    project: &Project,
    allocation: &Allocation,
    (partition, queues): (&Partition, &BTreeSet<&str>),
    found: &mut Diagnostics,
) {
    let known = site.knows(project.document, &["spec.target", "spec.kubernetes"])
        && site.knows(partition.document, &["spec.target", "spec.kubernetes"]);
    if !known {
        return;
    }
    let at = |field: &str| Place::value(project.document, allocation.path.key(field));
    let there = partition.sides.kubernetes.as_ref().map(|side| side.target.as_str());
    let here = project.sides.kubernetes.as_ref().map(|side| side.target.as_str());
    let meet_on_slurm = partition.is_on_slurm() && project.is_on_slurm();
    if here.is_none() || here != there {
        if meet_on_slurm {
            return;
        }
        let related = (block(partition.document), format!("`{}`", partition.name));
        let (message, hint) = match (there, here) {
            (Some(there), None) => (
                format!("`{}` lives on `{there}` only, and `{}` does not", partition.name, project.name),
                format!("add `kubernetes: {}` to the project", wanted(there)),
            ),
            (_, here) => {
                let here = here.unwrap_or(&project.target);
                let message = format!("`{}` lives on `{here}` only, and `{}` does not", project.name, partition.name);
                (message, format!("add `kubernetes: {}` to the partition", wanted(here)))
            }
        };
        found.push(missing(message, at("partition"), related, hint));
        return;
    }
    let Some(target) = there else { return };
    let admitted = partition.modes.is_empty() || partition.modes.iter().any(|(name, _)| *name == allocation.mode);
    let Some(mode) = site.modes.iter().find(|mode| mode.name == allocation.mode) else { return };
    let has_queue = queues.contains(mode.name.as_str());
    // What the partition lists has been told there.
    let told = !partition.modes.is_empty() && !partition.is_on_slurm();
    let on_slurm = meet_on_slurm && mode.is_on_slurm();
    let told = told || on_slurm || has_queue;
    if admitted && !told && site.knows(mode.document, &["spec.kubernetes"]) {
        found.push(missing(
            format!("`{}` is given on `{}`, and does not live on `{target}`", mode.name, partition.name),
            at("mode"),
            (block(mode.document), "the mode".to_owned()),
            format!("add `kubernetes: {}` to the mode", wanted(target)),
        ));
    }
}
