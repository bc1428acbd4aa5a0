//! Where fields of an object are declared, and why they are as they are.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::diagnostics::Place;
use crate::diff::Locate;
use crate::kubernetes::fields::Difference;
use crate::kubernetes::places::{Places, spot_in, spot_of_steps};
use crate::live::kubernetes::{Failure, FailureKind};
use crate::resource::{FieldPath, Resource};

/// What the manifests say of one object's fields.
pub(super) struct Declaration<'a> {
    resource: &'a Resource,
    body: Value,
    places: Places<'a, Place>,
    reasons: Places<'a, String>,
}

impl<'a> Declaration<'a> {
    pub(super) fn of(resource: &'a Resource) -> Self {
        let body = json!(resource.body);
        let (places, reasons) = (Places::new(&body, &resource.places), Places::new(&body, &resource.reasons));
        Self { resource, body, places, reasons }
    }

    /// The object as it is declared.
    pub(super) fn body(&self) -> &Value {
        &self.body
    }

    /// Where the field of a difference is declared, or what holds it, and why it is so.
    pub(super) fn said(&self, one: &Difference, locate: &Locate<'_>) -> (Option<String>, Option<String>) {
        let spot = spot_of_steps(&self.body, &one.steps);
        // What goes stands in no manifest.
        let stands = one.after.is_some();
        let own = self.places.place(&spot).filter(|_| stands).map(|(place, _)| place);
        let reason = self.reasons.nearest(&spot).filter(|_| stands).map(|(reason, _)| reason.clone());
        (own.as_deref().or(self.resource.place.as_ref()).and_then(locate), reason)
    }

    /// Where a field that a server names is declared: at its own place, its nearest parent's, or the object's.
    pub(super) fn place_of(&self, name: &str, there: Option<&Value>) -> Option<Cow<'a, Place>> {
        let found = self.places.place(&spot_in(&self.body, there, name));
        // The object's name says more than the line where its metadata begin.
        let found = found.filter(|(_, whose)| *whose != FieldPath::keys("metadata"));
        found.map(|(place, _)| place).or(self.resource.place.as_ref().map(Cow::Borrowed))
    }

    /// Where what a refusal is about is declared, the likeliest first. `there` is the object that would change.
    pub(super) fn places_of(&self, failure: &Failure, there: Option<&Value>) -> Vec<Cow<'a, Place>> {
        let named: Vec<&str> = match &failure.kind {
            FailureKind::KindMissing => vec!["kind"],
            FailureKind::VersionNotServed { .. } => vec!["apiVersion"],
            FailureKind::NamespaceMissing { .. } => vec!["metadata.namespace"],
            _ => failure.causes.iter().map(|cause| cause.field.as_str()).collect(),
        };
        let mut places: Vec<Cow<'a, Place>> = Vec::new();
        for place in named.into_iter().filter_map(|name| self.place_of(name, there)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        // What names no field of ours is about the object; that says nothing beside a field.
        let whole = self.resource.place.as_ref();
        if places.len() > 1 {
            places.retain(|place| Some(&**place) != whole);
        }
        if places.is_empty() { whole.into_iter().map(Cow::Borrowed).collect() } else { places }
    }
}
