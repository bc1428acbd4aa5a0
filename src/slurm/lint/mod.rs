//! A linter over the merged slurm.conf, gres.conf and includes, since Slurm has none.
//!
//! An error is what would be refused, stop the controller or kill jobs; a warning is what Slurm ignores silently. What a
//! real controller accepts is never an error: a false one would lock a site out.

mod gres;
mod lines;
mod nodes;
mod partitions;
mod settings;
mod together;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use super::config::{Entry, Merged, Pair, merge};
use super::release::Release;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};

/// What is linted.
#[derive(Debug, Clone, Default)]
pub struct LintInput {
    /// Path of slurm.conf; a key of `files`.
    pub slurm_conf: String,
    /// Path of gres.conf; it need not exist.
    pub gres_conf: Option<String>,
    /// Content by path, includes too.
    pub files: BTreeMap<String, String>,
    /// Release of the controller; without one only what holds for all is checked.
    pub release: Option<Release>,
    /// QOS that exist, or will before the files are taken up.
    pub known_qos: Option<BTreeSet<String>>,
    /// Accounts likewise.
    pub known_accounts: Option<BTreeSet<String>>,
}

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
    gres::check(&merged, gres.as_ref(), &nodes, &mut found);
    found
}

/// A diagnostic at a pair.
fn at_pair(diagnostic: Diagnostic, entry: &Entry, pair: &Pair) -> Diagnostic {
    diagnostic.at(Place::Text { file: entry.file.clone(), offset: pair.offset, length: pair.length })
}

/// A diagnostic at a line's first pair.
fn at_line(diagnostic: Diagnostic, entry: &Entry) -> Diagnostic {
    diagnostic.at(line_place(entry))
}

/// A diagnostic about what the whole configuration lacks.
fn at_file(diagnostic: Diagnostic, merged: &Merged) -> Diagnostic {
    match merged.files.first() {
        Some(file) => diagnostic.at(Place::File(file.clone())),
        None => diagnostic,
    }
}

fn line_place(entry: &Entry) -> Place {
    let (offset, length) = entry.pairs.first().map_or((entry.offset, entry.length), |pair| (pair.offset, pair.length));
    Place::Text { file: entry.file.clone(), offset, length }
}

/// ` in Slurm 24.05`, or in all.
fn of_release(release: Option<Release>) -> String {
    release.map_or_else(|| " in any supported release".to_owned(), |release| format!(" in Slurm {release}"))
}

/// Values of a keyword's lines with what `DEFAULT` lines above them give.
fn with_defaults<'a>(merged: &'a Merged, keyword: &'a str) -> Vec<(&'a Entry, BTreeMap<String, String>)> {
    let mut defaults: BTreeMap<String, String> = BTreeMap::new();
    let mut result = Vec::new();
    for entry in merged.lines(keyword) {
        let own = entry.pairs.iter().skip(1).map(|pair| (canonical_key(&pair.key), pair.value.clone()));
        if entry.head().is_some_and(|(_, name)| name.eq_ignore_ascii_case("DEFAULT")) {
            defaults.extend(own);
        } else {
            let mut values = defaults.clone();
            values.extend(own);
            result.push((entry, values));
        }
    }
    result
}

/// Lower case, with synonyms folded.
fn canonical_key(key: &str) -> String {
    match key.to_ascii_lowercase().as_str() {
        "feature" => "features".to_owned(),
        "procs" => "cpus".to_owned(),
        "shared" => "oversubscribe".to_owned(),
        other => other.to_owned(),
    }
}
