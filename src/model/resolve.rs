//! Documents → site.

use super::{Site, accounts, mode, partition};
use crate::diagnostics::Diagnostics;
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
    }
    (site, found)
}

/// Names of a list with their places.
pub(super) fn listed(names: &[String], path: &FieldPath) -> Vec<(String, FieldPath)> {
    names.iter().enumerate().map(|(index, name)| (name.clone(), path.index(index))).collect()
}
