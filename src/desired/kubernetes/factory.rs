//! The root cohort.

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::kueue::{Cohort, CohortSpec, FlavorQuotas, ResourceGroup, ResourceQuota};
use super::object::Object;
use super::queue::Shared;
use crate::diagnostics::Place;
use crate::model::kubernetes::{count_quantity, memory_quantity};
use crate::model::{Factory, Site};
use crate::resource::{FieldPath, Resource};

/// The root cohort: queues in it lend each other what they do not use. It holds what no queue owns.
pub(super) fn compile(site: &Site, factory: &Factory) -> Vec<Resource> {
    let Some(side) = &factory.sides.kubernetes else { return Vec::new() };
    let at = |dotted: &str| Place::value(factory.document, FieldPath::keys(dotted));
    let mut cohort = Object::new(Cohort::default(), &side.cohort, &factory.name, at("metadata.name"));
    cohort.mark(".metadata.name", &at("spec.kubernetes.cohort"));
    cohort.protect(factory.protect, &at("spec.protect"));
    let shared: Vec<Shared<'_>> = site
        .partitions
        .iter()
        .filter(|partition| partition.sides.kubernetes.as_ref().is_some_and(|one| one.target == side.target))
        .filter_map(|partition| Shared::of(site, partition))
        .collect();
    let pools: Vec<&Shared<'_>> = shared.iter().filter(|one| one.has_rest()).collect();
    let mut resources: Vec<&str> =
        pools.iter().filter(|one| one.gpus > 0).map(|one| one.side.gpu_resource.as_str()).collect();
    resources.sort_unstable();
    resources.dedup();
    if !pools.is_empty() {
        // Kueue takes a resource in one group only, so one group covers all of them. A flavor lists a resource that
        // it lacks with 0.
        let covered: Vec<&str> = ["cpu", "memory"].into_iter().chain(resources).collect();
        let quota = |one: &Shared<'_>, resource: &str| ResourceQuota {
            borrowing_limit: None,
            name: resource.to_owned(),
            nominal_quota: Quantity(match resource {
                "cpu" => count_quantity(one.rest.cpus),
                "memory" => memory_quantity(one.rest.memory),
                gpu if gpu == one.side.gpu_resource => count_quantity(one.rest.gpus),
                _ => "0".to_owned(),
            }),
        };
        let flavors = pools.iter().map(|one| FlavorQuotas {
            name: one.side.name.clone(),
            resources: covered.iter().map(|resource| quota(one, resource)).collect(),
        });
        let group = ResourceGroup {
            flavors: flavors.collect(),
            covered_resources: covered.iter().map(|resource| (*resource).to_owned()).collect(),
        };
        cohort.content.spec = Some(CohortSpec { resource_groups: vec![group] });
        let place = pools.first().map_or_else(|| at("spec.kubernetes"), |one| one.place());
        cohort.mark(".spec.resourceGroups", &place);
        cohort.reason(".spec.resourceGroups", "what the shares of the access modes leave".to_owned());
    }
    let queues: usize = shared.iter().map(|one| one.queues.len()).sum();
    vec![cohort.finish(
        &side.target,
        format!("{queues} {} borrow from each other", if queues == 1 { "queue" } else { "queues" }),
    )]
}
