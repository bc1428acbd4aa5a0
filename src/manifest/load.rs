//! Loading: folder → documents of known kinds, with every shape error of every file.

use std::path::Path;
use std::sync::atomic::AtomicUsize;

use rayon::prelude::*;

use super::folder::{files_below, files_of};
use super::node::{Content, NODES, Node, parse, parse_within};
use super::pass_through::{self, PassedThrough};
use super::refused::{Lost, Refused};
use super::schema::Schemas;
use super::secrets;
use super::shape;
use super::source::{ALL_BYTES, SETTINGS, STANDARD_INPUT, Source, Sources, read, read_input, unreadable};
use super::v1alpha1::{API_VERSION, KINDS, Kind, SITE, Settings, Wire};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place, nearest};
use crate::resource::FieldPath;

/// A document of a known kind.
#[derive(Debug, Clone)]
pub struct Document {
    /// Which.
    pub id: DocumentId,
    /// Its content: what is right of it.
    pub wire: Wire,
}

/// What loading gave.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Texts and places.
    pub sources: Sources,
    /// Documents of known kinds.
    pub documents: Vec<Document>,
    /// Objects of the folders that services name.
    pub passed_through: Vec<PassedThrough>,
    /// What of them was refused, and what could not be read at all.
    pub refused: Refused,
    /// What is wrong.
    pub diagnostics: Diagnostics,
}

/// Loads a folder, one file, or the standard input (`-`).
pub fn load(path: &Path, schemas: &Schemas) -> Loaded {
    let mut found = Diagnostics::new();
    let mut texts = Vec::new();
    if path == Path::new("-") {
        texts.extend(read_input(std::io::stdin().lock(), &mut found).map(|text| (STANDARD_INPUT.to_owned(), text)));
        return load_after(found, texts, schemas);
    }
    let folder = if path.is_file() { path.parent().unwrap_or(path) } else { path };
    let mut files = files_of(path, &mut found);
    if path.is_file() {
        files.extend(beside(path, folder, &mut found));
    }
    let mut bytes = 0;
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        if let Some(text) = read(&file, &name, &mut found) {
            bytes += text.len();
            if bytes > ALL_BYTES {
                let why = format!("the manifests have more than {} MB together", ALL_BYTES >> 20);
                found.push(unreadable(&file, &name, &why));
                break;
            }
            texts.push((name, text));
        }
    }
    if texts.is_empty() && found.is_empty() {
        found.push(
            Diagnostic::new(&codes::NO_MANIFESTS, format!("there are no manifests in `{}`", path.display()))
                .at(Place::File(path.display().to_string()))
                .hint("name the folder of a site (with a saved plan: `--dir DIR`), or start one: `sitewright init nordlys`"),
        );
    }
    load_after(found, texts, schemas)
}

/// Files of the folders that the services of one file name: they are a part of it.
fn beside(path: &Path, folder: &Path, found: &mut Diagnostics) -> Vec<std::path::PathBuf> {
    let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
    // What is wrong with the file is told when it is loaded.
    let Some(text) = read(path, &name, &mut Diagnostics::new()) else { return Vec::new() };
    let folders = pass_through::settled(&pass_through::folders_of(&name, &parse(&name, &text).0));
    let site = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let mut files = Vec::new();
    for name in folders {
        let below = folder.join(&name);
        match std::fs::canonicalize(&below) {
            Ok(real) if !real.starts_with(&site) => {
                let why = format!("it leads to `{}`, outside of the folder of the manifests", real.display());
                found.push(unreadable(&below, &name, &why));
            }
            Ok(real) if real.is_dir() => files.extend(files_below(&below, found)),
            _ => {}
        }
    }
    files
}

/// Loads texts after what was found in getting them.
fn load_after(mut found: Diagnostics, texts: Vec<(String, String)>, schemas: &Schemas) -> Loaded {
    let mut loaded = load_texts(texts, schemas);
    if found.has_errors() {
        loaded.refused.lose(Lost::File);
    }
    found.extend(std::mem::take(&mut loaded.diagnostics));
    loaded.diagnostics = found;
    loaded
}

/// A text as far as it is understood by itself.
struct Parsed {
    source: Source,
    nodes: Vec<Node>,
    errors: Vec<Diagnostic>,
}

/// Loads texts by name.
pub fn load_texts(texts: Vec<(String, String)>, schemas: &Schemas) -> Loaded {
    let left = AtomicUsize::new(NODES);
    let parsed: Vec<Parsed> = texts
        .into_par_iter()
        .map(|(name, text)| {
            let (mut nodes, errors) = parse_within(&name, &text, &left);
            // An empty document between two separators.
            let is_empty =
                |node: &Node| matches!(&node.content, Content::Scalar(text, true) if text.is_empty() || text == "~");
            nodes.retain(|node| !is_empty(node));
            Parsed { source: Source::new(name, text), nodes, errors }
        })
        .collect();
    let named: Vec<_> =
        parsed.iter().flat_map(|file| pass_through::folders_of(&file.source.name, &file.nodes)).collect();
    let folders = pass_through::settled(&named);
    let is_passed = |name: &str| folders.iter().any(|folder| pass_through::is_under(name, folder));
    // Documents are numbered in the order of their files, whoever reads them.
    let mut first = 0;
    let numbered: Vec<(usize, Parsed)> = parsed
        .into_iter()
        .map(|one| {
            let id = first;
            first += one.nodes.len();
            (id, one)
        })
        .collect();
    let read: Vec<(Parsed, Part)> = numbered
        .into_par_iter()
        .map(|(id, mut one)| {
            let passed = is_passed(&one.source.name);
            let part = if passed { Part::passed(id, &mut one) } else { Part::of(id, &mut one, schemas) };
            (one, part)
        })
        .collect();
    let mut loaded = Loaded::default();
    for (one, part) in read {
        let file = loaded.sources.files.len();
        loaded.sources.files.push(one.source);
        loaded.sources.documents.extend(one.nodes.into_iter().map(|node| (file, node)));
        for error in one.errors {
            loaded.diagnostics.push(error);
        }
        loaded.diagnostics.extend(part.diagnostics);
        loaded.refused.extend(part.refused);
        loaded.documents.extend(part.documents);
        loaded.passed_through.extend(part.passed_through);
    }
    loaded
}

/// What the documents of one file give.
#[derive(Default)]
struct Part {
    documents: Vec<Document>,
    passed_through: Vec<PassedThrough>,
    refused: Refused,
    diagnostics: Diagnostics,
}

impl Part {
    /// Reads the manifests of a file, of which the first has that number.
    fn of(first: usize, parsed: &mut Parsed, schemas: &Schemas) -> Self {
        let mut part = Self::default();
        for node in &parsed.nodes {
            parsed.source.hide(&secrets::of_manifest(node));
        }
        let text = &parsed.source.text;
        let offsets: Vec<usize> = parsed.errors.iter().filter_map(offset).collect();
        // An error behind the last document ended the text: what follows was not seen.
        let end = parsed.nodes.last().map_or(0, |node| node.offset + node.length);
        if offsets.iter().any(|offset| *offset >= end) {
            part.refused.lose(Lost::Text(text.get(end..).unwrap_or(text).to_owned()));
        }
        for (number, node) in (first..).zip(&parsed.nodes) {
            let id = DocumentId(number);
            let within = node.offset..node.offset + node.length;
            let flaws: Vec<usize> = offsets.iter().copied().filter(|offset| within.contains(offset)).collect();
            match document(id, node, &flaws, schemas, &mut part.diagnostics, &mut part.refused) {
                Some(wire) => part.documents.push(Document { id, wire }),
                None => part.refused.lose(lost(node, text)),
            }
        }
        part
    }

    /// Reads the objects of a file of Kubernetes' own.
    fn passed(first: usize, parsed: &mut Parsed) -> Self {
        let mut part = Self::default();
        if parsed.errors.is_empty() {
            for node in &parsed.nodes {
                parsed.source.hide(&secrets::of_object(node));
            }
        } else {
            parsed.source.hide_values();
        }
        for (number, node) in (first..).zip(&parsed.nodes) {
            let name = &parsed.source.name;
            let objects = pass_through::objects(name, DocumentId(number), node, &mut part.diagnostics);
            part.passed_through.extend(objects);
        }
        part
    }
}

fn offset(error: &Diagnostic) -> Option<usize> {
    match &error.place {
        Some(Place::Text { offset, .. }) => Some(*offset),
        _ => None,
    }
}

/// What can be said of a document that is not understood.
fn lost(node: &Node, text: &str) -> Lost {
    let Some(name) = node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::text) else {
        return Lost::Text(text.get(node.offset..node.offset + node.length).unwrap_or(text).to_owned());
    };
    let kind = node.get("kind").and_then(Node::text).and_then(Kind::named);
    Lost::Document { kind, name: name.to_owned() }
}

/// A document's content: what is right of it. `flaws` are offsets at which its text was refused.
fn document(
    id: DocumentId,
    node: &Node,
    flaws: &[usize],
    schemas: &Schemas,
    found: &mut Diagnostics,
    refused: &mut Refused,
) -> Option<Wire> {
    if !matches!(node.content, Content::Mapping(_)) {
        found.push(
            Diagnostic::new(
                &codes::WRONG_TYPE,
                "a manifest is a mapping with `apiVersion`, `kind`, `metadata` and `spec`",
            )
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
    let row = Kind::named(kind);
    let Some((row, (schema, validator))) = row.zip(schemas.get(kind)) else {
        let hint = match nearest(kind, KINDS) {
            _ if kind == SITE => format!("settings stand in `{SETTINGS}`, at the top of the folder"),
            _ if kind == "Service" => {
                "did you mean `SupportService`? Kubernetes' own manifests stand in a folder that one \
                names: `manifests: { folder: … }`"
                    .to_owned()
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known kinds: {}", KINDS.join(", ")),
        };
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
            Diagnostic::new(
                &codes::UNSUPPORTED_API_VERSION,
                format!("`{version}` is not a version that this tool reads"),
            )
            .at(Place::value(id, FieldPath::keys("apiVersion")))
            .label("not supported")
            .hint(format!("write `apiVersion: {API_VERSION}`")),
        );
        return None;
    }
    let json = shape::to_json(node, schema);
    for flaw in flaws {
        shape::refuse_at(id, node, &json, schema, *flaw, refused);
    }
    match row.decode(shape::checked(id, node, json, schema, validator, found, refused)?) {
        Ok(wire) => Some(wire),
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

/// Settings as loaded.
#[derive(Debug, Default)]
pub struct LoadedSettings {
    /// What is right of them; a folder without the file has none.
    pub settings: Settings,
    /// The document, for the places of its fields.
    pub document: Option<DocumentId>,
    /// What of it was refused.
    pub refused: Refused,
}

/// Loads the settings: `sitewright.yaml` of a folder, or the file named.
pub fn load_settings(path: &Path, schemas: &Schemas, sources: &mut Sources, found: &mut Diagnostics) -> LoadedSettings {
    let (file, name) = if path.is_dir() {
        (path.join(SETTINGS), SETTINGS.to_owned())
    } else {
        (path.to_owned(), path.display().to_string())
    };
    // A link that leads nowhere is not nothing: clusters would become twins.
    let there = std::fs::symlink_metadata(&file);
    if path.is_dir() && there.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return LoadedSettings::default();
    }
    let Some(text) = read(&file, &name, found) else { return LoadedSettings::default() };
    settings_of(name, text, schemas, sources, found)
}

/// The settings in a text.
pub fn settings_of(
    name: String,
    text: String,
    schemas: &Schemas,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> LoadedSettings {
    let mut loaded = LoadedSettings::default();
    let (nodes, errors) = parse(&name, &text);
    let broken = !errors.is_empty();
    for error in errors {
        found.push(error);
    }
    let index = sources.files.len();
    sources.files.push(Source::new(name.as_str(), text));
    let mut nodes = nodes.into_iter();
    let (Some(node), false) = (nodes.next(), broken) else { return loaded };
    if let Some(second) = nodes.next() {
        found.push(
            Diagnostic::new(&codes::WRONG_FORM, format!("`{name}` holds settings, in one document"))
                .at(Place::Text { file: name, offset: second.offset, length: 1 })
                .label("a second document")
                .hint("move manifests to a file of their own, e.g. `factory.yaml`"),
        );
    }
    if matches!(&node.content, Content::Scalar(text, true) if text.is_empty()) {
        return loaded;
    }
    let id = DocumentId(sources.documents.len());
    let Some((schema, validator)) = schemas.get(SITE) else { return loaded };
    let json = shape::to_json(&node, schema);
    let json = shape::checked(id, &node, json, schema, validator, found, &mut loaded.refused);
    sources.documents.push((index, node));
    loaded.document = Some(id);
    match json.map(serde_json::from_value) {
        Some(Ok(settings)) => loaded.settings = settings,
        Some(Err(error)) => {
            found.push(
                Diagnostic::new(&codes::WRONG_FORM, format!("the settings are not of the right form: {error}"))
                    .at(Place::value(id, FieldPath::root())),
            );
        }
        None => {}
    }
    loaded
}
