//! All targets' resources.

use jiff::civil::Date;

use crate::model::Site;
use crate::resource::Resource;
use crate::targets::each;

/// What each target makes of a site.
const COMPILERS: &[fn(&Site, Date) -> Vec<Resource>] = &each!(compile);

/// Everything that the manifests want on a day, sorted by address.
///
/// Targets of every kind get the same resources here: a twin stands in for the cluster that it will be bound to.
pub fn compile(site: &Site, day: Date) -> Vec<Resource> {
    let mut resources: Vec<Resource> = COMPILERS.iter().flat_map(|compile| compile(site, day)).collect();
    resources.sort_by(|left, right| left.address.cmp(&right.address));
    // A lead with entries for several partitions coordinates the account once; partitions share runtime classes.
    resources.dedup_by(|second, first| second.address == first.address);
    resources
}
