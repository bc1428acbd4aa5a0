//! Names of targets and environments become names of files; files of our own are no links.

use super::{Folder, fake, mode};

/// None of these may become a path.
const NAMES: [&str; 8] = ["../../victim", "/tmp/sitewright-victim", "a/b", "..", ".hidden", "a b", "", "a\\nb"];

#[test]
fn a_target_is_no_path() {
    for name in NAMES {
        let folder = Folder::with_site();
        folder.write("../victim.lock", "precious");
        folder.write(
            "site.yaml",
            &format!("{}{}", fake::SITE, mode("fast").replace("priority", &format!("target: \"{name}\", priority"))),
        );
        let ran = folder.run(&["apply", "--yes"]).expect(1);
        assert!(
            ran.error.contains("error[bad-name]: ") && ran.error.contains("site.yaml:14:"),
            "{name}: {}",
            ran.error
        );
        assert_eq!(folder.read("../victim.lock"), "precious", "{name}");
        assert!(
            !folder.path(".sitewright").exists() && !std::path::Path::new("/tmp/sitewright-victim.lock").exists(),
            "{name}"
        );
    }
}

#[test]
fn neither_is_what_settings_name() {
    for name in NAMES {
        for text in [
            format!("targets:\n  \"{name}\":\n    default: {{ twin: {{}} }}\n"),
            format!("targets:\n  compute:\n    default: {{ twin: {{}} }}\n    \"{name}\": {{ twin: {{}} }}\n"),
        ] {
            let folder = Folder::with_site();
            folder.write("sitewright.yaml", &text);
            let ran = folder.run(&["validate"]).expect(1);
            assert!(
                ran.out.contains("error[bad-name]: ") && ran.out.contains("sitewright.yaml:"),
                "{name}: {}",
                ran.out
            );
            std::fs::rename(folder.path("sitewright.yaml"), folder.path("other.bindings")).unwrap();
            let ran = folder.run(&["apply", "--yes", "--targets", "other.bindings"]).expect(1);
            assert!(
                ran.error.contains("error[bad-name]: ") && ran.error.contains("other.bindings:"),
                "{name}: {}",
                ran.error
            );
        }
        let ran = Folder::with_site().run(&["plan", "--env", name]).expect(1);
        assert!(ran.error.contains("error["), "{name}: {}", ran.error);
    }
}

#[test]
fn usual_names_are_taken() {
    let folder = Folder::new();
    folder.write("site.yaml", &fake::SITE.replace("spec: { priority", "spec: { target: Gpu-2_b, priority"));
    folder.write("sitewright.yaml", "targets:\n  Gpu-2_b:\n    staging_2-B: { twin: {} }\n");
    folder.run(&["apply", "--yes", "--env", "staging_2-B"]).expect(0);
    assert!(folder.path(".sitewright/staging_2-B-Gpu-2_b.twin").exists());
}

#[test]
fn locks_and_journals_are_no_links() {
    for name in ["default.journal", "default-compute.twin.lock"] {
        for dangling in [false, true] {
            let folder = Folder::with_site();
            if !dangling {
                folder.write("precious", "precious");
            }
            folder.link(&format!(".sitewright/{name}"), "../precious");
            let ran = folder.run(&["apply", "--yes"]).expect(1);
            assert!(
                ran.error.contains("error[state-folder]: ") && ran.error.contains("hint: "),
                "{name}: {}",
                ran.error
            );
            assert_eq!(folder.path("precious").exists(), !dangling, "{name}");
            if !dangling {
                assert_eq!(folder.read("precious"), "precious", "{name}");
            }
        }
    }
}

#[test]
fn locks_and_journals_keep_what_is_in_them() {
    let folder = Folder::with_site();
    folder.write(".sitewright/default.journal", "{}\n");
    folder.write(".sitewright/default-compute.twin.lock", "kept");
    folder.run(&["apply", "--yes"]).expect(0);
    assert!(folder.read(".sitewright/default.journal").starts_with("{}\n{\"time\""));
    assert_eq!(folder.read(".sitewright/default-compute.twin.lock"), "kept");
}

/// A pipe would keep the tool waiting for somebody who reads.
#[test]
fn locks_and_journals_are_files() {
    for name in ["default.journal", "default-compute.twin.lock"] {
        let folder = Folder::with_site();
        std::fs::create_dir_all(folder.path(".sitewright")).unwrap();
        let made =
            std::process::Command::new("mkfifo").arg(folder.path(&format!(".sitewright/{name}"))).status().unwrap();
        assert!(made.success());
        let ran = folder.run(&["apply", "--yes"]).expect(1);
        assert!(ran.error.contains("error[state-folder]: "), "{name}: {}", ran.error);
    }
}
