//! Secrets in objects, and in what else a reading of a cluster keeps.

use std::sync::Arc;

use serde_json::Value;

use super::facts::{KubernetesFacts, Verdict};
use super::observe::body;
use crate::kubernetes::held::Held;
use crate::live::masking::texts;
use crate::live::{LiveBody, Masking};
use crate::resource::Address;
use crate::resource::secrecy::looks_secret;

/// Fields of an object's metadata that name it, or say whose it is, and are shown of every object.
const NAMES: [&str; 10] = [
    "name",
    "generateName",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "labels",
    "managedFields",
    "ownerReferences",
];
/// The annotation in which `kubectl` keeps all of an object.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// Shorter secrets are not looked for in other texts: any text has such letters somewhere.
const SURE: usize = 8;

/// Visits the secrets of an object: what a Secret keeps; what is called as secrets are, in ConfigMaps and in environment
/// variables anywhere; and every text beside its names that repeats one of these.
pub(crate) fn secrets(object: &mut Value, hide: &mut dyn FnMut(&mut String)) {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    // A body that is no object of Kubernetes has other fields.
    if text("apiVersion").is_empty() || text("kind").is_empty() {
        return;
    }
    let (version, kind) = (text("apiVersion").to_owned(), text("kind").to_owned());
    let held = Held::of(object);
    let Some(map) = object.as_object_mut() else { return };
    for (key, value) in map.iter_mut() {
        match (version.as_str(), kind.as_str(), key.as_str()) {
            (_, _, "apiVersion" | "kind") | ("v1", "Secret", "type" | "immutable") => {}
            (_, _, "metadata") => of_metadata(value, kind == "Secret", &held, hide),
            ("v1", "Secret", _) => texts(value, hide),
            ("v1", "ConfigMap", "data") => {
                for (name, value) in value.as_object_mut().into_iter().flatten() {
                    if let Value::String(text) = value
                        && (looks_secret(name, text) || repeats(&held, text))
                    {
                        hide(text);
                    }
                }
            }
            _ => variables(value, &held, hide),
        }
    }
}

fn of_metadata(metadata: &mut Value, whole: bool, held: &Held, hide: &mut dyn FnMut(&mut String)) {
    for (key, value) in metadata.as_object_mut().into_iter().flatten() {
        if NAMES.contains(&key.as_str()) || key == "finalizers" {
            continue;
        }
        for (name, value) in value.as_object_mut().into_iter().flatten() {
            texts(value, &mut |text| {
                if whole || name == APPLIED || repeats(held, text) {
                    hide(text);
                }
            });
        }
    }
}

/// Environment variables, and texts that repeat a secret.
fn variables(value: &mut Value, held: &Held, hide: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) if repeats(held, text) => hide(text),
        Value::Array(items) => items.iter_mut().for_each(|item| variables(item, held, hide)),
        Value::Object(map) => {
            let name = map.get("name").and_then(Value::as_str).map(ToOwned::to_owned);
            for (key, value) in map.iter_mut() {
                match (value, &name) {
                    (Value::String(text), Some(name)) if key == "value" && looks_secret(name, text) => hide(text),
                    (value, _) => variables(value, held, hide),
                }
            }
        }
        _ => {}
    }
}

/// Whether a text repeats a secret that is long enough to be told from other text.
fn repeats(held: &Held, text: &str) -> bool {
    text.len() >= SURE && !held.is_empty() && held.hide_long(text, SURE) != text
}

impl KubernetesFacts {
    /// The fields of a resource, where the facts hold the object that they are made of.
    pub(crate) fn body_of(&self, address: &Address) -> Option<LiveBody> {
        self.objects.get(address).map(|object| LiveBody::lazy(object.clone(), body))
    }

    /// Puts marks in place of secrets.
    pub(crate) fn mask(&mut self, masking: &mut Masking) {
        self.each_object(&mut |_, object| masking.mask(secrets, object));
    }

    /// Lets a function change the objects that are kept, each with its address; the set's parent has none.
    pub(crate) fn each_object(&mut self, change: &mut dyn FnMut(Option<&Address>, &mut Value)) {
        for (address, object) in &mut self.objects {
            let mut changed = Value::clone(object);
            change(Some(address), &mut changed);
            if changed != **object {
                *object = Arc::new(changed);
            }
        }
        for (address, confirmation) in &mut self.confirmations {
            if let Verdict::Confirmed(answer) = &mut confirmation.verdict {
                change(Some(address), &mut answer.object);
            }
        }
        if let Some(parent) = &mut self.set.parent {
            change(None, parent);
        }
    }
}
