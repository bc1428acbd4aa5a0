//! Partitions that are referred to are declared.

use std::collections::BTreeSet;

use super::reference;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::manifest::Kind;
use crate::model::Site;
use crate::resource::FieldPath;

/// A partition is not declared.
pub(super) const CODE: Code = Code {
    name: "unknown-partition",
    severity: Severity::Error,
    summary: "A partition is not declared",
    explanation: "A job, an allocation or an association needs a partition that exists.",
    failing: "partition: boster",
    passing: "partition: booster",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

/// A reference to a partition that is not declared; nothing if a document that could not be read may declare it.
pub(super) fn unknown(site: &Site, name: &str, known: &BTreeSet<&str>, place: Place) -> Option<Diagnostic> {
    let missing = !known.contains(name) && !site.may_hide(Kind::Partition, Some(name));
    missing.then(|| reference::unknown(&CODE, "partition", name, known, place))
}

fn check(site: &Site, found: &mut Diagnostics) {
    let known = reference::partitions(site);
    let mut refer = |name: &str, place: Place| found.0.extend(unknown(site, name, &known, place));
    for partition in &site.partitions {
        if let Some(name) = partition.fields.body.get("Alternate").and_then(|value| value.as_str()) {
            refer(name, Place::value(partition.document, FieldPath::keys("spec.alternate")));
        }
    }
    for project in &site.projects {
        for allocation in &project.allocations {
            refer(&allocation.partition, Place::value(project.document, allocation.path.key("partition")));
        }
        for member in &project.members {
            if let Some(name) = &member.partition {
                refer(name, Place::value(project.document, member.path.key("partition")));
            }
        }
    }
}
