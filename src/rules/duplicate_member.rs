//! A project lists a user once, or once for each partition.

use std::collections::BTreeMap;

use super::member;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;

/// A user is listed twice in a project.
const CODE: Code = Code {
    name: "duplicate-member",
    severity: Severity::Error,
    summary: "A user is listed twice in a project",
    explanation: "One entry without a partition, and one for each partition, are right.",
    failing: "members: [{ user: anna }, { user: anna }]",
    passing: "members: [{ user: anna }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for project in &site.projects {
        let mut seen: BTreeMap<(&str, Option<&str>), Place> = BTreeMap::new();
        for (member, place) in member::identified(site, project) {
            if let Some(first) = seen.insert((&member.user, member.partition.as_deref()), place.clone()) {
                found.push(
                    Diagnostic::new(&CODE, format!("`{}` is listed twice in `{}`", member.user, project.name))
                        .at(place)
                        .related(first, "first listed here")
                        .hint("keep one entry"),
                );
            }
        }
    }
}
