//! All rules.

use super::rule::{Rule, turn};
use super::{
    admission, capacity, continuity, duplicates, hosts, portfolio, preemption, references, service_capacity, services,
    shares, twice,
};
use crate::targets::each;

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
