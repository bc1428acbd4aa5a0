//! Kubernetes' own manifests, which a SupportService names by their folder: told apart from ours, and read as `kubectl`
//! reads them.

use serde_json::{Map, Number, Value};

use super::node::{Content, Node};
use super::v1alpha1::Kind;
use crate::diagnostics::codes::services as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::resource::FieldPath;

/// An object of a folder that a service names.
#[derive(Debug, Clone)]
pub struct PassedThrough {
    /// File it stands in, as findings call it.
    pub file: String,
    /// Document it stands in.
    pub document: DocumentId,
    /// Where it begins in the document: the root, or an item of a `List`.
    pub base: FieldPath,
    /// Its content; a mapping.
    pub object: Value,
}

/// A folder that a service in a file names.
pub(super) struct Folder {
    file: String,
    path: String,
}

/// The folder that a manifest in `file` names, as files are called: `services/grafana`. An error says why it cannot be.
pub fn folder_named(file: &str, folder: &str) -> Result<String, &'static str> {
    if folder.starts_with('/') || folder.contains('\\') {
        return Err("it is not relative to this file");
    }
    let above = file.rsplit_once('/').map_or("", |(above, _)| above);
    let mut steps: Vec<&str> = Vec::new();
    for step in above.split('/').chain(folder.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop().ok_or("it leads out of the site's folder")?;
            }
            step => steps.push(step),
        }
    }
    let path = steps.join("/");
    if path.is_empty() || is_under(file, &path) {
        return Err("it holds this file too, and all of it would be taken for Kubernetes' own");
    }
    Ok(path)
}

/// Whether a file stands in a folder or below it.
pub fn is_under(file: &str, folder: &str) -> bool {
    file.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Folders that the documents of a file name.
pub(super) fn folders_of(file: &str, nodes: &[Node]) -> Vec<Folder> {
    let named = nodes.iter().filter_map(|node| {
        (node.get("kind")?.text()? == Kind::SupportService.name()).then_some(())?;
        let folder = node.get("spec")?.get("manifests")?.get("folder")?.text()?;
        let path = folder_named(file, folder).ok()?;
        Some(Folder { file: file.to_owned(), path })
    });
    named.collect()
}

/// Folders of which the naming file is a manifest itself.
pub(super) fn settled(all: &[Folder]) -> Vec<String> {
    let inside = |file: &str| all.iter().any(|other| is_under(file, &other.path));
    all.iter().filter(|folder| !inside(&folder.file)).map(|folder| folder.path.clone()).collect()
}

/// The objects of a document; lists of them are flattened.
pub(super) fn objects(file: &str, document: DocumentId, node: &Node, found: &mut Diagnostics) -> Vec<PassedThrough> {
    let object = |base: FieldPath, object: Value| PassedThrough { file: file.to_owned(), document, base, object };
    let base = FieldPath::root();
    let is_list = node.get("kind").and_then(Node::text) == Some("List");
    if let (true, Some(Node { content: Content::Sequence(items), .. })) = (is_list, node.get("items")) {
        let list = base.key("items");
        return items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| {
                let base = list.index(index);
                mapping(document, item, &base, found).map(|value| object(base, value))
            })
            .collect();
    }
    mapping(document, node, &base, found).map(|value| object(base, value)).into_iter().collect()
}

fn mapping(document: DocumentId, node: &Node, base: &FieldPath, found: &mut Diagnostics) -> Option<Value> {
    let object = value(document, node, base, found)?;
    if object.is_object() {
        return Some(object);
    }
    found.push(
        Diagnostic::new(&codes::NO_OBJECT, "this is no Kubernetes object: it has to be a mapping")
            .at(Place::value(document, base.clone()))
            .hint("an object has `apiVersion`, `kind` and `metadata.name`; move other files out of the folder"),
    );
    None
}

/// A tree as `kubectl` understands it; nothing is nothing.
fn value(document: DocumentId, node: &Node, path: &FieldPath, found: &mut Diagnostics) -> Option<Value> {
    Some(match &node.content {
        Content::Scalar(text, false) => Value::String(text.clone()),
        Content::Scalar(text, true) => match plain(text) {
            Plain::Value(value) => value,
            Plain::Nothing => return None,
            Plain::Ambiguous => {
                found.push(
                    Diagnostic::new(
                        &codes::AMBIGUOUS_SCALAR,
                        format!("readers of YAML do not agree on what the value of `{path}` is"),
                    )
                    .at(Place::value(document, path.clone()))
                    .label("a text, or something else")
                    .hint("write a text in quotes, a number in decimals, and `true` or `false`"),
                );
                return None;
            }
        },
        Content::Sequence(items) => Value::Array(
            items
                .iter()
                .enumerate()
                .filter_map(|(index, item)| value(document, item, &path.index(index), found))
                .collect(),
        ),
        Content::Mapping(entries) => {
            let mut map = Map::new();
            for entry in entries {
                if let Some(inner) = value(document, &entry.value, &path.key(&entry.key), found) {
                    map.insert(entry.key.clone(), inner);
                }
            }
            Value::Object(map)
        }
    })
}

/// What a scalar without quotes is.
#[derive(Debug, PartialEq)]
enum Plain {
    Value(Value),
    Nothing,
    /// YAML 1.1, by which `kubectl` reads, and YAML 1.2 do not agree.
    Ambiguous,
}

fn plain(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Nothing,
        "true" | "True" | "TRUE" => return Plain::Value(Value::Bool(true)),
        "false" | "False" | "FALSE" => return Plain::Value(Value::Bool(false)),
        _ => {}
    }
    let number = |number: Option<Number>| number.map_or(Plain::Ambiguous, |number| Plain::Value(Value::Number(number)));
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let folded = unsigned.to_lowercase();
    if ["y", "n", "yes", "no", "on", "off"].contains(&folded.as_str()) || [".inf", ".nan"].contains(&folded.as_str()) {
        return Plain::Ambiguous;
    }
    if !unsigned.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.') {
        return Plain::Value(Value::String(text.to_owned()));
    }
    if unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        // `017` is fifteen to one reader and seventeen to the other; a `+` is kept by neither.
        if text.starts_with('+') || (unsigned.len() > 1 && unsigned.starts_with('0')) {
            return Plain::Ambiguous;
        }
        let signed = text.parse::<i64>().map(Number::from);
        return number(signed.or_else(|_| text.parse::<u64>().map(Number::from)).ok());
    }
    let radix = ["0x", "0o", "0b"].iter().any(|prefix| folded.starts_with(prefix));
    let numeric = |extra: &str| unsigned.chars().all(|letter| letter.is_ascii_digit() || extra.contains(letter));
    // `1_000` is a number to some, `12:30:45` is one in base sixty.
    if radix || (unsigned.contains('_') && numeric("_.")) || (unsigned.contains(':') && numeric(":.")) {
        return Plain::Ambiguous;
    }
    match text.parse::<f64>() {
        Ok(value) if numeric(".eE+-") => number(Number::from_f64(value)),
        _ => Plain::Value(Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn folders_stay_inside() {
        assert_eq!(folder_named("services.yaml", "grafana"), Ok("grafana".to_owned()));
        assert_eq!(folder_named("a/b/services.yaml", "../c/./d/"), Ok("a/c/d".to_owned()));
        for (file, folder) in [
            ("services.yaml", "/etc"),
            ("services.yaml", ".."),
            ("services.yaml", "."),
            ("services.yaml", ""),
            ("a/services.yaml", "../../b"),
            ("a/b/services.yaml", ".."),
        ] {
            assert!(folder_named(file, folder).is_err(), "{file} {folder}");
        }
        assert!(is_under("grafana/a.yaml", "grafana"));
        assert!(!is_under("grafana-2/a.yaml", "grafana"));
    }

    #[test]
    fn scalars_are_what_every_reader_takes_them_for() {
        for (text, wanted) in [
            ("80", json!(80)),
            ("-1", json!(-1)),
            ("0.5", json!(0.5)),
            ("true", json!(true)),
            ("16Gi", json!("16Gi")),
            ("1.27.0", json!("1.27.0")),
            ("v1", json!("v1")),
            ("2026-01-01", json!("2026-01-01")),
            ("-", json!("-")),
        ] {
            assert_eq!(plain(text), Plain::Value(wanted), "{text}");
        }
        assert_eq!(plain("null"), Plain::Nothing);
        for text in ["NO", "yes", "on", "y", "017", "0x1F", "1_000", "12:30", ".inf", "+5", "99999999999999999999"] {
            assert_eq!(plain(text), Plain::Ambiguous, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,20}") {
            let _ = (plain(&text), folder_named(&text, &text));
        }
    }
}
