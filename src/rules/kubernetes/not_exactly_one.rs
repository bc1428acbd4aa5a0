//! A variable has one source, a probe one question, and a route one way in.

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::service::kubernetes::KubernetesService;
use crate::model::{Site, SupportService};
use crate::rules::not_exactly_one::CODE;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::{at, of};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        if let Some(runtime) = service.kubernetes() {
            of_service(service, runtime, found);
        }
    }
}

fn of_service(service: &SupportService, runtime: &KubernetesService, found: &mut Diagnostics) {
    for variable in runtime.env.iter().filter(|variable| variable.sources.len() != 1) {
        found.push(
            Diagnostic::new(&CODE, format!("`{}` has {} sources for its value", variable.name, variable.sources.len()))
                .at(of(service, &variable.path.key("name")))
                .hint("write one of `value`, `fromSecret` and `fromConfig`"),
        );
    }
    for (probe, path) in runtime.probes.values() {
        if !probe.command.is_empty() && (probe.path.is_some() || probe.port.is_some()) {
            found.push(
                Diagnostic::new(&CODE, "a probe asks a port or runs a command")
                    .at(of(service, &path.key("command")))
                    .hint("remove one of the two"),
            );
        }
    }
    if let Some(route) = runtime.route.as_ref().filter(|route| route.ways.len() != 1) {
        let message = if route.ways.is_empty() { "the route has no way in" } else { "the route has two ways in" };
        found.push(
            Diagnostic::new(&CODE, message)
                .at(at(service, "spec.kubernetes.route.ingress"))
                .hint("write `gateway: { name: …, namespace: … }`, or `ingress: { class: …, namespace: … }`"),
        );
    }
}
