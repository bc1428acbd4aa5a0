//! Weights by TRES: slurmctld does not start with a weight of a TRES that it does not track (`_tres_weight_item`).

use std::collections::BTreeSet;

use super::entries::{at_line, at_pair, with_defaults};
use crate::diagnostics::codes::command::UNKNOWN_TRES;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::slurm::config::{Entry, Merged};
use crate::slurm::tres;

/// Keys of lines that begin with a keyword.
const WEIGHTS: [(&str, &str); 2] = [("NodeName", "TRESWeights"), ("PartitionName", "TRESBillingWeights")];

pub(super) fn check(merged: &Merged, found: &mut Diagnostics) {
    let settings = merged.settings();
    let setting = |key: &str| settings.get(key).map_or("", |setting| setting.value.as_str());
    let tracked = tres::listed(setting("accountingstoragetres"));
    // priority/basic does not read its weights.
    if !setting("prioritytype").to_ascii_lowercase().ends_with("basic")
        && let Some(entry) = merged.lines("PriorityWeightTRES").last()
        && let Some((_, weights)) = entry.head()
    {
        untracked("PriorityWeightTRES", weights, entry, &tracked, found);
    }
    for (keyword, key) in WEIGHTS {
        for (entry, values) in with_defaults(merged, keyword) {
            if let Some(weights) = values.get(&key.to_ascii_lowercase()) {
                untracked(key, weights, entry, &tracked, found);
            }
        }
    }
}

/// Reports each weight of a TRES that is not tracked, at the key, or at the line where a DEFAULT line gives it.
fn untracked(key: &str, weights: &str, entry: &Entry, tracked: &BTreeSet<String>, found: &mut Diagnostics) {
    let names = weights.split(',').filter_map(|weight| weight.split_once('='));
    let names: BTreeSet<String> = names.map(|(name, _)| name.trim().to_ascii_lowercase()).collect();
    for name in names.into_iter().filter(|name| !name.is_empty() && !tres::is_tracked(name, tracked)) {
        let message = format!("{key} weighs `{name}`, which AccountingStorageTRES does not name");
        let diagnostic = Diagnostic::new(&UNKNOWN_TRES, message);
        let diagnostic = match entry.pair(key) {
            Some(pair) => at_pair(diagnostic, entry, pair),
            None => at_line(diagnostic, entry),
        };
        let hint = if tres::is_name(&name) {
            format!("add `{name}` to AccountingStorageTRES in slurm.conf and restart slurmctld, or take the weight out")
        } else {
            format!("`{name}` is no name of a TRES: take the weight out")
        };
        found.push(diagnostic.why("slurmctld ends at a weight of a TRES that it does not track").hint(hint));
    }
}
