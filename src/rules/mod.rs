//! Rules over the typed site. Each is a file named after its code, which holds the code, its page and its check; a table
//! lists them all.
//!
//! A target's rules are in the target's folder. Where a target has a part in a rule that concerns all of them, that part is a
//! file of the same name. Files without a rule hold what several rules share.

mod account_loop;
mod allocation;
mod allocation_too_large;
mod allocation_too_long;
pub mod codes;
mod cpus_miscounted;
mod devices_miscounted;
mod duplicate_member;
mod duplicate_name;
mod empty_node_set;
mod kubernetes;
mod member;
mod minimum_exceeds_maximum;
mod mode_not_offered;
mod no_attestation;
mod no_factory;
mod no_gpus;
mod no_nodes;
mod node_group;
mod node_set_name;
mod not_eligible;
mod not_exactly_one;
mod overbooked;
mod overlapping_hosts;
mod portfolio_gap;
mod preemption_loop;
mod range_gap;
mod reference;
mod rule;
mod said_twice;
mod service;
mod shares_do_not_add_up;
mod sla_without_capacity;
mod slurm;
mod table;
mod two_default_accounts;
mod two_factories;
mod undeclared_hosts;
mod unknown_branch;
mod unknown_domain;
mod unknown_mode;
mod unknown_partition;
mod unknown_project;
mod window_overlap;
mod window_reversed;

use crate::diagnostics::Diagnostics;
use crate::model::Site;

/// Everything that the rules find.
///
/// They run over what could be read. A rule that concludes from what is absent, or from a sum, asks the site whether it was
/// refused; a finding that speaks of a refused value itself is dropped here.
pub fn check(site: &Site) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in table::all() {
        (rule.check)(site, &mut found);
    }
    found.0.retain(|finding| !site.refused.explains(finding));
    found
}
