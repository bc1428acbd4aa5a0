//! Whether an action of a saved plan is one that its changes can bring about.

use std::collections::BTreeMap;

use super::step::Step;
use crate::diff::Change;
use crate::plan::Action;
use crate::resource::Address;

/// Whether an action is one that its changes can bring about.
pub(super) fn fits(step: &Step, action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool {
    match step {
        // A user whose default account has to move before it goes is changed without being declared.
        Step::Accounting { argv } => argv.first().is_some_and(|program| program == "sacctmgr"),
        Step::Configure { .. } => action.addresses.iter().all(|address| changes.contains_key(address)),
    }
}
