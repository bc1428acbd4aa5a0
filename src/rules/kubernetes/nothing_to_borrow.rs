//! A mode that may borrow has queues beside its own to borrow from.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::kubernetes::ModeKubernetes;
use crate::model::units::WHOLE;
use crate::model::{AccessMode, Partition, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// A mode may borrow, and there is nobody to borrow from.
const CODE: Code = Code {
    name: "nothing-to-borrow",
    severity: Severity::Warning,
    summary: "A mode may borrow, and there is no queue to borrow from",
    explanation: "Queues borrow from other queues of the same partition, in the factory's cohort. Without a `kubernetes:` block of the factory for that target there is no cohort, and a queue that is alone in its partition and owns all of it has no queue beside it.",
    failing: "kind: Factory   # without `kubernetes`\n---\nkind: AccessMode\nspec: { kubernetes: { borrowing: 50% } }",
    passing: "kind: Factory\nspec: { kubernetes: {} }\n---\nkind: AccessMode\nspec: { kubernetes: { borrowing: 50% } }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for mode in &site.modes {
        if let Some(side) = &mode.sides.kubernetes {
            borrowing(site, mode, side, found);
        }
    }
}

fn borrowing(site: &Site, mode: &AccessMode, side: &ModeKubernetes, found: &mut Diagnostics) {
    if side.borrowing.is_none_or(|share| share == 0) || !site.knows(mode.document, &["spec.kubernetes"]) {
        return;
    }
    let here: Vec<&Partition> = site
        .partitions
        .iter()
        .filter(|partition| site.queues(partition).iter().any(|queue| queue.mode.document == mode.document))
        .collect();
    if here.is_empty() {
        return;
    }
    let factory = site.factories.first().filter(|factory| site.knows(factory.document, &["spec.kubernetes"]));
    let Some(factory) = factory else { return };
    let has_cohort = factory.sides.kubernetes.as_ref().is_some_and(|one| one.target == side.target);
    let alone =
        here.iter().all(|partition| site.queues(partition).len() == 1 && side.share.is_none_or(|share| share == WHOLE));
    let (message, hint) = if !has_cohort {
        (
            format!("`{}` may borrow, and the factory has no cohort on `{}`", mode.name, side.target),
            "add `kubernetes: {}` to the factory, or take `borrowing` out",
        )
    } else if alone {
        let names: Vec<String> = here.iter().map(|partition| format!("`{}`", partition.name)).collect();
        (format!("`{}` may borrow, and owns all of {}", mode.name, names.join(", ")), "take `borrowing` out")
    } else {
        return;
    };
    found.push(
        Diagnostic::new(&CODE, message)
            .at(Place::value(mode.document, FieldPath::keys("spec.kubernetes.borrowing")))
            .label("no queue to borrow from")
            .hint(hint),
    );
}
