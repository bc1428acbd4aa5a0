//! Groups of nodes, as several rules look at them.

use crate::model::{NodeGroup, Partition, Site};

/// Every group of nodes, with the partition that defines it.
pub(super) fn all(site: &Site) -> impl Iterator<Item = (&Partition, &NodeGroup)> {
    site.partitions.iter().flat_map(|partition| partition.groups.iter().map(move |group| (partition, group)))
}

/// A field of a group that holds a number.
pub(super) fn number(group: &NodeGroup, key: &str) -> Option<u64> {
    group.fields.body.get(key).and_then(serde_json::Value::as_u64)
}
