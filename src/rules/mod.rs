//! Rules over the typed site: one family a file, in a table. A rule reads and reports, nothing else.

mod accounts;
mod admission;
mod capacity;
mod continuity;
mod duplicates;
mod hosts;
mod kubernetes;
mod limits;
mod names;
mod preemption;
mod references;
mod reserve;
mod shares;
mod twice;

use crate::diagnostics::Diagnostics;
use crate::model::Site;

/// A rule.
type Rule = fn(&Site, &mut Diagnostics);

/// All rules, in the order in which they run.
const RULES: &[Rule] = &[
    names::check,
    duplicates::check,
    twice::check,
    references::check,
    accounts::check,
    hosts::check,
    reserve::check,
    limits::check,
    continuity::check,
    preemption::check,
    shares::check,
    admission::check,
    capacity::check,
    kubernetes::names::check,
    kubernetes::sides::check,
    kubernetes::queues::check,
    kubernetes::projects::check,
];

/// Everything that the rules find.
///
/// They run over what could be read. A rule that concludes from what is absent, or from a sum, asks the site whether it was
/// refused; a finding that speaks of a refused value itself is dropped here.
pub fn check(site: &Site) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in RULES {
        rule(site, &mut found);
    }
    found.0.retain(|finding| !site.refused.explains(finding));
    found
}
