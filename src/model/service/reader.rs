//! Quantities of services, read with their places.

use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::manifest::Refused;
use crate::model::units::UnitError;
use crate::resource::FieldPath;

/// Reports what is no quantity.
pub(super) struct Reader<'a> {
    pub(super) document: DocumentId,
    pub(super) refused: &'a Refused,
    pub(super) found: &'a mut Diagnostics,
}

impl Reader<'_> {
    pub(super) fn take<Parsed>(&mut self, parsed: Result<Parsed, UnitError>, path: FieldPath) -> Option<Parsed> {
        parsed
            .map_err(|(message, hint)| {
                let place = Place::value(self.document, path);
                self.found.push(Diagnostic::new(&codes::BAD_QUANTITY, message).at(place).hint(hint));
            })
            .ok()
    }
}
