//! Pages of kinds and fields, as their schemas describe them.

use serde_json::Value;

use super::wrap::wrap;
use crate::manifest::schema::{innermost, named_by_user};

/// What a field of a schema holds: `list of texts`.
pub fn type_text(schema: &Value) -> String {
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        return options.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => format!("list of {}", items_text(schema)),
        Some("object") => match named_by_user(schema) {
            Some(values) => format!("mapping of names to {}", types_text(values)),
            None => "mapping".to_owned(),
        },
        Some("string") => "text".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        _ => "value".to_owned(),
    }
}

fn items_text(list: &Value) -> String {
    list.get("items").map_or_else(|| "values".to_owned(), types_text)
}

/// The type of several values.
fn types_text(schema: &Value) -> String {
    match schema.get("type").and_then(Value::as_str) {
        _ if schema.get("enum").is_some_and(Value::is_array) => type_text(schema),
        Some("array") => format!("list of {}", items_text(schema)),
        Some("object") => match named_by_user(schema) {
            Some(values) => format!("mappings of names to {}", types_text(values)),
            None => "mappings".to_owned(),
        },
        Some("string") => "texts".to_owned(),
        Some("integer") => "whole numbers".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        _ => "values".to_owned(),
    }
}

/// The page of a kind or of a field, `name` being its path.
pub fn schema_page(name: &str, schema: &Value, width: usize) -> String {
    let text =
        |schema: &Value| schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
    let mut page = wrap(&format!("{name}: {}", type_text(schema)), width) + "\n";
    let description = text(schema);
    if !description.is_empty() {
        page.push_str(&format!("\n{}\n", wrap(&description, width)));
    }
    if let Some(examples) = schema.get("examples").and_then(Value::as_array) {
        let shown: Vec<String> =
            examples.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), ToOwned::to_owned)).collect();
        page.push_str(&format!("\nExample: {}\n", shown.join(", ")));
    }
    if let (Some(values), Some(descriptions)) =
        (schema.get("enum").and_then(Value::as_array), schema.get("enumDescriptions").and_then(Value::as_array))
    {
        page.push('\n');
        for (value, described) in values.iter().zip(descriptions) {
            let described = wrap(&described.as_str().unwrap_or_default().replace('\n', " "), width.saturating_sub(21));
            let line = format!(
                "  {:<18} {}",
                value.as_str().unwrap_or_default(),
                described.replace('\n', &format!("\n{}", " ".repeat(21)))
            );
            page.push_str(&format!("{}\n", line.trim_end()));
        }
    }
    let (inner, path) = innermost(schema, name);
    let Some(fields) = inner.get("properties").and_then(Value::as_object) else { return page };
    let required: Vec<&str> = inner
        .get("required")
        .and_then(Value::as_array)
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    page.push_str(&if path == name {
        "\nFields:\n".to_owned()
    } else {
        format!("\nFields of each `{path}`, where `*` is a name of yours:\n")
    });
    for (field, inner) in fields {
        let need = if required.contains(&field.as_str()) { " (required)" } else { "" };
        let head = wrap(&format!("{field}{need}: {}", type_text(inner)), width.saturating_sub(6));
        page.push_str(&format!("  {}\n", head.replace('\n', "\n      ")));
        for line in wrap(&text(inner), width.saturating_sub(6)).lines() {
            page.push_str(&format!("      {line}\n"));
        }
    }
    let deeper = |schema: &Value| innermost(schema, "").0.get("properties").is_some();
    let further = if fields.contains_key("spec") {
        Some("spec")
    } else {
        fields.iter().find(|(_, inner)| deeper(inner)).map(|(field, _)| field.as_str())
    };
    if let Some(field) = further {
        page.push_str(&format!("\nMore: sitewright explain {path}.{field}\n"));
    }
    page
}
