//! No two services are one object, answer at one address, or take a project's namespace.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostics::codes::{rules, services as codes};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::kubernetes::kinds;
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    names(site, found);
    routes(site, found);
    objects(site, found);
    namespaces(site, found);
    accounts(site, found);
}

fn at(service: &SupportService, dotted: &str) -> Place {
    Place::value(service.document, FieldPath::keys(dotted))
}

fn twice(what: &str, place: Place, first: Place, hint: &str) -> Diagnostic {
    Diagnostic::new(&rules::DUPLICATE_NAME, format!("{what} is declared twice"))
        .at(place)
        .label("declared again")
        .related(first, "first declared here")
        .hint(hint)
}

/// A name is one service's: in its namespace on Kubernetes, and in the portfolio.
fn names(site: &Site, found: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, &SupportService> = BTreeMap::new();
    for service in site.services.iter().filter(|one| site.knows(one.document, &["metadata.name"])) {
        match seen.get(service.name.as_str()) {
            Some(first) => found.push(twice(
                &format!("the service `{}`", service.name),
                at(service, "metadata.name"),
                at(first, "metadata.name"),
                "rename or remove one of them",
            )),
            None => {
                seen.insert(&service.name, service);
            }
        }
    }
}

fn routes(site: &Site, found: &mut Diagnostics) {
    let mut seen: BTreeMap<(&str, &str), &SupportService> = BTreeMap::new();
    for service in &site.services {
        let Some(route) = service.kubernetes().and_then(|runtime| runtime.route.as_ref()) else { continue };
        if !site.knows(service.document, &["spec.kubernetes.route"]) {
            continue;
        }
        let path = if route.path == "/" { "/" } else { route.path.trim_end_matches('/') };
        if let Some(first) = seen.insert((&route.host, path), service) {
            found.push(
                Diagnostic::new(
                    &codes::ROUTE_TAKEN,
                    format!("`{}` and `{}` both answer at `{}{path}`", first.name, service.name, route.host),
                )
                .at(at(service, "spec.kubernetes.route.host"))
                .label("taken")
                .related(at(first, "spec.kubernetes.route.host"), "taken here")
                .hint(format!("give one of them another host, or a path: `path: /{}`", service.name)),
            );
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

/// Accounts and QOS on Slurm.
fn accounts(site: &Site, found: &mut Diagnostics) {
    let mut taken: BTreeMap<&str, Place> = BTreeMap::new();
    for factory in &site.factories {
        let place = |path: FieldPath| Place::value(factory.document, path);
        taken.insert(&factory.account, place(FieldPath::keys("metadata.name")));
        taken.extend(factory.branches.iter().map(|branch| (branch.name.as_str(), place(branch.path.key("name")))));
    }
    for project in &site.projects {
        taken.insert(&project.account, Place::value(project.document, FieldPath::keys("metadata.name")));
    }
    for service in &site.services {
        let Some(runtime) = service.slurm() else { continue };
        let own = at(service, "spec.slurm.account");
        if let Some(first) = taken.insert(&runtime.account, own.clone()) {
            found.push(twice(
                &format!("the account `{}`", runtime.account),
                own,
                first,
                "give it an account of its own",
            ));
            continue;
        }
        let mode = site.modes.iter().find(|mode| runtime.mode.is_none() && mode.name == runtime.account);
        if let Some(mode) = mode {
            found.push(twice(
                &format!("the QOS `{}`", mode.name),
                own,
                Place::value(mode.document, FieldPath::keys("metadata.name")),
                "use it: `mode: …`, or give the service another account",
            ));
        }
    }
}
