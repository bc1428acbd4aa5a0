//! What an action on a twin does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::resource::{Address, Body};

/// What an action does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Writes of an embedded twin, one transaction.
    Twin {
        /// Resources to store.
        put: BTreeMap<Address, Body>,
        /// Resources to remove.
        remove: Vec<Address>,
    },
}
