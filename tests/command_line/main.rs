//! What the command line says and refuses, as the built program does it. Targets are twins.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod bindings;
mod doctor;
mod explain;
mod flags;
mod folders;
mod init;
mod plans;
mod saved_plans;
mod settings;

use std::path::Path;
use std::process::Command;

/// A factory with one access mode.
const SITE: &str = "apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec: { host: { entity: CSC, country: FI } }
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: { name: playground }
spec: { priority: 50 }
";

/// What a run printed and how it ended.
struct Ran {
    code: i32,
    out: String,
    error: String,
}

impl Ran {
    /// Both outputs.
    fn all(&self) -> String {
        format!("{}{}", self.out, self.error)
    }

    /// Panics with all that was printed, unless it ended so.
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.error);
        self
    }

    /// Panics unless it says this, however its lines are broken.
    #[track_caller]
    fn says(self, wanted: &str) -> Self {
        assert!(
            words(&self.all()).contains(&words(wanted)),
            "not said: {wanted}\nstdout:\n{}\nstderr:\n{}",
            self.out,
            self.error
        );
        self
    }

    #[track_caller]
    fn never_says(self, unwanted: &str) -> Self {
        assert!(
            !words(&self.all()).contains(&words(unwanted)),
            "said: {unwanted}\nstdout:\n{}\nstderr:\n{}",
            self.out,
            self.error
        );
        self
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A folder to work in.
struct Folder(tempfile::TempDir);

impl Folder {
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With the smallest site in `site.yaml`.
    fn site() -> Self {
        Self::empty().with("site.yaml", SITE)
    }

    fn with(self, name: &str, text: &str) -> Self {
        self.write(name, text);
        self
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs the tool here; nobody is there to answer.
    fn run(&self, words: &[&str]) -> Ran {
        self.run_in(".", words)
    }

    /// Runs the tool in a folder below.
    fn run_in(&self, below: &str, words: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command
            .args(words)
            .current_dir(self.path().join(below))
            .env_remove("COLUMNS")
            .stdin(std::process::Stdio::null());
        let output = command.output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            error: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}
