//! Taking wrong parts out of a document, so that one run also reports what is wrong in the rest of it.
//!
//! What is wrong goes; where the format needs something there, an empty value stands in. Either is remembered as refused.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value, json};

use super::refused::Refused;
use crate::diagnostics::{DocumentId, slip};
use crate::resource::{FieldPath, Segment};

/// Name of a document that has none.
const UNNAMED: &str = "unnamed";
/// A value that stands in can lack fields of its own, and so on down: a few rounds reach the deepest.
const ROUNDS: usize = 12;

/// Takes out what the validator refuses, until it refuses nothing. `None` where nothing sensible is left.
pub(super) fn without_errors(
    document: DocumentId,
    mut json: Value,
    schema: &Value,
    validator: &jsonschema::Validator,
    refused: &mut Refused,
) -> Option<Value> {
    for _ in 0..ROUNDS {
        let faults = faults(document, &json, validator, refused);
        if faults.is_empty() {
            sweep(&mut json);
            return Some(json);
        }
        for fault in &faults {
            match fault {
                Fault::Root => return None,
                Fault::Unknown(parent, key) => {
                    for path in meant(&json, schema, parent, key) {
                        refused.add(document, path);
                    }
                    if let Some(Value::Object(map)) = find(&mut json, &parent.0) {
                        map.shift_remove(key);
                    }
                    refused.add(document, parent.key(key));
                }
                Fault::Wrong(path) => replace(document, &mut json, schema, path, refused),
            }
        }
    }
    None
}

/// Refuses the fields that a mapping lacks: one of them may stand there in a way that could not be read.
pub(super) fn refuse_absent(
    document: DocumentId,
    json: &Value,
    schema: &Value,
    parent: &FieldPath,
    refused: &mut Refused,
) {
    for path in absent(json, schema, parent) {
        refused.add(document, path);
    }
}

enum Fault {
    /// The document is no mapping.
    Root,
    /// A field that the format does not know: its parent, its key.
    Unknown(FieldPath, String),
    /// A value that is wrong, or that is missing and needed.
    Wrong(FieldPath),
}

fn faults(document: DocumentId, json: &Value, validator: &jsonschema::Validator, refused: &Refused) -> Vec<Fault> {
    let mut faults = Vec::new();
    for error in validator.iter_errors(json) {
        let path = path_of(json, &error.instance_path().to_string());
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                faults.extend(unexpected.iter().map(|key| Fault::Unknown(path.clone(), key.clone())));
            }
            ValidationErrorKind::Required { property } => {
                faults.push(Fault::Wrong(path.key(property.as_str().unwrap_or_default())));
            }
            _ if path.0.is_empty() => faults.push(Fault::Root),
            // An item that was taken out: null until all have been seen, so that the others keep their numbers.
            _ if refused.is_gap(document, &path) => {}
            _ => faults.push(Fault::Wrong(path)),
        }
    }
    faults
}

/// JSON pointer → field path.
fn path_of(json: &Value, pointer: &str) -> FieldPath {
    let mut path = FieldPath::root();
    let mut current = Some(json);
    for raw in pointer.split('/').skip(1) {
        let name = raw.replace("~1", "/").replace("~0", "~");
        if let (Some(Value::Array(items)), Ok(index)) = (current, name.parse::<usize>()) {
            path = path.index(index);
            current = items.get(index);
        } else {
            path = path.key(&name);
            current = current.and_then(|value| value.get(&name));
        }
    }
    path
}

fn find<'a>(json: &'a mut Value, path: &[Segment]) -> Option<&'a mut Value> {
    path.iter().try_fold(json, |current, segment| match (segment, current) {
        (Segment::Key(key), Value::Object(map)) => map.get_mut(key),
        (Segment::Index(index), Value::Array(items)) => items.get_mut(*index),
        _ => None,
    })
}

/// Takes a wrong value out, or puts an empty one in its place.
fn replace(document: DocumentId, json: &mut Value, schema: &Value, path: &FieldPath, refused: &mut Refused) {
    let Some((last, above)) = path.0.split_last() else { return };
    match (find(json, above), last) {
        (Some(Value::Array(items)), Segment::Index(index)) => {
            if let Some(item) = items.get_mut(*index) {
                *item = Value::Null;
            }
            refused.add_gap(document, path.clone());
        }
        (Some(Value::Object(map)), Segment::Key(key)) => {
            let parent = schema_at(schema, &FieldPath(above.to_vec()));
            let required =
                parent.get("required").and_then(Value::as_array).is_some_and(|all| all.iter().any(|one| one == key));
            if !required {
                map.shift_remove(key);
            } else if *path == FieldPath::keys("metadata.name") {
                map.insert(key.clone(), json!(UNNAMED));
            } else {
                map.insert(key.clone(), empty(schema_at(schema, path)));
            }
            refused.add(document, path.clone());
        }
        _ => {}
    }
}

/// The emptiest value that a schema takes.
fn empty(schema: &Value) -> Value {
    let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|all| all.first()).cloned();
    let fixed = schema.get("const").cloned().or_else(|| first("enum"));
    let fixed = fixed.or_else(|| schema.get("pattern").and_then(|_| first("examples")));
    fixed.unwrap_or_else(|| match schema.get("type").and_then(Value::as_str) {
        Some("object") => Value::Object(Map::new()),
        Some("array") => json!([]),
        Some("integer") => json!(0),
        Some("boolean") => json!(false),
        _ => json!(""),
    })
}

/// Fields that an unknown one may have been meant for: the sibling that it is a slip of, else any sibling that is absent,
/// and fields of its name that are absent elsewhere.
fn meant(json: &Value, schema: &Value, parent: &FieldPath, key: &str) -> Vec<FieldPath> {
    let mut paths = Vec::new();
    namesakes(json, schema, &FieldPath::root(), key, &mut paths);
    let siblings = schema_at(schema, parent).get("properties").and_then(Value::as_object);
    match slip(key, siblings.into_iter().flat_map(Map::keys).map(String::as_str)) {
        Some(near) => paths.push(parent.key(near)),
        None => paths.extend(absent(json, schema, parent)),
    }
    // A slip that stands beside the right one hides nothing.
    paths.retain(|path| at(json, path).is_none());
    paths
}

fn at<'a>(json: &'a Value, path: &FieldPath) -> Option<&'a Value> {
    path.0.iter().try_fold(json, |current, segment| match segment {
        Segment::Key(key) => current.get(key),
        Segment::Index(index) => current.get(index),
    })
}

/// Schema of the field at a path; null where the schema has no such field.
pub(super) fn schema_at<'a>(schema: &'a Value, path: &FieldPath) -> &'a Value {
    let mut current = schema;
    for segment in &path.0 {
        current = match segment {
            Segment::Index(_) => current.get("items").unwrap_or(&Value::Null),
            Segment::Key(key) => current
                .get("properties")
                .and_then(|properties| properties.get(key))
                .or_else(|| current.get("additionalProperties"))
                .unwrap_or(&Value::Null),
        };
    }
    current
}

fn absent(json: &Value, schema: &Value, parent: &FieldPath) -> Vec<FieldPath> {
    let Some(Value::Object(map)) = at(json, parent) else { return Vec::new() };
    let known = schema_at(schema, parent).get("properties").and_then(Value::as_object);
    known.into_iter().flat_map(Map::keys).filter(|key| !map.contains_key(*key)).map(|key| parent.key(key)).collect()
}

fn namesakes(json: &Value, schema: &Value, path: &FieldPath, wanted: &str, found: &mut Vec<FieldPath>) {
    match json {
        Value::Object(map) => {
            let Some(known) = schema.get("properties").and_then(Value::as_object) else { return };
            for (key, inner) in known {
                match map.get(key) {
                    Some(value) => namesakes(value, inner, &path.key(key), wanted, found),
                    None if key == wanted => found.push(path.key(key)),
                    None if inner.get("properties").is_some_and(|fields| fields.get(wanted).is_some()) => {
                        found.push(path.key(key).key(wanted));
                    }
                    None => {}
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                namesakes(item, schema.get("items").unwrap_or(&Value::Null), &path.index(index), wanted, found);
            }
        }
        _ => {}
    }
}

/// Takes out the nulls of lists. Nothing means null in a manifest.
fn sweep(json: &mut Value) {
    match json {
        Value::Object(map) => map.values_mut().for_each(sweep),
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(sweep);
        }
        _ => {}
    }
}
