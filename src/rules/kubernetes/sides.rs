//! What belongs together lives on one target, and says nothing there that has no effect.

use std::collections::BTreeSet;

use crate::diagnostics::codes::kubernetes_site as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::model::{Allocation, Fields, Partition, Project, Site};
use crate::resource::FieldPath;

/// Fields of a partition, a mode and an account that also mean something on Kubernetes, or nothing anywhere.
const MEANT: [&str; 7] = ["AllowQos", "DenyQos", "Description", "Nodes", "Organization", "Priority", "Preempt"];

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for partition in &site.partitions {
        modes(site, partition, found);
        if !partition.is_on_slurm() {
            without_effect(&partition.name, partition.document, &partition.fields, found);
        }
    }
    for mode in site.modes.iter().filter(|mode| !mode.is_on_slurm()) {
        without_effect(&mode.name, mode.document, &mode.fields, found);
    }
    // Once for all allocations, of which there may be thousands.
    let queues: Vec<BTreeSet<&str>> = site
        .partitions
        .iter()
        .map(|one| site.queues(one).iter().map(|queue| queue.mode.name.as_str()).collect())
        .collect();
    for project in &site.projects {
        if !project.is_on_slurm() {
            without_effect(&project.name, project.document, &project.fields, found);
        }
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
    Diagnostic::new(&codes::NOT_ON_TARGET, message)
        .at(place)
        .label("not there")
        .related(related.0, related.1)
        .hint(hint)
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
                &codes::NOT_ON_TARGET,
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

/// Fields that only Slurm has.
fn without_effect(name: &str, document: DocumentId, fields: &Fields, found: &mut Diagnostics) {
    let mut told: BTreeSet<&Place> = BTreeSet::new();
    for key in fields.body.keys().filter(|key| !MEANT.contains(&key.as_str())) {
        let Some(place) = fields.places.get(key).filter(|place| told.insert(place)) else { continue };
        let written = match place {
            Place::Field { path, .. } => path.to_string(),
            _ => key.clone(),
        };
        let written = written.strip_prefix("spec.").unwrap_or(&written);
        found.push(
            Diagnostic::new(
                &codes::SLURM_ONLY_FIELD,
                format!("`{name}` lives on Kubernetes only, where `{written}` has no effect"),
            )
            .at(place.clone())
            .label("without effect")
            .related(Place::value(document, FieldPath::keys("spec.target")), "where it lives")
            .hint("take it out, or let it live on Slurm too: `target: compute`"),
        );
    }
}
