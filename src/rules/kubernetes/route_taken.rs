//! No two services answer at one address.

use std::collections::BTreeMap;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::{Site, SupportService};
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

/// Two services answer at one address.
const CODE: Code = Code {
    name: "route-taken",
    severity: Severity::Error,
    summary: "Two services answer at one address",
    explanation: "Which of two routes of the same host and path is taken depends on their age, and changes when one is recreated.",
    failing: "route: { host: ai.nordlys.example, … }   # in two services",
    passing: "route: { host: ai.nordlys.example, path: /notebooks, … }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let mut seen: BTreeMap<(&str, &str), &SupportService> = BTreeMap::new();
    for service in &site.services {
        let Some(route) = service.kubernetes().and_then(|runtime| runtime.route.as_ref()) else { continue };
        if !site.knows(service.document, &["spec.kubernetes.route"]) {
            continue;
        }
        let path = if route.path == "/" { "/" } else { route.path.trim_end_matches('/') };
        if let Some(first) = seen.insert((&route.host, path), service) {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("`{}` and `{}` both answer at `{}{path}`", first.name, service.name, route.host),
                )
                .at(at(service, "spec.kubernetes.route.host"))
                .label("taken")
                .related(at(first, "spec.kubernetes.route.host"), "taken here")
                .hint(format!("give one of them another host, or a path: `path: /{}`", service.name)),
            );
        }
    }
}
