//! No more GPU-hours are allocated than a partition can deliver in the window.
//!
//! Each allocation spends its hours evenly over its days; on no day may the sum exceed what the GPUs give.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::allocation::{self, Given};
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::{Partition, Site, Window};
use crate::resource::FieldPath;

/// More GPU-hours are allocated than the partition can deliver.
const CODE: Code = Code {
    name: "overbooked",
    severity: Severity::Error,
    summary: "More GPU-hours are allocated than the partition can deliver",
    explanation: "Hours are counted as spent evenly over an allocation's days; on no day may the sum exceed GPUs × 24.",
    failing: "gpuHours: 100_000   # 4 GPUs for a month",
    passing: "gpuHours: 2_000",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, all) in allocation::given(site) {
        if partition.gpus() > 0 {
            alone(partition, &all, found);
            found.0.extend(together(partition, &all));
        }
    }
}

/// Allocations each of which is more than the partition can deliver.
fn alone(partition: &Partition, all: &[Given<'_>], found: &mut Diagnostics) {
    let gpus = partition.gpus();
    for given in all {
        let Window { from, until } = given.window;
        let days = u64::try_from(given.window.days()).unwrap_or(0);
        let most = gpus.saturating_mul(24).saturating_mul(days);
        if given.hours > most {
            found.push(
                Diagnostic::new(
                    &CODE,
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
}

/// The first day on which the allocations add up to more than the partition can deliver.
fn together(partition: &Partition, all: &[Given<'_>]) -> Option<Diagnostic> {
    let gpus = partition.gpus();
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
    let (day, sum) = changes.into_iter().find_map(|(day, change)| {
        sum += change;
        (sum > capacity).then_some((day, sum))
    })?;
    let last = all.iter().rev().find(|given| given.window.contains(day))?;
    if last.rate() > capacity {
        return None;
    }
    let share = sum * 100 / capacity;
    Some(
        Diagnostic::new(
            &CODE,
            format!("the allocations on `{}` add up to {share} % of its GPU-hours from {day}", partition.name),
        )
        .at(last.place())
        .label("the last of them")
        .related(
            Place::key(partition.document, FieldPath::keys("spec.nodes")),
            format!("{gpus} GPUs, {} GPU-hours a day", gpus * 24),
        )
        .hint("allocate less, or at another time"),
    )
}
