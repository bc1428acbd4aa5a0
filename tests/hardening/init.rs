//! `init` writes what its own `validate` takes, and over nothing.

use super::Folder;

#[test]
fn names_that_mean_something_else_are_refused() {
    for name in [
        "root",
        "all",
        "none",
        "unlimited",
        "infinite",
        "parent",
        "Root",
        "a b",
        "a\nb",
        "x".repeat(41).as_str(),
        "medix",
    ] {
        let folder = Folder::new();
        let ran = folder.run(&["init", name]).expect(1);
        assert!(
            ran.error.contains("cannot be a factory's name: ") && ran.error.contains("\n  hint: "),
            "{name}: {}",
            ran.error
        );
        assert!(ran.error.lines().count() == 2, "{name}: {}", ran.error);
        assert!(!folder.path(name).exists(), "{name}");
    }
}

#[test]
fn whatever_it_writes_is_valid() {
    for name in ["nordlys", "0day", "null", "true", "017", "a.b-c_d", "compute", "normal", "booster", "fi", "de", "x"] {
        let folder = Folder::new();
        let ran = folder.run(&["init", name]);
        if ran.code == 0 {
            folder.run(&["validate", name]).expect(0);
            folder.run(&["plan", name]).expect(0);
        } else {
            assert!(!folder.path(name).exists(), "{name}");
        }
    }
    Folder::new().run(&["init", "nordlys"]).expect(0);
}

#[test]
fn links_are_not_followed() {
    for (name, to) in [
        ("access.yaml", "../precious"),
        ("access.yaml", "../gone"),
        ("projects.yaml", "projects.yaml"),
        (".gitignore", "../gone"),
    ] {
        let folder = Folder::new();
        folder.write("precious", "precious");
        folder.link(&format!("mysite/{name}"), to);
        let ran = folder.run(&["init", "mysite"]);
        assert_eq!(folder.read("precious"), "precious");
        assert!(!folder.path("gone").exists(), "{name} {to}");
        if name == ".gitignore" {
            ran.expect(0);
        } else {
            let ran = ran.expect(1);
            assert!(ran.error.contains(&format!("`mysite` already has {name}")), "{}", ran.error);
            assert!(!folder.path("mysite/factory.yaml").exists(), "nothing is written");
        }
    }
    let folder = Folder::new();
    folder.link("mysite", "gone");
    folder.run(&["init", "mysite"]).expect(1);
    assert!(!folder.path("gone").exists());
}
