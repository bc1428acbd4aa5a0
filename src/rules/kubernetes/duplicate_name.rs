//! No two objects that a site declares have one name, and no service takes the namespace of a project.

use std::collections::BTreeMap;

use serde_json::Value;

use super::named;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::kubernetes::kinds;
use crate::model::kubernetes::queue_name;
use crate::model::{Project, Site};
use crate::resource::FieldPath;
use crate::rules::duplicate_name::{CODE, twice};
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let mut taken = Taken(BTreeMap::new());
    projects(site, &mut taken, found);
    for mode in site.modes.iter().filter(|one| named::is_known(site, one.document)) {
        if let Some((named, target)) = named::priority_class(mode) {
            found.0.extend(taken.take(target, "priority class", named.name, named.place()));
        }
    }
    for (partition, side) in named::partitions(site).filter(|(one, _)| named::is_known(site, one.document)) {
        let named = named::flavor(partition, side);
        let clash = taken.take(&side.target, "flavor", &side.name, named.place());
        // The queues of two flavors of one name have one name too.
        if clash.is_none() {
            for queue in site.queues(partition) {
                found.0.extend(taken.take(&side.target, "queue", &queue_name(side, queue.side), named.place()));
            }
        }
        found.0.extend(clash);
    }
    objects(site, found);
    namespaces(site, found);
}

/// Where each name was declared first, by target and kind.
struct Taken<'a>(BTreeMap<(String, &'a str, String), Place>);

impl Taken<'_> {
    /// Notes a name; a finding if the site has it already.
    fn take(&mut self, target: &str, noun: &'static str, name: &str, place: Place) -> Option<Diagnostic> {
        let first = self.0.insert((target.to_owned(), noun, name.to_owned()), place.clone())?;
        Some(
            Diagnostic::new(&CODE, format!("the {noun} `{name}` is declared twice"))
                .at(place)
                .label("declared again")
                .related(first, "first declared here")
                .hint("give one of them another name for Kubernetes, in its `kubernetes:` block"),
        )
    }
}

/// Namespaces of projects, and the volumes of each.
fn projects(site: &Site, taken: &mut Taken<'_>, found: &mut Diagnostics) {
    let mut of_name: BTreeMap<&str, usize> = BTreeMap::new();
    for project in &site.projects {
        *of_name.entry(&project.name).or_default() += 1;
    }
    for project in site.projects.iter().filter(|one| named::is_known(site, one.document)) {
        let Some((named, target)) = named::namespace(project) else { continue };
        // Two projects of one name have been reported already.
        let same_name = named.name == named.own && of_name.get(named.own).is_some_and(|count| *count > 1);
        if !same_name {
            found.0.extend(taken.take(target, "namespace", named.name, named.place()));
        }
        volumes(project, found);
    }
}

fn volumes(project: &Project, found: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, &FieldPath> = BTreeMap::new();
    let place = |path: &FieldPath| Place::value(project.document, path.key("name"));
    for claim in project.sides.kubernetes.iter().flat_map(|side| &side.claims) {
        if let Some(first) = seen.insert(&claim.name, &claim.path) {
            let what = format!("the volume `{}`", claim.name);
            found.push(twice(&what, place(&claim.path), place(first), "rename one of them"));
        }
    }
}

/// Objects that are passed through, and those that stand for services described here.
fn objects(site: &Site, found: &mut Diagnostics) {
    let mut seen: BTreeMap<String, Place> = BTreeMap::new();
    for service in &site.services {
        let (Some(runtime), Some(target)) = (service.kubernetes(), service.target.as_deref()) else { continue };
        for kind in
            ["Deployment.apps", "StatefulSet.apps", "Service", "ServiceAccount", "NetworkPolicy.networking.k8s.io"]
        {
            let address = format!("{target}/{kind}/{}/{}", runtime.namespace, service.name);
            seen.entry(address).or_insert_with(|| at(service, "metadata.name"));
        }
    }
    for service in &site.services {
        let (Some(runtime), Some(target)) = (service.pass_through(), service.target.as_deref()) else { continue };
        for one in &runtime.objects {
            let text = |key: &str| one.object.get(key).and_then(Value::as_str).unwrap_or_default();
            let kind = kinds::address_kind(text("apiVersion"), text("kind"));
            let name = kinds::address_name(&one.object);
            let mut place = one.base.clone();
            place.0.extend(FieldPath::keys("metadata.name").0);
            let place = Place::value(one.document, place);
            let address = format!("{target}/{kind}/{name}");
            match seen.get(&address) {
                Some(first) => found.push(twice(&format!("`{kind}/{name}`"), place, first.clone(), "keep one of them")),
                None => {
                    seen.insert(address, place);
                }
            }
        }
    }
}

/// A project's namespace has its quota and its members' rights.
fn namespaces(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let Some(target) = service.target.as_deref() else { continue };
        let (namespace, field) = match (service.kubernetes(), service.pass_through()) {
            (Some(runtime), _) => (&runtime.namespace, "spec.kubernetes.namespace"),
            (_, Some(runtime)) => (&runtime.namespace, "spec.manifests.namespace"),
            _ => continue,
        };
        let Some(project) = site.projects.iter().find(|one| one.namespace_on(target) == Some(namespace)) else {
            continue;
        };
        found.push(
            twice(
                &format!("the namespace `{namespace}`"),
                at(service, field),
                Place::value(project.document, FieldPath::keys("metadata.name")),
                "leave `namespace` out: the service gets one of its own",
            )
            .why(format!("it belongs to the project `{}`, with its quota and its members' rights", project.name)),
        );
    }
}
