//! The Kubernetes side of a site.

mod mirror;
mod names;
mod pods;
mod projects;
mod queues;
mod service_capacity;
mod service_twice;
mod services;
mod sides;

use super::rule::{Rule, turn};

pub(super) use service_capacity::{backed, service_capacity};
pub(super) use services::service;

/// Fields that tell whether a service has capacity of its own.
pub(super) const BACKED_BY: &[&str] = &[
    "spec.kubernetes.queue",
    "spec.kubernetes.quota",
    "spec.kubernetes.priorityClass",
    "spec.kubernetes.resources",
    "spec.kubernetes.replicas",
];

/// Its rules.
pub(super) const RULES: &[(u8, Rule)] = &[
    (turn::SIDES, names::check),
    (turn::SIDES, sides::check),
    (turn::SIDES, queues::check),
    (turn::SIDES, projects::check),
    (turn::SERVICES, service_twice::check),
    (turn::PODS, mirror::check),
    (turn::PODS, pods::check),
];
