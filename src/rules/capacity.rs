//! No more GPU-hours are allocated than a partition can deliver in the window.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostics::codes::rules as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{Allocation, Partition, Project, Site, Window};
use crate::resource::FieldPath;

/// GPU-hours that a project is given over a window.
struct Given<'a> {
    project: &'a Project,
    allocation: &'a Allocation,
    hours: u64,
    window: Window,
}

impl Given<'_> {
    fn place(&self) -> Place {
        Place::value(self.project.document, self.allocation.path.key("gpuHours"))
    }

    /// Thousandths of a GPU-hour on each of its days.
    fn rate(&self) -> i128 {
        i128::from(self.hours) * 1000 / i128::from(self.window.days().max(1))
    }
}

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
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
    for partition in &site.partitions {
        let Some(all) = by_partition.get(partition.name.as_str()) else { continue };
        // Hosts of other partitions and of the site: nobody here knows their GPUs.
        if !partition.hosts.is_empty() || !site.knows_gpus(partition) {
            continue;
        }
        no_gpus(partition, all, found);
        overbooked(partition, all, found);
    }
}

fn no_gpus(partition: &Partition, all: &[Given<'_>], found: &mut Diagnostics) {
    if partition.gpus() > 0 {
        return;
    }
    for given in all.iter().filter(|given| given.hours > 0) {
        found.push(
            Diagnostic::new(
                &codes::NO_GPUS,
                format!("`{}` is given GPU-hours on `{}`, which has no GPUs", given.project.name, partition.name),
            )
            .at(given.place())
            .label("no GPUs there")
            .related(Place::key(partition.document, FieldPath::keys("spec.nodes")), "its nodes")
            .hint("allocate another partition, or add `accelerators` to the nodes"),
        );
    }
}

/// Each allocation spends its hours evenly over its days; on no day may the sum exceed what the GPUs give.
fn overbooked(partition: &Partition, all: &[Given<'_>], found: &mut Diagnostics) {
    let gpus = partition.gpus();
    if gpus == 0 {
        return;
    }
    for given in all {
        let Window { from, until } = given.window;
        let days = u64::try_from(given.window.days()).unwrap_or(0);
        let most = gpus.saturating_mul(24).saturating_mul(days);
        if given.hours > most {
            found.push(
                Diagnostic::new(
                    &codes::OVERBOOKED,
                    format!(
                        "`{}` is given {} GPU-hours, and `{}` can deliver {most} from {from} to {until}",
                        given.project.name, given.hours, partition.name
                    ),
                )
                .at(given.place())
                .label(format!("{gpus} GPUs × 24 h × {days} days = {most}"))
                .related(Place::key(partition.document, FieldPath::keys("spec.nodes")), format!("{gpus} GPUs"))
                .hint("allocate less, or over a longer time"),
            );
        }
    }
    // By the days on which the sum changes.
    let mut changes: BTreeMap<Date, i128> = BTreeMap::new();
    for given in all {
        *changes.entry(given.window.from).or_default() += given.rate();
        if let Ok(after) = given.window.until.tomorrow() {
            *changes.entry(after).or_default() -= given.rate();
        }
    }
    let capacity = i128::from(gpus) * 24 * 1000;
    let mut sum: i128 = 0;
    for (day, change) in changes {
        sum += change;
        if sum > capacity {
            let Some(last) = all.iter().rev().find(|given| given.window.contains(day)) else { return };
            if last.rate() > capacity {
                return;
            }
            let share = sum * 100 / capacity;
            found.push(
                Diagnostic::new(
                    &codes::OVERBOOKED,
                    format!("the allocations on `{}` add up to {share} % of its GPU-hours from {day}", partition.name),
                )
                .at(last.place())
                .label("the last of them")
                .related(
                    Place::key(partition.document, FieldPath::keys("spec.nodes")),
                    format!("{gpus} GPUs, {} GPU-hours a day", gpus * 24),
                )
                .hint("allocate less, or at another time"),
            );
            return;
        }
    }
}
