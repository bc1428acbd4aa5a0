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
use crate::diagnostics::codes::manifest::BAD_NAME;
use crate::diagnostics::codes::rules as codes;
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

/// What the rules find where some documents were not understood whole: `rest` is the site of the others, `site` is all that
/// could be read, and `lost` says that a document could not be read at all. Nothing is told that those could disprove.
pub fn check_rest(site: &Site, rest: &Site, lost: bool) -> Diagnostics {
    let of_names = [&codes::UNKNOWN_MODE, &codes::UNKNOWN_PARTITION];
    let of_what_is_missing = [&codes::UNKNOWN_BRANCH, &codes::UNDECLARED_HOSTS, &codes::NO_FACTORY];
    let mut found = check(rest);
    found.0.retain(|one| one.code != &BAD_NAME && !of_names.contains(&one.code) && !of_what_is_missing.contains(&one.code));
    // A document always has its name, or it is lost.
    names::check(site, &mut found);
    if !lost {
        let mut named = Diagnostics::new();
        references::check(site, &mut named);
        named.0.retain(|one| of_names.contains(&one.code));
        found.extend(named);
    }
    found
}
