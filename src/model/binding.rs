//! What one binding is checked with, and what a kind of target answers about its own.

use crate::diagnostics::{Diagnostics, DocumentId};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::settings::Binding;
use crate::resource::FieldPath;

/// How a kind of target is bound.
pub(super) trait Target: Sync {
    /// The field of a binding that binds it, and a binding that does.
    fn example(&self) -> (&'static str, &'static str);

    /// Whether a binding binds such a target.
    fn is_bound(&self, binding: &Binding) -> bool;

    /// Checks one that does.
    fn check(&self, binding: &Binding, checker: &Checker<'_>, found: &mut Diagnostics);

    /// Whether two bindings name one cluster in the same words.
    fn is_same(&self, one: &Binding, other: &Binding) -> bool;
}

/// A binding's target and place.
pub(super) struct Checker<'a> {
    /// For people: which target, in which environment.
    pub(super) what: String,
    pub(super) document: DocumentId,
    pub(super) path: FieldPath,
    pub(super) refused: &'a Refused,
}

/// `./a/../x` → `x`.
pub(super) fn plain_path(file: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in file.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    if file.starts_with('/') {
        parts.insert(0, "/");
    }
    parts
}
