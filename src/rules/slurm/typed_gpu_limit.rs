//! A limit or a billing weight of a type of GPUs stands beside one of all GPUs.

use serde_json::Value;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Fields, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::slurm::tres;

/// A limit of a type of GPUs can be passed.
const CODE: Code = Code {
    name: "typed-gpu-limit",
    severity: Severity::Warning,
    summary: "A limit or weight names a type of GPUs, and jobs need not name it",
    explanation: "Slurm holds a limit of gres/gpu:TYPE only against jobs that ask for GPUs by type: `--gres=gpu:4` passes it \
(resource_limits, GRES limits). A billing weight of the type alone bills such jobs nothing. Limit or weigh all GPUs beside the \
type, or require types by a job_submit plugin.",
    failing: "perUser: { tres: { gres/gpu:a100: 1 } }",
    passing: "perUser: { gpus: 1, tres: { gres/gpu:a100: 1 } }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

/// Upper limits by TRES, and weights.
const KEYS: [&str; 11] = [
    "GrpTRES",
    "GrpTRESMins",
    "GrpTRESRunMins",
    "MaxTRESMinsPerJob",
    "MaxTRESPerAccount",
    "MaxTRESPerJob",
    "MaxTRESPerNode",
    "MaxTRESPerUser",
    "MaxTRESRunMinsPerAccount",
    "MaxTRESRunMinsPerUser",
    "TRESBillingWeights",
];

fn check(site: &Site, found: &mut Diagnostics) {
    let at = |document| Place::value(document, FieldPath::keys("spec"));
    for mode in site.modes.iter().filter(|mode| mode.is_on_slurm()) {
        of_fields(&mode.name, &mode.fields, &at(mode.document), found);
    }
    for partition in site.partitions.iter().filter(|partition| partition.is_on_slurm()) {
        of_fields(&partition.name, &partition.fields, &at(partition.document), found);
    }
    for project in site.projects.iter().filter(|project| project.is_on_slurm()) {
        of_fields(&project.name, &project.fields, &at(project.document), found);
        for member in &project.members {
            of_fields(&member.user, &member.fields, &at(project.document), found);
        }
    }
}

fn of_fields(name: &str, fields: &Fields, fallback: &Place, found: &mut Diagnostics) {
    for key in KEYS {
        let Some(amounts) = fields.body.get(key).and_then(Value::as_object) else { continue };
        if amounts.contains_key("gres/gpu") {
            continue;
        }
        let Some(typed) = amounts.keys().find(|name| tres::is_type_of_gpus(name)) else { continue };
        let place = fields.places.get(key).unwrap_or(fallback).clone();
        found.push(
            Diagnostic::new(
                &CODE,
                format!("`{name}`: {key} names `{typed}`, and jobs that ask for GPUs without a type pass it"),
            )
            .at(place)
            .label("holds for jobs that name the type")
            .hint("write `gres/gpu` beside it (in a limit, `gpus: 1`), or require types by a job_submit plugin"),
        );
    }
}
