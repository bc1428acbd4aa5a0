//! A minimum is no more than its maximum. Each target compares the amounts that it has.

use crate::diagnostics::{Code, Severity};

/// A minimum is more than its maximum.
pub(super) const CODE: Code = Code {
    name: "minimum-exceeds-maximum",
    severity: Severity::Error,
    summary: "A minimum is more than its maximum",
    explanation: "No job fits, or Slurm drops the smaller one silently.",
    failing: "limits: { wallTime: 1h, defaultWallTime: 2h }",
    passing: "limits: { wallTime: 2h, defaultWallTime: 1h }",
};
