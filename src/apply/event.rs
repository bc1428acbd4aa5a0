//! What apply tells while it works; the reports read this stream and nothing else.

use serde::{Deserialize, Serialize};

use crate::resource::Address;

/// How an action ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, and read back as wanted.
    Done,
    /// Not done, or not as wanted: why.
    Failed(String),
    /// Not tried: why (`needs action 7`).
    Skipped(String),
    /// Done for some of its objects, and not for others: why, in one line.
    Partly(String),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// An action starts.
    Started {
        /// Number of the action in the plan.
        id: u32,
        /// Number of all actions of the plan.
        of: u32,
        /// Title of the action, as the plan shows it.
        title: String,
    },
    /// An action waits for something.
    Waiting {
        /// Number of the action in the plan.
        id: u32,
        /// State that is awaited, for people.
        what: String,
    },
    /// An action ended.
    Ended {
        /// Number of the action in the plan.
        id: u32,
        /// What came of the action.
        outcome: Outcome,
    },
}

/// What an apply came to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Resources created.
    pub created: usize,
    /// Resources changed.
    pub changed: usize,
    /// Resources deleted.
    pub deleted: usize,
    /// Resources that failed, with the reason.
    pub failed: Vec<(Address, String)>,
    /// Resources not tried, with the reason.
    pub skipped: Vec<(Address, String)>,
    /// Resources that the server accepted, and that could not be read back, with the reason.
    #[serde(default)]
    pub unseen: Vec<(Address, String)>,
    /// Whether the controller did not take new files and the previous ones were put back: what its log said.
    pub rolled_back: Option<String>,
    /// What people have to run before the next apply goes on.
    pub by_hand: Vec<String>,
    /// Seconds it took.
    pub seconds: f64,
    /// Whether it was interrupted (Ctrl-C).
    pub interrupted: bool,
}

impl Summary {
    /// Whether all was done, and seen to be.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && self.unseen.is_empty()
    }
}
