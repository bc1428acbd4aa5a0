//! Files, their texts, and turning symbolic places into lines and columns.

use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::node::Node;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Part, Place};
use crate::resource::quote;

/// Largest file that is read.
pub(super) const FILE_BYTES: u64 = 32 << 20;
/// Most bytes of all files of a site.
pub(super) const ALL_BYTES: usize = 64 << 20;
/// Name of the settings file.
pub(super) const SETTINGS: &str = "sitewright.yaml";

/// Name under which the standard input is shown.
pub(super) const STANDARD_INPUT: &str = "<stdin>";

/// One file.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// Its name, relative to the folder that was named.
    pub(super) name: String,
    /// Its text.
    pub(super) text: String,
    /// Its text as it may be shown, where something in it must not be.
    shown: Option<String>,
    /// Where its lines begin.
    lines: Vec<usize>,
}

impl Source {
    pub(super) fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name: name.into(), text, shown: None, lines }
    }

    /// Hides bytes from all that shows the text: an excerpt beside a finding must not tell a secret.
    pub(super) fn hide(&mut self, spans: &[(usize, usize)]) {
        for (offset, length) in spans {
            let shown = self.shown.take().unwrap_or_else(|| self.text.clone());
            let hidden = (*offset)..offset.saturating_add(*length);
            self.shown = Some(blanked(&shown, |at| hidden.contains(&at)));
        }
    }

    /// Hides all that stands behind the first colon of a line, and lines without any: what is a secret cannot be told in a
    /// text that is invalid YAML.
    pub(super) fn hide_values(&mut self) {
        let colons: Vec<usize> = self.text.lines().map(|line| line.find(':').unwrap_or(0)).collect();
        let hidden = |at: usize| {
            let line = self.lines.partition_point(|start| *start <= at).saturating_sub(1);
            let start = self.lines.get(line).copied().unwrap_or(0);
            at - start > colons.get(line).copied().unwrap_or(0)
        };
        self.shown = Some(blanked(&self.text, hidden));
    }
}

/// A text of as many bytes, in which some stand as `*`.
fn blanked(text: &str, hidden: impl Fn(usize) -> bool) -> String {
    let mut blanked = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter.is_whitespace() || !hidden(at) {
            blanked.push(letter);
        } else {
            blanked.extend(std::iter::repeat_n('*', letter.len_utf8()));
        }
    }
    blanked
}

/// All files read, and the documents in them.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pub(super) files: Vec<Source>,
    /// File and tree of each document.
    pub(super) documents: Vec<(usize, Node)>,
}

/// A place with line and column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// File name.
    pub file: String,
    /// Line, from one.
    pub line: usize,
    /// Column in characters, from one.
    pub column: usize,
    /// Byte offset in the file.
    pub offset: usize,
    /// Bytes.
    pub length: usize,
}

impl Sources {
    /// Adds a file that is no manifest (a Slurm file), so that places in it can be shown.
    pub fn add_text(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.files.push(Source::new(name, text));
    }

    /// Text of a file, as it may be shown.
    pub fn text(&self, name: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.name == name)?;
        Some(file.shown.as_deref().unwrap_or(&file.text))
    }

    /// How many files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// All texts in order, for a digest over the manifests.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|file| (file.name.as_str(), file.text.as_str()))
    }

    /// Line and column of a place; a field that does not exist falls back to its nearest parent.
    pub fn locate(&self, place: &Place) -> Option<Located> {
        match place {
            Place::Field { document, path, part } => {
                let (file, root) = self.documents.get(document.0)?;
                let (offset, length) = root.span_of(&path.0, *part == Part::Key);
                self.at(*file, offset, length)
            }
            Place::Text { file, offset, length } => {
                let index = self.files.iter().position(|one| &one.name == file)?;
                self.at(index, *offset, *length)
            }
            Place::File(file) => Some(Located { file: file.clone(), line: 1, column: 1, offset: 0, length: 0 }),
        }
    }

    fn at(&self, file: usize, offset: usize, length: usize) -> Option<Located> {
        let source = self.files.get(file)?;
        let offset = floor(&source.text, offset.min(source.text.len()));
        let line = source.lines.partition_point(|start| *start <= offset);
        let line_start = source.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        Some(Located {
            file: source.name.clone(),
            line,
            column: source.text.get(line_start..offset).map_or(0, |before| before.chars().count()) + 1,
            offset,
            length: length.min(source.text.len() - offset),
        })
    }

    /// `access.yaml:31`.
    pub fn short(&self, place: &Place) -> Option<String> {
        self.locate(place).map(|located| format!("{}:{}", located.file, located.line))
    }

    /// File of a document.
    pub fn file_of(&self, document: DocumentId) -> Option<&str> {
        let (file, _) = self.documents.get(document.0)?;
        self.files.get(*file).map(|source| source.name.as_str())
    }
}

/// The character boundary at or before an offset.
fn floor(text: &str, mut offset: usize) -> usize {
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A file or folder that cannot be read, which findings call by its name.
pub(super) fn unreadable(path: &Path, name: &str, error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::new(&codes::UNREADABLE, format!("`{name}` cannot be read: {error}"))
        .at(Place::File(name.to_owned()))
        .hint(format!("look at it: `ls -ld {}`", quote(&path.display().to_string())))
}

/// Reads one file, which findings call by its name. Pipes and devices, which may never end, are refused.
pub(super) fn read(path: &Path, name: &str, found: &mut Diagnostics) -> Option<String> {
    match bytes_of(path) {
        Ok(bytes) => utf8(bytes, name, found),
        Err(error) => {
            found.push(unreadable(path, name, &error));
            None
        }
    }
}

fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    // Without waiting, for a pipe would wait for its writer.
    let file = std::fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    let mut bytes = Vec::new();
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES {
        let length = metadata.len();
        return Err(std::io::Error::other(format!("it has {length} bytes, more than {FILE_BYTES}")));
    }
    Ok(bytes)
}

/// Reads the standard input, or what stands for it.
pub(super) fn read_input(input: impl std::io::Read, found: &mut Diagnostics) -> Option<String> {
    let mut bytes = Vec::new();
    let name = STANDARD_INPUT;
    let refuse = |why: String| {
        Diagnostic::new(&codes::UNREADABLE, format!("`{name}` cannot be read: {why}"))
            .at(Place::File(name.to_owned()))
            .hint("write the manifests to a file, and name it")
    };
    match input.take(FILE_BYTES + 1).read_to_end(&mut bytes) {
        Err(error) => {
            found.push(refuse(error.to_string()));
            None
        }
        Ok(length) if length as u64 > FILE_BYTES => {
            found.push(refuse(format!("it has more than {FILE_BYTES} bytes")));
            None
        }
        Ok(_) => utf8(bytes, name, found),
    }
}

fn utf8(bytes: Vec<u8>, name: &str, found: &mut Diagnostics) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            let line = error.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
            found.push(
                Diagnostic::new(&codes::NOT_UTF8, format!("`{name}` is not UTF-8 (line {line})"))
                    .at(Place::File(name.to_owned()))
                    .hint("save it as UTF-8: iconv -f latin1 -t utf-8"),
            );
            None
        }
    }
}
