//! Readings that fail: why, and what to do.

use crate::diagnostics::codes::reading as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};

pub(super) fn one(diagnostic: Diagnostic) -> Diagnostics {
    Diagnostics(vec![diagnostic])
}

pub(super) fn failed(target: &str, why: &str) -> Diagnostic {
    Diagnostic::of_run(&codes::READING_FAILED, format!("`{target}` cannot be read: {why}"))
        .hint("look at it by hand: sacctmgr show cluster; scontrol ping")
}

pub(super) fn incomplete(what: &str, why: &str) -> Diagnostic {
    Diagnostic::of_run(&codes::READING_INCOMPLETE, format!("the answer of `{what}` is not whole: {why}"))
        .hint("run it by hand and look at what it prints")
}
