//! What manifests become on Kubernetes: canonical objects, each field with its place.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::Value;
use sitewright::kubernetes::{kinds, quantity};
use sitewright::manifest::{Loaded, Schemas, load_texts};
use sitewright::resource::{Resource, is_protected};
use sitewright::{desired, model, rules};

const EVERYTHING: &str = include_str!("kubernetes_desired.yaml");
/// A day on which all allocations are in force.
const MAY: Date = date(2026, 5, 15);

fn load(text: &str) -> (Loaded, model::Site, Vec<String>) {
    let schemas = Schemas::new().unwrap();
    let loaded = load_texts(vec![("site.yaml".to_owned(), text.to_owned())], &schemas);
    let (site, mut found) = model::resolve(&loaded);
    found.extend(rules::check(&site));
    let all = loaded.diagnostics.0.iter().chain(&found.0);
    let messages = all.map(|one| format!("{}: {}", one.code.name, one.message)).collect();
    (loaded, site, messages)
}

/// Resources of the Kubernetes target.
fn compiled(text: &str, day: Date) -> Vec<Resource> {
    let (_, site, _) = load(text);
    desired::compile(&site, day).into_iter().filter(|one| one.address.target == "services").collect()
}

fn whole(resource: &Resource) -> Value {
    Value::Object(resource.body.clone().into_iter().collect())
}

fn addresses(resources: &[Resource]) -> Vec<String> {
    resources.iter().map(|one| format!("{}/{}", one.address.kind, one.address.name)).collect()
}

fn one<'a>(resources: &'a [Resource], name: &str) -> &'a Resource {
    let found = resources.iter().find(|one| format!("{}/{}", one.address.kind, one.address.name) == name);
    found.unwrap_or_else(|| panic!("no {name} in {:#?}", addresses(resources)))
}

#[test]
fn everything_becomes_objects() {
    let (_, _, messages) = load(EVERYTHING);
    assert_eq!(messages, Vec::<String>::new());
    let mut text = String::new();
    for resource in compiled(EVERYTHING, MAY) {
        text.push_str(&format!("--- # {} · {}\n", resource.address, resource.summary));
        text.push_str(&serde_yaml::to_string(&whole(&resource)).unwrap());
    }
    insta::assert_snapshot!("kubernetes_objects", text);
}
