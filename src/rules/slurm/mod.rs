//! The Slurm side of a site.

mod accounts;
mod limits;
mod names;
mod reserve;
mod services;

use super::rule::{Rule, turn};
use crate::diagnostics::Diagnostics;
use crate::model::{Site, SupportService};

pub(super) use services::service;

/// Its rules.
pub(super) const RULES: &[(u8, Rule)] = &[
    (turn::NAMES, names::check),
    (turn::REFERENCES, accounts::check),
    (turn::NODES, reserve::check),
    (turn::NODES, limits::check),
];

/// What is asked for there is asked of Slurm when jobs come.
pub(super) fn service_capacity(_site: &Site, _service: &SupportService, _found: &mut Diagnostics) {}

/// Fields that tell whether a service has capacity of its own.
pub(super) const BACKED_BY: &[&str] = &["spec.slurm"];

/// Whether a service has capacity of its own, and how it gets some; `None` of one that does not run here.
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
