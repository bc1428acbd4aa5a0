//! The journal: one JSON line before and after each action, on disk before the next thing happens.
//!
//! Nothing is ever read back to decide anything: live state alone decides. The journal is for people who ask what
//! happened, and for `status` after a kill.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::live::local;

/// A line of the journal. Argument vectors and file contents are left out: digests and titles say enough.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    /// When (RFC 3339, UTC).
    pub time: String,
    /// Process that writes.
    pub process: u32,
    /// `start`, `before`, `done`, `failed`, `skipped`, `end`.
    pub what: &'a str,
    /// Number of the action, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<u32>,
    /// Target of the action.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<&'a str>,
    /// Title, or why something failed.
    pub text: &'a str,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens for appending; the folder is made if it is missing, and a link is refused.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { file: local::append(path)?, path: path.to_owned() })
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes one line and waits until it is on disk.
    pub fn write(&mut self, what: &str, action: Option<u32>, target: Option<&str>, text: &str) -> io::Result<()> {
        let line =
            Line { time: jiff::Timestamp::now().to_string(), process: std::process::id(), what, action, target, text };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        self.file.write_all(&bytes)?;
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/journal.jsonl");
        Journal::open(&path).unwrap().write("start", None, None, "one").unwrap();
        Journal::open(&path).unwrap().write("before", Some(1), Some("compute"), "two").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["action"], 1);
    }
}
