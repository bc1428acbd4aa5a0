//! Priorities of access modes.

use super::kueue::WorkloadPriorityClass;
use super::object::Object;
use crate::diagnostics::Place;
use crate::model::{Factory, Site};
use crate::resource::{FieldPath, Resource};

/// A priority class for each mode.
pub(super) fn compile(site: &Site, factory: &Factory) -> Vec<Resource> {
    let mut resources = Vec::new();
    for mode in &site.modes {
        let Some(side) = &mode.sides.kubernetes else { continue };
        let at = |dotted: &str| Place::value(mode.document, FieldPath::keys(dotted));
        let content = WorkloadPriorityClass { description: mode.description.clone(), value: side.priority };
        let mut class = Object::new(content, &side.name, &factory.name, at("metadata.name"));
        class.mark(".metadata.name", &at("spec.kubernetes.name"));
        let own = side.says_priority;
        class.mark(".value", &at(if own { "spec.kubernetes.priority" } else { "spec.priority" }));
        if mode.description.is_some() {
            class.mark(".description", &at("spec.description"));
        }
        class.protect(mode.protect, &at("spec.protect"));
        resources.push(class.finish(&side.target, format!("priority {}", side.priority)));
    }
    resources
}
