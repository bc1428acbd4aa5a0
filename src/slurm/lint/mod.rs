//! A linter over the merged slurm.conf, gres.conf and includes, since Slurm has none.
//!
//! An error is what would be refused, stop the controller or kill jobs; a warning is what Slurm ignores silently. What a
//! real controller accepts is never an error: a false one would lock a site out.

mod entries;
mod gres;
mod input;
mod lines;
mod nodes;
mod partitions;
mod settings;
mod together;
mod values;
mod weights;

pub use input::LintInput;

use super::config::merge;
use crate::diagnostics::Diagnostics;

/// Lints.
pub fn lint(input: &LintInput) -> Diagnostics {
    let (merged, mut found) = merge(&input.slurm_conf, &input.files);
    if merged.files.is_empty() {
        return found;
    }
    let gres = input.gres_conf.as_ref().filter(|path| input.files.contains_key(*path)).map(|path| {
        let (gres, more) = merge(path, &input.files);
        found.extend(more);
        gres
    });
    lines::check(&merged, gres.as_ref(), input.release, &mut found);
    settings::check(&merged, input.release, &mut found);
    values::check(&merged, input.release, &mut found);
    together::check(&merged, input.release, &mut found);
    let nodes = nodes::collect(&merged, &mut found);
    nodes::check(&merged, &nodes, &mut found);
    partitions::check(&merged, &nodes, input, &mut found);
    weights::check(&merged, &mut found);
    gres::check(&merged, gres.as_ref(), &nodes, &mut found);
    found
}
