//! Every field that the tables know can be said in a manifest, and is compiled.

use std::collections::{BTreeMap, BTreeSet};

use sitewright::manifest::{Schemas, load_texts};
use sitewright::{desired, model};

const EVERYTHING: &str = include_str!("manifest_reach.yaml");

#[test]
fn every_field_of_slurm_is_reached() {
    let schemas = Schemas::new().unwrap();
    let loaded = load_texts(vec![("everything.yaml".to_owned(), EVERYTHING.to_owned())], &schemas);
    let messages = |found: &sitewright::diagnostics::Diagnostics| -> Vec<String> {
        found.0.iter().map(|one| format!("{}: {} {:?}", one.code.name, one.message, one.place)).collect()
    };
    assert_eq!(messages(&loaded.diagnostics), Vec::<String>::new());
    let (site, found) = model::resolve(&loaded.documents);
    assert_eq!(messages(&found), Vec::<String>::new());
    let mut reached: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for resource in desired::compile(&site, jiff::civil::date(2026, 5, 1)) {
        reached.entry(resource.address.kind).or_default().extend(resource.body.into_keys());
    }
    let mut missed = Vec::new();
    for kind in ["qos", "account", "association", "user", "partition", "node", "nodeset", "gres"] {
        for field in sitewright::slurm::fields::of_kind(kind) {
            if !reached.get(kind).is_some_and(|keys| keys.contains(field.key)) {
                missed.push(format!("{kind}.{}", field.key));
            }
        }
    }
    assert_eq!(missed, Vec::<String>::new());
}
