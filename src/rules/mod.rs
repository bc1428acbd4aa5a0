//! Rules over the typed site: one family a file, in a table. A rule reads and reports, nothing else.

mod admission;
mod capacity;
mod continuity;
mod duplicates;
mod hosts;
mod limits;
mod names;
mod preemption;
mod references;
mod shares;

use crate::diagnostics::Diagnostics;
use crate::model::Site;

/// A rule.
type Rule = fn(&Site, &mut Diagnostics);

/// All rules, in the order in which they run.
const RULES: &[Rule] = &[
    names::check,
    duplicates::check,
    references::check,
    hosts::check,
    limits::check,
    continuity::check,
    preemption::check,
    shares::check,
    admission::check,
    capacity::check,
];

/// Everything that the rules find.
pub fn check(site: &Site) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in RULES {
        rule(site, &mut found);
    }
    found
}

/// The rules that hold even when some documents could not be read: nothing is reported as missing.
pub fn check_partial(site: &Site) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in [names::check as Rule, limits::check, continuity::check, preemption::check, shares::check] {
        rule(site, &mut found);
    }
    found
}
