//! Fields of objects that change, as the plan shows them.

use serde_json::{Value, json};

use super::declared::Declaration;
use super::ownership::ours;
use crate::diff::{FieldChange, Locate};
use crate::kubernetes::fields::{Difference, Steps, differences, owned, speaks_of, written};
use crate::resource::secrecy::{HIDDEN, looks_secret};
use crate::resource::{Body, Resource};

/// Longest text of a value in a plan; the rest is in the plan's JSON.
const LONGEST: usize = 60;

/// What changes by itself, or is no part of the object.
const CHURN: [&str; 7] = [
    "managedFields",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "uid",
    "selfLink",
    "deletionGracePeriodSeconds",
];

/// A declared object that exists.
pub(super) struct Declared<'a> {
    pub(super) resource: &'a Resource,
    /// As it would be written.
    pub(super) wanted: &'a Value,
    pub(super) live: &'a Value,
    pub(super) locate: &'a Locate<'a>,
}

impl Declared<'_> {
    /// What the server says that an apply would change, of what we declare or own.
    pub(super) fn answered(&self, answer: &Value) -> Vec<FieldChange> {
        self.concerning(differences(Some(&settled(self.live)), Some(&settled(answer))))
    }

    /// What an apply would change, as far as it can be told without the server: declared values that differ, and what is
    /// ours and no longer declared.
    pub(super) fn predicted(&self) -> Vec<FieldChange> {
        self.concerning(differences(Some(&settled(self.live)), Some(self.wanted)))
    }

    fn concerning(&self, all: Vec<Difference>) -> Vec<FieldChange> {
        let trie = ours(self.live).unwrap_or_default();
        let declaration = Declaration::of(self.resource);
        let ours = |steps: &Steps| speaks_of(self.wanted, steps) || (!trie.is_empty() && owned(&trie, steps));
        all.into_iter()
            .filter(|one| ours(&one.steps))
            .map(|one| {
                let path = written(&one.steps);
                let (place, reason) = declaration.said(&one, self.locate);
                FieldChange { place, reason, ..field(&self.resource.address.kind, path, one.before, one.after) }
            })
            .collect()
    }
}

/// All fields of an object to be created.
pub(super) fn of_creation(resource: &Resource, locate: &Locate<'_>) -> Vec<FieldChange> {
    let declaration = Declaration::of(resource);
    differences(None, Some(declaration.body()))
        .into_iter()
        .map(|one| {
            let path = written(&one.steps);
            let (place, reason) = declaration.said(&one, locate);
            FieldChange { place, reason, ..field(&resource.address.kind, path, None, one.after) }
        })
        .collect()
}

/// Fields in which a stored body differs from the declared one: on a twin, where nothing comes from others.
pub(in crate::diff) fn of_bodies(resource: &Resource, before: &Body, locate: &Locate<'_>) -> Vec<FieldChange> {
    let declaration = Declaration::of(resource);
    differences(Some(&json!(before)), Some(declaration.body()))
        .into_iter()
        .map(|one| {
            let path = written(&one.steps);
            let (place, reason) = declaration.said(&one, locate);
            FieldChange { place, reason, ..field(&resource.address.kind, path, one.before, one.after) }
        })
        .collect()
}

/// Fields of ours that go when an object is released.
pub(super) fn of_release(kind: &str, live: &Value) -> Vec<FieldChange> {
    let trie = ours(live).unwrap_or_default();
    differences(Some(&settled(live)), None)
        .into_iter()
        .filter(|one| !trie.is_empty() && owned(&trie, &one.steps))
        .filter(|one| {
            !matches!(written(&one.steps).as_str(), ".apiVersion" | ".kind" | ".metadata.name" | ".metadata.namespace")
        })
        .map(|one| field(kind, written(&one.steps), one.before, None))
        .collect()
}

/// An object without what changes by itself.
fn settled(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.retain(|key, _| !CHURN.contains(&key.as_str()));
        }
    }
    object
}

fn field(kind: &str, path: String, before: Option<Value>, after: Option<Value>) -> FieldChange {
    let secret = kind == "Secret"
        && ![".apiVersion", ".kind", ".type", ".metadata.name", ".metadata.namespace"].contains(&path.as_str())
        && !path.starts_with(".metadata.labels.");
    let variable = match kind {
        "ConfigMap" => path.strip_prefix(".data."),
        _ => variable_of(&path).filter(|_| path.ends_with("].value")),
    };
    let masked = |value: Option<Value>| match (value, variable) {
        (Some(_), _) if secret => Some(Value::from(HIDDEN)),
        (Some(Value::String(text)), Some(name)) if looks_secret(name, &text) => Some(Value::from(HIDDEN)),
        (Some(mut value), _) => {
            mask_variables(&mut value);
            Some(value)
        }
        (None, _) => None,
    };
    let (before, after) = (masked(before), masked(after));
    let text = |value: &Option<Value>| value.as_ref().map_or_else(String::new, shown);
    FieldChange {
        before_text: text(&before),
        after_text: text(&after),
        field: path,
        entry: None,
        before,
        after,
        place: None,
        reason: None,
    }
}

/// The environment variable in which a path ends: `.spec.containers[name="web"].env[name="HF_TOKEN"].value`.
fn variable_of(path: &str) -> Option<&str> {
    let (_, item) = path.rsplit_once(".env[name=\"")?;
    item.split_once('"').map(|(name, _)| name)
}

/// Hides values of variables that are called as secrets are, in an item that comes or goes as a whole.
fn mask_variables(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask_variables),
        Value::Object(map) => {
            let text = |key: &str| map.get(key).and_then(Value::as_str);
            if let (Some(name), Some(content)) = (text("name"), text("value"))
                && looks_secret(name, content)
            {
                map.insert("value".to_owned(), Value::from(HIDDEN));
            }
            map.values_mut().for_each(mask_variables);
        }
        _ => {}
    }
}

/// A value on one line.
pub(super) fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if !items.is_empty() && items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            items.iter().map(shown).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    };
    let lines = text.lines().count();
    let first = text.lines().next().unwrap_or_default();
    let cut: String = first.chars().take(LONGEST).collect();
    match (lines > 1, cut.len() < first.len()) {
        (true, _) => format!("{cut} … ({lines} lines)"),
        (false, true) => format!("{cut} …"),
        _ => cut,
    }
}
