//! A service that is scaled by CPU use asks for CPUs.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;
use crate::model::service::kubernetes::Replicas;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

/// A service is scaled by CPU use and asks for no CPUs.
const CODE: Code = Code {
    name: "scale-blind",
    severity: Severity::Error,
    summary: "A service is scaled by CPU use and asks for no CPUs",
    explanation: "The share that is aimed at is one of what each replica asks for (HorizontalPodAutoscaler, `averageUtilization`); without it nothing is scaled.",
    failing: "scale: { min: 1, max: 4, cpu: 70% }",
    passing: "scale: { min: 1, max: 4, cpu: 70% }\nresources: { cpus: 4 }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Capacity, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let Some(runtime) = service.kubernetes() else { continue };
        if matches!(runtime.replicas, Replicas::Scaled { .. })
            && runtime.cpus.is_none()
            && site.knows(service.document, &["spec.kubernetes.resources.cpus"])
        {
            found.push(
                Diagnostic::new(&CODE, format!("`{}` is scaled by CPU use, and asks for no CPUs", service.name))
                    .at(at(service, "spec.kubernetes.scale.cpu"))
                    .hint("say what each replica gets: `resources: { cpus: 4 }`"),
            );
        }
    }
}
