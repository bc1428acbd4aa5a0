//! What services promise and ask for is there.

use crate::diagnostics::codes::services as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;
use crate::targets::each;

/// Whether a service has capacity of its own on a target, and how it gets some; `None` of one that does not run there.
type Backed = fn(&Site, &SupportService) -> Option<(bool, &'static str)>;

const BACKED: &[Backed] = &each!(backed);

/// Fields that tell it.
const BACKED_BY: &[&[&str]] = &each!(BACKED_BY);

/// What a service asks for on a target.
const CAPACITY: &[fn(&Site, &SupportService, &mut Diagnostics)] = &each!(service_capacity);

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        promise(site, service, found);
        for rule in CAPACITY {
            rule(site, service, found);
        }
    }
}

/// What is promised has capacity of its own.
fn promise(site: &Site, service: &SupportService, found: &mut Diagnostics) {
    let Some(hours) = &service.sla else { return };
    // What others run, and what is passed through, cannot be judged here.
    let Some((backed, hint)) = BACKED.iter().find_map(|backed| backed(site, service)) else { return };
    let known: Vec<&str> = BACKED_BY.iter().copied().flatten().copied().collect();
    if backed || !site.knows(service.document, &known) {
        return;
    }
    found.push(
        Diagnostic::new(
            &codes::SLA_WITHOUT_CAPACITY,
            format!("`{}` promises {hours}, and has no capacity of its own", service.name),
        )
        .at(Place::value(service.document, FieldPath::keys("spec.sla.hours")))
        .label("promised here")
        .hint(hint),
    );
}
