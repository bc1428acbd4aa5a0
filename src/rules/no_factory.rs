//! A folder with partitions, access modes or projects has a factory.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::manifest::Kind;
use crate::model::Site;
use crate::resource::FieldPath;

/// A folder has no factory.
const CODE: Code = Code {
    name: "no-factory",
    severity: Severity::Error,
    summary: "A folder has no factory",
    explanation: "The factory's name is the root of what is owned; without it nothing can be provisioned.",
    failing: "kind: Partition   # alone",
    passing: "kind: Factory\n---\nkind: Partition",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    if !site.factories.is_empty() || site.may_hide(Kind::Factory, None) {
        return;
    }
    let modes = site.modes.iter().map(|mode| mode.document);
    let projects = site.projects.iter().map(|project| project.document);
    let partitions = site.partitions.iter().map(|partition| partition.document);
    if let Some(document) = modes.chain(projects).chain(partitions).next() {
        found.push(
            Diagnostic::new(&CODE, "no document is a Factory")
                .at(Place::value(document, FieldPath::keys("kind")))
                .hint("add one: `kind: Factory` with a name; everything is provisioned below it"),
        );
    }
}
