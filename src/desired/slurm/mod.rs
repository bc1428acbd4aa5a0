//! The Slurm side: accounting bodies, partition and node bodies, and the text of our include files.

mod accounts;
pub mod files;
mod partitions;

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::model::Site;
use crate::resource::Resource;

/// Resources of all Slurm targets.
pub(super) fn compile(site: &Site, day: Date) -> Vec<Resource> {
    let mut resources = partitions::compile(site);
    let Some(factory) = site.factories.first() else { return resources };
    let modes = site.modes.iter().filter(|mode| mode.is_on_slurm()).map(|mode| mode.target.as_str());
    let projects = site.projects.iter().filter(|project| project.is_on_slurm()).map(|project| project.target.as_str());
    let partitions = site.partitions.iter().filter(|one| one.is_on_slurm()).map(|partition| partition.target.as_str());
    let targets: BTreeSet<&str> = modes.chain(projects).chain(partitions).collect();
    for target in targets {
        resources.extend(accounts::compile(site, factory, target, day));
    }
    resources
}
