//! JSON Schemas, generated from the wire types: used for checking shapes here, and by editors for completion.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::recover::schema_at;
use super::v1alpha1::{API_VERSION, KINDS, Kind, SETTINGS, SITE, Settings};
use crate::resource::FieldPath;

/// Schemas of all kinds, compiled once.
pub struct Schemas {
    by_kind: BTreeMap<&'static str, (Value, jsonschema::Validator)>,
}

impl std::fmt::Debug for Schemas {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.by_kind.keys()).finish()
    }
}

impl Schemas {
    /// Generates and compiles all.
    ///
    /// # Errors
    /// A schema that does not compile is a bug in the wire types; the text says which.
    pub fn new() -> Result<Self, String> {
        let mut by_kind = BTreeMap::new();
        for (kind, schema) in names().filter_map(|kind| Some((kind, of_kind(kind)?))) {
            let validator = jsonschema::draft202012::new(&schema).map_err(|error| format!("{kind}: {error}"))?;
            by_kind.insert(kind, (schema, validator));
        }
        Ok(Self { by_kind })
    }

    /// Schema and validator of a kind; `Site` for `sitewright.yaml`.
    pub fn get(&self, kind: &str) -> Option<(&Value, &jsonschema::Validator)> {
        self.by_kind.get(kind).map(|(schema, validator)| (schema, validator))
    }

    /// Schema of a field; null where manifests of the kind have no such field.
    pub fn at(&self, kind: Kind, path: &FieldPath) -> &Value {
        self.get(kind.name()).map_or(&Value::Null, |(schema, _)| schema_at(schema, path))
    }
}

/// Names of all schemas: the kinds of manifests, and `Site` for `sitewright.yaml`.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.into_iter().chain([SITE])
}

/// The name of a schema in any case; `Site` is also called `Settings`.
pub fn kind_named(name: &str) -> Option<&'static str> {
    let name = if name.eq_ignore_ascii_case(SETTINGS) { SITE } else { name };
    names().find(|kind| kind.eq_ignore_ascii_case(name))
}

/// Schema of one kind, without references, so that it can be walked beside a document.
pub fn of_kind(kind: &str) -> Option<Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let generator = settings.into_generator();
    let row = Kind::named(kind);
    let mut schema = match row {
        Some(row) => row.schema(generator),
        None if matches!(kind, SITE | SETTINGS) => generator.into_root_schema_for::<Settings>(),
        None => return None,
    }
    .to_value();
    tidy(&mut schema);
    if row.is_some()
        && let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut)
    {
        properties.insert(
            "apiVersion".to_owned(),
            json!({"const": API_VERSION, "type": "string", "description": "Version of the manifest format."}),
        );
        properties.insert(
            "kind".to_owned(),
            json!({"const": kind, "type": "string", "description": "Kind of the manifest."}),
        );
    }
    Some(schema)
}

/// Takes `null` out of optional fields (a field is left out, never null), turns documented enums into plain ones with
/// descriptions, lets integers be written with `_`, and drops what says nothing.
fn tidy(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    map.remove("default");
    if map.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
        map.remove("format");
    }
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    unwrap_optional(map);
    documented_enum(map);
    for (key, value) in map.iter_mut() {
        match value {
            // Names of fields, not of keywords: a field may be called `default`.
            Value::Object(fields) if key == "properties" => fields.values_mut().for_each(tidy),
            Value::Array(items) => items.iter_mut().for_each(tidy),
            Value::Object(_) => tidy(value),
            _ => {}
        }
    }
}

/// `anyOf: [X, null]` → `X`.
fn unwrap_optional(map: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = map.get("anyOf") else { return };
    let real: Vec<Value> =
        branches.iter().filter(|branch| branch.get("type") != Some(&json!("null"))).cloned().collect();
    if let [Value::Object(only)] = real.as_slice() {
        map.remove("anyOf");
        for (key, value) in only {
            map.entry(key.clone()).or_insert_with(|| value.clone());
        }
        tidy_in_place(map);
    }
}

fn tidy_in_place(map: &mut Map<String, Value>) {
    let mut value = Value::Object(std::mem::take(map));
    tidy(&mut value);
    if let Value::Object(tidied) = value {
        *map = tidied;
    }
}

/// `oneOf: [{const, description}, …]` → `enum` with `enumDescriptions`.
fn documented_enum(map: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = map.get("oneOf") else { return };
    let mut values = Vec::new();
    let mut descriptions = Vec::new();
    for branch in branches {
        let described = branch.get("description").cloned().unwrap_or_else(|| json!(""));
        if let Some(value) = branch.get("const") {
            values.push(value.clone());
            descriptions.push(described);
        } else if let Some(Value::Array(many)) = branch.get("enum") {
            for value in many {
                values.push(value.clone());
                descriptions.push(json!(""));
            }
        } else {
            return;
        }
    }
    map.remove("oneOf");
    map.insert("type".to_owned(), json!("string"));
    map.insert("enum".to_owned(), Value::Array(values));
    map.insert("enumDescriptions".to_owned(), Value::Array(descriptions));
}

/// Schema files by name: one over all kinds for editors, one for every kind, and one for `sitewright.yaml`.
pub fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut branches = Vec::new();
    let mut definitions = Map::new();
    for kind in KINDS {
        let Some(mut schema) = of_kind(kind) else { continue };
        publish(&mut schema);
        files.insert(format!("{}.schema.json", file_stem(kind)), pretty(&schema));
        if let Some(map) = schema.as_object_mut() {
            map.remove("$schema");
        }
        branches.push(json!({
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": format!("#/$defs/{kind}")},
        }));
        definitions.insert(kind.to_owned(), schema);
    }
    let all = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sitewright manifest",
        "description": format!("Any manifest of {API_VERSION}."),
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": API_VERSION, "description": "Version of the manifest format."},
            "kind": {"enum": KINDS, "description": "Kind of the manifest."},
        },
        "allOf": branches,
        "$defs": definitions,
    });
    files.insert("sitewright.schema.json".to_owned(), pretty(&all));
    if let Some(mut settings) = of_kind(SITE) {
        publish(&mut settings);
        files.insert("settings.schema.json".to_owned(), pretty(&settings));
    }
    files
}

/// What editors see. They read YAML by its own rules, where `50_000` is a text and `1.0` a number; we read a scalar as
/// what its field asks for. So numbers may also be such texts, and texts that look like numbers may be numbers.
fn publish(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    if map.get("type") == Some(&json!("integer")) {
        map.insert("type".to_owned(), json!(["integer", "string"]));
        map.insert("pattern".to_owned(), json!("^[0-9]+(_[0-9]+)*$"));
    }
    map.shift_remove("x-where-absent");
    if map.remove("x-number").is_some() {
        map.insert("type".to_owned(), json!(["string", "number"]));
    }
    if let Some(Value::Object(values)) = map.get_mut("additionalProperties")
        && values.get("type") == Some(&json!("string"))
    {
        values.insert("type".to_owned(), json!(["string", "number", "boolean"]));
    }
    for value in map.values_mut() {
        match value {
            Value::Array(items) => items.iter_mut().for_each(publish),
            Value::Object(_) => publish(value),
            _ => {}
        }
    }
}

/// What each item of a list, or each value of a mapping with names of the user's, is.
pub fn innermost<'a>(schema: &'a Value, walked: &str) -> (&'a Value, String) {
    let (mut current, mut path) = (schema.get("items").unwrap_or(schema), walked.to_owned());
    while let Some(next) = named_by_user(current) {
        current = next;
        path.push_str(".*");
    }
    (current, path)
}

/// Schema of the values of a mapping whose names the user chooses.
pub fn named_by_user(schema: &Value) -> Option<&Value> {
    schema.get("additionalProperties").filter(|values| values.is_object())
}

/// `AccessMode` → `access-mode`.
fn file_stem(kind: &str) -> String {
    let mut stem = String::new();
    for (position, letter) in kind.char_indices() {
        if letter.is_ascii_uppercase() && position > 0 {
            stem.push('-');
        }
        stem.push(letter.to_ascii_lowercase());
    }
    stem
}

fn pretty(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).map(|text| text + "\n").unwrap_or_default()
}
