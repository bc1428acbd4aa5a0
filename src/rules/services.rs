//! Services lead somewhere: names, references, ports and ways in.

use std::collections::BTreeSet;

use crate::diagnostics::codes::{manifest, rules, services as codes};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, nearest};
use crate::model::service::runtimes as all_runtimes;
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;
use crate::targets::each;

/// What each target asks of a service.
const OF_TARGETS: &[fn(&Site, &SupportService, &mut Diagnostics)] = &each!(service);

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let one = One { service };
        one.exactly_one_runtime(found);
        one.audience(site, found);
        for rule in OF_TARGETS {
            rule(site, service, found);
        }
    }
}

/// A service and its places.
pub(super) struct One<'a> {
    pub(super) service: &'a SupportService,
}

impl One<'_> {
    pub(super) fn at(&self, dotted: &str) -> Place {
        Place::value(self.service.document, FieldPath::keys(dotted))
    }

    pub(super) fn of(&self, path: &FieldPath) -> Place {
        Place::value(self.service.document, path.clone())
    }

    /// A name that is not legal on a target: why, and what to write.
    pub(super) fn illegal(&self, message: String, hint: String, path: &FieldPath) -> Diagnostic {
        Diagnostic::new(&manifest::BAD_NAME, message).at(self.of(path)).label("not legal here").hint(hint)
    }

    fn exactly_one_runtime(&self, found: &mut Diagnostics) {
        let runtimes = &self.service.runtimes;
        if runtimes.len() == 1 {
            return;
        }
        let message = match runtimes.as_slice() {
            [] => format!("`{}` says nowhere what it runs on", self.service.name),
            _ => format!("`{}` has {} runtimes: `{}`", self.service.name, runtimes.len(), runtimes.join("`, `")),
        };
        found.push(
            Diagnostic::new(&codes::NOT_EXACTLY_ONE, message)
                .at(self.at(&format!("spec.{}", runtimes.get(1).unwrap_or(&"kubernetes"))))
                .label("exactly one is right")
                .hint(format!("write one of {}; two parts are two services", all_runtimes())),
        );
    }

    fn audience(&self, site: &Site, found: &mut Diagnostics) {
        let modes: BTreeSet<&str> = site.modes.iter().map(|mode| mode.name.as_str()).collect();
        let projects: BTreeSet<&str> = site.projects.iter().map(|project| project.name.as_str()).collect();
        let audience = &self.service.audience;
        for (kind, noun, code, known, named) in [
            ("AccessMode", "access mode", &rules::UNKNOWN_MODE, &modes, &audience.modes),
            ("Project", "project", &codes::UNKNOWN_PROJECT, &projects, &audience.projects),
        ] {
            for (name, path) in named {
                if !known.contains(name.as_str()) && !site.may_hide(kind, Some(name)) {
                    found.push(unknown(code, noun, name, known).at(self.of(path)));
                }
            }
        }
    }
}

/// A reference that leads nowhere.
pub(super) fn unknown(code: &'static Code, noun: &str, name: &str, known: &BTreeSet<&str>) -> Diagnostic {
    let hint = nearest(name, known.iter().copied()).map_or_else(
        || format!("declare the {noun} `{name}`, or take the reference out"),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::new(code, format!("there is no {noun} `{name}`")).label("declared nowhere").hint(hint)
}
