//! Rules about what lives on Slurm.

mod bad_name;
mod duplicate_name;
mod idle_limit;
mod limit;
mod limit_exceeds_partition;
mod memory_twice;
mod minimum_exceeds_maximum;
mod mode_not_offered;
mod more_than_there_is;
mod reserved_too_large;
mod said_twice;
mod two_defaults;
mod typed_gpu_limit;
mod undeclared_account;
mod unknown_mode;
mod unknown_partition;

use super::rule::Rule;
use crate::model::{Site, SupportService};

/// Its rules.
pub(super) const RULES: &[Rule] = &[
    bad_name::RULE,
    undeclared_account::RULE,
    said_twice::RULE,
    reserved_too_large::RULE,
    minimum_exceeds_maximum::RULE,
    memory_twice::RULE,
    two_defaults::RULE,
    typed_gpu_limit::RULE,
    limit_exceeds_partition::RULE,
    more_than_there_is::RULE,
    idle_limit::RULE,
    unknown_partition::RULE,
    unknown_mode::RULE,
    mode_not_offered::RULE,
    duplicate_name::RULE,
];

/// Fields that tell whether a service has capacity of its own.
pub(super) const BACKED_BY: &[&str] = &["spec.slurm"];

/// Whether a service has capacity of its own, and how it gets some; nothing for a service that does not run here.
pub(super) fn backed(site: &Site, service: &SupportService) -> Option<(bool, &'static str)> {
    let runtime = service.slurm()?;
    let of_others = |name: &str| {
        let projects = site.projects.iter().flat_map(|project| &project.allocations);
        projects.filter(|one| one.partition == name).count() > 0
    };
    let own_qos = runtime.mode.is_none() && !runtime.qos.body.keys().all(|key| key == "Description");
    let own = runtime.reservation.is_some() || own_qos || !of_others(&runtime.partition);
    Some((own, "name its `reservation`, a partition without projects, or give its own QOS a `priority`"))
}
