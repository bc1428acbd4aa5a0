//! All rules.

use super::{
    admission, capacity, continuity, duplicates, hosts, portfolio, preemption, references, service_capacity, services,
    shares, twice,
};
use crate::diagnostics::Diagnostics;
use crate::model::Site;
use crate::targets::each;

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

/// Those that are of no target.
const RULES: &[(u8, Rule)] = &[
    (turn::REFERENCES, duplicates::check),
    (turn::REFERENCES, twice::check),
    (turn::REFERENCES, references::check),
    (turn::NODES, hosts::check),
    (turn::SUMS, continuity::check),
    (turn::SUMS, preemption::check),
    (turn::SUMS, shares::check),
    (turn::SUMS, admission::check),
    (turn::SUMS, capacity::check),
    (turn::SERVICES, services::check),
    (turn::CAPACITY, service_capacity::check),
    (turn::PORTFOLIO, portfolio::check),
];

/// Those of each target.
const OF_TARGETS: &[&[(u8, Rule)]] = &each!(RULES);

/// All rules, in the order in which they run.
pub(super) fn all() -> Vec<Rule> {
    let mut all: Vec<(u8, Rule)> = RULES.iter().chain(OF_TARGETS.iter().copied().flatten()).copied().collect();
    all.sort_by_key(|(turn, _)| *turn);
    all.into_iter().map(|(_, rule)| rule).collect()
}
