//! What manifests become on Kubernetes: canonical objects, each field with its place.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::path::{Path, PathBuf};

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

/// Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources(&path, found) } else { found.push(path) }
    }
}

/// Field names stand in structs, where the compiler checks them, and in no JSON that we write ourselves. What is passed
/// through is JSON of the user's.
#[test]
fn objects_are_written_as_structs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    let mut compiled = 0;
    for path in files {
        let file = path.strip_prefix(&root).unwrap().display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        if file.ends_with("_tests.rs") || file == "kubernetes/typed.rs" {
            continue;
        }
        let of_objects = file.starts_with("desired/kubernetes/");
        compiled += usize::from(of_objects);
        for (index, line) in code.lines().enumerate() {
            let json = line.contains("serde_json::json") || line.contains("json!");
            let value = line.contains("serde_json") && file != "desired/kubernetes/service/mod.rs";
            // An object of a kind that is known when this is written.
            let object = line.contains("\"apiVersion\": \"");
            if of_objects && (json || value) || object {
                wrong.push(format!("src/{file}:{}: {}", index + 1, line.trim()));
            }
        }
    }
    assert!(compiled > 10, "{compiled} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why a value is not canonical, if it is not.
fn wrong(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Null => found.push(format!("{path} is null")),
        Value::Object(map) => {
            let meant = path.ends_with("podSelector");
            if map.is_empty() && !meant {
                found.push(format!("{path} is empty"));
            }
            let keys: Vec<&String> = map.keys().collect();
            if !keys.is_sorted() {
                found.push(format!("{path} is not sorted: {keys:?}"));
            }
            for (key, value) in map {
                wrong(&format!("{path}.{key}"), value, found);
            }
        }
        Value::Array(items) => {
            if items.is_empty() {
                found.push(format!("{path} is empty"));
            }
            for item in items {
                wrong(&format!("{path}[]"), item, found);
            }
        }
        Value::String(text) => {
            let amounts = [
                ".hard.",
                ".default.",
                ".defaultRequest.",
                ".max.",
                ".requests.",
                "nominalQuota",
                "borrowingLimit",
                ".weight",
            ];
            if amounts.iter().any(|one| path.contains(one)) && quantity::canonical(text).as_ref() != Ok(text) {
                found.push(format!("{path}: `{text}` is not canonical"));
            }
        }
        Value::Number(_) => {
            let counted = [".value", ".port", ".maxPriorityThreshold"];
            if !counted.iter().any(|one| path.ends_with(one)) {
                found.push(format!("{path} is a number"));
            }
        }
        Value::Bool(_) => found.push(format!("{path} is a boolean")),
    }
}

/// What holds of all that is compiled.
fn check(resources: &[Resource]) -> Result<(), TestCaseError> {
    for resource in resources {
        let object = whole(resource);
        let mut found = Vec::new();
        wrong("", &object, &mut found);
        prop_assert!(found.is_empty(), "{}: {found:?}", resource.address);
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        prop_assert_eq!(&kinds::address_kind(&text("/apiVersion"), &text("/kind")), &resource.address.kind);
        prop_assert_eq!(kinds::address_name(&object), resource.address.name.clone());
        prop_assert_eq!(text("/metadata/labels/sitewright.io~1factory"), "nordlys");
        let managed = text("/metadata/labels/app.kubernetes.io~1managed-by");
        prop_assert_eq!(managed.as_str(), if kinds::is_partial(&resource.address.kind) { "" } else { "sitewright" });
        prop_assert_eq!(is_protected(&resource.body), resource.protect);
        prop_assert!(object.pointer("/metadata/labels/applyset.kubernetes.io~1part-of").is_none());
    }
    Ok(())
}

#[test]
fn everything_is_canonical_and_has_its_place() {
    let (loaded, site, _) = load(EVERYTHING);
    let resources = desired::compile(&site, MAY);
    let ours: Vec<Resource> = resources.into_iter().filter(|one| one.address.target == "services").collect();
    check(&ours).unwrap();
    for resource in &ours {
        for (path, place) in &resource.places {
            assert!(path.starts_with('.'), "{path}");
            assert!(loaded.sources.locate(place).is_some(), "{}: {path} is nowhere", resource.address);
        }
        assert!(resource.places.contains_key(".apiVersion"), "{}", resource.address);
    }
}

#[test]
fn places_lead_to_the_fields_that_say_it() {
    let (loaded, site, _) = load(EVERYTHING);
    let resources = desired::compile(&site, MAY);
    let line = |name: &str, path: &str| {
        let found = one(&resources, name);
        let place = found.places.get(path).unwrap_or_else(|| panic!("{name} has no {path}: {:?}", found.places.keys()));
        let span = loaded.sources.locate(place).unwrap().offset;
        let start = EVERYTHING[..span].rfind('\n').map_or(0, |at| at + 1);
        EVERYTHING[start..].lines().next().unwrap().trim().to_owned()
    };
    let quota = "ResourceQuota/p-medix/project";
    assert!(line(quota, ".spec.hard.requests.nvidia.com/gpu").starts_with("quota: { gpus: 4"));
    assert!(
        line("NetworkPolicy.networking.k8s.io/p-medix/project", ".spec.egress[3]").starts_with("- { to: 10.20.0.5/32")
    );
    assert!(
        line("RoleBinding.rbac.authorization.k8s.io/p-medix/project-members", ".subjects[0].name")
            .starts_with("- { user: bo }")
    );
    assert!(
        line("PersistentVolumeClaim/p-medix/data", ".spec.resources.requests.storage").starts_with("- { name: data")
    );
    assert!(
        line("LocalQueue.kueue.x-k8s.io/p-medix/inference-fast-lane", ".spec.clusterQueue").contains("mode: fast_lane")
    );
    let queue = ".spec.resourceGroups[0].flavors[0].resources[2].nominalQuota";
    assert!(line("ClusterQueue.kueue.x-k8s.io/inference-fast-lane", queue).contains("share: 40%"));
    assert!(line("Topology.kueue.x-k8s.io/inference", ".spec.levels[1].nodeLabel").contains("kubernetes.io/hostname"));
}

/// An allocation out of force has no queue; the namespace and what is in it stay.
#[test]
fn queues_follow_the_calendar() {
    let queues = |day: Date| -> Vec<String> {
        let all = addresses(&compiled(EVERYTHING, day));
        assert!(
            all.contains(&"Namespace/p-medix".to_owned())
                && all.contains(&"PersistentVolumeClaim/p-medix/data".to_owned())
        );
        all.into_iter().filter_map(|one| one.strip_prefix("LocalQueue.kueue.x-k8s.io/").map(str::to_owned)).collect()
    };
    assert_eq!(queues(date(2026, 3, 31)), Vec::<String>::new());
    assert_eq!(
        queues(date(2026, 4, 1)),
        ["p-medix/booster-playground", "p-medix/inference-fast-lane", "p-medix/inference-playground"]
    );
    assert_eq!(queues(date(2026, 5, 31)).len(), 4);
    assert_eq!(queues(date(2026, 6, 30)).len(), 3);
    assert_eq!(queues(date(2026, 7, 1)), Vec::<String>::new());
    let after = compiled(EVERYTHING, date(2026, 7, 1));
    assert_eq!(one(&after, "Namespace/p-medix").summary, "2 users · 0 queues · expired 2026-06-30: no queues");
    let labels = whole(one(&after, "Namespace/p-medix"));
    assert!(!labels.to_string().contains("queue.sitewright.io"), "nor is the namespace let in");
}

/// GPU-hours stand once: on Slurm where the project has an account, else at its namespace.
#[test]
fn gpu_hours_stand_once() {
    let (_, site, _) = load(EVERYTHING);
    let resources = desired::compile(&site, MAY);
    let hours =
        |name: &str| whole(one(&resources, name)).pointer("/metadata/annotations/sitewright.io~1gpu-hours").cloned();
    assert_eq!(hours("Namespace/p-medix"), None);
    assert_eq!(hours("Namespace/tiny"), Some(Value::from("500")));
    let account = resources.iter().find(|one| one.address.to_string() == "compute/account/medix").unwrap();
    assert_eq!(account.body["GrpTRESMins"]["gres/gpu"], 120_000);
    assert!(resources.iter().all(|one| one.address.to_string() != "compute/account/tiny"));
    assert!(resources.iter().all(|one| one.address.to_string() != "services/account/tiny"));
    assert!(resources.iter().all(|one| one.address.kind != "partition" || one.address.name == "booster"));
}

/// What lives on Kubernetes only is no QOS.
#[test]
fn slurm_hears_of_no_mode_that_it_has_not() {
    let text = EVERYTHING.replace("  priority: 10\n", "  priority: 10\n  target: services\n  kubernetes: {}\n");
    let (_, site, _) = load(&text);
    let resources = desired::compile(&site, MAY);
    let of = |address: &str| resources.iter().find(|one| one.address.to_string() == address).unwrap();
    assert_eq!(of("compute/partition/booster").body["AllowQos"], serde_json::json!(["playground"]));
    assert_eq!(of("compute/account/medix").body["QOS"], serde_json::json!(["fast_lane", "playground"]));
    assert!(resources.iter().all(|one| one.address.kind != "qos" || one.address.name != "batch"));
}

/// Each partition is shared out, once: the queues' own and the cohort's rest are what there is.
#[test]
fn nothing_of_a_partition_is_lost() {
    let resources = compiled(EVERYTHING, MAY);
    let mut sums: std::collections::BTreeMap<String, i128> = std::collections::BTreeMap::new();
    for resource in &resources {
        if !["ClusterQueue.kueue.x-k8s.io", "Cohort.kueue.x-k8s.io"].contains(&resource.address.kind.as_str()) {
            continue;
        }
        for flavor in whole(resource).pointer("/spec/resourceGroups/0/flavors").unwrap().as_array().unwrap() {
            for amount in flavor["resources"].as_array().unwrap() {
                let key = format!("{} {}", flavor["name"].as_str().unwrap(), amount["name"].as_str().unwrap());
                *sums.entry(key).or_default() += quantity::milli(amount["nominalQuota"].as_str().unwrap()).unwrap();
            }
        }
    }
    let expected = [
        ("booster amd.com/gpu", 4),
        ("booster cpu", 1000),
        ("booster memory", 96 << 30),
        ("booster nvidia.com/gpu", 0),
        ("inference amd.com/gpu", 0),
        ("inference cpu", 240),
        ("inference memory", 1984 << 30),
        ("inference nvidia.com/gpu", 16),
    ];
    let expected: Vec<(String, i128)> = expected.into_iter().map(|(key, sum)| (key.to_owned(), sum * 1000)).collect();
    assert_eq!(sums.into_iter().collect::<Vec<_>>(), expected);
}

/// Values that break things: too large, empty, of other shapes, of other places.
const NASTY: &[&str] = &[
    "",
    "0",
    "18446744073709551615",
    "99999999999999999999",
    "1000000000000",
    "-1",
    "\"\"",
    "[]",
    "{}",
    "[[]]",
    "1000000PB",
    "0%",
    "1000%",
    "33.33%",
    "0.000000001",
    "1e400",
    "500m",
    "é",
    "\"\\u0000\"",
    "\"a\\nb\"",
    "default",
    "kube-system",
    "A_b",
    "nvidia.com/gpu",
    "0.0.0.0/0",
    "a:NoSchedule",
    "services",
    "compute",
    "n[1-65536]",
    "false",
    "5GB",
    "7TB",
    "1",
    "97",
];

proptest! {
    #[test]
    fn whatever_is_written_what_is_compiled_is_canonical(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), prop::sample::select(NASTY)), 0..5),
        month in 1_i8..=12,
    ) {
        let mut lines: Vec<String> = EVERYTHING.lines().map(str::to_owned).collect();
        for (index, value) in changes {
            let line = &mut lines[index.index(EVERYTHING.lines().count())];
            // One value of the line, with what closes after it.
            let places: Vec<usize> = line.match_indices(": ").map(|(at, _)| at + 2).collect();
            let Some(at) = places.get(index.index(places.len().max(1))) else { continue };
            let rest = &line[*at..];
            let end = rest.find([',', '}', ']']).map_or(line.len(), |end| at + end);
            // The factory's name is what all labels carry.
            if !line.contains("name: nordlys ") {
                *line = format!("{}{value}{}", &line[..*at], &line[end..]);
            }
        }
        let text = lines.join("\n");
        let (_, site, _) = load(&text);
        let once = desired::compile(&site, date(2026, month, 15));
        let (_, again, _) = load(&text);
        let twice = desired::compile(&again, date(2026, month, 15));
        prop_assert_eq!(once.iter().map(|one| (&one.address, &one.body)).collect::<Vec<_>>(),
            twice.iter().map(|one| (&one.address, &one.body)).collect::<Vec<_>>());
        let ours: Vec<Resource> =
            once.into_iter().filter(|one| one.body.contains_key("apiVersion")).collect();
        check(&ours)?;
    }
}
