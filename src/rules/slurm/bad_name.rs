//! Names are legal on Slurm, and none is one that Slurm keeps for itself.

use crate::diagnostics::codes::manifest::BAD_NAME as CODE;
use crate::diagnostics::{Complaint, Diagnostic, Diagnostics, DocumentId, Place};
use crate::model::Site;
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::slurm::text::{check_accounting_name, check_configuration_name};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Names, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let name = FieldPath::keys("metadata.name");
    for factory in &site.factories {
        report(check_accounting_name(&factory.name), factory.document, &name, found);
        if factory.account != factory.name {
            report(
                check_accounting_name(&factory.account),
                factory.document,
                &FieldPath::keys("spec.account.name"),
                found,
            );
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
    for service in &site.services {
        if let Some(runtime) = service.slurm() {
            let field = |field: &str| FieldPath::keys("spec.slurm").key(field);
            report(check_accounting_name(&runtime.account), service.document, &field("account"), found);
            report(check_accounting_name(&runtime.user), service.document, &field("user"), found);
        }
    }
    reserved(site, found);
}

fn report(result: Result<(), Complaint>, document: DocumentId, path: &FieldPath, found: &mut Diagnostics) {
    if let Err(error) = result {
        found.push(error.at(&CODE, Place::value(document, path.clone())).label("not legal here"));
    }
}

/// Words with which Slurm says "everything", "nothing" or "no limit" wherever a name could stand.
const WORDS: [&str; 5] = ["all", "none", "unlimited", "infinite", "parent"];

/// `root` and `normal` are built in and never created; some words mean something else where a name stands.
fn reserved(site: &Site, found: &mut Diagnostics) {
    for (name, built_in, document, path) in named(site) {
        let message = if name == built_in {
            format!("`{name}` is built into Slurm")
        } else if WORDS.contains(&name.to_lowercase().as_str()) {
            format!("`{name}` means something else to Slurm wherever a name stands")
        } else {
            continue;
        };
        found.push(
            Diagnostic::new(&CODE, message)
                .at(Place::value(document, path))
                .label("reserved")
                .hint("choose another name"),
        );
    }
}

/// A name, the name that is built in where it stands, and its place.
type Named<'a> = (&'a str, &'static str, DocumentId, FieldPath);

/// Names that are legal by their letters.
fn named(site: &Site) -> Vec<Named<'_>> {
    let own = |other: bool, elsewhere: &str| FieldPath::keys(if other { elsewhere } else { "metadata.name" });
    let mut all: Vec<Named<'_>> = Vec::new();
    for factory in &site.factories {
        all.push((
            &factory.account,
            "root",
            factory.document,
            own(factory.account != factory.name, "spec.account.name"),
        ));
        all.extend(
            factory
                .branches
                .iter()
                .map(|branch| (branch.name.as_str(), "root", factory.document, branch.path.key("name"))),
        );
        for (user, _, place) in &factory.administrators {
            if let Place::Field { document, path, .. } = place {
                all.push((user, "root", *document, path.clone()));
            }
        }
    }
    all.extend(site.modes.iter().map(|mode| (mode.name.as_str(), "normal", mode.document, own(false, ""))));
    for partition in &site.partitions {
        let sets =
            partition.node_sets.iter().map(|set| (set.name.as_str(), "", partition.document, set.path.key("name")));
        let names = sets.chain([(partition.name.as_str(), "", partition.document, own(false, ""))]);
        all.extend(names.filter(|(name, ..)| check_configuration_name(name).is_ok()));
    }
    for project in &site.projects {
        all.push((&project.account, "root", project.document, own(project.account != project.name, "spec.account")));
        all.extend(
            project
                .members
                .iter()
                .map(|member| (member.user.as_str(), "root", project.document, member.path.key("user"))),
        );
    }
    all
}
