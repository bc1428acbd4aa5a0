//! The partition that a service reserves or runs on is declared.

use crate::diagnostics::Diagnostics;
use crate::model::Site;
use crate::rules::reference;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;
use crate::rules::unknown_partition::{CODE, unknown};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let known = reference::partitions(site);
    for service in &site.services {
        if let Some(runtime) = service.slurm() {
            found.0.extend(unknown(site, &runtime.partition, &known, at(service, "spec.slurm.partition")));
        }
    }
}
