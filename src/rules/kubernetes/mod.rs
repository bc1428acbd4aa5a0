//! Rules about what lives on Kubernetes.

mod bad_name;
mod claims_exceed_quota;
mod duplicate_name;
mod image_not_pinned;
mod minimum_exceeds_maximum;
mod mode_not_offered;
mod named;
mod no_capacity;
mod no_mirror;
mod no_preemption;
mod not_exactly_one;
mod not_on_target;
mod nothing_to_borrow;
mod one_writer;
mod overlapping_hosts;
mod pod;
mod privileged_pod;
mod quota_exceeds_partition;
mod root_pod;
mod route_taken;
mod said_twice;
mod scale_blind;
mod secret_value;
mod service_too_large;
mod shares_do_not_add_up;
mod slurm_only_field;
mod topology_levels;
mod unknown_mode;
mod unknown_partition;
mod unknown_port;

use super::rule::Rule;
use crate::model::{Site, SupportService};

/// Its rules.
pub(super) const RULES: &[Rule] = &[
    bad_name::RULE,
    duplicate_name::RULE,
    overlapping_hosts::RULE,
    said_twice::RULE,
    not_on_target::RULE,
    slurm_only_field::RULE,
    no_capacity::RULE,
    shares_do_not_add_up::RULE,
    topology_levels::RULE,
    nothing_to_borrow::RULE,
    no_preemption::RULE,
    quota_exceeds_partition::RULE,
    claims_exceed_quota::RULE,
    minimum_exceeds_maximum::RULE,
    image_not_pinned::RULE,
    not_exactly_one::RULE,
    secret_value::RULE,
    one_writer::RULE,
    unknown_port::RULE,
    route_taken::RULE,
    scale_blind::RULE,
    service_too_large::RULE,
    unknown_partition::RULE,
    unknown_mode::RULE,
    mode_not_offered::RULE,
    no_mirror::RULE,
    root_pod::RULE,
    privileged_pod::RULE,
];

/// Fields that tell whether a service has capacity of its own.
pub(super) const BACKED_BY: &[&str] = &[
    "spec.kubernetes.queue",
    "spec.kubernetes.quota",
    "spec.kubernetes.priorityClass",
    "spec.kubernetes.resources",
    "spec.kubernetes.replicas",
];

/// Whether a service has capacity of its own, and how it gets some; nothing for a service that does not run here.
pub(super) fn backed(_site: &Site, service: &SupportService) -> Option<(bool, &'static str)> {
    let runtime = service.kubernetes()?;
    let asks = runtime.gpus > 0 || runtime.cpus.is_some();
    let own = runtime.queue.is_some() || !runtime.quota.is_empty() || runtime.priority_class.is_some();
    let hint = "give it a `queue`, a `quota` or a `priorityClass`, and say what it needs: `resources: { cpus: 4, memory: 16GB }`";
    Some((own && asks && runtime.replicas.least() > 0, hint))
}
