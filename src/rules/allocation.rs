//! Allocations, as several rules look at them: with their access mode, or as GPU-hours on a partition.

use std::collections::BTreeMap;

use crate::diagnostics::Place;
use crate::model::{AccessMode, Allocation, Partition, Project, Site, Window};

/// Every allocation whose access mode is declared.
pub(super) fn with_mode(site: &Site) -> impl Iterator<Item = (&Project, &Allocation, &AccessMode)> {
    site.projects.iter().flat_map(move |project| {
        project.allocations.iter().filter_map(move |allocation| {
            let mode = site.modes.iter().find(|mode| mode.name == allocation.mode)?;
            Some((project, allocation, mode))
        })
    })
}

/// The place of a field of an allocation.
pub(super) fn place(project: &Project, allocation: &Allocation, field: &str) -> Place {
    Place::value(project.document, allocation.path.key(field))
}

/// GPU-hours that a project is given over a window.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) project: &'a Project,
    allocation: &'a Allocation,
    pub(super) hours: u64,
    pub(super) window: Window,
}

impl Given<'_> {
    /// Where the hours are written.
    pub(super) fn place(&self) -> Place {
        place(self.project, self.allocation, "gpuHours")
    }

    /// Thousandths of a GPU-hour on each day of the window.
    pub(super) fn rate(&self) -> i128 {
        i128::from(self.hours) * 1000 / i128::from(self.window.days().max(1))
    }
}

/// What is given on each partition whose GPUs are known: hosts of other partitions and of the site bring GPUs that no rule
/// can count.
pub(super) fn given(site: &Site) -> Vec<(&Partition, Vec<Given<'_>>)> {
    let mut by_partition: BTreeMap<&str, Vec<Given<'_>>> = BTreeMap::new();
    for project in &site.projects {
        for allocation in &project.allocations {
            let (Some(hours), Some(window)) = (allocation.gpu_hours, allocation.window) else { continue };
            if window.until >= window.from {
                by_partition.entry(&allocation.partition).or_default().push(Given {
                    project,
                    allocation,
                    hours,
                    window,
                });
            }
        }
    }
    let counted = site.partitions.iter().filter(|one| one.hosts.is_empty() && site.knows_gpus(one));
    counted.filter_map(|partition| Some((partition, by_partition.get(partition.name.as_str())?.clone()))).collect()
}
