//! The category of a project is one that the modes of its allocations admit.

use super::allocation::{place, with_mode};
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Category, Site};
use crate::resource::FieldPath;

/// A project's category is not admitted by its mode.
const CODE: Code = Code {
    name: "not-eligible",
    severity: Severity::Error,
    summary: "A project's category is not admitted by its mode",
    explanation: "Access modes admit categories of organisations.",
    failing: "category: academia   # fast-lane: eligible: [startup, sme]",
    passing: "category: sme",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

/// The category, as manifests write it.
fn word(category: Category) -> &'static str {
    match category {
        Category::Startup => "startup",
        Category::Sme => "sme",
        Category::Industry => "industry",
        Category::Academia => "academia",
        Category::PublicSector => "public-sector",
    }
}

fn check(site: &Site, found: &mut Diagnostics) {
    for (project, allocation, mode) in with_mode(site) {
        let knows_both = site.knows(mode.document, &["spec.eligible"])
            && site.knows(project.document, &["spec.organisation.category"]);
        if mode.eligible.is_empty() || mode.eligible.contains(&project.category) || !knows_both {
            continue;
        }
        let admitted: Vec<&str> = mode.eligible.iter().map(|category| word(*category)).collect();
        found.push(
            Diagnostic::new(
                &CODE,
                format!(
                    "`{}` is {}, and `{}` admits {}",
                    project.name,
                    word(project.category),
                    mode.name,
                    admitted.join(", ")
                ),
            )
            .at(place(project, allocation, "mode"))
            .label("not admitted")
            .related(Place::key(mode.document, FieldPath::keys("spec.eligible")), "who is admitted")
            .hint("allocate another mode, or correct the category"),
        );
    }
}
