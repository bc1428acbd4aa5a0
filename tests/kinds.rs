//! The table of kinds agrees with what is generated from it, and with what the rules do.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use sitewright::diagnostics::Severity;
use sitewright::manifest::v1alpha1::{API_VERSION, KINDS, Kind, SITE};
use sitewright::manifest::{Schemas, load_texts, schema};
use sitewright::{model, rules};

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn rows_are_what_schemas_pages_and_verbs_know() {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names, KINDS);
    let with_site: Vec<&str> = names.iter().copied().chain([SITE]).collect();
    assert_eq!(schema::names().collect::<Vec<_>>(), with_site);

    let page = file("docs/reference/manifests.md");
    let titles: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(titles, names.iter().copied().chain(["sitewright.yaml"]).collect::<Vec<_>>());

    let all: Value = serde_json::from_str(&file("schemas/sitewright.schema.json")).unwrap();
    assert_eq!(all["properties"]["kind"]["enum"], json!(names));
    let single: BTreeSet<String> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["sitewright.schema.json", "settings.schema.json"].contains(&name.as_str()))
        .collect();
    let described: BTreeSet<String> = single
        .iter()
        .map(|name| serde_json::from_str::<Value>(&file(&format!("schemas/{name}"))).unwrap())
        .map(|schema| schema["properties"]["kind"]["const"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(described, names.iter().map(|name| (*name).to_owned()).collect());

    for name in with_site {
        let described = schema::of_kind(name).unwrap();
        assert!(described["description"].as_str().is_some_and(|text| !text.is_empty()), "{name}");
        assert_eq!(schema::kind_named(&name.to_lowercase()), Some(name));
        let said =
            std::process::Command::new(env!("CARGO_BIN_EXE_sitewright")).args(["explain", name]).output().unwrap();
        assert!(String::from_utf8(said.stdout).unwrap().starts_with(&format!("{name}: mapping\n")), "{name}");
    }
}

/// A site that names each of its documents wherever a document can be named.
fn documents() -> Vec<Value> {
    let document = |kind: Kind, name: &str, spec: Value| json!({"apiVersion": API_VERSION, "kind": kind.name(), "metadata": {"name": name}, "spec": spec});
    let factory = json!({
        "host": {"entity": "CSC", "country": "FI"},
        "account": {"modes": ["fast"], "defaultMode": "fast"},
        "accounts": [{"name": "finland", "modes": ["fast"], "defaultMode": "fast"}],
        "kubernetes": {},
    });
    let partition = json!({
        "nodes": [{"hosts": "gpu[1-4]", "cpus": 64, "memory": "512GB", "accelerators": {"model": "h100", "count": 4}}],
        "modes": ["fast", "slow"], "qos": "fast", "alternate": "other", "kubernetes": {},
    });
    let project = json!({
        "organisation": {"name": "Medix", "country": "FI", "category": "sme"}, "modes": ["fast"], "defaultMode": "fast",
        "members": [{"user": "anna", "role": "lead", "partition": "booster", "modes": ["fast"], "defaultMode": "fast"}],
        "allocations": [{"partition": "booster", "mode": "fast", "gpuHours": 1000, "from": "2026-01-01", "until": "2026-12-31"}],
    });
    vec![
        document(Kind::Factory, "nordlys", factory),
        document(Kind::Partition, "booster", partition),
        document(Kind::Partition, "other", json!({"hosts": ["gpu1"], "denyModes": ["slow"]})),
        document(Kind::AccessMode, "fast", json!({"preempts": ["slow"], "kubernetes": {}})),
        document(Kind::AccessMode, "slow", json!({"perJob": {"continues": "fast"}, "kubernetes": {}})),
        document(Kind::Project, "medix", project),
        document(
            Kind::SupportService,
            "batch",
            json!({
                "category": "algorithmic-support", "audience": {"modes": ["fast"], "projects": ["medix"]},
                "slurm": {"user": "svc", "partition": "booster", "mode": "fast", "limits": {}},
            }),
        ),
        document(
            Kind::SupportService,
            "inference",
            json!({
                "category": "inference",
                "kubernetes": {"image": "registry.example/llm:1", "queue": {"partition": "booster", "mode": "fast"}},
            }),
        ),
    ]
}

/// Errors about a site: code and message.
fn errors(documents: &[Value]) -> Vec<(&'static str, String)> {
    let texts = documents.iter().enumerate().map(|(number, document)| (format!("{number}.yaml"), document.to_string()));
    let loaded = load_texts(texts.collect(), &Schemas::new().unwrap());
    let (site, found) = model::resolve(&loaded);
    let all = [loaded.diagnostics.0, found.0, rules::check(&site).0].concat();
    all.into_iter().filter(|one| one.code.severity == Severity::Error).map(|one| (one.code.name, one.message)).collect()
}

/// Puts a name at a path: in the first item of lists, and as the only item of a list of names.
fn put(value: &mut Value, path: &str, name: &str) -> bool {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let key = first.trim_end_matches("[]");
    let Some(inner) = value.get_mut(key) else { return false };
    let inner = if first.ends_with("[]") { inner.get_mut(0).unwrap() } else { inner };
    if let Some(rest) = rest {
        return put(inner, rest, name);
    }
    *inner = json!(name);
    true
}

#[test]
fn every_reference_of_the_table_is_followed() {
    let site = documents();
    let before = errors(&site);
    assert!(before.iter().all(|(code, _)| !code.starts_with("unknown-")), "{before:?}");
    for kind in Kind::ALL {
        for field in kind.named_by() {
            let (owner, path) = field.split_once('.').unwrap();
            let mut seen = false;
            for index in 0..site.len() {
                let mut changed = site.clone();
                if changed[index]["kind"] != owner || !put(&mut changed[index], path, "nowhere") {
                    continue;
                }
                seen = true;
                let after = errors(&changed);
                let wanted = format!("there is no {} `nowhere`", kind.noun());
                assert!(after.iter().any(|(_, message)| *message == wanted), "{field}: {after:?}");
            }
            assert!(seen, "no document has {field}");
        }
    }
}

#[test]
fn a_site_has_as_many_of_a_kind_as_the_table_says() {
    for kind in Kind::ALL {
        let mut site = documents();
        let mut second = site.iter().find(|one| one["kind"] == kind.name()).unwrap().clone();
        second["metadata"]["name"] = json!("second");
        site.push(second);
        let refused = errors(&site).iter().any(|(code, _)| *code == "two-factories");
        assert_eq!(refused, kind.is_single(), "{kind:?}");
    }
}
