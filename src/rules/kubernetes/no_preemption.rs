//! A mode preempts only modes of a lower priority.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::kubernetes::ModeKubernetes;
use crate::model::{AccessMode, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// A mode preempts another of no lower priority.
const CODE: Code = Code {
    name: "no-preemption",
    severity: Severity::Warning,
    summary: "A mode cannot preempt another whose priority is no lower",
    explanation: "Slurm preempts by QOS, whatever the priorities; Kueue preempts only what has a lower priority. So on Kubernetes this `preempts` has no effect.",
    failing: "priority: 100\npreempts: [playground]   # which has priority 100",
    passing: "priority: 200\npreempts: [playground]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for mode in &site.modes {
        if let Some(side) = &mode.sides.kubernetes {
            preemption(site, mode, side, found);
        }
    }
}

fn preemption(site: &Site, mode: &AccessMode, side: &ModeKubernetes, found: &mut Diagnostics) {
    let known = |one: &AccessMode| site.knows(one.document, &["spec.priority", "spec.kubernetes"]);
    for (name, path) in mode.preempts.iter().filter(|_| known(mode)) {
        let others = site.modes.iter().filter(|one| one.name == *name && known(one));
        let other = others
            .filter_map(|one| Some((one, one.sides.kubernetes.as_ref()?)))
            .find(|(_, it)| it.target == side.target);
        let Some((other, there)) = other.filter(|(_, there)| there.priority >= side.priority) else { continue };
        let field = if there.says_priority { "spec.kubernetes.priority" } else { "spec.priority" };
        found.push(
            Diagnostic::new(&CODE, format!("`{}` cannot preempt `{name}` on `{}`", mode.name, side.target))
                .at(Place::value(mode.document, path.clone()))
                .label(format!("has priority {}, and this one {}", there.priority, side.priority))
                .related(Place::value(other.document, FieldPath::keys(field)), "its priority")
                .hint(format!("raise this one's: `priority: {}`", there.priority.saturating_add(100))),
        );
    }
}
