//! The partition of a service's queue is declared.

use crate::diagnostics::Diagnostics;
use crate::model::Site;
use crate::rules::reference;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;
use crate::rules::unknown_partition::{CODE, unknown};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Capacity, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let known = reference::partitions(site);
    for service in &site.services {
        if let Some((partition, _)) = service.kubernetes().and_then(|runtime| runtime.queue.as_ref()) {
            found.0.extend(unknown(site, partition, &known, at(service, "spec.kubernetes.queue.partition")));
        }
    }
}
