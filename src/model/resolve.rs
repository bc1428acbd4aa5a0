//! Documents → site.

use super::{Site, accounts, mode, partition, targets};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::manifest::{Document, Wire};
use crate::resource::FieldPath;

/// Parses units and names of all documents; what cannot be parsed is reported and left out.
pub fn resolve(documents: &[Document]) -> (Site, Diagnostics) {
    let mut site = Site::default();
    let mut found = Diagnostics::new();
    for document in documents {
        match &document.wire {
            Wire::Factory(wire) => site.factories.push(accounts::factory(document.id, wire, &mut found)),
            Wire::Partition(wire) => site.partitions.push(partition::partition(document.id, wire, &mut found)),
            Wire::AccessMode(wire) => site.modes.push(mode::mode(document.id, wire, &mut found)),
            Wire::Project(wire) => site.projects.push(accounts::project(document.id, wire, &mut found)),
        }
        let target = match &document.wire {
            Wire::Factory(_) => None,
            Wire::Partition(wire) => Some(&wire.spec.target),
            Wire::AccessMode(wire) => Some(&wire.spec.target),
            Wire::Project(wire) => Some(&wire.spec.target),
        };
        if let Some(Err((message, hint))) = target.map(|name| targets::check(name)) {
            let place = Place::value(document.id, FieldPath::keys("spec.target"));
            found.push(Diagnostic::new(&codes::BAD_NAME, message).at(place).label("not legal here").hint(hint));
        }
    }
    (site, found)
}

/// Names of a list with their places.
pub(super) fn listed(names: &[String], path: &FieldPath) -> Vec<(String, FieldPath)> {
    names.iter().enumerate().map(|(index, name)| (name.clone(), path.index(index))).collect()
}
