//! An object of a service in the making, and what all objects of one service have in common.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::desired::kubernetes::object::{FACTORY, MANAGED_BY, sorted};
use crate::diagnostics::Place;
use crate::kubernetes::kinds;
use crate::model::{Factory, Site, SupportService};
use crate::resource::{Address, Body, FieldPath, PROTECT_ANNOTATION, Resource};

/// Label by which a service's pods are known.
pub(super) const SERVICE: &str = "sitewright.io/service";

/// What objects of one service have in common.
pub(super) struct Context<'a> {
    pub(super) site: &'a Site,
    pub(super) factory: &'a Factory,
    pub(super) service: &'a SupportService,
    pub(super) target: &'a str,
}

impl Context<'_> {
    pub(super) fn place(&self, path: FieldPath) -> Place {
        Place::value(self.service.document, path)
    }

    /// Labels of what all services of a namespace share.
    pub(super) fn shared_labels(&self) -> Map<String, Value> {
        let mut labels = Map::new();
        labels.insert(MANAGED_BY.to_owned(), json!("sitewright"));
        labels.insert(FACTORY.to_owned(), json!(self.factory.name));
        labels
    }

    pub(super) fn labels(&self) -> Map<String, Value> {
        let mut labels = self.shared_labels();
        labels.insert(SERVICE.to_owned(), json!(self.service.name));
        labels
    }

    /// Labels that its pods are selected by.
    pub(super) fn selector(&self) -> Value {
        json!({ SERVICE: self.service.name })
    }
}

/// An object in the making.
pub(super) struct Draft<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) namespace: Option<&'a str>,
    pub(super) name: String,
    pub(super) labels: Map<String, Value>,
    /// Fields beside `apiVersion`, `kind` and `metadata`.
    pub(super) content: Map<String, Value>,
    /// Paths as server messages write them → fields of the manifest.
    pub(super) places: Vec<(String, FieldPath)>,
    pub(super) summary: String,
    pub(super) protect: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
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

    pub(super) fn spec(mut self, spec: Value) -> Self {
        self.content.insert("spec".to_owned(), spec);
        self
    }

    /// Says that a path comes from a field below `spec.kubernetes`.
    pub(super) fn from(mut self, written: impl Into<String>, field: &str) -> Self {
        self.places.push((written.into(), FieldPath::keys(&format!("spec.kubernetes.{field}"))));
        self
    }

    pub(super) fn finish(self) -> Resource {
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
pub(super) fn fields<const COUNT: usize>(all: [(&str, Option<Value>); COUNT]) -> Value {
    Value::Object(all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
}
