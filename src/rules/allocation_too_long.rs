//! An allocation is no longer than its mode gives a project.

use jiff::Span;

use super::allocation::{place, with_mode};
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// An allocation is longer than its mode gives.
const CODE: Code = Code {
    name: "allocation-too-long",
    severity: Severity::Error,
    summary: "An allocation is longer than its mode gives",
    explanation: "`perProject.months` of the mode is the longest.",
    failing: "from: 2026-01-01, until: 2026-12-31   # months: 3",
    passing: "from: 2026-01-01, until: 2026-03-31",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (project, allocation, mode) in with_mode(site) {
        if let (Some(months), Some(window)) = (mode.months, allocation.window)
            && let Ok(latest) =
                window.from.checked_add(Span::new().months(i64::try_from(months).unwrap_or(i64::MAX).min(10_000)))
            && window.until >= latest
        {
            let last = latest.yesterday().unwrap_or(latest);
            found.push(
                Diagnostic::new(&CODE, format!("the allocation is longer than the {months} months of `{}`", mode.name))
                    .at(place(project, allocation, "until"))
                    .label("too long")
                    .related(Place::value(mode.document, FieldPath::keys("spec.perProject.months")), "the most")
                    .hint(format!("write `until: {last}` at the latest")),
            );
        }
    }
}
