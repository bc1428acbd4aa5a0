//! `sitewright render`: files of everything that is declared, the same bytes each time, and over nothing but its own.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;

fn site() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/jupiter")
}

fn render(words: &[&str]) -> (i32, String) {
    run("render", &site(), &[&["--at", "2026-11-21"], words].concat())
}

fn run(verb: &str, site: &Path, words: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .arg(verb)
        .arg(site)
        .args(words)
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), text)
}

fn files(folder: &Path, all: &mut BTreeMap<String, String>, root: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, all, root);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            all.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn below(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    files(folder, &mut all, folder);
    all
}

#[test]
fn equal_manifests_give_equal_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let words = ["--out", out.to_str().unwrap()];
    assert_eq!(render(&words).0, 0);
    let mut first = below(&out);
    assert!(first.remove(".sitewright-rendered").is_some());
    assert_snapshot!(first.keys().cloned().collect::<Vec<_>>().join("\n"));
    assert_snapshot!("an_object", first["services/rheintext/LocalQueue.kueue.x-k8s.io.yaml"]);
    assert_snapshot!("accounting", first["compute/accounting.sh"]);
    // What was rendered and is no more goes; what others put there stays.
    std::fs::write(out.join("services/rheintext/Old.yaml"), "# Written by sitewright; x\n").unwrap();
    std::fs::write(out.join("services/kustomization.yaml"), "resources: []\n").unwrap();
    assert_eq!(render(&words).0, 0);
    let mut second = below(&out);
    assert!(second.remove("services/kustomization.yaml").is_some());
    assert!(second.remove(".sitewright-rendered").is_some());
    assert_eq!(first, second);
    let stream: String = first.iter().map(|(path, text)| format!("# {path}\n{text}")).collect();
    assert_eq!(render(&[]).1, stream);
}

#[test]
fn nothing_of_others_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("services/_cluster");
    std::fs::create_dir_all(&theirs).unwrap();
    std::fs::write(theirs.join("Namespace.yaml"), "kind: Namespace\n").unwrap();
    let (code, text) = render(&["--out", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(text.contains("exists and was not rendered"), "{text}");
    assert_eq!(below(folder.path()).len(), 1);
    let (code, text) = render(&["--only", "nowhere"]);
    assert!(code == 64 && text.contains("compute, services"), "{text}");
}

fn copied(from: &Path, to: &Path) {
    for (name, text) in below(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn a_site_is_not_read_from_what_was_rendered_in_it() {
    let folder = tempfile::tempdir().unwrap();
    copied(&site(), folder.path());
    let before = run("validate", folder.path(), &[]);
    let out = folder.path().join("rendered");
    let words = ["--at", "2026-11-21", "--out", out.to_str().unwrap()];
    assert_eq!(run("render", folder.path(), &words).0, 0);
    let first = below(&out);
    assert!(first.len() > 10, "{first:?}");
    assert_eq!(run("validate", folder.path(), &[]), before);
    assert_eq!(run("render", folder.path(), &words).0, 0);
    assert_eq!(below(&out), first);
    std::fs::remove_file(out.join(".sitewright-rendered")).unwrap();
    let (code, text) = run("validate", folder.path(), &[]);
    assert!(code == 1 && text.contains("rendered/services"), "{text}");
}

#[test]
fn nothing_is_rendered_where_manifests_are() {
    let folder = tempfile::tempdir().unwrap();
    let site_folder = folder.path().join("site");
    copied(&site(), &site_folder);
    let other = folder.path().join("other");
    std::fs::create_dir(&other).unwrap();
    let manifest = "apiVersion: sitewright.io/v1alpha1\nkind: Factory\nmetadata: { name: other }\n";
    std::fs::write(other.join("site.yaml"), manifest).unwrap();
    let settings = folder.path().join("settings");
    std::fs::create_dir(&settings).unwrap();
    std::fs::write(settings.join("sitewright.yaml"), "guards: { deletes: 1 }\n").unwrap();
    let before = below(folder.path());
    for out in [site_folder.as_path(), folder.path(), &other, &settings] {
        let (code, text) = run("render", &site_folder, &["--at", "2026-11-21", "--out", out.to_str().unwrap()]);
        assert!(code == 1 && text.contains("holds the manifest") && text.contains("--out rendered/"), "{text}");
    }
    assert_eq!(below(folder.path()), before);
}

#[test]
fn a_country_is_no_truth_value() {
    let folder = tempfile::tempdir().unwrap();
    copied(&site(), folder.path());
    let projects = folder.path().join("projects.yaml");
    let text = std::fs::read_to_string(&projects).unwrap();
    assert!(text.contains("country: DE"), "{text}");
    std::fs::write(&projects, text.replace("country: DE", "country: NO")).unwrap();
    let (code, text) = run("render", folder.path(), &["--at", "2026-11-21", "--only", "services"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("sitewright.io/country: 'NO'\n") && !text.contains("country: NO"), "{text}");
}
