//! Wording of `sacctmgr` commands: argument vectors, never a shell (sacctmgr(1)).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::resource::{Body, is_protected};
use crate::slurm::fields::{Field, Shape};
use crate::slurm::release::Release;
use crate::slurm::text;
use crate::slurm::value;

/// Most names in one command: a command is one transaction, and a killed one rolls back for as long as it ran.
pub(super) const NAMES: usize = 400;
/// Most bytes of names in one argument.
const NAME_BYTES: usize = 16_000;

/// `name=a,b,c` in pieces of bearable size.
pub(super) fn chunks(names: &[String]) -> Vec<Vec<String>> {
    let mut result: Vec<Vec<String>> = Vec::new();
    let mut bytes = 0;
    for name in names {
        match result.last_mut() {
            Some(last) if last.len() < NAMES && bytes + name.len() < NAME_BYTES => {
                bytes += name.len() + 1;
                last.push(name.clone());
            }
            _ => {
                bytes = name.len();
                result.push(vec![name.clone()]);
            }
        }
    }
    result
}

/// Puts a command together.
pub(super) fn command(words: &[&str], assignments: &[String]) -> Vec<String> {
    let head = ["sacctmgr", "-i"].into_iter().chain(words.iter().copied()).map(ToOwned::to_owned);
    head.chain(assignments.iter().cloned()).collect()
}

/// `set` words that lead from one body to the other, for the fields given; fields that the release lacks are left out.
/// A TRES that is gone is cleared TRES by TRES, since `=` merges.
pub(super) fn assignments(
    fields: &[&'static Field],
    before: &Body,
    after: &Body,
    release: Release,
    factory: &str,
    marked: Option<&str>,
) -> Vec<String> {
    let mut words = Vec::new();
    for field in fields {
        if !field.exists(release) || field.write.is_empty() {
            continue;
        }
        let (old, new) = (before.get(field.key), after.get(field.key));
        if marked == Some(field.key) {
            let text = new.and_then(Value::as_str).unwrap_or_default();
            let protect = is_protected(after);
            words.push(format!("{}={}", field.write, text::with_marker(text, factory, protect)));
            continue;
        }
        if old == new {
            continue;
        }
        words.push(format!("{}={}", field.write, target_text(field, old, new)));
    }
    words
}

fn target_text(field: &Field, old: Option<&Value>, new: Option<&Value>) -> String {
    if field.shape == Shape::Tres {
        let empty = serde_json::Map::new();
        let old = old.and_then(Value::as_object).unwrap_or(&empty);
        let new_map = new.and_then(Value::as_object).unwrap_or(&empty);
        let mut parts: BTreeMap<&String, String> = BTreeMap::new();
        for (name, amount) in new_map {
            if old.get(name) != Some(amount) {
                parts.insert(name, format!("{name}={amount}"));
            }
        }
        for name in old.keys().filter(|name| !new_map.contains_key(*name)) {
            parts.insert(name, format!("{name}=-1"));
        }
        return parts.into_values().collect::<Vec<_>>().join(",");
    }
    match new {
        Some(value) => value::written(field, value),
        None => field.clear.to_owned(),
    }
}
