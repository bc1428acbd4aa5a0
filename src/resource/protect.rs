//! The wish not to be deleted, kept with the object so that it outlives its manifest.

use serde_json::Value;

use super::Body;

/// Name of the field that holds it. No target has such a field: each keeps it in a mark of its own.
pub const PROTECT: &str = "Protect";

/// Marks a body; without the wish it has no such field.
pub fn protect(body: &mut Body, wanted: bool) {
    if wanted {
        body.insert(PROTECT.to_owned(), Value::Bool(true));
    } else {
        body.remove(PROTECT);
    }
}

/// Whether no plan may delete it.
pub fn is_protected(body: &Body) -> bool {
    body.get(PROTECT) == Some(&Value::Bool(true))
}
