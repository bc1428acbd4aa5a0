//! Wrong flags bring the right ones, and never one that lifts a guard.

use super::Folder;

#[test]
fn a_flag_of_another_verb_is_said_to_be_that() {
    let folder = Folder::site();
    folder
        .run(&["plan", "--yes"])
        .expect(64)
        .says("tip: `--yes` belongs to `sitewright apply`")
        .never_says("reconfigure");
    folder.run(&["destroy", "--yes"]).expect(64).says("use `--confirm NAME`").never_says("reconfigure");
    folder.run(&["validate", "--detailed-exitcode"]).expect(64).says("belongs to `sitewright plan`");
}

#[test]
fn a_slip_brings_the_flag_that_was_meant() {
    let folder = Folder::site();
    folder
        .run(&["plan", "--evn", "production"])
        .expect(64)
        .says("a similar argument exists: '--env'")
        .never_says("-- --evn");
    folder.run(&["apply", "--formt=json"]).expect(64).says("a similar argument exists: '--format'");
    folder.run(&["plan", "--wholly-other"]).expect(64).never_says("tip:");
}

#[test]
fn no_flag_that_lifts_a_guard_is_suggested() {
    let folder = Folder::site();
    for slip in
        ["--yse", "--ye", "--yes-reconfigur", "--allow-job", "--allow-delete", "--allow-unseen", "--adop", "--allow"]
    {
        folder.run(&["apply", slip]).expect(64).never_says("tip:");
    }
}
