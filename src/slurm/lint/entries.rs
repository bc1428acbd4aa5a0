//! Entries of the merged files, as all checks see them: their places, and their values with defaults.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Place, Unplaced};
use crate::slurm::config::{Entry, Merged, Pair};
use crate::slurm::release::Release;

/// A diagnostic at a pair.
pub(super) fn at_pair(diagnostic: Unplaced, entry: &Entry, pair: &Pair) -> Diagnostic {
    diagnostic.at(Place::Text { file: entry.file.clone(), offset: pair.offset, length: pair.length })
}

/// A diagnostic at a line's first pair.
pub(super) fn at_line(diagnostic: Unplaced, entry: &Entry) -> Diagnostic {
    diagnostic.at(line_place(entry))
}

/// A diagnostic about what the whole configuration lacks.
pub(super) fn at_file(diagnostic: Unplaced, merged: &Merged) -> Diagnostic {
    diagnostic.at(Place::File(merged.files.first().cloned().unwrap_or_default()))
}

fn line_place(entry: &Entry) -> Place {
    let (offset, length) = entry.pairs.first().map_or((entry.offset, entry.length), |pair| (pair.offset, pair.length));
    Place::Text { file: entry.file.clone(), offset, length }
}

/// ` in Slurm 24.05`, or in all.
pub(super) fn of_release(release: Option<Release>) -> String {
    release.map_or_else(|| " in any supported release".to_owned(), |release| format!(" in Slurm {release}"))
}

/// Values of a keyword's lines with what `DEFAULT` lines above them give.
pub(super) fn with_defaults<'a>(merged: &'a Merged, keyword: &'a str) -> Vec<(&'a Entry, BTreeMap<String, String>)> {
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
pub(super) fn canonical_key(key: &str) -> String {
    match key.to_ascii_lowercase().as_str() {
        "feature" => "features".to_owned(),
        "procs" => "cpus".to_owned(),
        "shared" => "oversubscribe".to_owned(),
        other => other.to_owned(),
    }
}
