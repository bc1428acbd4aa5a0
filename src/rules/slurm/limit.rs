//! Limits of partitions and access modes: their places, and which of them meet.

use crate::diagnostics::Place;
use crate::model::{AccessMode, Partition, Site};
use crate::resource::FieldPath;

/// Partitions that live on Slurm.
pub(super) fn partitions(site: &Site) -> impl Iterator<Item = &Partition> {
    site.partitions.iter().filter(|partition| partition.is_on_slurm())
}

/// Each access mode with each partition that lists it.
pub(super) fn admitted(site: &Site) -> impl Iterator<Item = (&AccessMode, &Partition)> {
    partitions(site).flat_map(move |partition| {
        let mode = move |name: &str| site.modes.iter().find(|mode| mode.name == name);
        partition.modes.iter().filter_map(move |(name, _)| Some((mode(name)?, partition)))
    })
}

/// Where a field of a partition is written.
pub(super) fn of_partition(partition: &Partition, key: &str) -> Place {
    let written = partition.fields.places.get(key).cloned();
    written.unwrap_or_else(|| Place::value(partition.document, FieldPath::keys("spec.limits")))
}

/// Where a field of an access mode is written.
pub(super) fn of_mode(mode: &AccessMode, key: &str) -> Place {
    let written = mode.fields.places.get(key).cloned();
    written.unwrap_or_else(|| Place::value(mode.document, FieldPath::keys("spec.perJob")))
}
