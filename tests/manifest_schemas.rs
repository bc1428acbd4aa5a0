//! The schemas in `schemas/` are those that the wire types give. `SITEWRIGHT_REGENERATE=1` writes them anew.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sitewright::manifest::schema;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

#[test]
fn files_are_up_to_date() {
    let generated = schema::files();
    if std::env::var_os("SITEWRIGHT_REGENERATE").is_some() {
        for (name, text) in &generated {
            std::fs::write(folder().join(name), text).unwrap();
        }
    }
    let mut on_disk = BTreeMap::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let entry = entry.unwrap();
        on_disk.insert(entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap());
    }
    let names: Vec<&String> = generated.keys().collect();
    assert_eq!(on_disk.keys().collect::<Vec<_>>(), names, "run this test with SITEWRIGHT_REGENERATE=1");
    for (name, text) in &generated {
        assert_eq!(&on_disk[name], text, "{name} is out of date: run this test with SITEWRIGHT_REGENERATE=1");
    }
}

/// Every field has a description: it is what an editor shows.
fn undescribed(path: &str, schema: &Value, found: &mut Vec<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        for (name, property) in properties {
            let path = format!("{path}.{name}");
            if property.get("description").and_then(Value::as_str).is_none_or(str::is_empty) {
                found.push(path.clone());
            }
            undescribed(&path, property, found);
        }
    }
    for inner in ["items", "additionalProperties"] {
        if let Some(schema) = schema.get(inner) {
            undescribed(&format!("{path}.{inner}"), schema, found);
        }
    }
}

#[test]
fn every_field_is_described_and_nothing_is_loose() {
    for kind in schema::names() {
        let schema = schema::of_kind(kind).unwrap();
        let mut found = Vec::new();
        undescribed(kind, &schema, &mut found);
        assert!(found.is_empty(), "without description: {found:?}");
        let text = schema.to_string();
        for loose in ["\"anyOf\"", "\"oneOf\"", "\"$ref\"", "\"null\""] {
            assert!(!text.contains(loose), "{kind} has {loose}");
        }
    }
}

#[test]
fn editors_accept_what_we_accept() {
    let all: Value = serde_json::from_str(&schema::files()["sitewright.schema.json"]).unwrap();
    let validator = jsonschema::draft202012::new(&all).unwrap();
    let mode = serde_json::json!({
        "apiVersion": "sitewright.io/v1alpha1", "kind": "AccessMode", "metadata": {"name": "fast-lane"},
        "spec": {"perProject": {"gpuHours": "50_000"}, "usageFactor": 0.5, "flags": ["deny-on-limit"], "perJob": {"tres": {"cpu": 4}}},
    });
    assert!(validator.is_valid(&mode));
    let mut wrong = mode.clone();
    wrong["spec"]["perJop"] = serde_json::json!({});
    assert!(!validator.is_valid(&wrong));
    let mut wrong = mode;
    wrong["kind"] = serde_json::json!("Mode");
    assert!(!validator.is_valid(&wrong));
}
