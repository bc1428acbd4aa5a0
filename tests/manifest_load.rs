//! What people write is what we read: scalars, shape errors all at once, going on after an error, writing and reading back.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::path::Path;

use insta::assert_snapshot;
use proptest::prelude::*;
use sitewright::manifest::v1alpha1::project::{Allocation, Organisation, ProjectMember, ProjectSpec, Role};
use sitewright::manifest::v1alpha1::{API_VERSION, AssociationLimits, Category, Metadata, Project};
use sitewright::manifest::{Loaded, Schemas, Wire, load, load_texts};

fn read(text: &str) -> Loaded {
    load_texts(vec![("site.yaml".to_owned(), text.to_owned())], &Schemas::new().unwrap())
}

/// Every finding on a line: place, what is marked there, code, message, hint.
fn told(loaded: &Loaded) -> String {
    let mut lines = Vec::new();
    for finding in &loaded.diagnostics.0 {
        let place = finding.place.as_ref().and_then(|place| loaded.sources.locate(place)).unwrap();
        let text = loaded.sources.text(&place.file).unwrap_or_default();
        let marked = text.get(place.offset..place.offset + place.length).unwrap_or_default();
        let hint = finding.hint.as_deref().unwrap_or_default();
        lines.push(format!(
            "{}:{} `{marked}` {}: {} → {hint}",
            place.line, place.column, finding.code.name, finding.message
        ));
    }
    lines.join("\n")
}

fn project(text: &str) -> Project {
    let loaded = read(text);
    assert_eq!(told(&loaded), "");
    match &loaded.documents[0].wire {
        Wire::Project(project) => (**project).clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn scalars_mean_what_their_field_means() {
    let read = project(
        "apiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: { name: 017 }\nspec:\n  organisation: { name: 1.0, country: NO, category: sme }\n  description: on\n  comment: 0x1F\n  priority: 1_000\n  protect: true\n  members: [{ user: yes, limits: { wallTime: 12:00:00 } }]\n  slurm: { A: 1e3, B: off, C: 2026-03-01 }\n",
    );
    assert_eq!(read.metadata.name, "017");
    assert_eq!(read.spec.organisation.name, "1.0");
    assert_eq!(read.spec.organisation.country, "NO");
    assert_eq!(read.spec.description.as_deref(), Some("on"));
    assert_eq!(read.spec.comment.as_deref(), Some("0x1F"));
    assert_eq!(read.spec.priority, Some(1000));
    assert!(read.spec.protect);
    assert_eq!(read.spec.members[0].user, "yes");
    assert_eq!(read.spec.members[0].limits.wall_time.as_deref(), Some("12:00:00"));
    let slurm: Vec<&str> = read.spec.slurm.values().map(String::as_str).collect();
    assert_eq!(slurm, ["1e3", "off", "2026-03-01"]);
}

#[test]
fn only_true_and_false_are_flags_and_only_digits_are_numbers() {
    let loaded = read(
        "apiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: booster }\nspec:\n  hidden: yes\n  default: off\n  rootOnly: \"true\"\n  limits: { nodesPerJob: 017, minimumNodesPerJob: -1, cpusPerNode: 1.5, cpusPerSocket: \"12\" }\n  modes: fast-lane\n  groups: ~\n",
    );
    assert_snapshot!(told(&loaded), @r#"
    5:11 `yes` wrong-type: `spec.hidden` is `yes`, and has to be `true` or `false` → write `true`
    6:12 `off` wrong-type: `spec.default` is `off`, and has to be `true` or `false` → write `false`
    7:13 `"true"` wrong-type: `spec.rootOnly` is `true`, and has to be `true` or `false` → write `true` without quotes
    8:26 `017` wrong-type: `spec.limits.nodesPerJob` is `017`, and has to be a whole number → write `17`
    8:51 `-1` wrong-type: `spec.limits.minimumNodesPerJob` is `-1`, and has to be a whole number → take the field out: then no limit is set
    8:68 `1.5` wrong-type: `spec.limits.cpusPerNode` is `1.5`, and has to be a whole number → write a whole number, zero or more: `64` or `50_000`
    8:88 `"12"` wrong-type: `spec.limits.cpusPerSocket` is `12`, and has to be a whole number → write `12` without quotes
    9:10 `fast-lane` wrong-type: `spec.modes` is `fast-lane`, and has to be a list → write `[fast-lane]`
    10:11 `~` wrong-type: `spec.groups` is empty → write a value, or take the field out
    "#);
}

#[test]
fn every_error_of_every_document_is_told_at_once() {
    let loaded = read(
        "apiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: fast-lane, labls: {} }\nspec:\n  eligible: [sme, startups]\n  wallTime: 12h\n  perJob: { gpu: 4, wallTime: 12 }\n---\nkind: Projekt\n---\napiVersion: sitewright.io/v2\nkind: Project\n---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: { name: medix }\nspec:\n  organisation: { name: Medix, country: Finland }\n  allocations:\n    - { partition: booster, mode: fast-lane, gpuHours: 1_000, from: 2026-04-01 }\n---\n- a\n- b\n",
    );
    assert_snapshot!(told(&loaded), @r#"
    3:30 `labls` unknown-field: there is no field `labls` here → did you mean `labels`?
    5:19 `startups` not-one-of: `startups` is not one of `startup`, `sme`, `industry`, `academia` or `public-sector` → did you mean `startup`?
    7:13 `gpu` unknown-field: there is no field `gpu` here → did you mean `gpus`?
    6:3 `wallTime` unknown-field: there is no field `wallTime` here → it belongs under `perJob`
    9:7 `Projekt` unknown-kind: there is no kind `Projekt` → did you mean `Project`?
    11:13 `sitewright.io/v2` unsupported-api-version: `sitewright.io/v2` is not a version that this tool reads → write `apiVersion: sitewright.io/v1alpha1`
    18:3 `organisation` missing-field: `spec.organisation` lacks `category` → add `category:` with `startup`, `sme`, `industry`, `academia` or `public-sector`
    18:41 `Finland` wrong-form: `spec.organisation.country` cannot be `Finland` → write e.g. `FI`
    20:9 `partition` missing-field: `spec.allocations[0]` lacks `until` → add `until: 2026-09-30`
    22:1 `-` wrong-type: a manifest is a mapping with `apiVersion`, `kind`, `metadata` and `spec` → see `sitewright explain Partition`
    "#);
}

#[test]
fn reading_goes_on_after_an_error() {
    let loaded = read(
        "apiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: fast-lane }\nspec:\n  priorty: 1\n  share: 60%\n  perUser: { runningJobs: many, submittedJobs: 5 }\n---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {}\nspec: {}\n",
    );
    assert_eq!(loaded.diagnostics.0.len(), 3);
    assert!(loaded.refused.nothing_lost(), "a document without a name is read too");
    assert_eq!(loaded.documents.len(), 2);
    let Wire::AccessMode(mode) = &loaded.documents[0].wire else { panic!() };
    assert!(loaded.refused.touches_any(loaded.documents[0].id, "spec.perUser.runningJobs"));
    assert!(!loaded.refused.touches_any(loaded.documents[0].id, "spec.share"));
    assert!(loaded.refused.touches_any(loaded.documents[1].id, "metadata.name"));
    assert_eq!(mode.spec.share.as_deref(), Some("60%"));
    assert_eq!((mode.spec.per_user.running_jobs, mode.spec.per_user.submitted_jobs), (None, Some(5)));
}

#[test]
fn a_syntax_error_hides_no_other_file() {
    let texts = vec![
        ("a.yaml".to_owned(), "kind: [\n".to_owned()),
        (
            "b.yaml".to_owned(),
            "apiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: b }\nspec: { priorty: 1 }\n"
                .to_owned(),
        ),
    ];
    let loaded = load_texts(texts, &Schemas::new().unwrap());
    let codes: Vec<&str> = loaded.diagnostics.0.iter().map(|one| one.code.name).collect();
    assert_eq!(codes, ["yaml-syntax", "unknown-field"]);
    assert!(!loaded.refused.nothing_lost());
}

#[test]
fn folders_are_read_in_order_without_settings_and_hidden_files() {
    let folder = tempfile::tempdir().unwrap();
    let mode =
        |name: &str| format!("apiVersion: {API_VERSION}\nkind: AccessMode\nmetadata: {{ name: {name} }}\nspec: {{}}\n");
    for (file, text) in [
        ("b.yaml", mode("b")),
        ("a.yml", mode("a")),
        ("sub/c.yaml", mode("c")),
        ("sitewright.yaml", "targets: {}\n".to_owned()),
        (".hidden.yaml", "x".to_owned()),
        (".git/d.yaml", "x".to_owned()),
        ("notes.txt", "x".to_owned()),
    ] {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/loop")).unwrap();
    let schemas = Schemas::new().unwrap();
    let loaded = load(folder.path(), &schemas);
    assert_eq!(told(&loaded), "");
    let names: Vec<&str> = loaded.sources.texts().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.yml", "b.yaml", "sub/c.yaml"]);
    let missing = load(Path::new("/nowhere/at/all"), &schemas);
    assert_eq!(missing.diagnostics.0[0].code.name, "unreadable-file");
    assert!(!missing.refused.nothing_lost());
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        "[ -~\\n\\t]{0,12}",
        proptest::sample::select(vec![
            "NO",
            "on",
            "~",
            "null",
            "1.0",
            "017",
            "12:00:00",
            "true",
            "1_000",
            "0x1F",
            "- a",
            "a: b",
            "#",
            " x ",
            "",
            "'",
            "\"",
            "&a",
            "*a",
            "!t",
            "<<",
            "---",
            "2026-01-01"
        ])
        .prop_map(str::to_owned),
    ]
    // The writer follows YAML 1.1, to which these are line breaks; we read YAML 1.2, to which they are not. Slurm's texts
    // do not hold them.
    .prop_filter("no line breaks of YAML 1.1", |text| !text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']))
}

prop_compose! {
    fn any_project()(name in text(), country in "[A-Z]{2}", description in proptest::option::of(text()), priority in proptest::option::of(any::<u64>()),
        users in proptest::collection::vec((text(), any::<bool>(), proptest::option::of(text())), 0..3),
        slurm in proptest::collection::btree_map("[A-Za-z/:.]{1,8}", text(), 0..3), hours in any::<u64>(), protect: bool) -> Project {
        let member = |(user, lead, wall_time): (String, bool, Option<String>)| ProjectMember {
            user,
            role: if lead { Role::Lead } else { Role::Member },
            partition: None,
            default: lead,
            fairshare: None,
            priority: None,
            modes: Vec::new(),
            default_mode: None,
            limits: AssociationLimits { wall_time, ..AssociationLimits::default() },
            comment: None,
            slurm: std::collections::BTreeMap::new(),
        };
        let kubernetes = serde_json::from_value(serde_json::json!({
            "target": name, "quota": { "gpus": hours, "memory": name }, "storage": [{ "name": name, "size": name, "access": "read-only-many" }],
            "container": { "limits": { "cpus": name } }, "internet": protect, "egress": [{ "to": name, "ports": [hours] }], "labels": slurm,
        })).unwrap();
        Project {
            api_version: API_VERSION.to_owned(),
            kind: "Project".to_owned(),
            metadata: Metadata { name: name.clone(), labels: slurm.clone() },
            spec: ProjectSpec {
                target: "compute".to_owned(),
                organisation: Organisation { name: name.clone(), country, category: Category::Sme },
                domain: None,
                description,
                account: None,
                parent: None,
                ethics: None,
                members: users.into_iter().map(member).collect(),
                allocations: vec![Allocation { partition: name.clone(), mode: name, gpu_hours: hours, from: String::new(), until: String::new() }],
                modes: Vec::new(),
                default_mode: None,
                fairshare: None,
                priority,
                limits: AssociationLimits::default(),
                flags: Vec::new(),
                comment: None,
                storage: Vec::new(),
                slurm,
                kubernetes: Some(kubernetes),
                protect,
            },
        }
    }
}

proptest! {
    #[test]
    fn what_we_write_reads_back_equal(wanted in any_project()) {
        let written = serde_yaml::to_string(&wanted).unwrap();
        prop_assert_eq!(project(&written), wanted, "{}", written);
    }

    #[test]
    fn nothing_panics(text in "\\PC{0,80}") {
        let _ = told(&read(&format!("apiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: x }}\nspec:\n  {text}\n")));
    }
}
