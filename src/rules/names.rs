//! Names are legal on every target.

use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::model::Site;
use crate::resource::FieldPath;
use crate::slurm::text::{TextError, check_accounting_name, check_configuration_name};

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    let name = FieldPath::keys("metadata.name");
    for factory in &site.factories {
        report(check_accounting_name(&factory.name), factory.document, &name, found);
        if factory.account != factory.name {
            report(check_accounting_name(&factory.account), factory.document, &FieldPath::keys("spec.account.name"), found);
        }
        for branch in &factory.branches {
            report(check_accounting_name(&branch.name), factory.document, &branch.path.key("name"), found);
        }
        for (user, _, place) in &factory.administrators {
            if let (Err(error), Place::Field { document, path, .. }) = (check_accounting_name(user), place) {
                report(Err(error), *document, path, found);
            }
        }
    }
    for partition in &site.partitions {
        report(check_configuration_name(&partition.name), partition.document, &name, found);
        for set in &partition.node_sets {
            report(check_configuration_name(&set.name), partition.document, &set.path.key("name"), found);
        }
    }
    for mode in &site.modes {
        report(check_accounting_name(&mode.name), mode.document, &name, found);
    }
    for project in &site.projects {
        report(check_accounting_name(&project.name), project.document, &name, found);
        if project.account != project.name {
            report(check_accounting_name(&project.account), project.document, &FieldPath::keys("spec.account"), found);
        }
        for member in &project.members {
            report(check_accounting_name(&member.user), project.document, &member.path.key("user"), found);
        }
    }
    reserved(site, found);
}

fn report(result: Result<(), TextError>, document: DocumentId, path: &FieldPath, found: &mut Diagnostics) {
    if let Err(error) = result {
        found.push(
            Diagnostic::new(&codes::BAD_NAME, error.message)
                .at(Place::value(document, path.clone()))
                .label("not legal here")
                .hint(error.hint),
        );
    }
}

/// Words with which Slurm says "everything", "nothing" or "no limit" wherever a name could stand.
const WORDS: [&str; 5] = ["all", "none", "unlimited", "infinite", "parent"];

/// `root` and `normal` are built in and never created; some words mean something else where a name stands.
fn reserved(site: &Site, found: &mut Diagnostics) {
    let path = FieldPath::keys("metadata.name");
    let accounts = site.projects.iter().map(|project| (project.account.as_str(), project.document, path.clone())).chain(
        site.factories.iter().flat_map(|factory| {
            let branches = factory.branches.iter().map(|branch| (branch.name.as_str(), factory.document, branch.path.key("name")));
            branches.chain([(factory.account.as_str(), factory.document, path.clone())])
        }),
    );
    let modes = site.modes.iter().map(|mode| (mode.name.as_str(), mode.document, path.clone()));
    let partitions = site.partitions.iter().map(|one| (one.name.as_str(), one.document, path.clone()));
    let named = accounts.map(|one| (one, "root")).chain(modes.map(|one| (one, "normal"))).chain(partitions.map(|one| (one, "DEFAULT")));
    for ((name, document, path), built_in) in named {
        let message = if name == built_in {
            format!("`{name}` is built into Slurm")
        } else if WORDS.contains(&name.to_lowercase().as_str()) {
            format!("`{name}` means something else to Slurm wherever a name stands")
        } else {
            continue;
        };
        found.push(
            Diagnostic::new(&codes::BAD_NAME, message)
                .at(Place::value(document, path))
                .label("reserved")
                .hint("choose another name"),
        );
    }
}
