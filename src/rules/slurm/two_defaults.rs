//! One partition is the default.

use super::limit;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// Two partitions are the default.
const CODE: Code = Code {
    name: "two-defaults",
    severity: Severity::Error,
    summary: "Two partitions are the default",
    explanation: "Slurm takes the last one.",
    failing: "default: true   # on two partitions",
    passing: "default: true   # on one",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let mut defaults = limit::partitions(site).filter(|partition| partition.default);
    let Some(first) = defaults.next() else { return };
    for partition in defaults {
        found.push(
            Diagnostic::new(&CODE, format!("`{}` and `{}` are both the default partition", first.name, partition.name))
                .at(Place::value(partition.document, FieldPath::keys("spec.default")))
                .label("a second default")
                .related(Place::value(first.document, FieldPath::keys("spec.default")), "the first one")
                .why("Slurm takes the last one")
                .hint("keep `default: true` on one partition"),
        );
    }
}
