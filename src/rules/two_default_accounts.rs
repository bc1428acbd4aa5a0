//! A user has one default account.

use std::collections::BTreeMap;

use super::member;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;

/// A user has two default accounts.
const CODE: Code = Code {
    name: "two-default-accounts",
    severity: Severity::Error,
    summary: "A user has two default accounts",
    explanation: "Slurm keeps one default account a user and cluster.",
    failing: "default: true   # for anna, in two projects",
    passing: "default: true   # in one",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let mut defaults: BTreeMap<&str, Place> = BTreeMap::new();
    for project in &site.projects {
        for (member, place) in member::identified(site, project).filter(|(member, _)| member.default) {
            if let Some(first) = defaults.insert(&member.user, place.clone()) {
                found.push(
                    Diagnostic::new(&CODE, format!("`{}` has two default accounts", member.user))
                        .at(place)
                        .related(first, "the other one")
                        .hint("keep `default: true` in one project"),
                );
            }
        }
    }
}
