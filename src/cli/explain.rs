//! `sitewright explain`.

use serde_json::Value;

use super::exit::Exit;
use super::output::Output;
use crate::diagnostics::nearest;
use crate::manifest::schema;
use crate::report;
use crate::rules::codes;

/// Explain a kind, a field or a diagnostic code.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sitewright explain Partition\n  sitewright explain Partition.spec.limits.wallTime\n  sitewright explain Site.targets.slurm.restart\n  sitewright explain limit-exceeds-partition"
)]
pub(crate) struct Args {
    /// KIND, KIND.field or CODE; the kind of sitewright.yaml is Site
    #[arg(value_name = "KIND[.FIELD]|CODE")]
    what: String,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    if let Some(code) = codes::find(&args.what) {
        output.say(&report::explain(code));
        return Exit::Success;
    }
    let mut parts = args.what.split('.');
    let kind = parts.next().unwrap_or_default();
    let Some(name) = schema::kind_named(kind) else {
        let kinds: Vec<&str> = schema::names().collect();
        let candidates = kinds.iter().copied().chain(codes::all().into_iter().map(|code| code.name));
        let hint = nearest(&args.what, candidates).map_or_else(
            || format!("kinds: {}; codes are printed with each finding", kinds.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        output.problem(&format!("there is no kind or code `{}`", args.what), &hint);
        return Exit::Problem;
    };
    let Some(root) = schema::of_kind(name) else { return Exit::Problem };
    let mut current = &root;
    let mut walked = name.to_owned();
    for part in parts {
        let part = part.trim_end_matches("[]");
        let Some((next, path)) = step(current, &walked, part) else {
            let (inner, path) = innermost(current, &walked);
            let fields: Vec<&str> = inner
                .get("properties")
                .and_then(Value::as_object)
                .map(|map| map.keys().map(String::as_str).collect())
                .unwrap_or_default();
            let hint = match nearest(part, fields.iter().copied()) {
                Some(near) => format!("did you mean `{path}.{near}`?"),
                None if fields.is_empty() => format!("it is {}", type_text(current)),
                None => format!("fields: {}", fields.join(", ")),
            };
            output.problem(&format!("`{walked}` has no field `{part}`"), &hint);
            return Exit::Problem;
        };
        (current, walked) = (next, path);
    }
    output.say(&page(&walked, current, output.style().width.min(80)));
    Exit::Success
}

/// Schema and path of a field. Names that the user chooses can be left out: `Site.targets.slurm` is a field of each.
fn step<'a>(schema: &'a Value, walked: &str, part: &str) -> Option<(&'a Value, String)> {
    let (inner, path) = innermost(schema, walked);
    if let Some(next) = inner.get("properties").and_then(|map| map.get(part)) {
        return Some((next, format!("{path}.{part}")));
    }
    named_by_user(schema).map(|next| (next, format!("{walked}.*")))
}

/// What each item of a list, or each value of a mapping with names of the user's, is.
fn innermost<'a>(schema: &'a Value, walked: &str) -> (&'a Value, String) {
    let (mut current, mut path) = (schema.get("items").unwrap_or(schema), walked.to_owned());
    while let Some(next) = named_by_user(current) {
        current = next;
        path.push_str(".*");
    }
    (current, path)
}

/// Schema of the values of a mapping whose names the user chooses.
fn named_by_user(schema: &Value) -> Option<&Value> {
    schema.get("additionalProperties").filter(|values| values.is_object())
}

fn type_text(schema: &Value) -> String {
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

fn page(name: &str, schema: &Value, width: usize) -> String {
    let text =
        |schema: &Value| schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
    let mut page = report::wrap(&format!("{name}: {}", type_text(schema)), width) + "\n";
    let description = text(schema);
    if !description.is_empty() {
        page.push_str(&format!("\n{}\n", report::wrap(&description, width)));
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
            let described =
                report::wrap(&described.as_str().unwrap_or_default().replace('\n', " "), width.saturating_sub(21));
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
        let head = report::wrap(&format!("{field}{need}: {}", type_text(inner)), width.saturating_sub(6));
        page.push_str(&format!("  {}\n", head.replace('\n', "\n      ")));
        for line in report::wrap(&text(inner), width.saturating_sub(6)).lines() {
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
