//! Quantities of services, read with their places.

use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Complaint, Diagnostics, DocumentId, Place};
use crate::manifest::Refused;
use crate::resource::FieldPath;

/// Reports what is no quantity.
pub(super) struct Reader<'a> {
    pub(super) document: DocumentId,
    pub(super) refused: &'a Refused,
    pub(super) found: &'a mut Diagnostics,
}

impl Reader<'_> {
    pub(super) fn take<Parsed>(&mut self, parsed: Result<Parsed, Complaint>, path: FieldPath) -> Option<Parsed> {
        parsed
            .map_err(|complaint| {
                self.found.push(complaint.at(&codes::BAD_QUANTITY, Place::value(self.document, path)));
            })
            .ok()
    }
}
