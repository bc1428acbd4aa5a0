//! References lead somewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::codes::rules as codes;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, nearest};
use crate::model::Site;
use crate::resource::FieldPath;

/// Sectors of the data spaces and AI factories (COM(2024) 28; Commission's list of common European data spaces).
const DOMAINS: [&str; 18] = [
    "aerospace",
    "agriculture",
    "automotive",
    "climate",
    "cultural-heritage",
    "cybersecurity",
    "defence",
    "education",
    "energy",
    "finance",
    "health",
    "language",
    "manufacturing",
    "media",
    "mobility",
    "public-administration",
    "science",
    "tourism",
];

const PARTITION: &str = "partition";
const MODE: &str = "access mode";
const BRANCH: &str = "branch account";

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    let partitions: BTreeSet<&str> = site.partitions.iter().map(|one| one.name.as_str()).collect();
    let modes: BTreeSet<&str> = site.modes.iter().map(|one| one.name.as_str()).chain(["normal"]).collect();
    let branches: BTreeSet<&str> =
        site.factories.iter().flat_map(|factory| &factory.branches).map(|branch| branch.name.as_str()).collect();
    let hides_branches = site.may_hide("Factory", None)
        || site.factories.iter().any(|factory| !site.knows(factory.document, &["spec.accounts[].name"]));
    let mut report = |code: &'static Code, noun: &str, name: &str, known: &BTreeSet<&str>, place: Place| {
        if known.contains(name) {
            return;
        }
        let hidden = match noun {
            PARTITION => site.may_hide("Partition", Some(name)),
            MODE => site.may_hide("AccessMode", Some(name)),
            BRANCH => hides_branches,
            _ => false,
        };
        if hidden {
            return;
        }
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("declare the {noun} `{name}`, or take the reference out"),
        };
        found.push(
            Diagnostic::new(code, format!("there is no {noun} `{name}`"))
                .at(place)
                .label("declared nowhere")
                .hint(hint),
        );
    };
    for partition in &site.partitions {
        let at = |path: &FieldPath| Place::value(partition.document, path.clone());
        for (name, path) in partition.modes.iter().chain(&partition.deny_modes) {
            report(&codes::UNKNOWN_MODE, MODE, name, &modes, at(path));
        }
        if let Some(name) = &partition.qos {
            report(&codes::UNKNOWN_MODE, MODE, name, &modes, at(&FieldPath::keys("spec.qos")));
        }
        if let Some(name) = partition.fields.body.get("Alternate").and_then(|value| value.as_str()) {
            report(&codes::UNKNOWN_PARTITION, PARTITION, name, &partitions, at(&FieldPath::keys("spec.alternate")));
        }
    }
    for mode in &site.modes {
        for (name, path) in &mode.preempts {
            report(&codes::UNKNOWN_MODE, MODE, name, &modes, Place::value(mode.document, path.clone()));
        }
        if let Some(name) = &mode.continues {
            report(
                &codes::UNKNOWN_MODE,
                MODE,
                name,
                &modes,
                Place::value(mode.document, FieldPath::keys("spec.perJob.continues")),
            );
        }
    }
    for factory in &site.factories {
        for (name, path) in &factory.modes {
            report(&codes::UNKNOWN_MODE, MODE, name, &modes, Place::value(factory.document, path.clone()));
        }
        if let Some(name) = &factory.default_mode {
            let path = FieldPath::keys("spec.account.defaultMode");
            report(&codes::UNKNOWN_MODE, MODE, name, &modes, Place::value(factory.document, path));
        }
        for branch in &factory.branches {
            let at = |field: &str| Place::value(factory.document, branch.path.key(field));
            for (name, path) in &branch.modes {
                report(&codes::UNKNOWN_MODE, MODE, name, &modes, Place::value(factory.document, path.clone()));
            }
            if let Some(name) = &branch.default_mode {
                report(&codes::UNKNOWN_MODE, MODE, name, &modes, at("defaultMode"));
            }
            if let Some(parent) = &branch.parent {
                report(&codes::UNKNOWN_BRANCH, BRANCH, parent, &branches, at("parent"));
            }
        }
    }
    for project in &site.projects {
        let at = |path: &FieldPath| Place::value(project.document, path.clone());
        for allocation in &project.allocations {
            report(
                &codes::UNKNOWN_PARTITION,
                PARTITION,
                &allocation.partition,
                &partitions,
                at(&allocation.path.key("partition")),
            );
            report(&codes::UNKNOWN_MODE, MODE, &allocation.mode, &modes, at(&allocation.path.key("mode")));
        }
        for (name, path) in &project.modes {
            report(&codes::UNKNOWN_MODE, MODE, name, &modes, at(path));
        }
        if let Some(name) = &project.default_mode {
            report(&codes::UNKNOWN_MODE, MODE, name, &modes, at(&FieldPath::keys("spec.defaultMode")));
        }
        if let Some(parent) = &project.parent {
            report(&codes::UNKNOWN_BRANCH, BRANCH, parent, &branches, at(&FieldPath::keys("spec.parent")));
        }
        for member in &project.members {
            for (name, path) in &member.modes {
                report(&codes::UNKNOWN_MODE, MODE, name, &modes, at(path));
            }
            if let Some(name) = &member.default_mode {
                report(&codes::UNKNOWN_MODE, MODE, name, &modes, at(&member.path.key("defaultMode")));
            }
            if let Some(name) = &member.partition {
                report(&codes::UNKNOWN_PARTITION, PARTITION, name, &partitions, at(&member.path.key("partition")));
            }
        }
        if let Some(domain) = &project.domain {
            let known: BTreeSet<&str> = DOMAINS.into_iter().collect();
            report(&codes::UNKNOWN_DOMAIN, "sector domain", domain, &known, at(&FieldPath::keys("spec.domain")));
        }
    }
    not_offered(site, &modes, found);
    branch_cycles(site, found);
}

/// An allocation's mode has to be one that its partition admits. One that does not exist has been reported already.
fn not_offered(site: &Site, modes: &BTreeSet<&str>, found: &mut Diagnostics) {
    for project in &site.projects {
        for allocation in project.allocations.iter().filter(|allocation| modes.contains(allocation.mode.as_str())) {
            let Some(partition) = site.partitions.iter().find(|one| one.name == allocation.partition) else { continue };
            // A mode that is declared nowhere is told as that.
            if allocation.mode != "normal" && site.modes.iter().all(|mode| mode.name != allocation.mode) {
                continue;
            }
            let admits = partition.modes.is_empty() || partition.modes.iter().any(|(name, _)| *name == allocation.mode);
            let denied = partition.deny_modes.iter().any(|(name, _)| *name == allocation.mode);
            let knows_modes = site.knows(partition.document, &["spec.modes"]);
            if (!admits && knows_modes) || denied {
                found.push(
                    Diagnostic::new(
                        &codes::MODE_NOT_OFFERED,
                        format!("`{}` does not admit the mode `{}`", partition.name, allocation.mode),
                    )
                    .at(Place::value(project.document, allocation.path.key("mode")))
                    .label("not admitted there")
                    .related(
                        Place::key(partition.document, FieldPath::keys("spec.modes")),
                        "the modes of the partition",
                    )
                    .hint(format!("add `{}` to its `modes`, or allocate another mode", allocation.mode)),
                );
            }
        }
    }
}

fn branch_cycles(site: &Site, found: &mut Diagnostics) {
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
                            &codes::ACCOUNT_LOOP,
                            format!("accounts stand under each other in a loop: {}", path.join(" → ")),
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
