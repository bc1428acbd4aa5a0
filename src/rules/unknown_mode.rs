//! Access modes that are referred to are declared.

use std::collections::BTreeSet;

use super::reference;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::manifest::Kind;
use crate::model::Site;
use crate::resource::FieldPath;

/// An access mode is not declared.
pub(super) const CODE: Code = Code {
    name: "unknown-mode",
    severity: Severity::Error,
    summary: "An access mode is not declared",
    explanation: "A mode that does not exist would lock every user out, or keep slurmctld from starting.",
    failing: "modes: [fast-line]",
    passing: "modes: [fast-lane]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

/// A reference to a mode that is not declared; nothing if a document that could not be read may declare it.
pub(super) fn unknown(site: &Site, name: &str, known: &BTreeSet<&str>, place: Place) -> Option<Diagnostic> {
    let missing = !known.contains(name) && !site.may_hide(Kind::AccessMode, Some(name));
    missing.then(|| reference::unknown(&CODE, "access mode", name, known, place))
}

fn check(site: &Site, found: &mut Diagnostics) {
    let known = reference::modes_and_normal(site);
    let mut refer = |name: &str, place: Place| found.0.extend(unknown(site, name, &known, place));
    for partition in &site.partitions {
        for (name, path) in partition.modes.iter().chain(&partition.deny_modes) {
            refer(name, Place::value(partition.document, path.clone()));
        }
        if let Some(name) = &partition.qos {
            refer(name, Place::value(partition.document, FieldPath::keys("spec.qos")));
        }
    }
    for mode in &site.modes {
        for (name, path) in &mode.preempts {
            refer(name, Place::value(mode.document, path.clone()));
        }
        if let Some(name) = &mode.continues {
            refer(name, Place::value(mode.document, FieldPath::keys("spec.perJob.continues")));
        }
    }
    for factory in &site.factories {
        for (name, path) in &factory.modes {
            refer(name, Place::value(factory.document, path.clone()));
        }
        if let Some(name) = &factory.default_mode {
            refer(name, Place::value(factory.document, FieldPath::keys("spec.account.defaultMode")));
        }
        for branch in &factory.branches {
            for (name, path) in &branch.modes {
                refer(name, Place::value(factory.document, path.clone()));
            }
            if let Some(name) = &branch.default_mode {
                refer(name, Place::value(factory.document, branch.path.key("defaultMode")));
            }
        }
    }
    for project in &site.projects {
        for allocation in &project.allocations {
            refer(&allocation.mode, Place::value(project.document, allocation.path.key("mode")));
        }
        for (name, path) in &project.modes {
            refer(name, Place::value(project.document, path.clone()));
        }
        if let Some(name) = &project.default_mode {
            refer(name, Place::value(project.document, FieldPath::keys("spec.defaultMode")));
        }
        for member in &project.members {
            for (name, path) in &member.modes {
                refer(name, Place::value(project.document, path.clone()));
            }
            if let Some(name) = &member.default_mode {
                refer(name, Place::value(project.document, member.path.key("defaultMode")));
            }
        }
    }
    let declared = reference::modes(site);
    for service in &site.services {
        for (name, path) in &service.audience.modes {
            found.0.extend(unknown(site, name, &declared, Place::value(service.document, path.clone())));
        }
    }
}
