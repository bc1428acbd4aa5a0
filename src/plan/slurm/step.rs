//! What an action on a Slurm target does.

use serde::{Deserialize, Serialize};

/// One text file written whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileWrite {
    /// Path on the target.
    pub path: String,
    /// Content that the plan saw; absent when the file did not exist. Goes back if the controller does not take the new.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<String>,
    /// Content to write.
    pub after: String,
}

/// How a controller takes up new files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Not at all: only comments of ours differ.
    Nothing,
    /// `scontrol reconfigure`.
    Reconfigure,
    /// The site's own restart command, from `sitewright.yaml`.
    Restart(Vec<String>),
    /// No restart command is declared: people have to do it; the text says what to run.
    ByHand(String),
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// One `sacctmgr -i` command: one transaction, often over many names.
    Accounting {
        /// The argument vector, program first.
        argv: Vec<String>,
    },
    /// Include files, and making the controller take them up; rolled back as a whole.
    Configure {
        /// Files, written beside and renamed after a digest check.
        files: Vec<FileWrite>,
        /// How the controller takes them up.
        how: How,
    },
}

/// The step without the texts of files: what stands there besides is of no concern to the plan.
pub(super) fn without_texts(step: &mut Step) {
    if let Step::Configure { files, .. } = step {
        for file in files {
            file.before = None;
            file.after.clear();
        }
    }
}
