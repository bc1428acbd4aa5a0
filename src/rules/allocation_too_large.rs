//! An allocation has no more GPU-hours than its mode gives a project.

use super::allocation::{place, with_mode};
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// An allocation has more GPU-hours than its mode gives.
const CODE: Code = Code {
    name: "allocation-too-large",
    severity: Severity::Error,
    summary: "An allocation has more GPU-hours than its mode gives",
    explanation: "`perProject.gpuHours` of the mode is the most for one allocation.",
    failing: "gpuHours: 60_000   # fast-lane: 50_000",
    passing: "gpuHours: 50_000",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (project, allocation, mode) in with_mode(site) {
        if let (Some(most), Some(hours)) = (mode.gpu_hours, allocation.gpu_hours)
            && hours > most
        {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("{hours} GPU-hours are more than the {most} that `{}` gives a project", mode.name),
                )
                .at(place(project, allocation, "gpuHours"))
                .label("too many")
                .related(Place::value(mode.document, FieldPath::keys("spec.perProject.gpuHours")), "the most")
                .hint(format!("write at most {most}")),
            );
        }
    }
}
