//! The table of all rules.

use super::rule::Rule;
use super::{
    account_loop, allocation_too_large, allocation_too_long, cpus_miscounted, devices_miscounted, duplicate_member,
    duplicate_name, empty_node_set, mode_not_offered, no_attestation, no_factory, no_gpus, no_nodes, node_set_name,
    not_eligible, not_exactly_one, overbooked, overlapping_hosts, portfolio_gap, preemption_loop, range_gap,
    said_twice, shares_do_not_add_up, sla_without_capacity, two_default_accounts, two_factories, undeclared_hosts,
    unknown_branch, unknown_domain, unknown_mode, unknown_partition, unknown_project, window_overlap, window_reversed,
};
use crate::targets::each;

/// Rules of no target.
const RULES: &[Rule] = &[
    duplicate_name::RULE,
    two_factories::RULE,
    no_factory::RULE,
    duplicate_member::RULE,
    two_default_accounts::RULE,
    said_twice::RULE,
    unknown_mode::RULE,
    unknown_partition::RULE,
    unknown_branch::RULE,
    unknown_domain::RULE,
    mode_not_offered::RULE,
    account_loop::RULE,
    overlapping_hosts::RULE,
    devices_miscounted::RULE,
    cpus_miscounted::RULE,
    node_set_name::RULE,
    empty_node_set::RULE,
    no_nodes::RULE,
    undeclared_hosts::RULE,
    range_gap::RULE,
    preemption_loop::RULE,
    shares_do_not_add_up::RULE,
    no_attestation::RULE,
    window_reversed::RULE,
    window_overlap::RULE,
    not_eligible::RULE,
    allocation_too_large::RULE,
    allocation_too_long::RULE,
    no_gpus::RULE,
    overbooked::RULE,
    not_exactly_one::RULE,
    unknown_project::RULE,
    sla_without_capacity::RULE,
    portfolio_gap::RULE,
];

/// Rules of each target.
const OF_TARGETS: &[&[Rule]] = &each!(RULES);

/// All rules, in the order in which they run.
pub(super) fn all() -> Vec<Rule> {
    let mut all: Vec<Rule> = RULES.iter().chain(OF_TARGETS.iter().copied().flatten()).copied().collect();
    all.sort_by_key(|rule| rule.turn);
    all
}
