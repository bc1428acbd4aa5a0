//! Loading: folder → documents of known kinds, with every shape error of every file.

use std::path::Path;

use serde_json::Value;

use super::folder::files_of;
use super::node::{Content, Node, parse};
use super::schema::Schemas;
use super::shape;
use super::source::{SETTINGS, STANDARD_INPUT, Source, Sources, read, read_input};
use super::v1alpha1::{API_VERSION, AccessMode, Factory, KINDS, Partition, Project, Settings};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place, nearest};
use crate::resource::FieldPath;

/// A document of a known kind.
#[derive(Debug, Clone)]
pub struct Document {
    /// Which.
    pub id: DocumentId,
    /// Its content.
    pub wire: Wire,
    /// Whether all of it was understood; else the parts with errors are left out, and what other documents say about it
    /// proves nothing.
    pub whole: bool,
}

/// Content by kind.
#[derive(Debug, Clone)]
pub enum Wire {
    /// The whole.
    Factory(Box<Factory>),
    /// Nodes with common rules.
    Partition(Box<Partition>),
    /// A way of using the factory.
    AccessMode(Box<AccessMode>),
    /// Who uses it.
    Project(Box<Project>),
}

/// What loading gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Texts and places.
    pub sources: Sources,
    /// Documents whose shape is right.
    pub documents: Vec<Document>,
    /// What is wrong.
    pub diagnostics: Diagnostics,
    /// Whether a document could not be read at all, so that a reference that leads nowhere proves nothing.
    pub lost: bool,
}

/// Loads a folder, one file, or the standard input (`-`).
pub fn load(path: &Path, schemas: &Schemas) -> Loaded {
    let mut found = Diagnostics::new();
    let mut texts = Vec::new();
    if path == Path::new("-") {
        texts.extend(read_input(std::io::stdin().lock(), &mut found).map(|text| (STANDARD_INPUT.to_owned(), text)));
        let mut loaded = load_texts(texts, schemas);
        loaded.lost |= found.has_errors();
        found.extend(std::mem::take(&mut loaded.diagnostics));
        loaded.diagnostics = found;
        return loaded;
    }
    let folder = if path.is_file() { path.parent().unwrap_or(path) } else { path };
    for file in files_of(path, &mut found) {
        let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        if let Some(text) = read(&file, &name, &mut found) {
            texts.push((name, text));
        }
    }
    if texts.is_empty() && found.is_empty() {
        found.push(
            Diagnostic::new(&codes::NO_MANIFESTS, format!("there are no manifests in `{}`", path.display()))
                .at(Place::File(path.display().to_string()))
                .hint("start a site: sitewright init nordlys"),
        );
    }
    let mut loaded = load_texts(texts, schemas);
    loaded.lost |= found.has_errors();
    found.extend(std::mem::take(&mut loaded.diagnostics));
    loaded.diagnostics = found;
    loaded
}

/// Loads texts by name.
pub fn load_texts(texts: Vec<(String, String)>, schemas: &Schemas) -> Loaded {
    let mut loaded = Loaded::default();
    for (name, text) in texts {
        let (nodes, errors) = parse(&name, &text);
        // A syntax error ends the text; documents after it are not seen.
        loaded.lost |= errors.iter().any(|error| error.code == &codes::YAML_SYNTAX);
        let broken = !errors.is_empty();
        for error in errors {
            loaded.diagnostics.push(error);
        }
        let file = loaded.sources.files.len();
        loaded.sources.files.push(Source::new(name, text));
        for node in nodes {
            // An empty document between two separators.
            if matches!(&node.content, Content::Scalar(text, true) if text.is_empty() || text == "~") {
                continue;
            }
            let id = DocumentId(loaded.sources.documents.len());
            match document(id, &node, schemas, &mut loaded.diagnostics) {
                Some((wire, whole)) => loaded.documents.push(Document { id, wire, whole: whole && !broken }),
                None => loaded.lost = true,
            }
            loaded.sources.documents.push((file, node));
        }
    }
    loaded
}

/// A document's content, and whether all of it was understood.
fn document(id: DocumentId, node: &Node, schemas: &Schemas, found: &mut Diagnostics) -> Option<(Wire, bool)> {
    if !matches!(node.content, Content::Mapping(_)) {
        found.push(
            Diagnostic::new(&codes::WRONG_TYPE, "a manifest is a mapping with `apiVersion`, `kind`, `metadata` and `spec`")
                .at(Place::value(id, FieldPath::root()))
                .hint("see `sitewright explain Partition`"),
        );
        return None;
    }
    let kind = node.get("kind").and_then(Node::text);
    let Some(kind) = kind else {
        found.push(
            Diagnostic::new(&codes::MISSING_FIELD, "the document lacks `kind`")
                .at(Place::key(id, FieldPath::root()))
                .hint(format!("add `kind:` with one of {}", KINDS.join(", "))),
        );
        return None;
    };
    let Some((schema, validator)) = schemas.get(kind).filter(|_| KINDS.contains(&kind)) else {
        let hint = nearest(kind, KINDS).map_or_else(|| format!("known kinds: {}", KINDS.join(", ")), |near| format!("did you mean `{near}`?"));
        found.push(
            Diagnostic::new(&codes::UNKNOWN_KIND, format!("there is no kind `{kind}`"))
                .at(Place::value(id, FieldPath::keys("kind")))
                .label("unknown kind")
                .hint(hint),
        );
        return None;
    };
    if let Some(version) = node.get("apiVersion").and_then(Node::text)
        && version != API_VERSION
    {
        found.push(
            Diagnostic::new(&codes::UNSUPPORTED_API_VERSION, format!("`{version}` is not a version that this tool reads"))
                .at(Place::value(id, FieldPath::keys("apiVersion")))
                .label("not supported")
                .hint(format!("write `apiVersion: {API_VERSION}`")),
        );
        return None;
    }
    let json = shape::to_json(node, schema);
    let (json, whole) = shape::checked(id, node, json, schema, validator, found);
    match decode(kind, json?) {
        Ok(wire) => wire.map(|wire| (wire, whole)),
        Err(error) => {
            found.push(
                Diagnostic::new(&codes::WRONG_FORM, format!("the document is not of the right form: {error}"))
                    .at(Place::value(id, FieldPath::keys("spec")))
                    .hint(format!("see `sitewright explain {kind}`")),
            );
            None
        }
    }
}

fn decode(kind: &str, json: Value) -> Result<Option<Wire>, serde_json::Error> {
    Ok(Some(match kind {
        "Factory" => Wire::Factory(serde_json::from_value(json)?),
        "Partition" => Wire::Partition(serde_json::from_value(json)?),
        "AccessMode" => Wire::AccessMode(serde_json::from_value(json)?),
        "Project" => Wire::Project(serde_json::from_value(json)?),
        _ => return Ok(None),
    }))
}

/// Loads the settings: `sitewright.yaml` of a folder, or the file named. A folder without one has none. The document is
/// returned for the places of its fields.
pub fn load_settings(
    path: &Path,
    schemas: &Schemas,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> (Settings, Option<DocumentId>) {
    let nothing = (Settings::default(), None);
    let (file, name) =
        if path.is_dir() { (path.join(SETTINGS), SETTINGS.to_owned()) } else { (path.to_owned(), path.display().to_string()) };
    // A link that leads nowhere is not nothing: clusters would become twins.
    let there = std::fs::symlink_metadata(&file);
    if path.is_dir() && there.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return nothing;
    }
    let Some(text) = read(&file, &name, found) else { return nothing };
    settings_of(name, text, schemas, sources, found)
}

/// The settings in a text.
pub fn settings_of(
    name: String,
    text: String,
    schemas: &Schemas,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> (Settings, Option<DocumentId>) {
    let nothing = (Settings::default(), None);
    let (nodes, errors) = parse(&name, &text);
    let broken = !errors.is_empty();
    for error in errors {
        found.push(error);
    }
    let index = sources.files.len();
    sources.files.push(Source::new(name.as_str(), text));
    let mut nodes = nodes.into_iter();
    let (Some(node), false) = (nodes.next(), broken) else { return nothing };
    if let Some(second) = nodes.next() {
        found.push(
            Diagnostic::new(&codes::WRONG_FORM, format!("`{name}` holds settings, in one document"))
                .at(Place::Text { file: name, offset: second.offset, length: 1 })
                .label("a second document")
                .hint("move manifests to a file of their own, e.g. `factory.yaml`"),
        );
    }
    if matches!(&node.content, Content::Scalar(text, true) if text.is_empty()) {
        return nothing;
    }
    let id = DocumentId(sources.documents.len());
    let Some((schema, validator)) = schemas.get("Settings") else { return nothing };
    let json = shape::to_json(&node, schema);
    let (json, _) = shape::checked(id, &node, json, schema, validator, found);
    sources.documents.push((index, node));
    match json.map(serde_json::from_value) {
        Some(Ok(settings)) => (settings, Some(id)),
        Some(Err(error)) => {
            found.push(
                Diagnostic::new(&codes::WRONG_FORM, format!("the settings are not of the right form: {error}"))
                    .at(Place::value(id, FieldPath::root())),
            );
            (Settings::default(), Some(id))
        }
        None => (Settings::default(), Some(id)),
    }
}
