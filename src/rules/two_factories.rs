//! A folder has no more than one factory.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// A folder has two factories.
const CODE: Code = Code {
    name: "two-factories",
    severity: Severity::Error,
    summary: "A folder has two factories",
    explanation: "One folder describes one factory; everything in it is provisioned below it.",
    failing: "kind: Factory   # twice",
    passing: "kind: Factory   # once",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let [first, others @ ..] = site.factories.as_slice() else { return };
    let name = |document| Place::value(document, FieldPath::keys("metadata.name"));
    for other in others {
        found.push(
            Diagnostic::new(&CODE, format!("`{}` is a second factory in one folder", other.name))
                .at(name(other.document))
                .related(name(first.document), "the first one")
                .hint("give each factory a folder of its own"),
        );
    }
}
