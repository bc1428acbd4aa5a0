//! What comparing needs to know of a kind of target. Whatever is left out is as on a twin.

use std::collections::BTreeMap;

use serde_json::Value;

use super::comparison::{Comparison, Locate, Wishes};
use super::{ChangeClass, FieldChange, Operation};
use crate::live::{Observation, Question};
use crate::resource::{Address, Body, Resource};

/// A kind of target, for comparing. It is asked of observations and kinds of resources that are its own.
pub(super) trait Target: Sync {
    /// A whole target compared, where it takes more than comparing maps.
    fn compare(
        &self,
        _desired: &[Resource],
        _observation: &Observation,
        _wishes: &Wishes,
        _locate: &Locate<'_>,
    ) -> Option<Comparison> {
        None
    }

    /// Judges each declared resource, and gives the questions that stay open, where comparing is more than comparing maps.
    fn judge(&self, _desired: &[Resource], _observation: &mut Observation) -> Vec<Question> {
        Vec::new()
    }

    /// Fields in which a body differs, where bodies are no maps.
    fn field_changes(&self, _resource: &Resource, _before: &Body, _locate: &Locate<'_>) -> Option<Vec<FieldChange>> {
        None
    }

    /// A field's value for people, where its JSON text is not it.
    fn shown(&self, _kind: &str, _key: &str, _value: &Value) -> Option<String> {
        None
    }

    /// The same for one entry of a field that is a map.
    fn shown_entry(&self, _kind: &str, _key: &str, _name: &str, _value: &Value) -> Option<String> {
        None
    }

    /// The release that lacks a field, for people, where the target cannot keep the field at all.
    fn lacks(&self, _observation: &Observation, _kind: &str, _key: &str) -> Option<String> {
        None
    }

    /// What a change costs there.
    fn class(
        &self,
        _observation: &Observation,
        _kind: &str,
        _operation: Operation,
        _fields: &[FieldChange],
    ) -> ChangeClass {
        ChangeClass::Live
    }

    /// Whether another hand has written what is ours alone.
    fn edited(&self, _observation: &Observation, _kind: &str) -> bool {
        false
    }

    /// Fields in which the target runs something else than what it keeps for its next start.
    fn running_differences(&self, _observation: &Observation) -> BTreeMap<Address, Vec<FieldChange>> {
        BTreeMap::new()
    }
}
