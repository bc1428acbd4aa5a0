//! Services whose workers are Slurm jobs: an account of their own, the association of the user that submits them, and a QOS
//! where they use no access mode.

use serde_json::json;

use super::accounts::{account, keep, plain, set};
use crate::diagnostics::Place;
use crate::model::service::slurm::SlurmService;
use crate::model::{Factory, Site, SupportService};
use crate::resource::{Address, FieldPath, Resource};

/// Services on a target.
pub(super) fn compile(site: &Site, factory: &Factory, target: &str) -> Vec<Resource> {
    let here = site.services.iter().filter(|service| service.target.as_deref() == Some(target));
    here.filter_map(|service| Some((service, service.slurm()?)))
        .flat_map(|(service, runtime)| one(target, factory, service, runtime))
        .collect()
}

fn one(target: &str, factory: &Factory, service: &SupportService, runtime: &SlurmService) -> Vec<Resource> {
    let at = |dotted: &str| Place::value(service.document, FieldPath::keys(dotted));
    let mut resources = Vec::new();
    let qos = runtime.mode.as_ref().unwrap_or(&runtime.account);
    let said = if runtime.mode.is_some() { at("spec.slurm.mode") } else { at("spec.slurm.account") };
    if runtime.mode.is_none() {
        let mut resource = Resource {
            body: runtime.qos.body.clone(),
            places: runtime.qos.places.clone(),
            summary: format!("of {}", service.name),
            ..plain(Address::new(target, "qos", qos), said.clone())
        };
        keep(&mut resource, service.protect, at("spec.protect"));
        resources.push(resource);
    }
    let mut resource = account(target, &runtime.account, &runtime.fields, at("spec.slurm.account"));
    set(&mut resource, "Parent", json!(factory.account), at("metadata.name"));
    set(&mut resource, "QOS", json!([qos]), said.clone());
    set(&mut resource, "DefaultQOS", json!(qos), said);
    keep(&mut resource, service.protect, at("spec.protect"));
    resource.summary = format!("workers of {} in {}", service.name, runtime.partition);
    resources.push(resource);
    let name = format!("{}/{}", runtime.account, runtime.user);
    let association = plain(Address::new(target, "association", name), at("spec.slurm.user"));
    resources.push(Resource { protect: service.protect, ..association });
    resources
}
