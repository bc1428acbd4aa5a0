//! Probes and routes of a service lead to a port that it listens on.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity, nearest};
use crate::model::service::kubernetes::KubernetesService;
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::of;

/// A port that is named is not declared.
const CODE: Code = Code {
    name: "unknown-port",
    severity: Severity::Error,
    summary: "A port that is named is not declared",
    explanation: "A route, a probe or a service leads to a port of the container by its name.",
    failing: "ports: [{ name: http, port: 8000 }]\nprobes: { readiness: { path: /, port: web } }",
    passing: "ports: [{ name: http, port: 8000 }]\nprobes: { readiness: { path: /, port: http } }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in site.services.iter().filter(|one| site.knows(one.document, &["spec.kubernetes.ports"])) {
        let Some(runtime) = service.kubernetes() else { continue };
        for (probe, path) in runtime.probes.values().filter(|(probe, _)| probe.command.is_empty()) {
            found.0.extend(unknown(service, runtime, probe.port.as_deref(), path));
        }
        if let Some(route) = &runtime.route {
            let path = FieldPath::keys("spec.kubernetes.route");
            found.0.extend(unknown(service, runtime, route.port.as_deref(), &path));
        }
    }
}

/// A port that is named and not declared, or, where none is named, no port at all.
fn unknown(
    service: &SupportService,
    runtime: &KubernetesService,
    named: Option<&str>,
    path: &FieldPath,
) -> Option<Diagnostic> {
    let listens = named.map_or(!runtime.ports.is_empty(), |name| runtime.ports.iter().any(|port| port.name == name));
    if listens {
        return None;
    }
    let known: Vec<&str> = runtime.ports.iter().map(|port| port.name.as_str()).collect();
    let message = match named {
        Some(name) => format!("there is no port `{name}`"),
        None => format!("`{}` listens on no port", service.name),
    };
    let hint = match named.and_then(|name| nearest(name, known.iter().copied())) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "add `ports: [{ port: 8000 }]`".to_owned(),
        None => format!("its ports: {}", known.join(", ")),
    };
    Some(Diagnostic::new(&CODE, message).at(of(service, &path.key("port"))).hint(hint))
}
