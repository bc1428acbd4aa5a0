//! Every example validates, applies to the twin, and plans empty afterwards.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::path::Path;
use std::process::Command;

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        // A twin of somebody who tried the example is not part of it.
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

#[test]
fn all_of_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<String> =
        std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["jupiter", "leonardo", "lumi", "marenostrum5", "starter"]);
    for name in names {
        let folder = tempfile::tempdir().unwrap();
        copy(&root.join(&name), folder.path());
        let run = |words: &[&str], code: i32| {
            let output =
                Command::new(env!("CARGO_BIN_EXE_sitewright")).args(words).current_dir(folder.path()).output().unwrap();
            let text =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(code), "{name}: {words:?}: {text}");
            text
        };
        let validated = run(&["validate"], 0);
        assert!(validated.starts_with("No findings"), "{name}: {validated}");
        run(&["plan", "--at", "2026-11-21", "--detailed-exitcode"], 2);
        run(&["apply", "--at", "2026-11-21", "--yes"], 0);
        run(&["plan", "--at", "2026-11-21", "--detailed-exitcode"], 0);
        for entry in std::fs::read_dir(root.join(&name)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(text.starts_with("# yaml-language-server: $schema="), "{}", path.display());
            }
        }
    }
}
