//! The volumes of a project are no larger than its quota.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::slurm::value::size;

/// A project's claims do not fit its quota.
const CODE: Code = Code {
    name: "claims-exceed-quota",
    severity: Severity::Error,
    summary: "A project's volumes are larger than its quota",
    explanation: "The API server would refuse the last of them (`exceeded quota`).",
    failing: "quota: { storage: 4TB }\nstorage: [{ name: data, size: 10TB }]",
    passing: "quota: { storage: 10TB }\nstorage: [{ name: data, size: 10TB }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for project in &site.projects {
        let Some(side) = &project.sides.kubernetes else { continue };
        let Some(most) = side.storage else { continue };
        let sum = side.claims.iter().filter_map(|claim| claim.size).fold(0, u64::saturating_add);
        if sum <= most || !site.knows(project.document, &["spec.kubernetes.storage"]) {
            continue;
        }
        found.push(
            Diagnostic::new(
                &CODE,
                format!("the volumes of `{}` are {}, and its quota is {}", project.name, size(sum), size(most)),
            )
            .at(Place::key(project.document, FieldPath::keys("spec.kubernetes.storage")))
            .label(format!("{} in all", size(sum)))
            .related(Place::value(project.document, FieldPath::keys("spec.kubernetes.quota.storage")), "the quota")
            .hint(format!("raise the quota to `storage: {}`, or ask for less", size(sum))),
        );
    }
}
