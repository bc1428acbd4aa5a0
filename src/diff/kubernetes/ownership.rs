//! Whose the fields of an object are, where that is all that an apply would change.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::diff::{Note, Topic};
use crate::kubernetes::fields::{differences, leaves, owned, written};
use crate::kubernetes::ownership::{Entry, Operation, entries};
use crate::live::kubernetes::MANAGER;

/// The trie of what we own by apply.
pub(super) fn ours(object: &Value) -> Option<Map<String, Value>> {
    let all = entries(object)?;
    let own = |entry: &&Entry<'_>| {
        entry.manager == MANAGER && entry.operation == Operation::Apply && entry.subresource.is_empty()
    };
    all.iter().find(own).map(|entry| entry.fields.clone())
}

/// Whether anything of an object is ours.
pub(super) fn has_ours(object: &Value) -> bool {
    ours(object).is_some_and(|trie| !trie.is_empty())
}

/// Who has written an object, and which tool says that it manages it.
pub(super) fn hands(object: &Value) -> Vec<String> {
    let mark = |pointer: &str, key: &str| {
        object.pointer(pointer).and_then(|map| map.get(key)).and_then(Value::as_str).map(ToOwned::to_owned)
    };
    let (labels, annotations) = ("/metadata/labels", "/metadata/annotations");
    let mut found: BTreeSet<String> = BTreeSet::new();
    if let Some(release) = mark(annotations, "meta.helm.sh/release-name") {
        found.insert(format!("Helm release `{release}`"));
    } else if let Some(tool) = mark(labels, "app.kubernetes.io/managed-by") {
        found.insert(format!("`{tool}`"));
    }
    if mark(annotations, "argocd.argoproj.io/tracking-id").is_some() {
        found.insert("Argo CD".to_owned());
    }
    if let Some(name) = mark(labels, "kustomize.toolkit.fluxcd.io/name") {
        found.insert(format!("Flux Kustomization `{name}`"));
    }
    if found.is_empty() {
        let managers = entries(object).unwrap_or_default();
        let main = managers.iter().filter(|entry| entry.subresource.is_empty() && entry.manager != MANAGER);
        found.extend(main.map(|entry| format!("`{}`", entry.manager)));
    }
    found.into_iter().collect()
}

/// What an apply would change in whose the fields are, as the server answered.
pub(super) fn of_answer(live: &Value, answer: &Value) -> Option<Note> {
    let set = |object: &Value| -> BTreeSet<String> {
        ours(object).map(|trie| leaves(&trie).into_iter().collect()).unwrap_or_default()
    };
    let (before, after) = (set(live), set(answer));
    said(after.difference(&before).cloned().collect(), before.difference(&after).cloned().collect())
}

/// The same where the server was not asked: what is declared and not recorded as ours.
pub(super) fn of_declared(live: &Value, declared: &Value) -> Option<Note> {
    let trie = ours(live).unwrap_or_default();
    let mut declared = declared.clone();
    if let Some(map) = declared.as_object_mut() {
        map.remove("apiVersion");
        map.remove("kind");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("name");
            metadata.remove("namespace");
        }
    }
    let empty =
        |value: &Value| value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
    let missing = differences(None, Some(&declared))
        .into_iter()
        .filter(|one| one.after.as_ref().is_some_and(|value| !empty(value)))
        .filter(|one| trie.is_empty() || !owned(&trie, &one.steps))
        .map(|one| written(&one.steps))
        .collect();
    said(missing, Vec::new())
}

fn said(gained: Vec<String>, lost: Vec<String>) -> Option<Note> {
    let list = |paths: Vec<String>| {
        let shown: Vec<String> = paths.iter().take(3).map(|path| format!("`{path}`")).collect();
        let more = paths.len().saturating_sub(3);
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
    };
    let what = match (gained.is_empty(), lost.is_empty()) {
        (true, true) => return None,
        (false, true) => format!("{} recorded as ours", list(gained)),
        (true, false) => format!("{} no longer recorded as ours", list(lost)),
        (false, false) => format!("{} recorded as ours, {} no longer", list(gained), list(lost)),
    };
    Some(Note::new(Topic::OwnershipOnly, format!("ownership only: {what}, no value changes")))
}
