//! What somebody does who means harm, and what breaks by itself: links, names that are paths, damaged files, edited plans.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

#[expect(unreachable_pub, reason = "made for other tests too")]
#[path = "../fake/mod.rs"]
mod fake;

mod fields;
mod folders;
mod forms;
mod guards;
mod hostile;
mod init;
mod names;
mod output;
mod plans;
mod scarce;
mod server;
mod targets;
mod twins;

use std::path::{Path, PathBuf};

use fake::{Ran, tool_at};

/// A folder in which the tool runs; its site is a twin.
struct Folder(tempfile::TempDir);

impl Folder {
    /// Some levels deep, so that names with `..` lead to a place that is ours too.
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(folder.path("")).unwrap();
        folder
    }

    /// With a factory and a mode.
    fn with_site() -> Self {
        let folder = Self::new();
        folder.write("site.yaml", fake::SITE);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("some/where").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Makes a link of that name; it may dangle.
    fn link(&self, name: &str, to: impl AsRef<Path>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
    }

    /// Wide, so that no line is broken.
    fn run(&self, words: &[&str]) -> Ran {
        tool_at(&self.path(""), words, 1000)
    }
}

/// A mode, to stand behind other documents.
fn mode(name: &str) -> String {
    format!(
        "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: {name} }}\nspec: {{ priority: 50 }}\n"
    )
}
