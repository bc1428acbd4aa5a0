//! Rules over the typed site: one family a file, in a table. A rule reads and reports, nothing else.

mod admission;
mod capacity;
mod continuity;
mod duplicates;
mod hosts;
mod kubernetes;
mod portfolio;
mod preemption;
mod references;
mod rule;
mod service;
mod service_capacity;
mod services;
mod shares;
mod slurm;
mod table;
mod twice;

use crate::diagnostics::Diagnostics;
use crate::model::Site;

/// Everything that the rules find.
///
/// They run over what could be read. A rule that concludes from what is absent, or from a sum, asks the site whether it was
/// refused; a finding that speaks of a refused value itself is dropped here.
pub fn check(site: &Site) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in table::all() {
        rule(site, &mut found);
    }
    found.0.retain(|finding| !site.refused.explains(finding));
    found
}
