//! Every field that the tables know can be said in a manifest, and is compiled.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sitewright::manifest::{Schemas, load_texts};
use sitewright::{desired, model, rules};

const EVERYTHING: &str = include_str!("manifest_reach.yaml");

#[test]
fn every_field_of_slurm_is_reached() {
    let schemas = Schemas::new().unwrap();
    let loaded = load_texts(vec![("everything.yaml".to_owned(), EVERYTHING.to_owned())], &schemas);
    let messages = |found: &sitewright::diagnostics::Diagnostics| -> Vec<String> {
        found.0.iter().map(|one| format!("{}: {} {:?}", one.code.name, one.message, one.place)).collect()
    };
    assert_eq!(messages(&loaded.diagnostics), Vec::<String>::new());
    let (site, found) = model::resolve(&loaded);
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

/// Values that break things: too large, empty, of other shapes, of other places.
const NASTY: &[&str] = &[
    "",
    "0",
    "18446744073709551615",
    "99999999999999999999",
    "1000000000000",
    "4294967295",
    "-1",
    "\"\"",
    "[]",
    "{}",
    "[[]]",
    "99999999w",
    "0s",
    "1000000PB",
    "0%",
    "1000%",
    "9999-12-31",
    "0000-01-01",
    "2026-02-29",
    "n[1-65536]",
    "n[0-999999999]",
    "a[1-3]b[1-3]",
    "all",
    "none",
    "é",
    "\"\\u0000\"",
    "\"a\\nb\"",
    "gpu",
    "gres/gpu",
    "*limits",
    "parent",
    "force:0",
];

proptest! {
    #[test]
    fn no_value_panics(changes in proptest::collection::vec((any::<prop::sample::Index>(), prop::sample::select(NASTY)), 1..4)) {
        let mut lines: Vec<String> = EVERYTHING.lines().map(str::to_owned).collect();
        for (index, value) in changes {
            let line = &mut lines[index.index(EVERYTHING.lines().count())];
            if let Some((key, _)) = line.clone().rsplit_once(": ") {
                let closing: String = line.chars().rev().take_while(|letter| " ]}".contains(*letter)).collect();
                *line = format!("{key}: {value}{}", closing.chars().rev().collect::<String>());
            }
        }
        let schemas = Schemas::new().unwrap();
        let loaded = load_texts(vec![("everything.yaml".to_owned(), lines.join("\n"))], &schemas);
        let (site, _) = model::resolve(&loaded);
        let _ = rules::check(&site);
        let _ = desired::compile(&site, jiff::civil::date(2026, 5, 1));
    }
}
