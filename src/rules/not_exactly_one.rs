//! A service has exactly one runtime.

use super::rule::{Rule, Turn};
use super::service::at;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;
use crate::model::service::runtimes as all_runtimes;

/// Of several fields exactly one is written.
pub(super) const CODE: Code = Code {
    name: "not-exactly-one",
    severity: Severity::Error,
    summary: "Of several fields exactly one is written",
    explanation: "A service has one runtime (`kubernetes`, `slurm`, `manifests` or `external`), a route one way in (`gateway` or `ingress`), a variable one source (`value`, `fromSecret` or `fromConfig`). A service in two parts is two services.",
    failing: "spec: { category: inference, external: { contact: a@b.example }, slurm: { user: svc, partition: booster } }",
    passing: "spec: { category: inference, slurm: { user: svc, partition: booster } }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let message = match service.runtimes.as_slice() {
            [_] => continue,
            [] => format!("`{}` has no runtime", service.name),
            many => format!("`{}` has {} runtimes: `{}`", service.name, many.len(), many.join("`, `")),
        };
        found.push(
            Diagnostic::new(&CODE, message)
                .at(at(service, &format!("spec.{}", service.runtimes.get(1).unwrap_or(&"kubernetes"))))
                .label("needs exactly one")
                .hint(format!("write one of {}; two parts are two services", all_runtimes())),
        );
    }
}
