//! GPU-hours are allocated only on partitions with GPUs.

use super::allocation;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// GPU-hours are allocated on a partition without GPUs.
const CODE: Code = Code {
    name: "no-gpus",
    severity: Severity::Error,
    summary: "GPU-hours are allocated on a partition without GPUs",
    explanation: "The hours could never be used.",
    failing: "allocations: [{ partition: cpu, gpuHours: 100 }]",
    passing: "allocations: [{ partition: booster, gpuHours: 100 }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, all) in allocation::given(site) {
        if partition.gpus() > 0 {
            continue;
        }
        for given in all.iter().filter(|given| given.hours > 0) {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("`{}` is given GPU-hours on `{}`, which has no GPUs", given.project.name, partition.name),
                )
                .at(given.place())
                .label("no GPUs there")
                .related(Place::key(partition.document, FieldPath::keys("spec.nodes")), "its nodes")
                .hint("allocate another partition, or add `accelerators` to the nodes"),
            );
        }
    }
}
