//! No more GPU-hours are allocated than a partition can deliver in the window.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostics::codes::rules as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{Allocation, Partition, Project, Site};
use crate::resource::FieldPath;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    let mut by_partition: BTreeMap<&str, Vec<(&Project, &Allocation)>> = BTreeMap::new();
    for project in &site.projects {
        for allocation in project.allocations.iter().filter(|allocation| allocation.until >= allocation.from) {
            by_partition.entry(&allocation.partition).or_default().push((project, allocation));
        }
    }
    for partition in &site.partitions {
        let Some(allocations) = by_partition.get(partition.name.as_str()) else { continue };
        // Hosts of other partitions and of the site: nobody here knows their GPUs.
        if !partition.hosts.is_empty() {
            continue;
        }
        no_gpus(partition, allocations, found);
        overbooked(partition, allocations, found);
    }
}

fn no_gpus(partition: &Partition, allocations: &[(&Project, &Allocation)], found: &mut Diagnostics) {
    if partition.gpus() > 0 {
        return;
    }
    for (project, allocation) in allocations.iter().filter(|(_, allocation)| allocation.gpu_hours > 0) {
        found.push(
            Diagnostic::new(&codes::NO_GPUS, format!("`{}` is given GPU-hours on `{}`, which has no GPUs", project.name, partition.name))
                .at(Place::value(project.document, allocation.path.key("gpuHours")))
                .label("no GPUs there")
                .related(Place::key(partition.document, FieldPath::keys("spec.nodes")), "its nodes")
                .hint("allocate another partition, or add `accelerators` to the nodes"),
        );
    }
}

/// Each allocation spends its hours evenly over its days; on no day may the sum exceed what the GPUs give.
fn overbooked(partition: &Partition, allocations: &[(&Project, &Allocation)], found: &mut Diagnostics) {
    let gpus = partition.gpus();
    if gpus == 0 {
        return;
    }
    for (project, allocation) in allocations {
        let days = u64::try_from(allocation.days()).unwrap_or(0);
        let most = gpus.saturating_mul(24).saturating_mul(days);
        if allocation.gpu_hours > most {
            found.push(
                Diagnostic::new(
                    &codes::OVERBOOKED,
                    format!("`{}` is given {} GPU-hours, and `{}` can deliver {most} from {} to {}", project.name, allocation.gpu_hours, partition.name, allocation.from, allocation.until),
                )
                .at(Place::value(project.document, allocation.path.key("gpuHours")))
                .label(format!("{gpus} GPUs × 24 h × {days} days = {most}"))
                .related(Place::key(partition.document, FieldPath::keys("spec.nodes")), format!("{gpus} GPUs"))
                .hint("allocate less, or over a longer time"),
            );
        }
    }
    // Millihours a day, by the days on which the sum changes.
    let mut changes: BTreeMap<Date, i128> = BTreeMap::new();
    for (_, allocation) in allocations {
        let days = i128::from(allocation.days().max(1));
        let rate = i128::from(allocation.gpu_hours) * 1000 / days;
        *changes.entry(allocation.from).or_default() += rate;
        if let Ok(after) = allocation.until.tomorrow() {
            *changes.entry(after).or_default() -= rate;
        }
    }
    let capacity = i128::from(gpus) * 24 * 1000;
    let mut sum: i128 = 0;
    for (day, change) in changes {
        sum += change;
        if sum > capacity {
            let Some((project, allocation)) = allocations.iter().rev().find(|(_, one)| one.is_active(day)) else { return };
            if i128::from(allocation.gpu_hours) * 1000 / i128::from(allocation.days().max(1)) > capacity {
                return;
            }
            let share = sum * 100 / capacity;
            found.push(
                Diagnostic::new(&codes::OVERBOOKED, format!("the allocations on `{}` add up to {share} % of its GPU-hours from {day}", partition.name))
                    .at(Place::value(project.document, allocation.path.key("gpuHours")))
                    .label("the last of them")
                    .related(Place::key(partition.document, FieldPath::keys("spec.nodes")), format!("{gpus} GPUs, {} GPU-hours a day", gpus * 24))
                    .hint("allocate less, or at another time"),
            );
            return;
        }
    }
}
