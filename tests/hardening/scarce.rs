//! What the tool runs in: few descriptors, odd time zones.

use std::process::{Command, Stdio};

use super::Folder;

/// Runs a script in the folder; `$1` is the tool.
fn script(folder: &Folder, text: &str) -> (i32, String) {
    let mut command = Command::new("timeout");
    command.args(["30", "sh", "-c", text, "sh", env!("CARGO_BIN_EXE_sitewright")]).current_dir(folder.path(""));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn few_descriptors_are_an_error_and_no_panic() {
    let folder = Folder::with_site();
    for number in 5..12 {
        let (code, said) = script(&folder, &format!("ulimit -n {number}; exec \"$1\" plan"));
        assert!(!said.contains("panicked"), "{number}: {said}");
        assert!(code == 0 || said.contains("error"), "{number}: {code} {said}");
    }
}

#[test]
fn a_time_zone_that_is_a_device_is_not_read() {
    let folder = Folder::with_site();
    for zone in ["/dev/zero", ":/dev/random", "../../../dev/zero"] {
        let (code, said) = script(&folder, &format!("TZ={zone} exec \"$1\" plan"));
        assert_eq!(code, 0, "{zone}: {said}");
    }
}

#[test]
fn years_that_no_calendar_has_are_refused() {
    let folder = Folder::with_site();
    for day in ["10000-01-01", "99999-12-31", "2027-02-30", "-9999-01-01"] {
        let (code, said) = script(&folder, &format!("exec \"$1\" plan --at={day}"));
        assert!(code == 64 && !said.contains("panicked"), "{day}: {code} {said}");
    }
    let (code, said) = script(&folder, "exec \"$1\" plan --at=9999-12-31");
    assert_eq!(code, 0, "{said}");
}
