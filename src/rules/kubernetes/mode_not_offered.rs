//! A service's queue exists: its partition offers the mode on the target of the service.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Site;
use crate::rules::mode_not_offered::CODE;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Capacity, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let queue = service.kubernetes().and_then(|runtime| runtime.queue.as_ref());
        let Some((name, mode)) = queue else { continue };
        let Some(partition) = site.partition(name) else { continue };
        let declared = site.modes.iter().any(|one| one.name == *mode);
        if !declared || !site.knows(partition.document, &["spec.modes", "spec.kubernetes"]) {
            continue;
        }
        let side = partition.sides.kubernetes.as_ref();
        let is_there = side.is_some_and(|side| service.target.as_deref() == Some(&side.target));
        if is_there && site.queue_name(name, mode).is_some() {
            continue;
        }
        let hint = match side {
            None => format!("give `{name}` a side there: `kubernetes: {{}}`"),
            Some(_) => format!("add `{mode}` to the `modes` of `{name}`, and give it a side there: `kubernetes: {{}}`"),
        };
        found.push(
            Diagnostic::new(&CODE, format!("there is no queue of `{mode}` in `{name}` on Kubernetes"))
                .at(at(service, "spec.kubernetes.queue.mode"))
                .label("no such queue there")
                .hint(hint),
        );
    }
}
