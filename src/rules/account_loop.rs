//! Branch accounts form a tree.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;

/// Accounts are each other's parents.
const CODE: Code = Code {
    name: "account-loop",
    severity: Severity::Error,
    summary: "Accounts are each other's parents",
    explanation: "An account tree has one root.",
    failing: "accounts: [{ name: a, parent: b }, { name: b, parent: a }]",
    passing: "accounts: [{ name: a }, { name: b, parent: a }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for factory in &site.factories {
        let parents: BTreeMap<&str, Option<&str>> =
            factory.branches.iter().rev().map(|one| (one.name.as_str(), one.parent.as_deref())).collect();
        // Branches known to lead to the top, or into a loop that they are no part of.
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for branch in &factory.branches {
            let mut path = vec![branch.name.as_str()];
            let mut current = branch.parent.as_deref();
            while let Some(name) = current.filter(|name| !done.contains(name)) {
                path.push(name);
                if name == branch.name {
                    found.push(
                        Diagnostic::new(
                            &CODE,
                            format!("the parents of these accounts form a loop: {}", path.join(" → ")),
                        )
                        .at(Place::value(factory.document, branch.path.key("parent")))
                        .hint("put one of them under the factory's account"),
                    );
                    break;
                }
                if path.len() > factory.branches.len() + 1 {
                    break;
                }
                current = parents.get(name).copied().flatten();
            }
            if current.is_none_or(|name| done.contains(name)) {
                done.extend(path);
            }
        }
    }
}
