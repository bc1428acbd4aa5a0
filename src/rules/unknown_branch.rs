//! Branch accounts that are referred to are declared.

use std::collections::BTreeSet;

use super::reference;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostics, Place, Severity};
use crate::manifest::Kind;
use crate::model::Site;
use crate::resource::FieldPath;

/// A branch account is not declared.
const CODE: Code = Code {
    name: "unknown-branch",
    severity: Severity::Error,
    summary: "A branch account is not declared",
    explanation: "Parents are branch accounts of the Factory.",
    failing: "parent: industri",
    passing: "parent: industry",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let hides_branches = site.may_hide(Kind::Factory, None)
        || site.factories.iter().any(|factory| !site.knows(factory.document, &["spec.accounts[].name"]));
    if hides_branches {
        return;
    }
    let known: BTreeSet<&str> =
        site.factories.iter().flat_map(|factory| &factory.branches).map(|branch| branch.name.as_str()).collect();
    let mut refer = |name: &str, place: Place| {
        if !known.contains(name) {
            found.push(reference::unknown(&CODE, "branch account", name, &known, place));
        }
    };
    for factory in &site.factories {
        for branch in &factory.branches {
            if let Some(parent) = &branch.parent {
                refer(parent, Place::value(factory.document, branch.path.key("parent")));
            }
        }
    }
    for project in &site.projects {
        if let Some(parent) = &project.parent {
            refer(parent, Place::value(project.document, FieldPath::keys("spec.parent")));
        }
    }
}
