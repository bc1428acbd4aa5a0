//! One service as rules look at it: its places, and references that lead nowhere.

use std::collections::BTreeSet;

use crate::diagnostics::codes::manifest;
use crate::diagnostics::{Code, Diagnostic, Place, nearest};
use crate::model::SupportService;
use crate::resource::FieldPath;

/// A service and its places.
pub(super) struct One<'a> {
    pub(super) service: &'a SupportService,
}

impl One<'_> {
    pub(super) fn at(&self, dotted: &str) -> Place {
        Place::value(self.service.document, FieldPath::keys(dotted))
    }

    pub(super) fn of(&self, path: &FieldPath) -> Place {
        Place::value(self.service.document, path.clone())
    }

    /// A name that is not legal on a target: why, and what to write.
    pub(super) fn illegal(&self, message: String, hint: String, path: &FieldPath) -> Diagnostic {
        Diagnostic::new(&manifest::BAD_NAME, message).at(self.of(path)).label("not legal here").hint(hint)
    }
}

/// A reference that leads nowhere.
pub(super) fn unknown(code: &'static Code, noun: &str, name: &str, known: &BTreeSet<&str>) -> Diagnostic {
    let hint = nearest(name, known.iter().copied()).map_or_else(
        || format!("declare the {noun} `{name}`, or take the reference out"),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::new(code, format!("there is no {noun} `{name}`")).label("declared nowhere").hint(hint)
}
