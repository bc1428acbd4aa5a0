//! Queues: one for each access mode in each partition that admits it.

use serde_json::{Map, Value, json};

use super::object::{KUEUE, Object};
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

    /// Name, own and borrowable amount of each resource that its queues cover.
    fn covered(&self, own: Amounts, borrowing: Option<u32>) -> Vec<(String, String, Option<String>)> {
        let limit = |total: u64| borrowing.map(|share| shares::part_of(total, share));
        let mut covered = vec![
            ("cpu".to_owned(), count(own.cpus), limit(self.total.cpus).map(count)),
            ("memory".to_owned(), memory_quantity(own.memory), limit(self.total.memory).map(memory_quantity)),
        ];
        // A queue that covers no GPUs admits nothing that asks for one.
        if self.gpus > 0 {
            covered.push((self.side.gpu_resource.clone(), count(own.gpus), limit(self.gpus).map(count)));
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
    let mut queue = Object::new(KUEUE, "ClusterQueue", &name, &factory.name, place.clone());
    let cohort = factory.sides.kubernetes.as_ref().filter(|one| one.target == shared.side.target);
    if let Some(cohort) = cohort {
        let place = Place::value(factory.document, FieldPath::keys("spec.kubernetes.cohort"));
        queue.put(&["spec", "cohortName"], json!(cohort.cohort), &place);
    }
    queue.put(&["spec", "namespaceSelector", "matchLabels", &admits(&name)], json!("true"), &place);
    // Without a cohort there is nobody to borrow from, and Kueue refuses a limit.
    let covered = shared.covered(own, side.borrowing.filter(|_| cohort.is_some()));
    let said = if side.says_share { of_mode("spec.kubernetes.share") } else { of_mode("spec.share") };
    let names: Vec<&str> = covered.iter().map(|(name, ..)| name.as_str()).collect();
    let mut amounts = Vec::new();
    for (index, (resource, own, borrowing)) in covered.iter().enumerate() {
        let mut amount = Map::new();
        if let Some(borrowing) = borrowing {
            amount.insert("borrowingLimit".to_owned(), json!(borrowing));
        }
        amount.insert("name".to_owned(), json!(resource));
        amount.insert("nominalQuota".to_owned(), json!(own));
        amounts.push(Value::Object(amount));
        let path = format!(".spec.resourceGroups[0].flavors[0].resources[{index}]");
        queue.mark(&format!("{path}.nominalQuota"), &said);
        queue.mark(&format!("{path}.borrowingLimit"), &of_mode("spec.kubernetes.borrowing"));
    }
    queue.mark(".spec.resourceGroups[0].flavors[0].name", &of_partition("spec.kubernetes.name"));
    let flavors = json!([{ "name": shared.side.name, "resources": amounts }]);
    queue.put(&["spec", "resourceGroups"], json!([{ "coveredResources": names, "flavors": flavors }]), &said);
    let part = side.share.map_or_else(|| "an equal part of what is left".to_owned(), percent_text);
    queue.reason(".spec.resourceGroups", format!("{part} of `{}`", shared.partition.name));
    if let Some(most) = highest_preempted(site, mode, side) {
        let place = of_mode("spec.preempts");
        queue.put(&["spec", "preemption", "reclaimWithinCohort"], json!("LowerPriority"), &place);
        if !shares_fairly && side.borrowing != Some(0) {
            let borrow = json!({ "maxPriorityThreshold": most, "policy": "LowerPriority" });
            queue.put(&["spec", "preemption", "borrowWithinCohort"], borrow, &place);
        }
    }
    if let Some(weight) = &side.weight {
        queue.put(&["spec", "fairSharing", "weight"], json!(weight), &of_mode("spec.kubernetes.weight"));
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
