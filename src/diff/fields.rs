//! Two bodies compared field by field.

use std::collections::BTreeSet;

use serde_json::Value;

use super::FieldChange;
use super::comparison::Locate;
use super::target::Target;
use crate::resource::{Body, Resource, field_key};

/// Fields in which a body differs from what was there; without a `target` it is one of a twin.
pub(super) fn field_changes(
    target: Option<&dyn Target>,
    resource: &Resource,
    before: &Body,
    locate: &Locate<'_>,
) -> Vec<FieldChange> {
    let kind = resource.address.kind.as_str();
    if let Some(changes) = target.and_then(|target| target.field_changes(resource, before, locate)) {
        return changes;
    }
    let keys: BTreeSet<&String> = resource.body.keys().chain(before.keys()).collect();
    let mut changes = Vec::new();
    for key in keys {
        let (old, new) = (before.get(key), resource.body.get(key));
        if old == new {
            continue;
        }
        // A field that is cleared stands nowhere: the object does.
        let own = new.and_then(|_| resource.places.get(key));
        let place = own.or(resource.place.as_ref()).and_then(locate);
        push_field(target, &mut changes, kind, key, old, new, place);
    }
    for change in &mut changes {
        change.reason = resource.reasons.get(&field_key(&change.field, change.entry.as_deref())).cloned();
    }
    changes
}

/// Adds one field's change; TRES maps are shown TRES by TRES.
pub(super) fn push_field(
    target: Option<&dyn Target>,
    changes: &mut Vec<FieldChange>,
    kind: &str,
    key: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    place: Option<String>,
) {
    let whole =
        |value: &Value| target.and_then(|target| target.shown(kind, key, value)).unwrap_or_else(|| plain(value));
    let entry = |name: &str, value: &Value| {
        target.and_then(|target| target.shown_entry(kind, key, name, value)).unwrap_or_else(|| plain(value))
    };
    let empty = serde_json::Map::new();
    let is_map = |value: Option<&Value>| value.is_none_or(Value::is_object);
    if old.or(new).is_some_and(Value::is_object) && is_map(old) && is_map(new) {
        let old = old.and_then(Value::as_object).unwrap_or(&empty);
        let new = new.and_then(Value::as_object).unwrap_or(&empty);
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            if old.get(name) != new.get(name) {
                let text = |value: Option<&Value>| value.map_or_else(String::new, |value| entry(name, value));
                changes.push(FieldChange {
                    field: key.to_owned(),
                    entry: Some(name.clone()),
                    before: old.get(name).cloned(),
                    after: new.get(name).cloned(),
                    before_text: text(old.get(name)),
                    after_text: text(new.get(name)),
                    place: place.clone(),
                    reason: None,
                });
            }
        }
    } else {
        let text = |value: Option<&Value>| value.map_or_else(String::new, whole);
        changes.push(FieldChange {
            field: key.to_owned(),
            entry: None,
            before: old.cloned(),
            after: new.cloned(),
            before_text: text(old),
            after_text: text(new),
            place,
            reason: None,
        });
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
