//! Shapes: a document's tree → JSON as its schema wants it, and every shape error with its place.
//!
//! A scalar becomes what the schema asks for at its place, never what it looks like: `NO`, `017` and `1.0` stay text
//! where text is wanted, and only `true` and `false` are booleans.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::{Map, Value};

use super::node::{Content, Node};
use super::recover::{refuse_absent, schema_at, without_errors};
use super::refused::Refused;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Part, Place, nearest};
use crate::resource::FieldPath;

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
    // YAML's ways to write nothing. Nothing means nothing here, so it is an error wherever it stands.
    if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
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

/// Reports every shape error of a document, and returns what is right of it (`None` where that is no declaration).
pub(super) fn checked(
    document: DocumentId,
    node: &Node,
    json: Value,
    schema: &Value,
    validator: &jsonschema::Validator,
    found: &mut Diagnostics,
    refused: &mut Refused,
) -> Option<Value> {
    if validator.is_valid(&json) {
        return Some(json);
    }
    for error in validator.iter_errors(&json) {
        let path = path_of(node, &error.instance_path().to_string());
        one(document, &path, schema_at(schema, &path), error.instance(), error.kind(), found);
    }
    without_errors(document, json, schema, validator, refused)
}

/// Refuses what stands where the text itself was refused: a field written twice, a value with a tag, a merge key.
pub(super) fn refuse_at(
    document: DocumentId,
    node: &Node,
    json: &Value,
    schema: &Value,
    offset: usize,
    refused: &mut Refused,
) {
    let (path, inside) = node.path_at(offset);
    if inside {
        refuse_absent(document, json, schema, &path, refused);
    } else {
        refused.add(document, path);
    }
}

/// JSON pointer → field path; numbers are indexes only where the tree has a sequence.
fn path_of(node: &Node, pointer: &str) -> FieldPath {
    let mut path = FieldPath::root();
    let mut current = Some(node);
    for raw in pointer.split('/').skip(1) {
        let name = raw.replace("~1", "/").replace("~0", "~");
        if let Some(Content::Sequence(items)) = current.map(|node| &node.content) {
            let index = name.parse().unwrap_or(0);
            path = path.index(index);
            current = items.get(index);
        } else {
            path = path.key(&name);
            current = current.and_then(|node| node.get(&name));
        }
    }
    path
}

fn example(schema: &Value) -> Option<String> {
    let first = schema.get("examples")?.as_array()?.first()?;
    Some(first.as_str().map_or_else(|| first.to_string(), ToOwned::to_owned))
}

fn one(
    document: DocumentId,
    path: &FieldPath,
    schema: &Value,
    instance: &Value,
    kind: &ValidationErrorKind,
    found: &mut Diagnostics,
) {
    let place = |part| Place::Field { document, path: path.clone(), part };
    let name = path.to_string();
    let written = instance.as_str().map_or_else(|| instance.to_string(), ToOwned::to_owned);
    match kind {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let known: Vec<&str> = schema
                .get("properties")
                .and_then(Value::as_object)
                .map(|map| map.keys().map(String::as_str).collect())
                .unwrap_or_default();
            for key in unexpected {
                let hint = match (nearest(key, known.iter().copied()), deeper(schema, key)) {
                    (_, Some(parent)) => format!("it belongs under `{parent}`"),
                    (Some(near), _) => format!("did you mean `{near}`?"),
                    _ => format!("known here: {}", list(&known)),
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
            let inner =
                schema.get("properties").and_then(|properties| properties.get(&property)).unwrap_or(&Value::Null);
            let words: Vec<&str> = inner
                .get("enum")
                .and_then(Value::as_array)
                .map(|all| all.iter().filter_map(Value::as_str).collect())
                .unwrap_or_default();
            let hint = match (example(inner), words.is_empty()) {
                (Some(example), _) => format!("add `{property}: {example}`"),
                (None, false) => format!("add `{property}:` with {}", list(&words)),
                (None, true) => format!("add `{property}:`"),
            };
            let whole = if name.is_empty() { "the document".to_owned() } else { format!("`{name}`") };
            found.push(
                Diagnostic::new(&codes::MISSING_FIELD, format!("{whole} lacks `{property}`"))
                    .at(place(Part::Key))
                    .label(format!("needs `{property}`"))
                    .hint(hint),
            );
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<&str> =
                options.as_array().map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
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
            let hint = example(schema)
                .map_or_else(|| "see `sitewright explain`".to_owned(), |example| format!("write e.g. `{example}`"));
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
                "integer" => "a whole number",
                "boolean" => "`true` or `false`",
                "array" => "a list",
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
                    .label(format!("has to be {words}"))
                    .hint(type_hint(&wanted, instance, schema)),
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

/// What to write in place of a value of the wrong type.
fn type_hint(wanted: &str, instance: &Value, schema: &Value) -> String {
    let text = instance.as_str().unwrap_or_default();
    let unlimited = ["unlimited", "infinite", "none", "-1"].contains(&text.to_lowercase().as_str());
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match wanted {
        _ if instance.is_null() => "write a value, or take the field out".to_owned(),
        // It was quoted, else it would be what is wanted.
        "boolean" if ["true", "false"].contains(&text) => format!("write `{text}` without quotes"),
        "integer" if !text.is_empty() && text == digits && !(text.starts_with('0') && text.len() > 1) => {
            format!("write `{text}` without quotes")
        }
        "integer" if unlimited => match where_absent(schema) {
            Some(usual) => format!("write the number that you mean; {usual} where absent"),
            None => "take the field out: then no limit is set".to_owned(),
        },
        "integer"
            if text.chars().all(|letter| letter.is_ascii_digit() || ", _".contains(letter)) && !digits.is_empty() =>
        {
            let plain = digits.trim_start_matches('0');
            format!("write `{}`", if plain.is_empty() { "0" } else { plain })
        }
        "integer" => "write a whole number, zero or more: `64` or `50_000`".to_owned(),
        "boolean" => match text.to_lowercase().as_str() {
            "yes" | "on" | "y" | "true" | "1" => "write `true`".to_owned(),
            "no" | "off" | "n" | "false" | "0" => "write `false`".to_owned(),
            _ => "write `true` or `false`".to_owned(),
        },
        "array" if instance.is_string() => format!("write `[{text}]`"),
        "array" => "write a list: one `- ` before each item".to_owned(),
        "object" => {
            let fields = schema.get("properties").and_then(Value::as_object);
            let needed = schema.pointer("/required/0").and_then(Value::as_str);
            needed.or_else(|| fields?.keys().next().map(String::as_str)).map_or_else(
                || "write `{ key: value }`".to_owned(),
                |first| format!("write its fields: `{{ {first}: … }}`"),
            )
        }
        _ => example(schema)
            .map_or_else(|| "write a single text".to_owned(), |example| format!("write e.g. `{example}`")),
    }
}

/// What holds where a number is left out, in words: `10`.
fn where_absent(schema: &Value) -> Option<&str> {
    schema.get("x-where-absent")?.as_str()
}

/// The sibling below which a field of that name stands.
fn deeper(schema: &Value, key: &str) -> Option<String> {
    let properties = schema.get("properties")?.as_object()?;
    for (name, inner) in properties {
        let Some(fields) = inner.get("properties").and_then(Value::as_object) else { continue };
        if fields.contains_key(key) {
            return Some(name.clone());
        }
    }
    None
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
