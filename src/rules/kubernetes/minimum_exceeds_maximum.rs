//! What a project's containers get by default is no more than their limit, and that no more than the most.

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::kubernetes::quantity;
use crate::model::kubernetes::{ContainerAmounts, ProjectKubernetes};
use crate::model::{Project, Site};
use crate::resource::FieldPath;
use crate::rules::minimum_exceeds_maximum::CODE;
use crate::rules::rule::{Rule, Turn};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for project in &site.projects {
        if let Some(side) = &project.sides.kubernetes {
            container(project, side, found);
        }
    }
}

fn container(project: &Project, side: &ProjectKubernetes, found: &mut Diagnostics) {
    let amount = |text: &Option<String>| text.as_deref().and_then(|text| quantity::milli(text).ok());
    for field in ["cpus", "memory"] {
        let of = |amounts: &ContainerAmounts| {
            if field == "cpus" { amounts.cpus.clone() } else { amounts.memory.clone() }
        };
        let levels = [("requests", of(&side.requests)), ("limits", of(&side.limits)), ("maximum", of(&side.maximum))];
        let written: Vec<(&str, i128, &str)> =
            levels.iter().filter_map(|(name, text)| Some((*name, amount(text)?, text.as_deref()?))).collect();
        for pair in written.windows(2) {
            let [(lower, less, said), (upper, more, most)] = pair else { continue };
            if less <= more {
                continue;
            }
            let at = |name: &str| {
                Place::value(project.document, FieldPath::keys("spec.kubernetes.container").key(name).key(field))
            };
            found.push(
                Diagnostic::new(&CODE, format!("a container has `{lower}` of {said} {field}, and `{upper}` of {most}"))
                    .at(at(lower))
                    .label("more than the other")
                    .related(at(upper), "the other")
                    .why("the API server refuses such defaults")
                    .hint("swap the two, or lower this one"),
            );
        }
    }
}
