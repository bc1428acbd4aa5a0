//! Partitions.

use std::collections::{BTreeMap, BTreeSet};

use super::entries::{at_file, at_line, at_pair, with_defaults};
use super::input::LintInput;
use super::nodes::{Nodes, check_values, hosts, unknown_nodes};
use crate::diagnostics::codes::slurm_files as codes;
use crate::diagnostics::codes::slurm_settings::ALLOW_AND_DENY;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::slurm::config::{Entry, Merged};
use crate::slurm::release::Release;
use crate::slurm::value;

pub(super) fn check(merged: &Merged, nodes: &Nodes<'_>, input: &LintInput, found: &mut Diagnostics) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut default: Option<&str> = None;
    let partitions = with_defaults(merged, "PartitionName");
    if partitions.is_empty() && input.release.is_some_and(Release::needs_a_partition_to_start) {
        found.push(
            at_file(
                Diagnostic::new(
                    &codes::NO_PARTITION,
                    "there is no partition, and this release does not start without one",
                ),
                merged,
            )
            .label("nowhere in this file and its includes")
            .hint("keep at least one `PartitionName=… Nodes=…`"),
        );
    }
    for (entry, values) in &partitions {
        let Some((_, name)) = entry.head() else { continue };
        if !names.insert(name) {
            found.push(
                at_line(
                    Diagnostic::new(&codes::DUPLICATE_PARTITION, format!("the partition `{name}` is defined twice")),
                    entry,
                )
                .hint("take one of the lines out, or rename it"),
            );
        }
        check_values("partition", entry, found);
        if let Some(pair) = entry.pair("Nodes")
            && let Some(list) = hosts(entry, pair, found)
        {
            unknown_nodes(entry, pair, &list, nodes, true, found);
        }
        if values.get("default").is_some_and(|text| text.eq_ignore_ascii_case("yes"))
            && let Some(other) = default.replace(name)
        {
            found.push(
                at_line(
                    Diagnostic::new(
                        &codes::TWO_DEFAULTS,
                        format!("`{other}` and `{name}` are both the default; the last one wins"),
                    ),
                    entry,
                )
                .hint("keep `Default=YES` on one"),
            );
        }
        limits(entry, values, found);
        denials(entry, values, found);
        references(entry, values, input, found);
    }
    for entry in merged
        .lines("PartitionName")
        .filter(|entry| entry.head().is_some_and(|(_, name)| name.eq_ignore_ascii_case("DEFAULT")))
    {
        let lost = [
            "disablerootjobs",
            "exclusiveuser",
            "exclusivetopo",
            "powerdownonidle",
            "selecttypeparameters",
            "suspendtime",
        ];
        for pair in entry.pairs.iter().filter(|pair| lost.contains(&pair.key.to_ascii_lowercase().as_str())) {
            found.push(
                at_pair(
                    Diagnostic::new(
                        &codes::DEFAULT_LINE_KEY,
                        format!("`{}` is not inherited from a DEFAULT line", pair.key),
                    ),
                    entry,
                    pair,
                )
                .hint("put it on each partition's line"),
            );
        }
    }
}

fn limits(entry: &Entry, values: &BTreeMap<String, String>, found: &mut Diagnostics) {
    let minutes = |key: &str| values.get(key).and_then(|text| value::minutes(text));
    if let (Some(default), Some(most)) = (minutes("defaulttime"), minutes("maxtime"))
        && default > most
    {
        found.push(
            at_line(
                Diagnostic::new(&codes::DEFAULT_TIME, "DefaultTime is longer than MaxTime, so Slurm drops it"),
                entry,
            )
            .hint("lower DefaultTime"),
        );
    }
    for prefix in ["defmem", "maxmem"] {
        if values.contains_key(&format!("{prefix}percpu")) && values.contains_key(&format!("{prefix}pernode")) {
            found.push(
                at_line(
                    Diagnostic::new(
                        &codes::MEMORY_TWICE,
                        "memory is given per CPU and per node; they exclude each other",
                    ),
                    entry,
                )
                .hint("keep one of them"),
            );
        }
    }
    let number = |key: &str| values.get(key).and_then(|text| text.parse::<u64>().ok());
    if let (Some(least), Some(most)) = (number("minnodes"), number("maxnodes"))
        && least > most
    {
        found.push(
            at_line(
                Diagnostic::new(&codes::MINIMUM_OVER_MAXIMUM, format!("MinNodes {least} is more than MaxNodes {most}")),
                entry,
            )
            .hint("raise MaxNodes or lower MinNodes"),
        );
    }
}

/// A denial beside a permission, be it on the line or from a DEFAULT line (`_parse_partitionname`).
fn denials(entry: &Entry, values: &BTreeMap<String, String>, found: &mut Diagnostics) {
    for (allow, deny) in [("AllowQos", "DenyQos"), ("AllowAccounts", "DenyAccounts")] {
        let given = |key: &str| values.get(&key.to_lowercase()).filter(|text| !text.is_empty());
        if given(allow).is_some_and(|text| !text.eq_ignore_ascii_case("ALL")) && given(deny).is_some() {
            let diagnostic = Diagnostic::new(&ALLOW_AND_DENY, format!("{deny} has no effect beside {allow}"));
            let diagnostic = match entry.pair(deny).or_else(|| entry.pair(allow)) {
                Some(pair) => at_pair(diagnostic, entry, pair),
                None => at_line(diagnostic, entry),
            };
            found.push(diagnostic.hint(format!("keep {allow}, without what {deny} names")));
        }
    }
}

fn references(entry: &Entry, values: &BTreeMap<String, String>, input: &LintInput, found: &mut Diagnostics) {
    if let (Some(known), Some(qos)) = (&input.known_qos, values.get("qos"))
        && !qos.is_empty()
        && !qos.eq_ignore_ascii_case("n/a")
        && !known.contains(&qos.to_lowercase())
    {
        found.push(
            at_line(Diagnostic::new(&codes::UNKNOWN_QOS, format!("the QOS `{qos}` does not exist")), entry)
                .why("slurmctld does not start with it")
                .hint(format!("create it first: sacctmgr add qos {qos}")),
        );
    }
    let listed = |key: &str| -> Vec<String> {
        values
            .get(key)
            .into_iter()
            .flat_map(|text| text.split(','))
            .map(|name| name.trim().to_lowercase())
            .filter(|name| !name.is_empty() && name != "all")
            .collect()
    };
    for (keys, known, code) in [
        (["allowqos", "denyqos"], &input.known_qos, &codes::UNKNOWN_ALLOWED_QOS),
        (["allowaccounts", "denyaccounts"], &input.known_accounts, &codes::UNKNOWN_ACCOUNT),
    ] {
        let Some(known) = known else { continue };
        for key in keys {
            for name in listed(key).into_iter().filter(|name| !known.contains(name)) {
                found.push(
                    at_line(Diagnostic::new(code, format!("`{name}` in {key} does not exist")), entry)
                        .hint("take it out, or create it"),
                );
            }
        }
    }
}
