//! The partition of a service admits its access mode, or the QOS of its own.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::manifest::Kind;
use crate::model::{Partition, Site, SupportService};
use crate::resource::FieldPath;
use crate::rules::mode_not_offered::CODE;
use crate::rules::reference;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let known = reference::modes_and_normal(site);
    for service in &site.services {
        let Some(runtime) = service.slurm() else { continue };
        let lists_modes = |one: &&Partition| !one.modes.is_empty() && site.knows(one.document, &["spec.modes"]);
        let Some(partition) = site.partition(&runtime.partition).filter(lists_modes) else { continue };
        match &runtime.mode {
            None => found.push(own_qos(service, partition)),
            // A mode that is not declared is reported as that, unless a document that could not be read may declare it.
            Some(mode) if !known.contains(mode.as_str()) && !site.may_hide(Kind::AccessMode, Some(mode)) => {}
            Some(mode) if partition.modes.iter().any(|(admitted, _)| admitted == mode) => {}
            Some(mode) => found.push(
                Diagnostic::new(&CODE, format!("`{}` does not admit the mode `{mode}`", partition.name))
                    .at(at(service, "spec.slurm.mode"))
                    .label("not admitted there")
                    .hint(format!("add `{mode}` to its `modes`, or use another mode")),
            ),
        }
    }
}

/// A partition that lists its modes admits no other QOS.
fn own_qos(service: &SupportService, partition: &Partition) -> Diagnostic {
    Diagnostic::new(
        &CODE,
        format!("`{}` admits only the modes that it lists, and not the service's own QOS", partition.name),
    )
    .at(at(service, "spec.slurm.partition"))
    .label("admits other modes")
    .related(Place::key(partition.document, FieldPath::keys("spec.modes")), "the modes of the partition")
    .hint("name one of them: `mode: …`, or use a partition that admits all")
}
