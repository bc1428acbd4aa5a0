//! A service that promises hours has capacity of its own.

use super::rule::{Rule, Turn};
use super::service::at;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::{Site, SupportService};
use crate::targets::each;

/// A service promises hours and has no capacity of its own.
const CODE: Code = Code {
    name: "sla-without-capacity",
    severity: Severity::Error,
    summary: "A service promises hours and has no capacity of its own",
    explanation: "A service that shares its capacity with all jobs stops answering when they use it. On Kubernetes give it a `queue`, a `quota` or a `priorityClass`, and say what it needs; on Slurm a reservation, a partition that only it uses, or a QOS of its own with a priority or a limit.",
    failing: "sla: { hours: 24x7 }\nkubernetes: { image: \"r.example/a:1\" }",
    passing: "sla: { hours: 24x7 }\nkubernetes: { image: \"r.example/a:1\", quota: { cpus: 8 }, resources: { cpus: 4 } }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Capacity, check };

/// Whether a service has capacity of its own on a target, and how it gets some; nothing for a service that does not run
/// there.
type Backed = fn(&Site, &SupportService) -> Option<(bool, &'static str)>;

const BACKED: &[Backed] = &each!(backed);

/// Fields from which each target concludes it.
const BACKED_BY: &[&[&str]] = &each!(BACKED_BY);

fn check(site: &Site, found: &mut Diagnostics) {
    let known: Vec<&str> = BACKED_BY.iter().copied().flatten().copied().collect();
    for service in &site.services {
        let Some(hours) = &service.sla else { continue };
        // Services of other sites, and those that are passed through, cannot be judged here.
        let Some((backed, hint)) = BACKED.iter().find_map(|backed| backed(site, service)) else { continue };
        if backed || !site.knows(service.document, &known) {
            continue;
        }
        found.push(
            Diagnostic::new(&CODE, format!("`{}` promises {hours}, and has no capacity of its own", service.name))
                .at(at(service, "spec.sla.hours"))
                .label("promised here")
                .hint(hint),
        );
    }
}
