//! Projects that a service is open to are declared.

use std::collections::BTreeSet;

use super::reference;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostics, Place, Severity};
use crate::manifest::Kind;
use crate::model::Site;

/// A project is not declared.
const CODE: Code = Code {
    name: "unknown-project",
    severity: Severity::Error,
    summary: "A project is not declared",
    explanation: "No project of that name could use the service.",
    failing: "audience: { projects: [medx] }",
    passing: "audience: { projects: [medix] }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let known: BTreeSet<&str> = site.projects.iter().map(|project| project.name.as_str()).collect();
    for service in &site.services {
        for (name, path) in &service.audience.projects {
            if !known.contains(name.as_str()) && !site.may_hide(Kind::Project, Some(name)) {
                let place = Place::value(service.document, path.clone());
                found.push(reference::unknown(&CODE, "project", name, &known, place));
            }
        }
    }
}
