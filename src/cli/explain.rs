//! `sitewright explain`.

use serde_json::Value;

use super::exit::Exit;
use super::output::Output;
use crate::diagnostics::{codes, nearest};
use crate::manifest::schema;
use crate::manifest::v1alpha1::KINDS;
use crate::report;

/// Explain a kind, a field or a diagnostic code.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  sitewright explain Partition\n  sitewright explain Partition.spec.limits.wallTime\n  sitewright explain limit-exceeds-partition")]
pub(crate) struct Args {
    /// KIND, KIND.field or CODE
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
    let known = KINDS.into_iter().chain(["Settings"]);
    let Some(name) = known.clone().find(|one| one.eq_ignore_ascii_case(kind)) else {
        let candidates: Vec<&str> = known.chain(codes::all().map(|code| code.name)).collect();
        let hint = nearest(&args.what, candidates).map_or_else(|| format!("kinds: {}; codes are printed with each finding", KINDS.join(", ")), |near| format!("did you mean `{near}`?"));
        output.complain(&format!("error: there is no kind or code `{}`\n  hint: {hint}\n", args.what));
        return Exit::Problem;
    };
    let Some(root) = schema::of_kind(name) else { return Exit::Problem };
    let mut current = &root;
    let mut walked = name.to_owned();
    for part in parts {
        let inner = if current.get("items").is_some() { &current["items"] } else { current };
        let fields: Vec<&str> = inner.get("properties").and_then(Value::as_object).map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default();
        let part = part.trim_end_matches("[]");
        match inner.get("properties").and_then(|map| map.get(part)) {
            Some(next) => {
                current = next;
                walked = format!("{walked}.{part}");
            }
            None => {
                let hint = nearest(part, fields.iter().copied()).map_or_else(|| format!("fields: {}", fields.join(", ")), |near| format!("did you mean `{walked}.{near}`?"));
                output.complain(&format!("error: `{walked}` has no field `{part}`\n  hint: {hint}\n"));
                return Exit::Problem;
            }
        }
    }
    output.say(&page(&walked, current));
    Exit::Success
}

fn type_text(schema: &Value) -> String {
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        return options.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ");
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("array") => format!("list of {}", schema.get("items").map_or_else(|| "values".to_owned(), type_text)),
        Some("object") if schema.get("properties").is_some() => "mapping".to_owned(),
        Some("object") => "mapping of names to texts".to_owned(),
        Some("string") => "text".to_owned(),
        Some("integer") => "whole number".to_owned(),
        Some("boolean") => "true or false".to_owned(),
        _ => "value".to_owned(),
    }
}

fn page(name: &str, schema: &Value) -> String {
    let text = |key: &str| schema.get(key).and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
    let mut page = format!("{name}: {}\n", type_text(schema));
    let description = text("description");
    if !description.is_empty() {
        page.push_str(&format!("\n{}\n", report_wrap(&description)));
    }
    if let Some(examples) = schema.get("examples").and_then(Value::as_array) {
        let shown: Vec<String> = examples.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), ToOwned::to_owned)).collect();
        page.push_str(&format!("\nExample: {}\n", shown.join(", ")));
    }
    if let (Some(values), Some(descriptions)) = (schema.get("enum").and_then(Value::as_array), schema.get("enumDescriptions").and_then(Value::as_array)) {
        page.push('\n');
        for (value, described) in values.iter().zip(descriptions) {
            page.push_str(&format!("  {:<18} {}\n", value.as_str().unwrap_or_default(), described.as_str().unwrap_or_default().replace('\n', " ")));
        }
    }
    let inner = schema.get("items").unwrap_or(schema);
    if let Some(fields) = inner.get("properties").and_then(Value::as_object) {
        let required: Vec<&str> = inner.get("required").and_then(Value::as_array).map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default();
        page.push_str("\nFields:\n");
        for (field, inner) in fields {
            let need = if required.contains(&field.as_str()) { " (required)" } else { "" };
            page.push_str(&format!("  {field}{need}: {}\n", type_text(inner)));
            let described = inner.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
            for line in report_wrap(&described).lines() {
                page.push_str(&format!("      {line}\n"));
            }
        }
    }
    page
}

fn report_wrap(text: &str) -> String {
    report::wrap(text, 74)
}
