//! Accounts that a partition lists are declared. Those that are not may be the site's own: a warning.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity, nearest};
use crate::manifest::Kind;
use crate::model::Site;
use crate::rules::rule::{Rule, Turn};

/// A partition lists an account that is declared in no manifest.
const CODE: Code = Code {
    name: "undeclared-account",
    severity: Severity::Warning,
    summary: "A partition lists an account that is declared in no manifest",
    explanation: "Others may manage an account of that name on the cluster. If there is none, the entry neither admits nor excludes any job.",
    failing: "accounts: { allow: [medxi] }",
    passing: "accounts: { allow: [medix] }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let in_factories = ["metadata.name", "spec.account.name", "spec.accounts[].name"];
    let in_projects = ["metadata.name", "spec.account", "spec.target"];
    let knows_all = site.factories.iter().all(|factory| site.knows(factory.document, &in_factories))
        && site.projects.iter().all(|project| site.knows(project.document, &in_projects))
        && !site.may_hide(Kind::Factory, None)
        && !site.may_hide(Kind::Project, None);
    if !knows_all {
        return;
    }
    let of_factories = site.factories.iter().flat_map(|factory| {
        factory.branches.iter().map(|branch| branch.name.as_str()).chain([factory.account.as_str()])
    });
    let everywhere: BTreeSet<&str> = of_factories.chain(["root"]).collect();
    let mut of_projects: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for project in &site.projects {
        of_projects.entry(&project.target).or_default().insert(&project.account);
    }
    for service in &site.services {
        if let (Some(target), Some(runtime)) = (&service.target, service.slurm()) {
            of_projects.entry(target).or_default().insert(&runtime.account);
        }
    }
    let none = BTreeSet::new();
    for partition in &site.partitions {
        let here = of_projects.get(partition.target.as_str()).unwrap_or(&none);
        for (name, path) in &partition.accounts {
            // Slurm folds these lists to lower case.
            let folded = name.to_lowercase();
            if everywhere.contains(folded.as_str()) || here.contains(folded.as_str()) {
                continue;
            }
            let near = nearest(name, everywhere.union(here).copied());
            let hint = near.map_or_else(
                || "declare it, unless others manage it on the cluster".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            found.push(
                Diagnostic::new(&CODE, format!("the account `{name}` is declared in no manifest"))
                    .at(Place::value(partition.document, path.clone()))
                    .label("has to exist on the cluster already")
                    .hint(hint),
            );
        }
    }
}
