//! Places in the manifest of a service.

use crate::diagnostics::Place;
use crate::model::SupportService;
use crate::resource::FieldPath;

/// The value of a field, by its path with dots.
pub(super) fn at(service: &SupportService, dotted: &str) -> Place {
    Place::value(service.document, FieldPath::keys(dotted))
}

/// The value of a field.
pub(super) fn of(service: &SupportService, path: &FieldPath) -> Place {
    Place::value(service.document, path.clone())
}
