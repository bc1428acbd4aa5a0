//! An allocation ends no earlier than it begins.

use super::allocation::place;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;

/// An allocation ends before it begins.
const CODE: Code = Code {
    name: "window-reversed",
    severity: Severity::Error,
    summary: "An allocation ends before it begins",
    explanation: "It would never be in force.",
    failing: "from: 2026-09-30, until: 2026-04-01",
    passing: "from: 2026-04-01, until: 2026-09-30",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for project in &site.projects {
        for allocation in &project.allocations {
            if allocation.window.is_some_and(|window| window.until < window.from) {
                found.push(
                    Diagnostic::new(&CODE, "the allocation ends before it begins")
                        .at(place(project, allocation, "until"))
                        .label("before its begin")
                        .related(place(project, allocation, "from"), "begins here")
                        .hint("swap the two days"),
                );
            }
        }
    }
}
