//! Shapes: a document's tree → JSON as its schema wants it, and every shape error with its place.
//!
//! A scalar becomes what the schema asks for at its place, never what it looks like: `NO`, `017` and `1.0` stay text
//! where text is wanted, and only `true` and `false` are booleans.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Value};

use super::node::{Content, Node};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, DocumentId, Part, Place, nearest};
use crate::resource::{FieldPath, Segment};

/// JSON of a tree, guided by a schema.
pub(super) fn to_json(node: &Node, schema: &Value) -> Value {
    match &node.content {
        Content::Scalar(text, plain) => scalar(text, *plain, schema),
        Content::Sequence(items) => {
            let items_schema = schema.get("items").unwrap_or(&Value::Null);
            Value::Array(items.iter().map(|item| to_json(item, items_schema)).collect())
        }
        Content::Mapping(entries) => {
            let mut map = Map::new();
            for entry in entries {
                let inner = schema
                    .get("properties")
                    .and_then(|properties| properties.get(&entry.key))
                    .or_else(|| schema.get("additionalProperties"))
                    .unwrap_or(&Value::Null);
                map.insert(entry.key.clone(), to_json(&entry.value, inner));
            }
            Value::Object(map)
        }
    }
}

fn scalar(text: &str, plain: bool, schema: &Value) -> Value {
    let wanted = schema.get("type").and_then(Value::as_str).unwrap_or("string");
    if plain && text.is_empty() {
        return Value::Null;
    }
    match wanted {
        "integer" if plain => integer(text).map_or_else(|| Value::String(text.to_owned()), Value::from),
        "boolean" if plain => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(text.to_owned()),
        },
        _ => Value::String(text.to_owned()),
    }
}

/// `50_000`, `12`; no sign, no leading zeros (`017` has two meanings in YAML's versions).
fn integer(text: &str) -> Option<u64> {
    let digits: String = text.chars().filter(|letter| *letter != '_').collect();
    let legal = !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('_')
        && !text.ends_with('_')
        && !text.contains("__")
        && (digits == "0" || !digits.starts_with('0'));
    if legal { digits.parse().ok() } else { None }
}

/// Every shape error of a document.
pub(super) fn check(document: DocumentId, node: &Node, json: &Value, schema: &Value, validator: &jsonschema::Validator) -> Vec<Diagnostic> {
    if validator.is_valid(json) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for error in validator.iter_errors(json) {
        let pointer = error.instance_path().to_string();
        let path = path_of(node, &pointer);
        let inner = schema_at(schema, &path);
        one(document, &path, inner, error.instance(), error.kind(), &mut found);
    }
    found
}

/// JSON pointer → field path; numbers are indexes only where the tree has a sequence.
fn path_of(node: &Node, pointer: &str) -> FieldPath {
    let mut path = FieldPath::root();
    let mut current = Some(node);
    for raw in pointer.split('/').skip(1) {
        let name = raw.replace("~1", "/").replace("~0", "~");
        match current.map(|node| &node.content) {
            Some(Content::Sequence(items)) => {
                let index = name.parse().unwrap_or(0);
                path = path.index(index);
                current = items.get(index);
            }
            _ => {
                path = path.key(&name);
                current = current.and_then(|node| node.get(&name));
            }
        }
    }
    path
}

fn schema_at<'a>(schema: &'a Value, path: &FieldPath) -> &'a Value {
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

fn example(schema: &Value) -> Option<String> {
    let first = schema.get("examples")?.as_array()?.first()?;
    Some(first.as_str().map_or_else(|| first.to_string(), ToOwned::to_owned))
}

fn one(document: DocumentId, path: &FieldPath, schema: &Value, instance: &Value, kind: &ValidationErrorKind, found: &mut Vec<Diagnostic>) {
    let place = |part| Place::Field { document, path: path.clone(), part };
    let name = path.to_string();
    let written = instance.as_str().map_or_else(|| instance.to_string(), ToOwned::to_owned);
    match kind {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known: Vec<&str> =
                schema.get("properties").and_then(Value::as_object).map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default();
            for key in unexpected {
                let hint = match nearest(key, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known here: {}", list(&known)),
                };
                found.push(
                    Diagnostic::new(&codes::UNKNOWN_FIELD, format!("there is no field `{key}` here"))
                        .at(Place::Field { document, path: path.key(key), part: Part::Key })
                        .label("unknown")
                        .hint(hint),
                );
            }
        }
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default().to_owned();
            let inner = schema.get("properties").and_then(|properties| properties.get(&property)).unwrap_or(&Value::Null);
            let hint = example(inner).map_or_else(|| format!("add `{property}:`"), |example| format!("add `{property}: {example}`"));
            let whole = if name.is_empty() { "the document".to_owned() } else { format!("`{name}`") };
            found.push(
                Diagnostic::new(&codes::MISSING_FIELD, format!("{whole} lacks `{property}`"))
                    .at(place(Part::Key))
                    .label(format!("needs `{property}`"))
                    .hint(hint),
            );
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<&str> = options.as_array().map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
            let hint = match nearest(&written, options.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of {}", list(&options)),
            };
            found.push(
                Diagnostic::new(&codes::NOT_ONE_OF, format!("`{written}` is not one of {}", list(&options)))
                    .at(place(Part::Value))
                    .label("unknown word")
                    .hint(hint),
            );
        }
        ValidationErrorKind::Pattern { .. } => {
            let hint = example(schema).map_or_else(|| "see `sitewright explain`".to_owned(), |example| format!("write e.g. `{example}`"));
            found.push(
                Diagnostic::new(&codes::WRONG_FORM, format!("`{name}` cannot be `{written}`"))
                    .at(place(Part::Value))
                    .label("not of this form")
                    .hint(hint),
            );
        }
        ValidationErrorKind::Type { kind: TypeKind::Single(wanted) } => {
            let wanted = wanted.to_string();
            let words = match wanted.as_str() {
                "integer" => "a whole number, e.g. `12` or `50_000`",
                "boolean" => "`true` or `false`",
                "array" => "a list, e.g. `[a, b]`",
                "object" => "a mapping with fields of its own",
                _ => "a text",
            };
            let message = match instance {
                Value::Null => format!("`{name}` is empty"),
                Value::Object(_) => format!("`{name}` is a mapping, and has to be {words}"),
                Value::Array(_) => format!("`{name}` is a list, and has to be {words}"),
                _ => format!("`{name}` is `{written}`, and has to be {words}"),
            };
            found.push(
                Diagnostic::new(&codes::WRONG_TYPE, message)
                    .at(place(Part::Value))
                    .label(format!("has to be {}", words.split(',').next().unwrap_or(words)))
                    .hint(format!("write {words}, or take the field out")),
            );
        }
        other => {
            found.push(
                Diagnostic::new(&codes::WRONG_FORM, format!("`{name}` is not of the right form: {}", plain(other)))
                    .at(place(Part::Value))
                    .hint("see `sitewright explain`"),
            );
        }
    }
}

fn plain(kind: &ValidationErrorKind) -> String {
    let text = format!("{kind:?}");
    text.split([' ', '{', '(']).next().unwrap_or_default().to_lowercase()
}

/// `a`, `b` or `c`.
fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().take(24).map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".to_owned(),
    }
}
