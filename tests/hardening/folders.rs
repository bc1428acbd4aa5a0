//! Folders of manifests: nothing of a site is passed over in silence, for what is not read would be deleted.

use super::{Folder, fake, mode};

/// A factory, and four modes in a folder of their own, all applied.
fn site() -> Folder {
    let folder = Folder::with_site();
    let modes: Vec<String> = (0..4).map(|number| mode(&format!("m{number}"))).collect();
    folder.write("modes/all.yaml", &modes.concat());
    folder.run(&["apply", "--yes"]).expect(0);
    folder
}

fn settled(folder: &Folder) {
    let ran = folder.run(&["plan"]).expect(0);
    assert!(ran.out.contains("No changes.") && ran.out.contains("6 resources"), "{}", ran.all());
}

fn unreadable(folder: &Folder, what: &str) {
    for words in [&["validate"][..], &["plan"], &["apply", "--yes"]] {
        let ran = folder.run(words).expect(1);
        assert!(
            ran.all().contains(&format!("error[unreadable-file]: `{what}` cannot be read: ")),
            "{words:?}: {}",
            ran.all()
        );
        assert!(ran.all().contains("hint: ") && !ran.all().contains("to delete"), "{words:?}: {}", ran.all());
    }
}

#[test]
fn folders_behind_links_belong_to_the_site() {
    let folder = site();
    std::fs::rename(folder.path("modes"), folder.path("../modes")).unwrap();
    folder.link("modes", "../modes");
    settled(&folder);
    // A link that is found only behind a link.
    std::fs::rename(folder.path("../modes/all.yaml"), folder.path("../all.yaml")).unwrap();
    folder.link("../modes/deeper", "..");
    settled(&folder);
}

#[test]
fn files_behind_links_belong_to_the_site() {
    let folder = site();
    std::fs::rename(folder.path("modes/all.yaml"), folder.path("../all-modes")).unwrap();
    folder.link("modes/all.yaml", "../../all-modes");
    settled(&folder);
}

/// Else whoever wrote a folder could have excerpts printed of any file of whoever validates it.
#[test]
fn files_outside_that_are_no_manifests_are_not_read() {
    for link in ["key.yaml", "modes/key.yml"] {
        let folder = site();
        folder.write("../private/key", "secret: [hunter2\n");
        folder.link(link, folder.path("../private/key"));
        unreadable(&folder, link);
        let ran = folder.run(&["validate"]).expect(1);
        assert!(!ran.all().contains("hunter2"), "{}", ran.all());
    }
    let folder = site();
    folder.write("../private/key.yaml", "secret: [hunter2\n");
    folder.link("keys", folder.path("../private"));
    unreadable(&folder, "keys/key.yaml");
}

#[test]
fn files_together_have_a_bound() {
    let folder = Folder::with_site();
    let text = "#".repeat(30 << 20);
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        folder.write(name, &text);
    }
    let ran = folder.run(&["validate"]).expect(1);
    assert!(ran.all().contains("more than 64 MB together"), "{}", ran.all());
}

#[test]
fn hints_quote_names_of_files() {
    let folder = Folder::with_site();
    folder.link("a b; rm -rf ~.yaml", "gone");
    let ran = folder.run(&["validate"]).expect(1);
    assert!(ran.all().contains("`ls -ld '") && ran.all().contains("a b; rm -rf ~.yaml'`"), "{}", ran.all());
}

/// A link in the folder that files are rendered into could lead them anywhere.
#[test]
fn nothing_is_rendered_through_a_link() {
    let folder = Folder::with_site();
    folder.run(&["render", "--out", "rendered"]).expect(0);
    std::fs::rename(folder.path("rendered/compute"), folder.path("../precious")).unwrap();
    folder.link("rendered/compute", "../../precious");
    std::fs::remove_file(folder.path("../precious").join("sitewright.conf")).ok();
    let before = std::fs::read_dir(folder.path("../precious")).unwrap().count();
    let ran = folder.run(&["render", "--out", "rendered"]).expect(1);
    assert!(ran.error.contains("is a link to `../../precious`") && ran.error.contains("hint: "), "{}", ran.error);
    assert_eq!(std::fs::read_dir(folder.path("../precious")).unwrap().count(), before);
}

#[test]
fn what_has_several_names_is_read_once() {
    let folder = site();
    folder.link("again", "modes");
    folder.link("modes/round", "..");
    folder.link("modes/round-and-round", "round");
    folder.link("another.yaml", "modes/all.yaml");
    settled(&folder);
}

#[test]
fn links_that_lead_nowhere_are_told() {
    for (link, to) in [
        ("modes", "../gone"),
        ("modes", "modes"),
        ("more", "/nowhere/at/all"),
        ("more.yaml", "gone.yaml"),
        ("modes/more.yml", "more.yml"),
    ] {
        let folder = site();
        if link == "modes" {
            std::fs::remove_dir_all(folder.path("modes")).unwrap();
        }
        folder.link(link, to);
        unreadable(&folder, link);
    }
}

#[test]
fn settings_behind_a_link_that_leads_nowhere_are_not_nothing() {
    let folder = site();
    folder.link("sitewright.yaml", "gone.yaml");
    unreadable(&folder, "sitewright.yaml");
}

#[test]
fn folders_that_are_too_deep_are_told() {
    let folder = site();
    let deep = vec!["d"; 17].join("/");
    folder.write(&format!("{deep}/more.yaml"), &mode("deep"));
    unreadable(&folder, &deep);
}

/// Nothing is locked to an administrator, who sees the site as it is.
#[test]
fn folders_that_may_not_be_read_are_told() {
    let folder = site();
    let permit = |mode| {
        std::fs::set_permissions(folder.path("modes"), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    permit(0o000);
    if std::fs::read_dir(folder.path("modes")).is_err() {
        unreadable(&folder, "modes");
    } else {
        settled(&folder);
    }
    permit(0o755);
}

#[test]
fn what_is_no_file_is_told() {
    let folder = site();
    let made = std::process::Command::new("mkfifo").arg(folder.path("pipe.yaml")).status().unwrap();
    assert!(made.success());
    unreadable(&folder, "pipe.yaml");
}

#[test]
fn a_plain_site_is_as_it_was() {
    let folder = site();
    folder.write("notes.txt", "no manifest");
    folder.link("notes", "notes.txt");
    folder.write(".hidden/x.yaml", "x");
    folder.link(".link", "gone");
    folder.write("sitewright.yaml", "targets: {}\n");
    settled(&folder);
    assert!(folder.run(&["validate"]).expect(0).out.contains("No findings"), "{}", fake::SITE);
}
