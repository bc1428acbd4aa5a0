//! One run of `validate` tells all that is wrong, and nothing that only follows from it.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::BTreeSet;

use insta::assert_snapshot;
use serde_json::{Value, json};
use sitewright::diagnostics::{Diagnostic, Diagnostics, Place, codes};
use sitewright::manifest::{Loaded, Schemas, Sources, load_texts, settings_of};
use sitewright::resource::Segment;
use sitewright::{model, rules};

const SOUND: &str = include_str!("one_run/sound.yaml");
const WRONG: &str = include_str!("one_run/wrong.yaml");

fn check(texts: Vec<(String, String)>, schemas: &Schemas) -> (Loaded, Vec<Diagnostic>) {
    let loaded = load_texts(texts, schemas);
    let (site, found) = model::resolve(&loaded);
    let mut all = loaded.diagnostics.0.clone();
    all.extend(found.0);
    all.extend(rules::check(&site).0);
    (loaded, all)
}

fn told(text: &str) -> String {
    let (loaded, found) = check(vec![("site.yaml".to_owned(), text.to_owned())], &Schemas::new().unwrap());
    let lines = found.iter().map(|finding| {
        let place = loaded.sources.locate(finding.place.as_ref().unwrap()).unwrap();
        (
            (place.line, place.column),
            format!("{}:{} {}: {}", place.line, place.column, finding.code.name, finding.message),
        )
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect::<Vec<_>>().join("\n")
}

fn of_rules(found: &[Diagnostic]) -> Vec<String> {
    let rules: BTreeSet<&str> = rules::codes::of_rules()
        .iter()
        .filter(|code| !codes::manifest::ALL.contains(code))
        .map(|code| code.name)
        .collect();
    found
        .iter()
        .filter(|one| rules.contains(one.code.name))
        .map(|one| format!("{}: {}", one.code.name, one.message))
        .collect()
}

/// Whether something is refused at a part, or below it, or at the field that holds it.
fn is_refused(found: &[Diagnostic], pointer: &str) -> bool {
    let pointer = pointer.replace("~1", "/");
    found.iter().filter(|one| codes::manifest::ALL.contains(&one.code) && one.code.name != "bad-name").any(|one| {
        let Some(Place::Field { path, .. }) = &one.place else { return false };
        let place: String = path
            .0
            .iter()
            .map(|segment| match segment {
                Segment::Key(key) => format!("/{key}"),
                Segment::Index(index) => format!("/{index}"),
            })
            .collect();
        place.starts_with(&pointer) || pointer.starts_with(&place)
    })
}

fn documents(text: &str) -> Vec<Value> {
    text.split("---\n").map(|one| serde_yaml::from_str(one).unwrap()).collect()
}

fn texts(documents: &[Value]) -> Vec<(String, String)> {
    documents.iter().enumerate().map(|(index, one)| (format!("{index}.yaml"), one.to_string())).collect()
}

/// JSON pointers of everything below the root.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(key, value)| (key.replace('/', "~1"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let pointer = format!("{at}/{key}");
        pointers(child, &pointer, found);
        found.push(pointer);
    }
}

/// Breaks each part of a sound site in turn, in the way given, and returns the rules' findings that follow.
fn follow_ups(name: &str, break_it: impl Fn(&mut Value, &str) -> bool) -> Vec<String> {
    let schemas = Schemas::new().unwrap();
    let site = documents(SOUND);
    let mut wrong = Vec::new();
    for (index, document) in site.iter().enumerate() {
        let mut all = Vec::new();
        pointers(document, "", &mut all);
        for pointer in all {
            let mut broken = site.clone();
            if !break_it(&mut broken[index], &pointer) {
                continue;
            }
            let (_, found) = check(texts(&broken), &schemas);
            if name == "moved" || is_refused(&found, &pointer) {
                wrong.extend(of_rules(&found).into_iter().map(|finding| format!("{name} {index}{pointer}: {finding}")));
            }
        }
    }
    wrong
}

#[test]
fn the_sound_site_is_sound() {
    assert_eq!(told(SOUND), "");
    assert!(check(texts(&documents(SOUND)), &Schemas::new().unwrap()).1.is_empty());
}

#[test]
fn nothing_follows_from_a_value_of_the_wrong_type() {
    let wrong = follow_ups("type", |document, pointer| {
        let value = document.pointer_mut(pointer).unwrap();
        *value = if value.is_object() || value.is_array() { json!("word") } else { json!([{}]) };
        true
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_follows_from_an_empty_value() {
    let wrong = follow_ups("null", |document, pointer| {
        *document.pointer_mut(pointer).unwrap() = Value::Null;
        true
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_follows_from_a_quantity_or_a_word_that_is_not_understood() {
    for text in ["?!", "", "gpu[", "12", "2026-02-30", "0%"] {
        let wrong = follow_ups(text, |document, pointer| {
            let value = document.pointer_mut(pointer).unwrap();
            let is_text = value.is_string();
            *value = json!(text);
            is_text
        });
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn nothing_follows_from_a_misspelt_or_misplaced_field() {
    let renamed = |document: &mut Value, pointer: &str, name: &str| {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let Some(Value::Object(map)) = document.pointer_mut(parent) else { return false };
        let key = key.replace("~1", "/");
        let value = map.remove(&key).unwrap();
        map.insert(name.replace('*', &key), value).is_none()
    };
    for name in ["*x", "zzzz", "gpus", "hosts"] {
        let wrong = follow_ups(name, |document, pointer| renamed(document, pointer, name));
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
    // A field that stands somewhere else.
    let wrong = follow_ups("moved", |document, pointer| {
        let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
        let Some(Value::Object(map)) = document.pointer_mut(parent) else { return false };
        let value = map.remove(&key.replace("~1", "/")).unwrap();
        let home = if parent == "/metadata" { "/spec" } else { "/metadata" };
        let Some(Value::Object(map)) = document.pointer_mut(home) else { return false };
        map.insert(key.replace("~1", "/"), value).is_none()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_follows_from_a_document_that_is_lost() {
    let schemas = Schemas::new().unwrap();
    let site = documents(SOUND);
    for index in 0..site.len() {
        for (field, value) in [("kind", json!("Thing")), ("kind", json!({})), ("apiVersion", json!("v2"))] {
            let mut broken = site.clone();
            broken[index][field] = value;
            assert_eq!(of_rules(&check(texts(&broken), &schemas).1), Vec::<String>::new(), "{field} of {index}");
        }
        let mut broken = texts(&site);
        broken[index].1.push('[');
        assert_eq!(of_rules(&check(broken, &schemas).1), Vec::<String>::new(), "text of {index}");
    }
}

#[test]
fn a_text_that_is_refused_hides_what_it_could_say_and_no_more() {
    let twice = SOUND.replace("    - { country: DK, share: 15% }", "    - { country: DK, share: 15%, share: 16% }");
    assert_snapshot!(told(&twice), @"10:34 duplicate-key: `share` stands twice in one mapping");
    let tagged = SOUND
        .replace("gpuHours: 40000, from: 2026-07-01", "gpuHours: !big 40000, from: 2026-07-01")
        .replace("mode: large", "mode: larch");
    assert_snapshot!(told(&tagged), @r#"
    92:57 yaml-feature-refused: tags are not supported
    93:35 unknown-mode: unknown access mode `larch`
    "#);
    let merged = SOUND.replace(
        "  ethics: { attestedBy: dora, on: 2026-03-01 }",
        "  <<: { ethics: { attestedBy: dora, on: 2026-03-01 } }\n  parent: nobody",
    );
    assert_snapshot!(told(&merged), @r#"
    102:3 yaml-feature-refused: merge keys are not supported
    103:11 unknown-branch: unknown branch account `nobody`
    "#);
    // `large` stands in the rest that is not read, `larch` does not.
    let half = SOUND
        .replace("preempts: [small]\n", "preempts: [small]\n  perUser: [\n")
        .replace("modes: [small, large]\n  default", "modes: [small, large, larch]\n  default");
    assert_snapshot!(told(&half), @r#"
    45:25 unknown-mode: unknown access mode `larch`
    75:12 yaml-syntax: invalid YAML: unclosed bracket '['
    "#);
}

#[test]
fn everything_is_told_in_one_run() {
    assert_snapshot!(told(WRONG), @r#"
    6:33 wrong-form: `spec.host.country` cannot be `Finland`
    7:3 shares-do-not-add-up: the shares of the consortium add up to 85 %
    10:3 shares-do-not-add-up: the Union's and the states' access add up to 110 %
    13:34 account-loop: the parents of these accounts form a loop: companies → young → companies
    13:49 unknown-mode: unknown access mode `smal`
    14:30 account-loop: the parents of these accounts form a loop: young → companies → young
    14:41 wrong-type: `spec.accounts[1].fairshare` is a list, and has to be a text
    22:15 bad-quantity: `much` is not a size
    25:13 cpus-miscounted: 100 CPUs are written, and sockets × cores × threads give 32
    26:40 devices-miscounted: `gpu` counts 8, and `/dev/nvidia[0-3]` are 4 files
    27:16 overlapping-hosts: `gpu4` is defined twice, in `booster` and in `booster`
    27:36 wrong-type: `spec.nodes[1].weight` is `heavy`, and has to be a whole number
    28:22 node-set-name: the node set `gpu1` has the name of a node
    28:52 empty-node-set: the node set `empty` has neither a feature nor hosts
    29:44 minimum-exceeds-maximum: `booster`: the default time is longer than the longest job
    29:61 more-than-there-is: `booster` has 5 nodes, and a limit of 60
    29:78 wrong-type: `spec.limits.cpusPerNode` is `many`, and has to be a whole number
    30:25 unknown-mode: unknown access mode `unknown`
    30:34 wrong-type: `spec.modes[3]` is empty
    37:11 undeclared-hosts: `elsewhere1` is defined in no manifest
    37:23 bad-host-list: `bad[`: `[` is never closed
    37:31 undeclared-hosts: `elsewhere2` is defined in no manifest
    38:11 wrong-type: `spec.hidden` is `maybe`, and has to be `true` or `false`
    39:12 two-defaults: `booster` and `cpu` are both the default partition
    46:3 wrong-type: `spec.description` is a mapping, and has to be a text
    48:32 limit-exceeds-partition: `small` lets jobs run 12:00:00, but `booster` ends them after 01:00:00
    49:27 idle-limit: `small`: 5 jobs may run, and only 4 be in the queue
    50:3 preemption-loop: access modes preempt each other in a loop: small → large → small
    50:21 unknown-mode: unknown access mode `other`
    57:3 unknown-field: there is no field `descripton` here
    58:19 more-than-there-is: `large` allows 480 GPUs a job, and `booster` has 32
    58:41 range-gap: `large` begins at 9 gres/gpu, `small` ends at 4: that leaves a gap
    60:10 shares-do-not-add-up: the shares of the access modes add up to 110 %
    65:1 no-attestation: `medix` has not attested the ethics conditions
    66:44 wrong-form: `spec.organisation.country` cannot be `Finland`
    67:11 unknown-domain: unknown sector domain `helth`
    68:11 unknown-branch: unknown branch account `nowhere`
    70:31 wrong-type: `spec.members[0].priority` is `high`, and has to be a whole number
    70:45 unknown-mode: unknown access mode `smal`
    71:7 wrong-type: `spec.members[1]` is empty
    72:15 duplicate-member: `anna` is listed twice in `medix`
    75:35 not-eligible: `medix` is sme, and `small` admits startup
    75:52 allocation-too-large: 40000 GPU-hours are more than the 10 that `small` gives a project
    75:85 allocation-too-long: the allocation is longer than the 1 months of `small`
    76:20 unknown-partition: unknown partition `bosster`
    76:35 unknown-mode: unknown access mode `smal`
    76:51 wrong-type: `spec.allocations[1].gpuHours` is `many`, and has to be a whole number
    76:63 bad-quantity: `2026-02-30` is not a day
    77:80 window-reversed: the allocation ends before it begins
    78:52 overbooked: `medix` is given 9000000 GPU-hours, and `booster` can deliver 280320 from 2026-01-01 to 2026-12-31
    78:69 window-overlap: two allocations of `large` on `booster` overlap
    79:61 window-overlap: two allocations of `large` on `booster` overlap
    83:19 duplicate-name: the project `medix` is declared twice
    86:12 wrong-type: `spec.storage` is `much`, and has to be a list
    87:21 two-default-accounts: `bo` has two default accounts
    "#);
}

#[test]
fn settings_that_are_refused_have_no_follow_ups() {
    let told = |text: &str| {
        let (mut sources, mut found) = (Sources::default(), Diagnostics::new());
        let settings = settings_of(
            "sitewright.yaml".to_owned(),
            text.to_owned(),
            &Schemas::new().unwrap(),
            &mut sources,
            &mut found,
        );
        found.extend(model::check_settings(&settings));
        found.0.iter().map(|one| one.message.clone()).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(told("targets: { compute: { live: { slurm: { over: shh, host: admin } } } }"), @"`shh` is not one of `local` or `ssh`");
    assert_snapshot!(told("targets: { compute: { live: { slrum: { over: ssh, host: admin } } } }"), @"there is no field `slrum` here");
    assert_snapshot!(told("targets: { compute: { live: { slurm: { over: ssh, hots: admin } } } }"), @"there is no field `hots` here");
    assert_snapshot!(told("targets: { compute: { live: { slurm: { over: ssh }, twin: {} }, other: { slurm: 5 } } }"), @r#"
    `targets.compute.other.slurm` is `5`, and has to be a mapping with fields of its own
    `compute` in `live` has to be one of `twin`, `slurm` and `kubernetes`
    "#);
}
