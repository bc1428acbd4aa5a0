//! Building one object in canonical form, with the place of each field.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::diagnostics::Place;
use crate::kubernetes::kinds;
use crate::resource::{Address, Body, PROTECT_ANNOTATION, Resource};

/// Label of all that is ours.
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Label with the factory's name.
pub(super) const FACTORY: &str = "sitewright.io/factory";

/// Version of Kueue's kinds; no other is served by its current releases.
pub(super) const KUEUE: &str = "kueue.x-k8s.io/v1beta2";

/// An object under construction.
#[derive(Debug)]
pub(super) struct Object {
    api_version: &'static str,
    kind: &'static str,
    namespace: Option<String>,
    name: String,
    fields: Map<String, Value>,
    place: Place,
    places: BTreeMap<String, Place>,
    reasons: BTreeMap<String, String>,
    protect: bool,
}

impl Object {
    /// An object of a factory: it carries the labels that all of ours have.
    pub(super) fn new(api_version: &'static str, kind: &'static str, name: &str, factory: &str, place: Place) -> Self {
        let mut object = Self {
            api_version,
            kind,
            namespace: None,
            name: name.to_owned(),
            fields: Map::new(),
            place,
            places: BTreeMap::new(),
            reasons: BTreeMap::new(),
            protect: false,
        };
        let place = object.place.clone();
        // A Node belongs to its cluster: we manage a few of its labels, and not the Node.
        if !kinds::is_partial(kind) {
            object.label(MANAGED_BY, "sitewright", &place);
        }
        object.label(FACTORY, factory, &place);
        object
    }

    /// Puts it into a namespace.
    pub(super) fn within(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    /// Sets a field by its keys, and remembers its place under the path by which server messages call it.
    pub(super) fn put(&mut self, keys: &[&str], value: Value, place: &Place) {
        let Some((last, parents)) = keys.split_last() else { return };
        let mut map = &mut self.fields;
        for key in parents {
            let inner = map.entry((*key).to_owned()).or_insert_with(|| json!({}));
            if !inner.is_object() {
                *inner = json!({});
            }
            let Value::Object(next) = inner else { return };
            map = next;
        }
        map.insert((*last).to_owned(), value);
        self.mark(&format!(".{}", keys.join(".")), place);
    }

    /// Remembers the place of a field inside one that is set as a whole: `.spec.resourceGroups[0]`.
    pub(super) fn mark(&mut self, path: &str, place: &Place) {
        self.places.insert(path.to_owned(), place.clone());
    }

    /// Says why a field is as it is, where no manifest says it in so many words.
    pub(super) fn reason(&mut self, path: &str, reason: String) {
        self.reasons.insert(path.to_owned(), reason);
    }

    pub(super) fn label(&mut self, key: &str, value: &str, place: &Place) {
        self.put(&["metadata", "labels", key], json!(value), place);
    }

    pub(super) fn annotation(&mut self, key: &str, value: &str, place: &Place) {
        self.put(&["metadata", "annotations", key], json!(value), place);
    }

    /// Keeps every plan from deleting it, also after its manifest is gone.
    pub(super) fn protect(&mut self, wanted: bool, place: &Place) {
        self.protect = wanted;
        if wanted {
            self.annotation(PROTECT_ANNOTATION, "true", place);
        }
    }

    /// The resource.
    pub(super) fn finish(mut self, target: &str, summary: String) -> Resource {
        self.put(&["apiVersion"], json!(self.api_version), &self.place.clone());
        self.put(&["kind"], json!(self.kind), &self.place.clone());
        self.put(&["metadata", "name"], json!(self.name), &self.place.clone());
        if let Some(namespace) = self.namespace.clone() {
            self.put(&["metadata", "namespace"], json!(namespace), &self.place.clone());
        }
        let whole = sorted(Value::Object(self.fields));
        let address_name = kinds::address_name(&whole);
        let body: Body = match whole {
            Value::Object(map) => map.into_iter().collect(),
            _ => Body::new(),
        };
        Resource {
            address: Address::new(target, kinds::address_kind(self.api_version, self.kind), address_name),
            body,
            place: Some(self.place),
            places: self.places,
            reasons: self.reasons,
            protect: self.protect,
            summary,
        }
    }
}

/// The same value with the keys of all maps in order; lists keep theirs.
pub(super) fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<String, Value> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
