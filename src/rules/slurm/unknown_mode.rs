//! The access mode that a service uses is declared.

use crate::diagnostics::Diagnostics;
use crate::model::Site;
use crate::rules::reference;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;
use crate::rules::unknown_mode::{CODE, unknown};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let known = reference::modes_and_normal(site);
    for service in &site.services {
        if let Some(mode) = service.slurm().and_then(|runtime| runtime.mode.as_ref()) {
            found.0.extend(unknown(site, mode, &known, at(service, "spec.slurm.mode")));
        }
    }
}
