//! The typed site → resources; pure, total, sorted.

pub mod kubernetes;
pub mod slurm;

use jiff::civil::Date;

use crate::model::Site;
use crate::resource::Resource;

/// Everything that the manifests want on a day, sorted by address.
///
/// Targets of every kind get the same resources here: a twin stands in for the cluster that it will be bound to.
pub fn compile(site: &Site, day: Date) -> Vec<Resource> {
    let mut resources = slurm::compile(site, day);
    resources.extend(kubernetes::compile(site, day));
    resources.sort_by(|left, right| left.address.cmp(&right.address));
    // A lead with entries for several partitions coordinates the account once; partitions share runtime classes.
    resources.dedup_by(|second, first| second.address == first.address);
    resources
}
