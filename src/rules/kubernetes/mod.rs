//! The Kubernetes side of a site.

pub(super) mod names;
pub(super) mod projects;
pub(super) mod queues;
pub(super) mod sides;
