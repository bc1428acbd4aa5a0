//! The wish not to be deleted, kept with the object so that it outlives its manifest.

use serde_json::Value;

use super::Body;

/// Name of the field that holds it. No target has such a field: each keeps it in a mark of its own.
pub const PROTECT: &str = "Protect";

/// The annotation that says it on Kubernetes, where an object has no other room for a mark.
pub const PROTECT_ANNOTATION: &str = "sitewright.io/protect";

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
    let annotation = || body.get("metadata")?.get("annotations")?.get(PROTECT_ANNOTATION);
    body.get(PROTECT) == Some(&Value::Bool(true)) || annotation().is_some_and(|value| value == "true")
}
