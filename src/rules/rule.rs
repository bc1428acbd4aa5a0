//! What a rule is, and when it runs.

use crate::diagnostics::Diagnostics;
use crate::model::Site;

/// A rule.
pub(super) type Rule = fn(&Site, &mut Diagnostics);

/// When a rule runs: findings are told in the order in which they were found. Of one turn, those of no target go first.
pub(super) mod turn {
    pub(in crate::rules) const NAMES: u8 = 0;
    pub(in crate::rules) const REFERENCES: u8 = 1;
    pub(in crate::rules) const NODES: u8 = 2;
    pub(in crate::rules) const SUMS: u8 = 3;
    pub(in crate::rules) const SIDES: u8 = 4;
    pub(in crate::rules) const SERVICES: u8 = 5;
    pub(in crate::rules) const CAPACITY: u8 = 6;
    pub(in crate::rules) const PODS: u8 = 7;
    pub(in crate::rules) const PORTFOLIO: u8 = 8;
}
