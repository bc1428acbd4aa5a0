//! Support services: what is described here becomes objects, what is passed through stays as it is.
//!
//! A service is a Deployment; with a volume for one writer it is a StatefulSet of one, because only that promises never to
//! run two pods at a time, and a Deployment would start the second before the first has let go of the volume. Its volumes are
//! claims of their own, not templates of the StatefulSet: a template is immutable, and what it makes is in no plan.

mod draft;
mod gateway;
mod network;
mod pod;
mod workload;

use std::collections::BTreeMap;

use jiff::civil::Date;
use k8s_openapi::api::core::v1::Namespace;
use rayon::prelude::*;
use serde_json::{Map, Value};

use self::draft::{Context, Draft};
use super::queue::admits;
use crate::diagnostics::Place;
use crate::kubernetes::kinds;
use crate::model::service::kubernetes::{
    KubernetesService, PassThroughObject, PassThroughService, Runtime as OfKubernetes,
};
use crate::model::{Factory, Runtime, Site, SupportService};
use crate::resource::{Address, Body, FieldPath, PROTECT_ANNOTATION, Resource};

/// Objects of all services on Kubernetes, as they are on a day.
pub(super) fn compile(site: &Site, factory: &Factory, day: Date) -> Vec<Resource> {
    let of_one = |service: &SupportService| {
        let mut resources = Vec::new();
        let Some(target) = service.target.as_deref() else { return resources };
        let context = Context { site, factory, service, target };
        match &service.runtime {
            Runtime::Kubernetes(OfKubernetes::Described(runtime)) => described(&context, runtime, day, &mut resources),
            Runtime::Kubernetes(OfKubernetes::Manifests(runtime)) => passed_through(&context, runtime, &mut resources),
            _ => {}
        }
        resources
    };
    site.services.par_iter().flat_map_iter(of_one).collect()
}

fn described(context: &Context<'_>, runtime: &KubernetesService, day: Date, resources: &mut Vec<Resource>) {
    resources.push(namespace(context, &runtime.namespace));
    resources.extend(workload::account(context, runtime));
    resources.extend(workload::claims(context, runtime));
    resources.extend(workload::quota(context, runtime));
    resources.extend(workload::local_queue(context, runtime));
    resources.push(workload::workload(context, runtime));
    resources.extend(workload::scaler(context, runtime));
    resources.extend(workload::budget(context, runtime));
    resources.extend(network::service(context, runtime));
    resources.extend(network::route(context, runtime));
    resources.push(network::policy(context, runtime, day));
}

/// The namespace, which several services may share.
fn namespace(context: &Context<'_>, name: &str) -> Resource {
    // What is passed through is checked against the baseline, and need not say all that the restricted level wants.
    let passed = context.site.services.iter().any(|service| {
        service.target.as_deref() == Some(context.target)
            && service.pass_through().is_some_and(|runtime| runtime.namespace == name)
    });
    let mut draft = Draft::new(context, Namespace::default(), None, name);
    draft.labels = context.shared_labels();
    let level = if passed { "baseline" } else { "restricted" };
    draft.labels.insert("pod-security.kubernetes.io/enforce".to_owned(), level.to_owned());
    let sharing = |service: &&SupportService| {
        service.target.as_deref() == Some(context.target)
            && (service.kubernetes().is_some_and(|runtime| runtime.namespace == name)
                || service.pass_through().is_some_and(|runtime| runtime.namespace == name))
    };
    let all: Vec<&SupportService> = context.site.services.iter().filter(sharing).collect();
    draft.protect = all.iter().any(|service| service.protect);
    // A queue takes only from namespaces that say so.
    for (partition, mode) in all.iter().filter_map(|service| service.kubernetes()?.queue.as_ref()) {
        if let Some(queue) = context.site.queue_name(partition, mode) {
            draft.labels.insert(admits(&queue), "true".to_owned());
        }
    }
    draft.from(".metadata.name", "namespace").finish()
}

fn passed_through(context: &Context<'_>, runtime: &PassThroughService, resources: &mut Vec<Resource>) {
    let is = |one: &PassThroughObject, kind: &str| one.object.get("kind").and_then(Value::as_str) == Some(kind);
    let named = |one: &PassThroughObject, field: &str| {
        one.object.pointer(&format!("/metadata/{field}")).and_then(Value::as_str) == Some(&runtime.namespace)
    };
    let brings = runtime.objects.iter().any(|one| is(one, "Namespace") && named(one, "name"));
    if !brings && runtime.objects.iter().any(|one| named(one, "namespace")) {
        resources.push(namespace(context, &runtime.namespace));
    }
    for one in &runtime.objects {
        let text = |key: &str| one.object.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = |path: &FieldPath| {
            let mut place = one.base.clone();
            place.0.extend(path.0.iter().cloned());
            Place::value(one.document, place)
        };
        let address = Address::new(
            context.target,
            kinds::address_kind(text("apiVersion"), text("kind")),
            kinds::address_name(&one.object),
        );
        let mut whole = one.object.clone();
        if context.service.protect
            && let Some(metadata) = whole.get_mut("metadata").and_then(Value::as_object_mut)
        {
            let notes = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()));
            if let Some(notes) = notes.as_object_mut() {
                notes.insert(PROTECT_ANNOTATION.to_owned(), Value::from("true"));
            }
        }
        whole.sort_all_objects();
        let body = match whole {
            Value::Object(map) => map.into_iter().collect(),
            _ => Body::new(),
        };
        resources.push(Resource {
            address,
            body,
            place: Some(at(&FieldPath::keys("metadata.name"))),
            places: BTreeMap::from([(String::new(), at(&FieldPath::root()))]),
            reasons: BTreeMap::new(),
            protect: context.service.protect,
            summary: format!("of {}", context.service.name),
        });
    }
}
