//! A mode that continues another begins right after it.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// Ranges that should continue each other leave a gap or overlap.
const CODE: Code = Code {
    name: "range-gap",
    severity: Severity::Error,
    summary: "Ranges that should continue each other leave a gap or overlap",
    explanation: "A mode with `continues` begins right after the maximum of the other: no mode would admit a job in between.",
    failing: "continues: fast-lane, perJob: { minimum: { gpus: 66 } }   # fast-lane: gpus: 64",
    passing: "continues: fast-lane, perJob: { minimum: { gpus: 65 } }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for mode in &site.modes {
        let Some(before) = mode.continues.as_ref().and_then(|name| site.modes.iter().find(|one| one.name == *name))
        else {
            continue;
        };
        let place = Place::value(mode.document, FieldPath::keys("spec.perJob.continues"));
        let mut compared = false;
        for (tres, least) in &mode.minimum {
            let Some(most) = before.maximum.get(tres) else { continue };
            compared = true;
            if *least != most + 1 {
                let what = if *least > most + 1 { "leaves a gap" } else { "overlaps" };
                found.push(
                    Diagnostic::new(
                        &CODE,
                        format!(
                            "`{}` begins at {least} {tres}, `{}` ends at {most}: that {what}",
                            mode.name, before.name
                        ),
                    )
                    .at(mode.fields.places.get("MinTRESPerJob").cloned().unwrap_or_else(|| place.clone()))
                    .label(format!("should be {}", most + 1))
                    .related(
                        before
                            .fields
                            .places
                            .get("MaxTRESPerJob")
                            .cloned()
                            .unwrap_or_else(|| Place::value(before.document, FieldPath::keys("spec"))),
                        "where the other ends",
                    )
                    .hint(format!("write {} here", most + 1)),
                );
            }
        }
        let sizes = ["gpus", "cpus", "nodes", "memory", "tres"].map(|size| format!("spec.perJob.{size}"));
        let knows_both = site.knows(mode.document, &["spec.perJob.minimum"])
            && site.knows(before.document, &sizes.each_ref().map(String::as_str));
        if !compared && knows_both {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("`{}` continues `{}`, and the two have no common limit to compare", mode.name, before.name),
                )
                .at(place)
                .hint("give this one `perJob.minimum` and the other a maximum of the same, e.g. `gpus`"),
            );
        }
    }
}
