//! Places in what the user wrote: fields of documents, spans of text files, whole files.

use super::path::FieldPath;

/// Index of a YAML document in `manifest::Sources`, in reading order over all files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentId(pub usize);

/// Which part of a mapping entry a place means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The key, e.g. for an unknown field.
    Key,
    /// The value.
    Value,
}

/// A place in what the user wrote, before it is turned into line and column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A field of a manifest; a field that is missing falls back to its nearest parent.
    Field {
        /// The document.
        document: DocumentId,
        /// The field.
        path: FieldPath,
        /// Key or value.
        part: Part,
    },
    /// A span of a text file that is not a manifest document (a Slurm file, or a manifest that could not be parsed).
    Text {
        /// File name as the user named it.
        file: String,
        /// Byte offset of the span.
        offset: usize,
        /// Bytes of the span; zero means "this line".
        length: usize,
    },
    /// A whole file or folder.
    File(String),
}

impl Place {
    /// A field's value.
    pub fn value(document: DocumentId, path: FieldPath) -> Self {
        Self::Field { document, path, part: Part::Value }
    }

    /// A field's key.
    pub fn key(document: DocumentId, path: FieldPath) -> Self {
        Self::Field { document, path, part: Part::Key }
    }
}
