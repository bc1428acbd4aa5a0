//! Two allocations of one mode on one partition do not overlap.

use super::allocation::place;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::{Allocation, Site};

/// Two allocations of one mode on one partition overlap.
const CODE: Code = Code {
    name: "window-overlap",
    severity: Severity::Error,
    summary: "Two allocations of one mode on one partition overlap",
    explanation: "How many hours are meant would be ambiguous.",
    failing: "- { partition: booster, mode: fast-lane, from: 2026-01-01, until: 2026-06-30 }\n- { partition: booster, mode: fast-lane, from: 2026-06-01, until: 2026-12-31 }",
    passing: "- { …, until: 2026-05-31 }\n- { …, from: 2026-06-01 }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for project in &site.projects {
        let is_named = |one: &Allocation| {
            ["partition", "mode"].iter().all(|field| !site.refused.touches(project.document, &one.path.key(field)))
        };
        for allocation in &project.allocations {
            let Some(window) = allocation.window else { continue };
            let earlier = project.allocations.iter().find(|other| {
                other.path < allocation.path
                    && other.partition == allocation.partition
                    && other.mode == allocation.mode
                    && other.window.is_some_and(|other| other.from <= window.until && window.from <= other.until)
                    && is_named(other)
            });
            let Some(other) = earlier.filter(|_| is_named(allocation)) else { continue };
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("two allocations of `{}` on `{}` overlap", allocation.mode, allocation.partition),
                )
                .at(place(project, allocation, "from"))
                .label("overlaps")
                .related(place(project, other, "until"), "the other one")
                .hint("make them one, or let one begin after the other"),
            );
        }
    }
}
