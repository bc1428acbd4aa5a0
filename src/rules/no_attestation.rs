//! A project with allocations has attested the factory's ethics conditions.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// A project has not attested the ethics conditions.
const CODE: Code = Code {
    name: "no-attestation",
    severity: Severity::Error,
    summary: "A project has not attested the ethics conditions",
    explanation: "Where a factory has ethics conditions, their attestation is a condition of access (Council Regulation (EU) 2021/1173 as amended by (EU) 2024/1732).",
    failing: "spec: { allocations: […] }",
    passing: "spec: { ethics: { attestedBy: anna, on: 2026-03-01 }, allocations: […] }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let Some(factory) = site.factories.first().filter(|factory| factory.ethics_conditions) else { return };
    for project in site.projects.iter().filter(|project| !project.attested && !project.allocations.is_empty()) {
        found.push(
            Diagnostic::new(&CODE, format!("`{}` has not attested the ethics conditions", project.name))
                .at(Place::value(project.document, FieldPath::keys("spec.ethics")))
                .label("needs `ethics`")
                .related(
                    Place::value(factory.document, FieldPath::keys("spec.ethics.conditions")),
                    "the conditions of access",
                )
                .why(
                    "the regulation makes them a condition of access (Council Regulation (EU) 2021/1173 as amended by \
                     (EU) 2024/1732)",
                )
                .hint("add `ethics: { attestedBy: anna, on: 2026-03-01 }`"),
        );
    }
}
