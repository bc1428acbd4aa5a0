//! Taking wrong parts out of a document, so that one run also reports what is wrong in the rest of it.

use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

/// Takes out what the validator refuses, until it refuses nothing. `None` where nothing sensible is left: without kind,
/// name or spec a document is no declaration.
pub(super) fn without_errors(mut json: Value, validator: &jsonschema::Validator) -> Option<Value> {
    // A part that is taken out can leave its parent without what it requires, and so on up: a few rounds reach the root.
    for _ in 0..8 {
        let mut targets = Vec::new();
        for error in validator.iter_errors(&json) {
            let at: Vec<String> = error.instance_path().to_string().split('/').skip(1).map(unescape).collect();
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => {
                    targets.extend(unexpected.iter().map(|key| at.iter().cloned().chain([key.clone()]).collect::<Vec<_>>()));
                }
                _ => targets.push(at),
            }
        }
        if targets.is_empty() {
            return Some(json);
        }
        if targets.iter().any(Vec::is_empty) {
            return None;
        }
        for target in &targets {
            mark(&mut json, target);
        }
        sweep(&mut json);
    }
    None
}

fn unescape(raw: &str) -> String {
    raw.replace("~1", "/").replace("~0", "~")
}

/// Sets the value at a path to null; indexes stay as they are until all are marked.
fn mark(json: &mut Value, path: &[String]) {
    let mut current = json;
    for step in path {
        let next = match current {
            Value::Object(map) => map.get_mut(step),
            Value::Array(items) => step.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
            _ => None,
        };
        match next {
            Some(next) => current = next,
            None => return,
        }
    }
    *current = Value::Null;
}

/// Takes out nulls. Nothing means null in a manifest.
fn sweep(json: &mut Value) {
    match json {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(sweep);
        }
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(sweep);
        }
        _ => {}
    }
}
