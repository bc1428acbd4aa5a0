//! Priorities of access modes.

use serde_json::json;

use super::object::{KUEUE, Object};
use crate::diagnostics::Place;
use crate::model::{Factory, Site};
use crate::resource::{FieldPath, Resource};

/// A priority class for each mode.
pub(super) fn compile(site: &Site, factory: &Factory) -> Vec<Resource> {
    let mut resources = Vec::new();
    for mode in &site.modes {
        let Some(side) = &mode.sides.kubernetes else { continue };
        let at = |dotted: &str| Place::value(mode.document, FieldPath::keys(dotted));
        let mut class = Object::new(KUEUE, "WorkloadPriorityClass", &side.name, &factory.name, at("metadata.name"));
        class.mark(".metadata.name", &at("spec.kubernetes.name"));
        let own = side.says_priority;
        class.put(
            &["value"],
            json!(side.priority),
            &at(if own { "spec.kubernetes.priority" } else { "spec.priority" }),
        );
        if let Some(description) = &mode.description {
            class.put(&["description"], json!(description), &at("spec.description"));
        }
        class.protect(mode.protect, &at("spec.protect"));
        resources.push(class.finish(&side.target, format!("priority {}", side.priority)));
    }
    resources
}
