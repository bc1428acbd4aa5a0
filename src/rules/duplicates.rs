//! Nothing is declared twice.

use std::collections::BTreeMap;

use crate::diagnostics::codes::rules as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::model::Site;
use crate::resource::FieldPath;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    let path = FieldPath::keys("metadata.name");
    // Of what has no target or no name of its own it is not known whether it is the same.
    let told = |document: DocumentId| site.knows(document, &["metadata.name", "spec.target"]);
    let partitions = site.partitions.iter().filter(|one| told(one.document));
    twice(
        "partition",
        partitions.map(|one| (format!("{}/{}", one.target, one.name), one.name.as_str(), one.document)),
        &path,
        found,
    );
    let modes = site.modes.iter().filter(|one| told(one.document));
    twice(
        "access mode",
        modes.map(|one| (format!("{}/{}", one.target, one.name), one.name.as_str(), one.document)),
        &path,
        found,
    );
    twice("project", site.projects.iter().map(|one| (one.name.clone(), one.name.as_str(), one.document)), &path, found);
    if let [first, rest @ ..] = site.factories.as_slice() {
        for other in rest {
            found.push(
                Diagnostic::new(&codes::TWO_FACTORIES, format!("`{}` is a second factory in one folder", other.name))
                    .at(Place::value(other.document, path.clone()))
                    .related(Place::value(first.document, path.clone()), "the first one")
                    .hint("give each factory a folder of its own"),
            );
        }
    } else if !(site.may_hide("Factory", None)
        || site.partitions.is_empty() && site.modes.is_empty() && site.projects.is_empty())
    {
        let first =
            site.modes.first().map(|mode| mode.document).or(site.projects.first().map(|project| project.document));
        let first = first.or(site.partitions.first().map(|partition| partition.document));
        let mut finding = Diagnostic::new(&codes::NO_FACTORY, "no document is a Factory")
            .hint("add one: `kind: Factory` with a name; everything is provisioned below it");
        if let Some(document) = first {
            finding = finding.at(Place::value(document, FieldPath::keys("kind")));
        }
        found.push(finding);
    }
    accounts(site, found);
    members(site, found);
}

fn twice<'a>(
    noun: &str,
    all: impl Iterator<Item = (String, &'a str, DocumentId)>,
    path: &FieldPath,
    found: &mut Diagnostics,
) {
    let mut seen: BTreeMap<String, DocumentId> = BTreeMap::new();
    for (key, name, document) in all {
        match seen.get(&key) {
            Some(first) => found.push(
                Diagnostic::new(&codes::DUPLICATE_NAME, format!("the {noun} `{name}` is declared twice"))
                    .at(Place::value(document, path.clone()))
                    .label("declared again")
                    .related(Place::value(*first, path.clone()), "first declared here")
                    .hint("rename or remove one of them"),
            ),
            None => {
                seen.insert(key, document);
            }
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
        clash(&mut taken, &branch.name, place, found);
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
            Some(first) => found.push(account_clash(&project.account, place, first.clone())),
            None => {
                taken.insert(&project.account, place);
            }
        }
    }
}

fn clash<'a>(taken: &mut BTreeMap<&'a str, Place>, name: &'a str, place: Place, found: &mut Diagnostics) {
    match taken.get(name) {
        Some(first) => found.push(account_clash(name, place, first.clone())),
        None => {
            taken.insert(name, place);
        }
    }
}

fn account_clash(name: &str, place: Place, first: Place) -> Diagnostic {
    Diagnostic::new(&codes::DUPLICATE_NAME, format!("the account `{name}` is declared twice"))
        .at(place)
        .label("declared again")
        .related(first, "first declared here")
        .why("account names are unique in Slurm's database")
        .hint("rename one of them")
}

fn members(site: &Site, found: &mut Diagnostics) {
    let mut defaults: BTreeMap<&str, Place> = BTreeMap::new();
    for project in &site.projects {
        let mut seen: BTreeMap<(&str, Option<&str>), Place> = BTreeMap::new();
        for member in &project.members {
            let place = Place::value(project.document, member.path.key("user"));
            let knows_both = ["user", "partition"]
                .iter()
                .all(|field| !site.refused.touches(project.document, &member.path.key(field)));
            if knows_both && let Some(first) = seen.insert((&member.user, member.partition.as_deref()), place.clone()) {
                found.push(
                    Diagnostic::new(
                        &codes::DUPLICATE_MEMBER,
                        format!("`{}` is listed twice in `{}`", member.user, project.name),
                    )
                    .at(place.clone())
                    .related(first, "first listed here")
                    .hint("keep one entry"),
                );
            }
            if member.default
                && knows_both
                && let Some(first) = defaults.insert(&member.user, place.clone())
            {
                found.push(
                    Diagnostic::new(
                        &codes::TWO_DEFAULT_ACCOUNTS,
                        format!("`{}` has two default accounts", member.user),
                    )
                    .at(place)
                    .related(first, "the other one")
                    .hint("keep `default: true` in one project"),
                );
            }
        }
    }
}
