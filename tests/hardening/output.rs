//! Output that does not arrive is no success.

use std::process::{Command, Stdio};

use super::Folder;

fn command(folder: &Folder, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    command.args(words).current_dir(folder.path("")).env_clear().stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

fn into_full(folder: &Folder, words: &[&str]) -> (i32, String) {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = command(folder, words).stdout(full).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_full_disk_is_told() {
    let folder = Folder::with_site();
    for words in [
        &["plan"][..],
        &["plan", "--format", "json"],
        &["plan", "--detailed-exitcode"],
        &["plan", "--out", "plan.json"],
        &["show", "plan.json"],
        &["validate"],
        &["validate", "--format", "json"],
        &["doctor"],
        &["schema"],
        &["schema", "Partition"],
        &["explain", "Partition"],
        &["explain", "bad-name"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
        &["init", "new"],
    ] {
        let (exit, error) = into_full(&folder, words);
        assert_eq!(exit, 1, "{words:?}: {error}");
        assert!(
            error.contains("error: failed to write to standard output: No space left on device"),
            "{words:?}: {error}"
        );
    }
}

#[test]
fn nothing_is_applied_that_nobody_could_see() {
    let folder = Folder::with_site();
    let (exit, error) = into_full(&folder, &["apply", "--yes"]);
    assert_eq!(exit, 1, "{error}");
    assert!(
        error.contains("Nothing was changed.") && !folder.path(".sitewright/default-compute.twin").exists(),
        "{error}"
    );
    // Where the plan is not shown, what was done is lost: run again, it says that all is as declared.
    let (exit, error) = into_full(&folder, &["apply", "--yes", "--format", "json"]);
    assert_eq!(exit, 4, "{error}");
    folder.run(&["apply", "--yes"]).expect(0);
}

#[test]
fn an_exit_that_says_more_stays() {
    let folder = Folder::with_site();
    assert_eq!(into_full(&folder, &["apply"]).0, 1);
    folder.write("site.yaml", "kind: [");
    assert_eq!(into_full(&folder, &["validate"]).0, 1);
    assert_eq!(into_full(&folder, &["nonsense"]).0, 64);
}

#[test]
fn a_reader_who_has_seen_enough_is_no_problem() {
    let folder = Folder::with_site();
    for words in [&["schema"][..], &["man"], &["plan", "--format", "json"], &["completions", "zsh"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command = command(&folder, words);
        let child = command.stdout(writer).spawn().unwrap();
        drop(command);
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap()),
            (Some(0), String::new()),
            "{words:?}"
        );
    }
}
