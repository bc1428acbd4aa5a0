//! The mode of an allocation is one that its partition admits. A mode that is not declared is reported as that.

use std::collections::BTreeSet;

use super::reference;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// An allocation's mode is not admitted by its partition.
pub(super) const CODE: Code = Code {
    name: "mode-not-offered",
    severity: Severity::Error,
    summary: "An allocation's mode is not admitted by its partition",
    explanation: "Jobs of the project would be refused.",
    failing: "allocations: [{ partition: booster, mode: fast-lane, … }]   # booster: modes: [playground]",
    passing: "modes: [playground, fast-lane]   # booster",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let modes: BTreeSet<&str> = reference::modes_and_normal(site);
    for project in &site.projects {
        for allocation in project.allocations.iter().filter(|allocation| modes.contains(allocation.mode.as_str())) {
            let Some(partition) = site.partitions.iter().find(|one| one.name == allocation.partition) else { continue };
            let admits = partition.modes.is_empty() || partition.modes.iter().any(|(name, _)| *name == allocation.mode);
            let denied = partition.deny_modes.iter().any(|(name, _)| *name == allocation.mode);
            let knows_modes = site.knows(partition.document, &["spec.modes"]);
            if (!admits && knows_modes) || denied {
                found.push(
                    Diagnostic::new(
                        &CODE,
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
