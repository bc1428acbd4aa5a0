//! Queues: one for each access mode in each partition that admits it.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::kueue::{
    BorrowWithinCohort, ClusterQueue, ClusterQueuePreemption, ClusterQueueSpec, FairSharing, FlavorQuotas,
    ResourceGroup, ResourceQuota,
};
use super::object::{Object, labelled};
use super::shares;
use crate::diagnostics::Place;
use crate::model::kubernetes::PartitionKubernetes;
use crate::model::kubernetes::{Queue, count_quantity as count, memory_quantity, queue_name};
use crate::model::units::percent_text;
use crate::model::{Factory, Partition, Site};
use crate::resource::{FieldPath, Resource};

/// Domain of the labels that let a namespace into a queue.
const ADMITS: &str = "queue.sitewright.io/";

/// Megabytes of a gigabyte.
const GIGABYTE: u64 = 1024;

/// Label of the namespaces that a queue admits.
pub(super) fn admits(queue: &str) -> String {
    format!("{ADMITS}{queue}")
}

/// Amounts of what queues share out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    /// CPUs.
    pub(super) cpus: u64,
    /// Megabytes of memory.
    pub(super) memory: u64,
    /// GPUs.
    pub(super) gpus: u64,
}

/// A partition as its queues share it out.
pub(super) struct Shared<'a> {
    partition: &'a Partition,
    /// Its Kubernetes side.
    pub(super) side: &'a PartitionKubernetes,
    /// All that it has.
    total: Amounts,
    /// Its GPUs.
    pub(super) gpus: u64,
    /// Its queues, and what is each one's own.
    pub(super) queues: Vec<(Queue<'a>, Amounts)>,
    /// What is nobody's own.
    pub(super) rest: Amounts,
}

impl<'a> Shared<'a> {
    /// None where it is not known how much there is: a rule tells that.
    pub(super) fn of(site: &'a Site, partition: &'a Partition) -> Option<Self> {
        let side = partition.sides.kubernetes.as_ref()?;
        let capacity = partition.capacity();
        let total = Amounts { cpus: capacity.cpus?, memory: capacity.memory?, gpus: capacity.gpus.unwrap_or(0) };
        let queues = site.queues(partition);
        let wanted: Vec<Option<u32>> = queues.iter().map(|queue| queue.side.share).collect();
        let (cpus, cpus_left) = shares::divide(total.cpus, &wanted);
        // Of much memory whole gigabytes are shared out, which are easier to read.
        let unit = if total.memory.is_multiple_of(GIGABYTE) && total.memory >= 100 * GIGABYTE { GIGABYTE } else { 1 };
        let (memory, memory_left) = shares::divide(total.memory / unit, &wanted);
        let (memory, memory_left) = (memory.into_iter().map(move |part| part * unit), memory_left * unit);
        let (gpus, gpus_left) = shares::divide(total.gpus, &wanted);
        let amounts = cpus.into_iter().zip(memory).zip(gpus);
        let amounts = amounts.map(|((cpus, memory), gpus)| Amounts { cpus, memory, gpus });
        Some(Self {
            partition,
            side,
            total,
            gpus: total.gpus,
            queues: queues.into_iter().zip(amounts).collect(),
            rest: Amounts { cpus: cpus_left, memory: memory_left, gpus: gpus_left },
        })
    }

    /// Whether something is nobody's own, and somebody could borrow it.
    pub(super) fn has_rest(&self) -> bool {
        self.rest != Amounts::default() && !self.queues.is_empty()
    }

    /// Where it is said how much there is.
    pub(super) fn place(&self) -> Place {
        Place::value(self.partition.document, FieldPath::keys("spec.kubernetes.quota"))
    }

    /// Own and borrowable amount of each resource that its queues cover.
    fn covered(&self, own: Amounts, borrowing: Option<u32>) -> Vec<ResourceQuota> {
        let quota = |name: &str, own: u64, total: u64, text: fn(u64) -> String| ResourceQuota {
            borrowing_limit: borrowing.map(|share| Quantity(text(shares::part_of(total, share)))),
            name: name.to_owned(),
            nominal_quota: Quantity(text(own)),
        };
        let mut covered = vec![
            quota("cpu", own.cpus, self.total.cpus, count),
            quota("memory", own.memory, self.total.memory, memory_quantity),
        ];
        // A queue that covers no GPUs admits nothing that asks for one.
        if self.gpus > 0 {
            covered.push(quota(&self.side.gpu_resource, own.gpus, self.gpus, count));
        }
        covered
    }
}

pub(super) fn compile(site: &Site, factory: &Factory) -> Vec<Resource> {
    let mut resources = Vec::new();
    // Preempting while borrowing is only for sites whose Kueue does not share fairly.
    let shares_fairly =
        site.modes.iter().filter_map(|mode| mode.sides.kubernetes.as_ref()).any(|side| side.weight.is_some());
    for partition in &site.partitions {
        let Some(shared) = Shared::of(site, partition) else { continue };
        for (queue, own) in &shared.queues {
            resources.push(cluster_queue(site, factory, &shared, (*queue, *own), shares_fairly));
        }
    }
    resources
}

fn cluster_queue(
    site: &Site,
    factory: &Factory,
    shared: &Shared<'_>,
    (Queue { mode, side }, own): (Queue<'_>, Amounts),
    shares_fairly: bool,
) -> Resource {
    let of_partition = |dotted: &str| Place::value(shared.partition.document, FieldPath::keys(dotted));
    let of_mode = |dotted: &str| Place::value(mode.document, FieldPath::keys(dotted));
    let listed = shared.partition.modes.iter().find(|(name, _)| *name == mode.name);
    let place = listed.map_or_else(
        || of_partition("metadata.name"),
        |(_, path)| Place::value(shared.partition.document, path.clone()),
    );
    let name = queue_name(shared.side, side);
    let spec = ClusterQueueSpec { namespace_selector: labelled(&admits(&name), "true"), ..ClusterQueueSpec::default() };
    let mut queue = Object::new(ClusterQueue { spec }, &name, &factory.name, place.clone());
    let cohort = factory.sides.kubernetes.as_ref().filter(|one| one.target == shared.side.target);
    if let Some(cohort) = cohort {
        queue.content.spec.cohort_name = Some(cohort.cohort.clone());
        queue.mark(".spec.cohortName", &Place::value(factory.document, FieldPath::keys("spec.kubernetes.cohort")));
    }
    queue.mark(&format!(".spec.namespaceSelector.matchLabels.{}", admits(&name)), &place);
    // Without a cohort there is nobody to borrow from, and Kueue refuses a limit.
    let covered = shared.covered(own, side.borrowing.filter(|_| cohort.is_some()));
    let said = if side.says_share { of_mode("spec.kubernetes.share") } else { of_mode("spec.share") };
    for index in 0..covered.len() {
        let path = format!(".spec.resourceGroups[0].flavors[0].resources[{index}]");
        queue.mark(&format!("{path}.nominalQuota"), &said);
        queue.mark(&format!("{path}.borrowingLimit"), &of_mode("spec.kubernetes.borrowing"));
    }
    queue.mark(".spec.resourceGroups[0].flavors[0].name", &of_partition("spec.kubernetes.name"));
    queue.content.spec.resource_groups = vec![ResourceGroup {
        covered_resources: covered.iter().map(|one| one.name.clone()).collect(),
        flavors: vec![FlavorQuotas { name: shared.side.name.clone(), resources: covered }],
    }];
    queue.mark(".spec.resourceGroups", &said);
    let part = side.share.map_or_else(|| "an equal part of what is left".to_owned(), percent_text);
    queue.reason(".spec.resourceGroups", format!("{part} of `{}`", shared.partition.name));
    if let Some(most) = highest_preempted(site, mode, side) {
        let place = of_mode("spec.preempts");
        let borrows = !shares_fairly && side.borrowing != Some(0);
        queue.content.spec.preemption = Some(ClusterQueuePreemption {
            borrow_within_cohort: borrows
                .then_some(BorrowWithinCohort { max_priority_threshold: most, policy: "LowerPriority" }),
            reclaim_within_cohort: "LowerPriority",
        });
        queue.mark(".spec.preemption.reclaimWithinCohort", &place);
        if borrows {
            queue.mark(".spec.preemption.borrowWithinCohort", &place);
        }
    }
    if let Some(weight) = &side.weight {
        queue.content.spec.fair_sharing = Some(FairSharing { weight: Quantity(weight.clone()) });
        queue.mark(".spec.fairSharing.weight", &of_mode("spec.kubernetes.weight"));
    }
    let asks = if shared.partition.protect { of_partition("spec.protect") } else { of_mode("spec.protect") };
    queue.protect(shared.partition.protect || mode.protect, &asks);
    let summary = match own.gpus {
        0 => format!("{} CPUs of its own", own.cpus),
        gpus => format!("{gpus} GPUs of its own"),
    };
    queue.finish(&shared.side.target, summary)
}

/// The highest priority among the modes that a mode preempts there, if it can preempt any.
fn highest_preempted(
    site: &Site,
    mode: &crate::model::AccessMode,
    side: &crate::model::kubernetes::ModeKubernetes,
) -> Option<i32> {
    let named = |name: &str| mode.preempts.iter().any(|(other, _)| other == name);
    let others =
        site.modes.iter().filter(|other| named(&other.name)).filter_map(|other| other.sides.kubernetes.as_ref());
    others
        .filter(|other| other.target == side.target && other.priority < side.priority)
        .map(|other| other.priority)
        .max()
}
