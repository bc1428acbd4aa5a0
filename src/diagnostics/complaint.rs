//! What is wrong with a text, said where its place is not known.

use super::{Code, Diagnostic};
use crate::ground::Place;

/// Why a text is refused, and what to write. Who knows the place makes a diagnostic of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Complaint {
    /// One sentence, lower case, with back-quoted names: what is wrong.
    pub message: String,
    /// The way out.
    pub hint: String,
}

impl Complaint {
    /// What is wrong, and the way out.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// The finding that the text at this place is refused.
    pub fn at(self, code: &'static Code, place: Place) -> Diagnostic {
        Diagnostic::new(code, self.message).at(place).hint(self.hint)
    }
}
