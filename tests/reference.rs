//! `docs/reference/` is what the program says of itself. `SITEWRIGHT_REGENERATE=1` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;
use sitewright::manifest::schema;
use sitewright::rules::codes;

fn compare(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name);
    if std::env::var_os("SITEWRIGHT_REGENERATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, generated).unwrap();
    }
    let on_disk = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(on_disk, generated, "{name} is out of date: run this test with SITEWRIGHT_REGENERATE=1");
}

#[test]
fn command_line() {
    let mut root = sitewright::cli::command().term_width(80);
    root.build();
    let mut text = String::from("# Command line\n\nGenerated from the program.\n");
    let _ = write!(text, "\n## sitewright\n\n```text\n{}\n```\n", root.render_long_help().to_string().trim_end());
    let names: Vec<String> =
        root.get_subcommands().map(|one| one.get_name().to_owned()).filter(|name| name != "help").collect();
    for name in names {
        let verb = root.find_subcommand_mut(&name).unwrap();
        let help = verb.clone().term_width(80).render_help().to_string();
        let _ = write!(text, "\n## sitewright {name}\n\n```text\n{}\n```\n", help.trim_end());
    }
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    compare("cli.md", &text);
}

#[test]
fn diagnostics() {
    let mut all = codes::all();
    all.sort_by_key(|code| code.name);
    let mut text = String::from("# Diagnostics\n\nGenerated from the program. `sitewright explain CODE` prints one.\n");
    for code in all {
        let _ = write!(
            text,
            "\n## {}\n\n{}: {}.\n\n{}\n\nExample:\n\n```\n{}\n```\n\nFix:\n\n```\n{}\n```\n",
            code.name,
            code.severity.word(),
            code.summary,
            code.explanation,
            code.failing,
            code.passing
        );
    }
    compare("diagnostics.md", &text);
}

#[test]
fn codes_are_unique_and_have_pages() {
    let mut seen = std::collections::BTreeSet::new();
    for code in codes::all() {
        assert!(seen.insert(code.name), "{} stands twice", code.name);
        assert!(
            code.name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'),
            "{}",
            code.name
        );
        for part in [code.summary, code.explanation, code.failing, code.passing] {
            assert!(!part.is_empty(), "{} lacks a text", code.name);
        }
    }
}

fn fields(path: &str, schema: &Value, text: &mut String) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    for (name, field) in properties {
        let here = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let kind = match (field.get("enum"), field.get("type").and_then(Value::as_str)) {
            (Some(Value::Array(words)), _) => {
                words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
            }
            (_, Some("array")) => "list".to_owned(),
            (_, Some("object")) => "mapping".to_owned(),
            (_, Some("integer")) => "number".to_owned(),
            (_, Some("boolean")) => "true or false".to_owned(),
            _ => "text".to_owned(),
        };
        let described =
            field.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ").replace('|', "\\|");
        let _ = writeln!(text, "| `{here}` | {kind} | {described} |");
        fields(&here, field, text);
        if let Some(items) = field.get("items") {
            fields(&format!("{here}[]"), items, text);
        }
        // Names that the user chooses.
        let (mut values, mut path) = (field.get("additionalProperties"), here);
        while let Some(inner) = values.filter(|inner| inner.is_object()) {
            path.push_str(".*");
            fields(&path, inner, text);
            values = inner.get("additionalProperties");
        }
    }
}

#[test]
fn manifests() {
    let mut text = String::from(
        "# Manifests\n\nGenerated from the schemas. `sitewright explain KIND.field` prints one field; a `*` is a name of yours.\n",
    );
    for kind in ["Factory", "Partition", "AccessMode", "Project", "SupportService", "Site"] {
        let schema = schema::of_kind(kind).unwrap();
        let described = schema.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
        let title = if kind == "Site" { "sitewright.yaml" } else { kind };
        let _ = write!(text, "\n## {title}\n\n{described}\n\n| Field | Type | Meaning |\n|---|---|---|\n");
        fields("", &schema, &mut text);
    }
    compare("manifests.md", &text);
}
