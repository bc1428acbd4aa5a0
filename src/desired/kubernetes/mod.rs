//! The Kubernetes side: whole objects in canonical form, from typed structs of their kinds. Quantities are canonical strings, keys of lists are written out,
//! maps are sorted, and nothing is null or empty that means nothing.

mod factory;
mod kueue;
mod mode;
mod network;
mod object;
mod partition;
mod project;
mod queue;
mod service;
mod shares;

use jiff::civil::Date;

use crate::model::Site;
use crate::resource::Resource;

/// Resources of all Kubernetes targets.
pub(super) fn compile(site: &Site, day: Date) -> Vec<Resource> {
    // What is ours is marked with the factory's name; without it nothing could be.
    let Some(factory) = site.factories.first() else { return Vec::new() };
    let mut resources = factory::compile(site, factory);
    resources.extend(partition::compile(site, factory));
    resources.extend(mode::compile(site, factory));
    resources.extend(queue::compile(site, factory));
    resources.extend(project::compile(site, factory, day));
    resources.extend(service::compile(site, factory, day));
    resources
}
