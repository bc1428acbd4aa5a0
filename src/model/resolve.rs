//! Documents → site.

use super::{Site, accounts, mode, partition, service, targets};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::manifest::{Loaded, Wire};
use crate::resource::FieldPath;

/// Most hosts that the partitions of a site define together: Slurm itself takes no more in one cluster.
const MOST_HOSTS: usize = 131_072;

fn too_many_hosts(partition: DocumentId) -> Diagnostic {
    let message = format!("the partitions define more than {MOST_HOSTS} hosts together");
    Diagnostic::new(&codes::BAD_HOST_LIST, message)
        .at(Place::key(partition, FieldPath::keys("spec.nodes")))
        .hint("no cluster has so many: look at the ranges of the host lists")
}

/// Parses units and names of all documents; what cannot be parsed is reported, left out, and remembered as refused.
pub fn resolve(loaded: &Loaded) -> (Site, Diagnostics) {
    let mut site = Site::default();
    let mut found = Diagnostics::new();
    let refused = &loaded.refused;
    let mut hosts = 0;
    for document in &loaded.documents {
        match &document.wire {
            Wire::Factory(wire) => site.factories.push(accounts::factory(document.id, wire, refused, &mut found)),
            Wire::Partition(_) if hosts > MOST_HOSTS => found.push(too_many_hosts(document.id)),
            Wire::Partition(wire) => {
                let partition = partition::partition(document.id, wire, refused, &mut found);
                hosts += partition.groups.iter().map(|group| group.hosts.len()).sum::<usize>();
                if hosts > MOST_HOSTS {
                    found.push(too_many_hosts(document.id));
                }
                site.partitions.push(partition);
            }
            Wire::AccessMode(wire) => site.modes.push(mode::mode(document.id, wire, refused, &mut found)),
            Wire::Project(wire) => site.projects.push(accounts::project(document.id, wire, refused, &mut found)),
            Wire::SupportService(wire) => {
                site.services.push(service::service(document.id, wire, refused, &mut found));
            }
        }
        site.documents.push((document.wire.kind(), document.id));
        if let Some(Err(complaint)) = document.wire.manifest().target().map(targets::check) {
            let place = Place::value(document.id, FieldPath::keys("spec.target"));
            found.push(complaint.at(&codes::BAD_NAME, place).label("not legal here"));
        }
    }
    service::attach(loaded, &mut site, &mut found);
    // What stands in for a refused value says nothing.
    found.0.retain(|finding| !refused.explains(finding));
    site.refused = refused.clone();
    site.refused.add_errors(&found);
    (site, found)
}
