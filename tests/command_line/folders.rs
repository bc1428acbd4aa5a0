//! A folder is read as a site only where it is one, and what is wrong in it is told once and in bounds.

use super::{Folder, SITE};

const BROKEN: &str =
    "apiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: broken }\nspec: { priorty: 1 }\n";

#[test]
fn a_folder_without_manifests_at_its_top_is_not_searched() {
    let folder = Folder::empty().with("deep/down/broken.yaml", BROKEN).with("site/site.yaml", SITE);
    let ran = folder.run(&["validate"]).expect(1).says("there are no manifests in `.`").never_says("priorty");
    ran.says("name the folder of a site").says("sitewright init nordlys");
    folder.run(&["validate", "site"]).expect(0);
}

#[test]
fn what_others_keep_at_the_top_makes_no_site() {
    let folder = Folder::empty().with("compose.yaml", "services: {}\n").with("deep/broken.yaml", BROKEN);
    folder.run(&["validate"]).expect(1).says("the document lacks `kind`").never_says("priorty");
}

#[test]
fn sub_folders_of_a_site_belong_to_it_unless_they_are_sites() {
    let folder = Folder::site().with("modes/broken.yaml", BROKEN);
    folder.run(&["validate"]).expect(1).says("priorty");
    folder.write("modes/sitewright.yaml", "guards: { deletes: 1 }\n");
    folder.run(&["validate"]).expect(0).says("No findings in 1 file");
    let folder = Folder::empty().with("sitewright.yaml", "guards: { deletes: 1 }\n").with("below/site.yaml", SITE);
    folder.run(&["validate"]).expect(0).says("No findings in 2 files");
}

#[test]
fn a_folder_that_does_not_exist_is_told_once() {
    let ran = Folder::empty().run(&["plan", "nowhere"]).expect(1);
    assert_eq!(ran.all().matches("error[").count(), 1, "{}", ran.all());
}

#[test]
fn one_file_of_the_current_folder_is_read_with_its_settings() {
    let folder = Folder::site().with("sitewright.yaml", "targets: { compute: { default: { twin: {} } } }\n");
    folder.run(&["validate", "site.yaml"]).expect(0).says("No findings in 2 files");
}

#[test]
fn the_standard_input_is_read_with_the_settings_of_the_current_folder() {
    use std::io::Write as _;
    let folder = Folder::empty().with("sitewright.yaml", "targets: { compute: { default: { twin: {} } } }\n");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_sitewright"))
        .args(["validate", "-"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(SITE.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn people_see_the_first_findings_and_machines_all() {
    let folder = Folder::site();
    for number in 0..60 {
        folder.write(
            &format!("broken-{number}.yaml"),
            &BROKEN.replace("name: broken", &format!("name: broken-{number}")),
        );
    }
    let ran = folder
        .run(&["validate"])
        .expect(1)
        .says("… and 10 more (--format json lists all)")
        .says("60 errors in 61 files");
    assert_eq!(ran.out.matches("error[").count(), 50);
    let ran = folder.run(&["validate", "--format", "json"]).expect(1);
    assert_eq!(ran.out.matches("\"unknown-field\"").count(), 60);
}
