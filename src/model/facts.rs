//! What is written for the record and for capacity, and reaches no target: checked all the same.

use super::lists::numbered;
use super::units;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Complaint, Diagnostics, DocumentId, Place};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::factory::SiteFacts;
use crate::manifest::v1alpha1::partition::NodeGroup;
use crate::manifest::v1alpha1::project::Storage;
use crate::resource::FieldPath;

fn check<Parsed>(
    document: DocumentId,
    text: Option<&String>,
    path: FieldPath,
    parse: impl Fn(&str) -> Result<Parsed, Complaint>,
    found: &mut Diagnostics,
) {
    if let Some(Err(complaint)) = text.map(|text| parse(text)) {
        found.push(complaint.at(&codes::BAD_QUANTITY, Place::value(document, path)));
    }
}

/// Something, and no more than any site has.
fn capacity(text: &str) -> Result<u64, Complaint> {
    match units::megabytes(text)? {
        0 => Err(Complaint::new(format!("`{text}` is nothing"), "write e.g. `4TB`, or take the entry out")),
        megabytes if megabytes > units::MOST => {
            Err(Complaint::new(format!("`{text}` is more than any site has"), "write e.g. `4TB`"))
        }
        megabytes => Ok(megabytes),
    }
}

pub(super) fn of_site(document: DocumentId, facts: &SiteFacts, path: &FieldPath, found: &mut Diagnostics) {
    check(document, facts.power.as_ref(), path.key("power"), units::watts, found);
    check(document, facts.pue.as_ref(), path.key("pue"), units::effectiveness, found);
}

pub(super) fn of_nodes(document: DocumentId, nodes: &NodeGroup, path: &FieldPath, found: &mut Diagnostics) {
    check(document, nodes.power.as_ref(), path.key("power"), units::watts, found);
    let memory = nodes.accelerators.as_ref().and_then(|gpus| gpus.memory.as_ref());
    check(document, memory, path.key("accelerators").key("memory"), capacity, found);
}

pub(super) fn of_storage(
    document: DocumentId,
    storage: &[Storage],
    list: &FieldPath,
    refused: &Refused,
    found: &mut Diagnostics,
) {
    for (path, one) in numbered(storage, document, list, refused) {
        check(document, Some(&one.size), path.key("size"), capacity, found);
    }
}
