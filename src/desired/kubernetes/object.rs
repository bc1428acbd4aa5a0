//! Building one object in canonical form, with the place of each field.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::diagnostics::Place;
use crate::kubernetes::kinds;
use crate::kubernetes::typed::{self, Kind};
use crate::resource::{Address, Body, PROTECT_ANNOTATION, Resource};

/// Label of all that is ours.
pub(super) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Label with the factory's name.
pub(super) const FACTORY: &str = "sitewright.io/factory";

/// An object under construction.
#[derive(Debug)]
pub(super) struct Object<K> {
    /// Its fields beside `apiVersion`, `kind` and `metadata`.
    pub(super) content: K,
    metadata: ObjectMeta,
    place: Place,
    places: BTreeMap<String, Place>,
    reasons: BTreeMap<String, String>,
    protect: bool,
}

impl<K: Kind> Object<K> {
    /// An object of a factory: it carries the labels that all of ours have.
    pub(super) fn new(content: K, name: &str, factory: &str, place: Place) -> Self {
        let mut object = Self {
            content,
            metadata: ObjectMeta { name: Some(name.to_owned()), ..ObjectMeta::default() },
            place,
            places: BTreeMap::new(),
            reasons: BTreeMap::new(),
            protect: false,
        };
        let place = object.place.clone();
        // A Node belongs to its cluster: we manage a few of its labels, and not the Node.
        if !kinds::is_partial(K::KIND) {
            object.label(MANAGED_BY, "sitewright", &place);
        }
        object.label(FACTORY, factory, &place);
        object
    }

    /// Puts it into a namespace.
    pub(super) fn within(mut self, namespace: &str) -> Self {
        self.metadata.namespace = Some(namespace.to_owned());
        self
    }

    /// Remembers the place of a field under the path by which server messages call it: `.spec.resourceGroups[0]`.
    pub(super) fn mark(&mut self, path: &str, place: &Place) {
        self.places.insert(path.to_owned(), place.clone());
    }

    /// Says why a field is as it is, where no manifest says it in so many words.
    pub(super) fn reason(&mut self, path: &str, reason: String) {
        self.reasons.insert(path.to_owned(), reason);
    }

    pub(super) fn label(&mut self, key: &str, value: &str, place: &Place) {
        self.metadata.labels.get_or_insert_default().insert(key.to_owned(), value.to_owned());
        self.mark(&format!(".metadata.labels.{key}"), place);
    }

    pub(super) fn annotation(&mut self, key: &str, value: &str, place: &Place) {
        self.metadata.annotations.get_or_insert_default().insert(key.to_owned(), value.to_owned());
        self.mark(&format!(".metadata.annotations.{key}"), place);
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
        let place = self.place.clone();
        self.mark(".apiVersion", &place);
        self.mark(".kind", &place);
        self.mark(".metadata.name", &place);
        if self.metadata.namespace.is_some() {
            self.mark(".metadata.namespace", &place);
        }
        Resource {
            address: address::<K>(target, &self.metadata),
            body: body(&self.content, &self.metadata),
            place: Some(self.place),
            places: self.places,
            reasons: self.reasons,
            protect: self.protect,
            summary,
        }
    }
}

/// Address of the object of a kind that has this metadata.
pub(super) fn address<K: Kind>(target: &str, metadata: &ObjectMeta) -> Address {
    let name = metadata.name.as_deref().unwrap_or_default();
    let name = match &metadata.namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    Address::new(target, kinds::address_kind(K::API_VERSION, K::KIND), name)
}

/// The whole object: its content with this metadata.
pub(super) fn body<K: Kind>(content: &K, metadata: &ObjectMeta) -> Body {
    let mut body: Body = typed::to_map(content).into_iter().collect();
    body.insert("metadata".to_owned(), typed::to_json(metadata));
    body
}

/// Selects what has one label.
pub(super) fn labelled(key: &str, value: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some(BTreeMap::from([(key.to_owned(), value.to_owned())])),
        ..LabelSelector::default()
    }
}

/// Amounts by the name of what they are amounts of. The texts have to be canonical.
pub(super) fn quantities<Name: Into<String>, Amount: Into<String>>(
    amounts: impl IntoIterator<Item = (Name, Amount)>,
) -> BTreeMap<String, Quantity> {
    amounts.into_iter().map(|(name, amount)| (name.into(), Quantity(amount.into()))).collect()
}
