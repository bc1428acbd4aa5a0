//! Nothing is said twice: the handler of a runtime class, and the variables, volumes and ports of a service.

use std::collections::BTreeMap;

use super::named;
use crate::diagnostics::codes::manifest::SAID_TWICE as CODE;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::service::kubernetes::KubernetesService;
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::of;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    handlers(site, found);
    for service in &site.services {
        if let Some(runtime) = service.kubernetes() {
            parts(service, runtime, found);
        }
    }
}

fn handlers(site: &Site, found: &mut Diagnostics) {
    let mut handlers: BTreeMap<(&str, &str), (&str, Place)> = BTreeMap::new();
    for (partition, side) in named::partitions(site).filter(|(one, _)| named::is_known(site, one.document)) {
        let Some((name, handler)) = &side.runtime_class else { continue };
        let place = Place::value(partition.document, FieldPath::keys("spec.kubernetes.runtimeClass"));
        let (first, there) = handlers.entry((&side.target, name)).or_insert((handler, place.clone()));
        if first != handler {
            found.push(
                Diagnostic::new(&CODE, format!("the runtime class `{name}` has two handlers"))
                    .at(place)
                    .label(format!("`{handler}`"))
                    .related(there.clone(), format!("`{first}`"))
                    .hint("write one handler, or give the class another name"),
            );
        }
    }
}

fn parts(service: &SupportService, runtime: &KubernetesService, found: &mut Diagnostics) {
    let twice = |what: &str, path: &FieldPath, first: &FieldPath| {
        Diagnostic::new(&CODE, format!("{what} is declared twice"))
            .at(of(service, path))
            .label("said again")
            .related(of(service, first), "said here")
            .hint("keep one of the two")
    };
    let mut variables: BTreeMap<&str, &FieldPath> = BTreeMap::new();
    for variable in &runtime.env {
        if let Some(first) = variables.insert(&variable.name, &variable.path) {
            found.push(twice(&format!("the variable `{}`", variable.name), &variable.path, first));
        }
    }
    let (mut names, mut mounts) = (BTreeMap::new(), BTreeMap::new());
    for volume in &runtime.storage {
        if let Some(first) = names.insert(volume.name.as_str(), &volume.path) {
            found.push(twice(&format!("the volume `{}`", volume.name), &volume.path, first));
        } else if let Some(first) = mounts.insert(volume.mount.as_str(), &volume.path) {
            found.push(twice(&format!("the folder `{}`", volume.mount), &volume.path, first));
        }
    }
    let (mut names, mut numbers) = (BTreeMap::new(), BTreeMap::new());
    for port in &runtime.ports {
        if let Some(first) = names.insert(port.name.as_str(), &port.path) {
            found.push(twice(&format!("the port `{}`", port.name), &port.path, first));
        } else if let Some(first) = numbers.insert((port.number, port.protocol), &port.path) {
            found.push(twice(&format!("the port {}", port.number), &port.path, first));
        }
    }
}
