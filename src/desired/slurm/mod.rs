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
    let mut targets: BTreeSet<&str> = site.modes.iter().map(|mode| mode.target.as_str()).collect();
    targets.extend(site.projects.iter().map(|project| project.target.as_str()));
    targets.extend(site.partitions.iter().map(|partition| partition.target.as_str()));
    for target in targets {
        resources.extend(accounts::compile(site, factory, target, day));
    }
    resources
}
