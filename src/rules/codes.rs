//! All codes: those of rules, which their files declare, and those that other rooms raise.

use std::collections::BTreeSet;

use super::table;
use crate::diagnostics::{Code, codes};

/// Codes of the rules, each once, by name.
pub fn of_rules() -> Vec<&'static Code> {
    let mut codes: Vec<&Code> = table::all().iter().map(|rule| rule.code).collect();
    codes.sort_by_key(|code| code.name);
    codes.dedup();
    codes
}

/// All codes, each once. A code that reading a manifest and a rule both raise is one.
pub fn all() -> Vec<&'static Code> {
    let mut seen = BTreeSet::new();
    codes::of_no_rule().chain(of_rules()).filter(|code| seen.insert(code.name)).collect()
}

/// The code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    all().into_iter().find(|code| code.name == name)
}
