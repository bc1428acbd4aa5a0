//! One run tells all that is wrong in a folder, once each, at its place.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// File, line, column, code.
type Finding = (String, u64, u64, String);

fn validate(folder: &Path) -> (Vec<Finding>, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .args(["validate", "--format", "json"])
        .current_dir(folder)
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let mut found: Vec<Finding> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{one}")).to_owned();
            let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{one}"));
            let place = &one["place"];
            (text(&place["file"]), number(&place["line"]), number(&place["column"]), text(&one["code"]))
        })
        .collect();
    found.sort();
    (found, output.status.code())
}

/// What `tests/mistakes` has wrong; comments there say what was meant.
const ALL: &[(&str, u64, u64, &str)] = &[
    ("access.yaml", 8, 27, "idle-limit"),
    ("access.yaml", 9, 3, "preemption-loop"),
    ("access.yaml", 16, 33, "limit-exceeds-partition"),
    ("access.yaml", 16, 54, "range-gap"),
    ("access.yaml", 18, 10, "shares-do-not-add-up"),
    ("access.yaml", 24, 39, "minimum-exceeds-maximum"),
    ("access.yaml", 28, 19, "duplicate-name"),
    ("factory.yaml", 6, 3, "shares-do-not-add-up"),
    ("factory.yaml", 11, 30, "account-loop"),
    ("factory.yaml", 12, 30, "account-loop"),
    ("factory.yaml", 16, 19, "two-factories"),
    ("gone.yaml", 1, 1, "unreadable-file"),
    ("keys.yaml", 6, 3, "duplicate-key"),
    ("keys.yaml", 14, 5, "yaml-feature-refused"),
    ("latin1.yaml", 1, 1, "not-utf8"),
    ("partitions.yaml", 9, 40, "more-than-there-is"),
    ("partitions.yaml", 18, 14, "overlapping-hosts"),
    ("partitions.yaml", 21, 13, "cpus-miscounted"),
    ("partitions.yaml", 23, 27, "reserved-too-large"),
    ("partitions.yaml", 24, 53, "devices-miscounted"),
    ("partitions.yaml", 26, 15, "node-set-name"),
    ("partitions.yaml", 27, 15, "empty-node-set"),
    ("partitions.yaml", 28, 12, "two-defaults"),
    ("partitions.yaml", 35, 44, "minimum-exceeds-maximum"),
    ("partitions.yaml", 35, 84, "memory-twice"),
    ("partitions.yaml", 39, 19, "no-nodes"),
    ("projects.yaml", 4, 1, "no-attestation"),
    ("projects.yaml", 6, 11, "unknown-domain"),
    ("projects.yaml", 10, 15, "duplicate-member"),
    ("projects.yaml", 12, 35, "not-eligible"),
    ("projects.yaml", 12, 57, "allocation-too-large"),
    ("projects.yaml", 12, 89, "allocation-too-long"),
    ("projects.yaml", 13, 35, "mode-not-offered"),
    ("projects.yaml", 22, 15, "two-default-accounts"),
    ("projects.yaml", 24, 56, "overbooked"),
    ("projects.yaml", 25, 66, "window-overlap"),
    ("projects.yaml", 26, 85, "window-reversed"),
    ("projects.yaml", 27, 52, "no-gpus"),
    ("shapes.yaml", 2, 7, "unknown-kind"),
    ("shapes.yaml", 5, 13, "unsupported-api-version"),
    ("shapes.yaml", 13, 14, "not-one-of"),
    ("shapes.yaml", 14, 13, "unknown-field"),
    ("shapes.yaml", 15, 13, "wrong-type"),
    ("shapes.yaml", 21, 3, "missing-field"),
    ("shapes.yaml", 21, 41, "wrong-form"),
    ("shapes.yaml", 25, 19, "bad-name"),
    ("shapes.yaml", 27, 16, "bad-text"),
    ("shapes.yaml", 28, 23, "bad-quantity"),
    ("shapes.yaml", 28, 54, "said-twice"),
    ("shapes.yaml", 34, 20, "bad-host-list"),
    ("shapes.yaml", 35, 12, "bad-slurm-key"),
    ("sitewright.yaml", 4, 5, "bad-binding"),
    ("sitewright.yaml", 5, 34, "bad-binding"),
    ("sitewright.yaml", 6, 24, "bad-quantity"),
    ("syntax.yaml", 5, 13, "yaml-syntax"),
];

#[test]
fn all_of_a_folder_in_one_run() {
    let (found, exit) = validate(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mistakes"));
    let wanted: Vec<Finding> =
        ALL.iter().map(|(file, line, column, code)| ((*file).to_owned(), *line, *column, (*code).to_owned())).collect();
    let missing: Vec<_> = wanted.iter().filter(|one| !found.contains(one)).collect();
    let more: Vec<_> = found.iter().filter(|one| !wanted.contains(one)).collect();
    assert!(missing.is_empty() && more.is_empty(), "not told: {missing:#?}\ntold and not wanted: {more:#?}");
    assert_eq!(found, wanted, "each once");
    assert_eq!(exit, Some(1));
    let codes: BTreeSet<&str> = ALL.iter().map(|(.., code)| *code).collect();
    assert!(found.len() >= 30 && codes.len() >= 30, "{} findings of {} codes", found.len(), codes.len());
}

fn codes_of(text: &str) -> Vec<(u64, String)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("site.yaml"), text).unwrap();
    validate(folder.path()).0.into_iter().map(|(_, line, _, code)| (line, code)).collect()
}

/// What a document could not say proves nothing.
#[test]
fn a_mistake_brings_no_other_with_it() {
    let found = codes_of(
        "apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec:
  host: { entity: CSC, country: FI }
  consortium: [{ country: Finland, share: 60% }, { country: NO, share: 40% }]
  accounts: [{ name: north, fairShare: many }]
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: { name: small }
spec: { perJob: { gpus: many } }
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: { name: big }
spec: { share: 150, perJob: { gpus: 256, minimum: { gpus: 65 }, continues: small } }
---
apiVersion: sitewright.io/v1alpha1
kind: Partition
metadata: { name: booster }
spec:
  nodes: [{ hosts: n, <<: { hosts: m } }, { hots: \"g[1-8]\" }]
  limits: { nodesPerJob: 4 }
  modes: [small, big]
---
apiVersion: sitewright.io/v1alpha1
kind: Project
metadata: { name: medix }
spec:
  organisation: { name: Medix Oy, country: FI, category: sme }
  parent: north
  allocations: [{ partition: booster, mode: big, gpuHours: 10, from: 2026-04-01, until: 2026-06-30 }]
",
    );
    let wanted = [
        (6, "wrong-form"),
        (7, "unknown-field"),
        (12, "wrong-type"),
        (17, "bad-quantity"),
        (23, "yaml-feature-refused"),
        (23, "missing-field"),
        (23, "unknown-field"),
    ];
    assert_eq!(found, wanted.map(|(line, code)| (line, code.to_owned())));
}

/// A slip in one document hides nothing that the others prove.
#[test]
fn a_mistake_hides_no_other() {
    let found = codes_of(
        "apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec: { host: { entity: CSC, country: FI }, labls: {} }
---
apiVersion: sitewright.io/v1alpha1
kind: Partition
metadata: { name: booster }
spec: { nodes: [{ hosts: \"n[1-4]\" }], modes: [fast-lan] }
---
apiVersion: sitewright.io/v1alpha1
kind: Partition
metadata: { name: debug }
spec: { nodes: [{ hosts: n4 }] }
",
    );
    let wanted = [(4, "unknown-field"), (9, "unknown-mode"), (14, "overlapping-hosts")];
    assert_eq!(found, wanted.map(|(line, code)| (line, code.to_owned())));
}
