//! What lives on Kubernetes only has no field that has an effect on Slurm only.

use std::collections::BTreeSet;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, DocumentId, Place, Severity};
use crate::model::{Fields, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// A field that only Slurm has, on something that lives on Kubernetes only.
const CODE: Code = Code {
    name: "slurm-only-field",
    severity: Severity::Warning,
    summary: "A field has no effect on a resource that lives only on Kubernetes",
    explanation: "Limits of jobs and users, flags and the like are Slurm's. Kueue shares out quotas, and knows no such limits.",
    failing: "kind: AccessMode\nspec: { target: services, perJob: { wallTime: 12h }, kubernetes: {} }",
    passing: "kind: AccessMode\nspec: { target: services, kubernetes: {} }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

/// Fields of a partition, a mode and an account that also mean something on Kubernetes, or nothing anywhere.
const MEANT: [&str; 7] = ["AllowQos", "DenyQos", "Description", "Nodes", "Organization", "Priority", "Preempt"];

fn check(site: &Site, found: &mut Diagnostics) {
    for partition in site.partitions.iter().filter(|one| !one.is_on_slurm()) {
        without_effect(&partition.name, partition.document, &partition.fields, found);
    }
    for mode in site.modes.iter().filter(|mode| !mode.is_on_slurm()) {
        without_effect(&mode.name, mode.document, &mode.fields, found);
    }
    for project in site.projects.iter().filter(|project| !project.is_on_slurm()) {
        without_effect(&project.name, project.document, &project.fields, found);
    }
}

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
            Diagnostic::new(&CODE, format!("`{name}` lives on Kubernetes only, where `{written}` has no effect"))
                .at(place.clone())
                .label("without effect")
                .related(Place::value(document, FieldPath::keys("spec.target")), "where it lives")
                .hint("take it out, or let it live on Slurm too: `target: compute`"),
        );
    }
}
