//! Services lead somewhere: names, references, ports and ways in.

use std::collections::BTreeSet;

use super::service::{One, unknown};
use crate::diagnostics::codes::{rules, services as codes};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::service::runtimes as all_runtimes;
use crate::model::{Site, SupportService};
use crate::targets::each;

/// What each target asks of a service.
const OF_TARGETS: &[fn(&Site, &SupportService, &mut Diagnostics)] = &each!(service);

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let one = One { service };
        exactly_one_runtime(&one, found);
        audience(&one, site, found);
        for rule in OF_TARGETS {
            rule(site, service, found);
        }
    }
}

fn exactly_one_runtime(one: &One<'_>, found: &mut Diagnostics) {
    let runtimes = &one.service.runtimes;
    if runtimes.len() == 1 {
        return;
    }
    let message = match runtimes.as_slice() {
        [] => format!("`{}` says nowhere what it runs on", one.service.name),
        _ => format!("`{}` has {} runtimes: `{}`", one.service.name, runtimes.len(), runtimes.join("`, `")),
    };
    found.push(
        Diagnostic::new(&codes::NOT_EXACTLY_ONE, message)
            .at(one.at(&format!("spec.{}", runtimes.get(1).unwrap_or(&"kubernetes"))))
            .label("exactly one is right")
            .hint(format!("write one of {}; two parts are two services", all_runtimes())),
    );
}

fn audience(one: &One<'_>, site: &Site, found: &mut Diagnostics) {
    let modes: BTreeSet<&str> = site.modes.iter().map(|mode| mode.name.as_str()).collect();
    let projects: BTreeSet<&str> = site.projects.iter().map(|project| project.name.as_str()).collect();
    let audience = &one.service.audience;
    for (kind, noun, code, known, named) in [
        ("AccessMode", "access mode", &rules::UNKNOWN_MODE, &modes, &audience.modes),
        ("Project", "project", &codes::UNKNOWN_PROJECT, &projects, &audience.projects),
    ] {
        for (name, path) in named {
            if !known.contains(name.as_str()) && !site.may_hide(kind, Some(name)) {
                found.push(unknown(code, noun, name, known).at(one.of(path)));
            }
        }
    }
}
