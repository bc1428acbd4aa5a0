//! Documents → site.

use super::{Site, accounts, mode, partition, service, targets};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::manifest::{Loaded, Wire};
use crate::resource::FieldPath;

/// Parses units and names of all documents; what cannot be parsed is reported, left out, and remembered as refused.
pub fn resolve(loaded: &Loaded) -> (Site, Diagnostics) {
    let mut site = Site::default();
    let mut found = Diagnostics::new();
    let refused = &loaded.refused;
    for document in &loaded.documents {
        match &document.wire {
            Wire::Factory(wire) => site.factories.push(accounts::factory(document.id, wire, refused, &mut found)),
            Wire::Partition(wire) => site.partitions.push(partition::partition(document.id, wire, refused, &mut found)),
            Wire::AccessMode(wire) => site.modes.push(mode::mode(document.id, wire, refused, &mut found)),
            Wire::Project(wire) => site.projects.push(accounts::project(document.id, wire, refused, &mut found)),
            Wire::SupportService(wire) => {
                site.services.push(service::service(document.id, wire, refused, &mut found));
            }
        }
        let target = match &document.wire {
            Wire::Factory(_) => None,
            Wire::Partition(wire) => Some(&wire.spec.target),
            Wire::AccessMode(wire) => Some(&wire.spec.target),
            Wire::Project(wire) => Some(&wire.spec.target),
            Wire::SupportService(wire) => wire.spec.target.as_ref(),
        };
        if let Some(Err((message, hint))) = target.map(|name| targets::check(name)) {
            let place = Place::value(document.id, FieldPath::keys("spec.target"));
            found.push(Diagnostic::new(&codes::BAD_NAME, message).at(place).label("not legal here").hint(hint));
        }
    }
    service::attach(loaded, &mut site, &mut found);
    // What stands in for a refused value says nothing.
    found.0.retain(|finding| !refused.explains(finding));
    site.refused = refused.clone();
    site.refused.add_errors(&found);
    (site, found)
}
