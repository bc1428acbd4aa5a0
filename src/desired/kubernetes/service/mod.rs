//! Support services: what is described here becomes objects, what is passed through stays as it is.
//!
//! A service is a Deployment; with a volume for one writer it is a StatefulSet of one, because only that promises never to
//! run two pods at a time, and a Deployment would start the second before the first has let go of the volume. Its volumes are
//! claims of their own, not templates of the StatefulSet: a template is immutable, and what it makes is in no plan.

mod gateway;
mod network;
mod pod;
mod workload;

use std::collections::BTreeMap;

use jiff::civil::Date;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::object::{FACTORY, MANAGED_BY, address, body, labelled};
use super::queue::admits;
use crate::diagnostics::Place;
use crate::kubernetes::kinds;
use crate::kubernetes::typed::Kind;
use crate::model::service::kubernetes::{
    KubernetesService, PassThroughObject, PassThroughService, Runtime as OfKubernetes,
};
use crate::model::{Factory, Runtime, Site, SupportService};
use crate::resource::{Address, Body, FieldPath, PROTECT_ANNOTATION, Resource};

/// Label by which a service's pods are known.
const SERVICE: &str = "sitewright.io/service";

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

/// What objects of one service have in common.
struct Context<'a> {
    site: &'a Site,
    factory: &'a Factory,
    service: &'a SupportService,
    target: &'a str,
}

impl Context<'_> {
    fn place(&self, path: FieldPath) -> Place {
        Place::value(self.service.document, path)
    }

    /// Labels of what all services of a namespace share.
    fn shared_labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (MANAGED_BY.to_owned(), "sitewright".to_owned()),
            (FACTORY.to_owned(), self.factory.name.clone()),
        ])
    }

    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.shared_labels();
        labels.insert(SERVICE.to_owned(), self.service.name.clone());
        labels
    }

    /// Selects the service's pods.
    fn selector(&self) -> LabelSelector {
        labelled(SERVICE, &self.service.name)
    }
}

/// An object in the making.
struct Draft<'a, K> {
    context: &'a Context<'a>,
    /// Fields beside `apiVersion`, `kind` and `metadata`.
    content: K,
    namespace: Option<&'a str>,
    name: String,
    labels: BTreeMap<String, String>,
    /// Paths as server messages write them → fields of the manifest.
    places: Vec<(String, FieldPath)>,
    summary: String,
    protect: bool,
}

impl<'a, K: Kind> Draft<'a, K> {
    fn new(context: &'a Context<'a>, content: K, namespace: Option<&'a str>, name: impl Into<String>) -> Self {
        Self {
            context,
            content,
            namespace,
            name: name.into(),
            labels: context.labels(),
            places: Vec::new(),
            summary: String::new(),
            protect: context.service.protect,
        }
    }

    /// Says that a path comes from a field below `spec.kubernetes`.
    fn from(mut self, written: impl Into<String>, field: &str) -> Self {
        self.places.push((written.into(), FieldPath::keys(&format!("spec.kubernetes.{field}"))));
        self
    }

    fn finish(self) -> Resource {
        let protected = || BTreeMap::from([(PROTECT_ANNOTATION.to_owned(), "true".to_owned())]);
        let metadata = ObjectMeta {
            annotations: self.protect.then(protected),
            labels: Some(self.labels),
            name: Some(self.name),
            namespace: self.namespace.map(ToOwned::to_owned),
            ..ObjectMeta::default()
        };
        let mut places: BTreeMap<String, Place> =
            self.places.into_iter().map(|(written, field)| (written, self.context.place(field))).collect();
        if self.protect {
            let note = format!(".metadata.annotations.{PROTECT_ANNOTATION}");
            places.insert(note, self.context.place(FieldPath::keys("spec.protect")));
        }
        // A kind that the server does not have is asked for by what its content comes from.
        if let Some(whole) = places.get(".spec").cloned() {
            for field in [".apiVersion", ".kind"] {
                places.entry(field.to_owned()).or_insert_with(|| whole.clone());
            }
        }
        Resource {
            address: address::<K>(self.context.target, &metadata),
            body: body(&self.content, &metadata),
            place: Some(self.context.place(FieldPath::keys("metadata.name"))),
            places,
            reasons: BTreeMap::new(),
            protect: self.protect,
            summary: self.summary,
        }
    }
}

/// A number that the model keeps far below what 32 bits hold.
fn number(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A list that says something; an empty one is no field.
fn filled<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
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
