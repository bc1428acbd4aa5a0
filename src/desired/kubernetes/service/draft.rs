//! An object of a service in the making, and what all objects of one service have in common.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use crate::desired::kubernetes::object::{FACTORY, MANAGED_BY, address, body, labelled};
use crate::diagnostics::Place;
use crate::kubernetes::typed::Kind;
use crate::model::{Factory, Site, SupportService};
use crate::resource::{FieldPath, PROTECT_ANNOTATION, Resource};

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
    pub(super) fn shared_labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            (MANAGED_BY.to_owned(), "sitewright".to_owned()),
            (FACTORY.to_owned(), self.factory.name.clone()),
        ])
    }

    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.shared_labels();
        labels.insert(SERVICE.to_owned(), self.service.name.clone());
        labels
    }

    /// Selects the service's pods.
    pub(super) fn selector(&self) -> LabelSelector {
        labelled(SERVICE, &self.service.name)
    }
}

/// An object in the making.
pub(super) struct Draft<'a, K> {
    pub(super) context: &'a Context<'a>,
    /// Fields beside `apiVersion`, `kind` and `metadata`.
    pub(super) content: K,
    pub(super) namespace: Option<&'a str>,
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    /// Paths as server messages write them → fields of the manifest.
    pub(super) places: Vec<(String, FieldPath)>,
    pub(super) summary: String,
    pub(super) protect: bool,
}

impl<'a, K: Kind> Draft<'a, K> {
    pub(super) fn new(
        context: &'a Context<'a>,
        content: K,
        namespace: Option<&'a str>,
        name: impl Into<String>,
    ) -> Self {
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
    pub(super) fn from(mut self, written: impl Into<String>, field: &str) -> Self {
        self.places.push((written.into(), FieldPath::keys(&format!("spec.kubernetes.{field}"))));
        self
    }

    pub(super) fn finish(self) -> Resource {
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

/// A number that the model keeps within 31 bits.
pub(super) fn number(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A list that says something; an empty one is no field.
pub(super) fn filled<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}
