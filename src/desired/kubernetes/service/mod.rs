//! Support services: what is described here becomes objects, what is passed through stays as it is.
//!
//! A service is a Deployment; with a volume for one writer it is a StatefulSet of one, because only that promises never to
//! run two pods at a time, and a Deployment would start the second before the first has let go of the volume. Its volumes are
//! claims of their own, not templates of the StatefulSet: a template is immutable, and what it makes is in no plan.

mod network;
mod pod;
mod workload;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::object::{FACTORY, MANAGED_BY, sorted};
use super::queue::admits;
use crate::diagnostics::Place;
use crate::kubernetes::kinds;
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
    fn shared_labels(&self) -> Map<String, Value> {
        let mut labels = Map::new();
        labels.insert(MANAGED_BY.to_owned(), json!("sitewright"));
        labels.insert(FACTORY.to_owned(), json!(self.factory.name));
        labels
    }

    fn labels(&self) -> Map<String, Value> {
        let mut labels = self.shared_labels();
        labels.insert(SERVICE.to_owned(), json!(self.service.name));
        labels
    }

    /// Labels that its pods are selected by.
    fn selector(&self) -> Value {
        json!({ SERVICE: self.service.name })
    }
}

/// An object in the making.
struct Draft<'a> {
    context: &'a Context<'a>,
    api_version: &'static str,
    kind: &'static str,
    namespace: Option<&'a str>,
    name: String,
    labels: Map<String, Value>,
    /// Fields beside `apiVersion`, `kind` and `metadata`.
    content: Map<String, Value>,
    /// Paths as server messages write them → fields of the manifest.
    places: Vec<(String, FieldPath)>,
    summary: String,
    protect: bool,
}

impl<'a> Draft<'a> {
    fn new(
        context: &'a Context<'a>,
        api_version: &'static str,
        kind: &'static str,
        namespace: Option<&'a str>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            context,
            api_version,
            kind,
            namespace,
            name: name.into(),
            labels: context.labels(),
            content: Map::new(),
            places: Vec::new(),
            summary: String::new(),
            protect: context.service.protect,
        }
    }

    fn spec(mut self, spec: Value) -> Self {
        self.content.insert("spec".to_owned(), spec);
        self
    }

    /// Says that a path comes from a field below `spec.kubernetes`.
    fn from(mut self, written: impl Into<String>, field: &str) -> Self {
        self.places.push((written.into(), FieldPath::keys(&format!("spec.kubernetes.{field}"))));
        self
    }

    fn finish(self) -> Resource {
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), json!(self.name));
        if let Some(namespace) = self.namespace {
            metadata.insert("namespace".to_owned(), json!(namespace));
        }
        metadata.insert("labels".to_owned(), Value::Object(self.labels));
        if self.protect {
            metadata.insert("annotations".to_owned(), json!({ PROTECT_ANNOTATION: "true" }));
        }
        let name = self.namespace.map_or_else(|| self.name.clone(), |namespace| format!("{namespace}/{}", self.name));
        let mut body = Body::new();
        body.insert("apiVersion".to_owned(), json!(self.api_version));
        body.insert("kind".to_owned(), json!(self.kind));
        body.insert("metadata".to_owned(), sorted(Value::Object(metadata)));
        body.extend(self.content.into_iter().map(|(key, value)| (key, sorted(value))));
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
        let kind = kinds::address_kind(self.api_version, self.kind);
        Resource {
            address: Address::new(self.context.target, kind, name),
            body,
            place: Some(self.context.place(FieldPath::keys("metadata.name"))),
            places,
            reasons: BTreeMap::new(),
            protect: self.protect,
            summary: self.summary,
        }
    }
}

/// A mapping of the fields that are there.
fn fields<const COUNT: usize>(all: [(&str, Option<Value>); COUNT]) -> Value {
    Value::Object(all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
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
    let mut draft = Draft::new(context, "v1", "Namespace", None, name);
    draft.labels = context.shared_labels();
    let level = if passed { "baseline" } else { "restricted" };
    draft.labels.insert("pod-security.kubernetes.io/enforce".to_owned(), json!(level));
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
            draft.labels.insert(admits(&queue), json!("true"));
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
            let notes = metadata.entry("annotations").or_insert_with(|| json!({}));
            if let Some(notes) = notes.as_object_mut() {
                notes.insert(PROTECT_ANNOTATION.to_owned(), json!("true"));
            }
        }
        resources.push(Resource {
            address,
            body: whole
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), sorted(value.clone())))
                .collect(),
            place: Some(at(&FieldPath::keys("metadata.name"))),
            places: BTreeMap::from([(String::new(), at(&FieldPath::root()))]),
            reasons: BTreeMap::new(),
            protect: context.service.protect,
            summary: format!("of {}", context.service.name),
        });
    }
}
