//! Two targets are two clusters.

use std::path::Path;

use super::fake::Fake;
use super::{Folder, fake, mode};

fn two_targets() -> String {
    format!("{}{}", fake::SITE, mode("elsewhere").replace("spec: {", "spec: { target: other,"))
}

#[test]
fn two_targets_are_two_twins() {
    for (one, other) in [
        ("{ file: x.twin }", "{ file: ./x.twin }"),
        ("{ file: x.twin }", "{ file: sub/../x.twin }"),
        ("{ file: x.twin }", "{ file: link/x.twin }"),
        ("{ file: sub/x.twin }", "{ file: link/sub/x.twin }"),
        ("{}", "{ file: .sitewright/default-compute.twin }"),
    ] {
        let folder = Folder::new();
        folder.write("site.yaml", &two_targets());
        folder.link("link", ".");
        folder.write(
            "sitewright.yaml",
            &format!(
                "targets:\n  compute: {{ default: {{ twin: {one} }} }}\n  other: {{ default: {{ twin: {other} }} }}\n"
            ),
        );
        let ran = folder.run(&["apply", "--yes"]).expect(1);
        assert!(
            ran.error.contains("error[bad-binding]: ") && ran.error.contains("one and the same twin"),
            "{one} {other}: {}",
            ran.error
        );
        assert!(ran.error.contains("hint: "), "{}", ran.error);
        assert!(!folder.path("x.twin").exists());
    }
}

#[test]
fn the_same_file_in_two_environments_is_one_twin_of_one_target() {
    let folder = Folder::with_site();
    folder.write(
        "sitewright.yaml",
        "targets:\n  compute:\n    default: { twin: { file: x.twin } }\n    staging: { twin: { file: x.twin } }\n",
    );
    folder.run(&["apply", "--yes"]).expect(0);
    assert!(folder.run(&["plan", "--env", "staging"]).expect(0).out.contains("No changes."));
}

/// In another environment, where nothing stands beside it.
#[test]
fn a_twin_stays_with_its_target() {
    let folder = Folder::new();
    folder.write("site.yaml", &two_targets());
    folder.write(
        "sitewright.yaml",
        "targets:\n  compute: { default: { twin: { file: x.twin } }, staging: { twin: {} } }\n  other: { default: { twin: {} }, staging: { twin: { file: x.twin } } }\n",
    );
    folder.run(&["apply", "--yes"]).expect(0);
    let ran = folder.run(&["apply", "--yes", "--env", "staging"]).expect(1);
    assert!(
        ran.error.contains("error[bad-binding]: ") && ran.error.contains("is that of the target `compute`"),
        "{}",
        ran.error
    );
}

/// Binds two targets to stand-ins, with more words before the second; what their controllers say of their start is added.
fn two_clusters(words: &str, more: &str, began: [&str; 2]) -> fake::Ran {
    let fake = Fake::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake/cluster");
    let config = std::fs::read_to_string(fake.path("answers/config")).unwrap();
    for (folder, began) in ["answers", "answers-too"].into_iter().zip(began) {
        fake.write(&format!("{folder}/made"), "");
        for entry in std::fs::read_dir(fake.path("answers")).unwrap() {
            let path = entry.unwrap().path();
            let copy = fake.path(folder).join(path.file_name().unwrap());
            if copy != path {
                std::fs::copy(&path, copy).unwrap();
            }
        }
        fake.write(&format!("{folder}/config"), &config.replace("ClusterName", &format!("{began}ClusterName")));
    }
    fake.write("site.yaml", &two_targets());
    let prefix = |folder: &str| format!("sh, \"{}\", \"{}\"", script.display(), fake.path(folder).display());
    let (one, other) = (prefix("answers"), prefix(if words.is_empty() { "answers" } else { "answers-too" }));
    fake.write(
        "sitewright.yaml",
        &format!("targets:\n  compute: {{ cluster: {{ slurm: {{ prefix: [{one}] }} }} }}\n  other: {{ cluster: {{ slurm: {{ prefix: [{words}{other}]{more} }} }} }}\n"),
    );
    fake.tool(&["plan", "--env", "cluster"])
}

#[test]
fn two_targets_are_two_clusters() {
    let early = "BOOT_TIME = 2026-11-21T07:00:00\nSlurmctldHost[0] = admin\n";
    let late = "BOOT_TIME = 2026-11-21T08:00:00\nSlurmctldHost[0] = admin\n";
    // In the same words; the same way with another word for it; by another way, to a controller that says when it began, or
    // does not.
    for (words, more, began) in [
        ("", "", ["", ""]),
        ("", ", cluster: nordlys", ["", ""]),
        ("env, ", "", [early, early]),
        ("env, ", "", ["", ""]),
    ] {
        let ran = two_clusters(words, more, began).expect(1);
        assert!(
            ran.error.contains("error[bad-binding]: ") && ran.error.contains("one and the same cluster"),
            "{words}{more}: {}",
            ran.error
        );
    }
    // By their names and files they are one, and two controllers all the same.
    let ran = two_clusters("env, ", "", [early, late]);
    assert!(!ran.error.contains("bad-binding"), "{}", ran.error);
}

/// The first try of who has a cluster of Kubernetes and manifests for Slurm.
#[test]
fn manifests_for_slurm_on_kubernetes_are_told_once() {
    let folder = Folder::with_site();
    folder.write(
        "sitewright.yaml",
        "targets:\n  compute: { default: { kubernetes: { kubeconfig: nowhere, context: none } } }\n",
    );
    let ran = folder.run(&["plan"]).expect(1);
    assert_eq!(ran.error.matches("error[").count(), 1, "{}", ran.error);
    assert!(ran.error.contains("error[bad-binding]: `compute` is bound to Kubernetes"), "{}", ran.error);
}
