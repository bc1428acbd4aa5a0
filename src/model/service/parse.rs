//! Wire types → services.

use super::block::Block;
use super::blocks::blocks;
use super::reader::Reader;
use super::runtime::Runtime;
use super::{Audience, SupportService};
use crate::diagnostics::{Complaint, Diagnostics, DocumentId};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::SupportService as Wire;
use crate::model::lists::listed;
use crate::model::units;
use crate::resource::FieldPath;

pub(in crate::model) fn service(
    document: DocumentId,
    wire: &Wire,
    refused: &Refused,
    found: &mut Diagnostics,
) -> SupportService {
    let spec = &wire.spec;
    let base = FieldPath::keys("spec");
    let mut reader = Reader { document, refused, found };
    if let Some(share) = spec.sla.as_ref().and_then(|sla| sla.availability.as_ref()) {
        reader.take(availability(share), base.key("sla").key("availability"));
    }
    let name = &wire.metadata.name;
    let written: Vec<&Block> = blocks().into_iter().filter(|block| (block.is)(wire)).collect();
    let runtime = written.first().map_or(Runtime::External, |block| (block.read)(wire, &mut reader));
    let usual = written.first().and_then(|block| block.usual);
    let audience = &spec.audience;
    let list = |names: &[String], field: &str| listed(names, document, &base.key("audience").key(field), refused);
    SupportService {
        document,
        name: name.clone(),
        category: spec.category,
        target: usual.map(|usual| spec.target.clone().unwrap_or_else(|| usual.to_owned())),
        audience: Audience {
            modes: list(&audience.modes, "modes"),
            projects: list(&audience.projects, "projects"),
            public: audience.public,
        },
        sla: spec.sla.as_ref().map(|sla| sla.hours.clone()),
        runtimes: written.iter().map(|block| block.name).collect(),
        runtime,
        protect: spec.protect,
    }
}

fn availability(text: &str) -> Result<(), Complaint> {
    match units::percent(text)? {
        1..=10_000 => Ok(()),
        _ => Err(Complaint::new(format!("`{text}` cannot be promised"), "write at most `100%`, e.g. `99.5%`")),
    }
}
