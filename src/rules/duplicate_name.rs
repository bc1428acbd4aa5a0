//! No two documents of a kind have one name on one target, and no two accounts one name.

use std::collections::BTreeMap;

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, DocumentId, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// A name is declared twice.
pub(super) const CODE: Code = Code {
    name: "duplicate-name",
    severity: Severity::Error,
    summary: "A name is declared twice",
    explanation: "Two documents describe one object, and the one that is read last would win.",
    failing: "metadata: { name: booster }   # in two files",
    passing: "metadata: { name: booster-2 }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    // Two documents are compared only if the name and target of both were read.
    let told = |document: DocumentId| site.knows(document, &["metadata.name", "spec.target"]);
    let partitions = site.partitions.iter().filter(|one| told(one.document));
    unique(
        "partition",
        partitions.map(|one| (format!("{}/{}", one.target, one.name), one.name.as_str(), one.document)),
        found,
    );
    let modes = site.modes.iter().filter(|one| told(one.document));
    unique(
        "access mode",
        modes.map(|one| (format!("{}/{}", one.target, one.name), one.name.as_str(), one.document)),
        found,
    );
    unique("project", site.projects.iter().map(|one| (one.name.clone(), one.name.as_str(), one.document)), found);
    accounts(site, found);
    let services = site.services.iter().filter(|one| site.knows(one.document, &["metadata.name"]));
    unique("service", services.map(|one| (one.name.clone(), one.name.as_str(), one.document)), found);
}

/// A name that is declared at `place` and before it at `first`.
pub(super) fn twice(what: &str, place: Place, first: Place, hint: &str) -> Diagnostic {
    Diagnostic::new(&CODE, format!("{what} is declared twice"))
        .at(place)
        .label("declared again")
        .related(first, "first declared here")
        .hint(hint)
}

/// Reports each document whose key an earlier one has.
fn unique<'a>(noun: &str, all: impl Iterator<Item = (String, &'a str, DocumentId)>, found: &mut Diagnostics) {
    let place = |document| Place::value(document, FieldPath::keys("metadata.name"));
    let mut seen: BTreeMap<String, DocumentId> = BTreeMap::new();
    for (key, name, document) in all {
        if let Some(first) = seen.get(&key) {
            let what = format!("the {noun} `{name}`");
            found.push(twice(&what, place(document), place(*first), "rename or remove one of them"));
        } else {
            seen.insert(key, document);
        }
    }
}

/// Account names are unique over the whole database: projects, branches and the root account share them.
fn accounts(site: &Site, found: &mut Diagnostics) {
    let Some(factory) = site.factories.first() else { return };
    let mut taken: BTreeMap<&str, Place> = BTreeMap::new();
    if site.knows(factory.document, &["spec.account.name"]) {
        taken.insert(&factory.account, Place::value(factory.document, FieldPath::keys("metadata.name")));
    }
    for branch in &factory.branches {
        let place = Place::value(factory.document, branch.path.key("name"));
        if let Some(first) = taken.get(branch.name.as_str()) {
            found.push(account(&branch.name, place, first.clone()));
        } else {
            taken.insert(&branch.name, place);
        }
    }
    for project in
        site.projects.iter().filter(|project| site.knows(project.document, &["metadata.name", "spec.account"]))
    {
        let path = if project.account == project.name { "metadata.name" } else { "spec.account" };
        let place = Place::value(project.document, FieldPath::keys(path));
        let same_name = |other: &Place| {
            site.projects.iter().any(|one| {
                one.name == project.name && matches!(other, Place::Field { document, .. } if *document == one.document)
            })
        };
        match taken.get(project.account.as_str()) {
            // Two projects of one name have been reported already.
            Some(first) if same_name(first) => {}
            Some(first) => found.push(account(&project.account, place, first.clone())),
            None => {
                taken.insert(&project.account, place);
            }
        }
    }
}

fn account(name: &str, place: Place, first: Place) -> Diagnostic {
    twice(&format!("the account `{name}`"), place, first, "rename one of them")
        .why("account names are unique in Slurm's database")
}
