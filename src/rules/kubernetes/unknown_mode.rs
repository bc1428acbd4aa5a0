//! The access mode of a service's queue is declared.

use crate::diagnostics::Diagnostics;
use crate::model::Site;
use crate::rules::reference;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;
use crate::rules::unknown_mode::{CODE, unknown};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Capacity, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let known = reference::modes(site);
    for service in &site.services {
        let queue = service.kubernetes().and_then(|runtime| runtime.queue.as_ref());
        // The modes of a partition that is not declared are not looked at.
        if let Some((_, mode)) = queue.filter(|(partition, _)| site.partition(partition).is_some()) {
            found.0.extend(unknown(site, mode, &known, at(service, "spec.kubernetes.queue.mode")));
        }
    }
}
