//! What a rule is.

use crate::diagnostics::{Code, Diagnostics};
use crate::model::Site;

/// A rule: its check raises its code, and no other.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    /// The code of its findings, declared in the file that is named after it.
    pub(super) code: &'static Code,
    /// When it runs.
    pub(super) turn: Turn,
    /// Adds what is wrong with a site.
    pub(super) check: fn(&Site, &mut Diagnostics),
}

/// When a rule runs: findings at one place are shown in the order in which they were found. Of one turn, rules of no target
/// run first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Turn {
    /// Names are legal.
    Names,
    /// Names are unique, and references lead somewhere.
    References,
    /// Nodes and the limits of partitions.
    Nodes,
    /// Shares, allocations and ranges.
    Sums,
    /// Blocks of a target.
    Sides,
    /// Services by themselves.
    Services,
    /// Services and what they run on.
    Capacity,
    /// Pods.
    Pods,
    /// All services together.
    Portfolio,
}
