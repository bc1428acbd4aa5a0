//! Settings: sorts of values, repetition, cluster name, controllers, licences.

use std::collections::BTreeMap;

use super::entries::{at_file, at_line, at_pair};
use crate::diagnostics::codes::slurm_files as codes;
use crate::diagnostics::codes::slurm_settings::NO_CONTROLLER;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::slurm::config::{Entry, Merged};
use crate::slurm::keys::{self, LineKind, ValueKind};
use crate::slurm::numbers;
use crate::slurm::release::Release;

pub(super) fn check(merged: &Merged, release: Option<Release>, found: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &Entry> = BTreeMap::new();
    for entry in &merged.entries {
        let Some(pair) = entry.pairs.first() else { continue };
        let Some((name, value)) = keys::find(LineKind::Setting, &pair.key, None) else { continue };
        if !keys::repeats(name, release) && seen.insert(name.to_ascii_lowercase(), entry).is_some() {
            found.push(
                at_pair(
                    Diagnostic::new(&codes::REPEATED_SETTING, format!("`{name}` stands twice; the last one wins")),
                    entry,
                    pair,
                )
                .hint("take one of them out"),
            );
        }
        let number = |text: &str| {
            text.starts_with(|letter: char| letter.is_ascii_digit() || matches!(letter, '-' | '+'))
                || ["unlimited", "infinite"].contains(&text.to_ascii_lowercase().as_str())
        };
        let flag = |text: &str| {
            ["yes", "no", "up", "down", "true", "false", "1", "0"].contains(&text.to_ascii_lowercase().as_str())
        };
        let most = numbers::most(LineKind::Setting, name);
        let wanted = match value {
            _ if pair.bare => None,
            _ if numbers::time_fits(name, &pair.value) == Some(false) => Some("a time such as 7-0 or 00:10:00"),
            _ if most.is_some_and(|most| number(&pair.value) && !numbers::fits(&pair.value, most)) => {
                Some(number_wanted(most.unwrap_or_default()))
            }
            ValueKind::Number if !number(&pair.value) => Some("a number"),
            ValueKind::Flag if !flag(&pair.value) => Some("YES or NO"),
            _ => None,
        };
        if let Some(wanted) = wanted {
            found.push(
                at_pair(
                    Diagnostic::new(&codes::BAD_SETTING, format!("`{name}={}` is not {wanted}", pair.value)),
                    entry,
                    pair,
                )
                .hint(format!("write {wanted}")),
            );
        }
        if name == "FrontendName" && release.is_some_and(|release| release < Release::new(25, 5)) {
            found.push(
                at_pair(
                    Diagnostic::new(
                        &codes::BAD_SETTING,
                        "Slurm is built without front ends, and stops at `FrontendName`",
                    ),
                    entry,
                    pair,
                )
                .hint("take the line out: only a build with --enable-front-end takes it"),
            );
        }
        if name == "Licenses" && !licences_parse(&pair.value) {
            found.push(
                at_pair(
                    Diagnostic::new(&codes::BAD_LICENSES, format!("`{}` is no list of licences", pair.value)),
                    entry,
                    pair,
                )
                .hint("write `Licenses=matlab:10,ansys:5`"),
            );
        }
    }
    controllers(merged, found);
    match merged.lines("ClusterName").last() {
        None => found.push(
            at_file(Diagnostic::new(&codes::CLUSTER_NAME, "there is no ClusterName"), merged)
                .label("nowhere in this file and its includes")
                .hint("write `ClusterName=nordlys`"),
        ),
        Some(entry) => {
            let name = entry.head().map_or("", |(_, name)| name);
            if name.is_empty() || name.len() > 40 {
                found.push(
                    at_line(
                        Diagnostic::new(
                            &codes::CLUSTER_NAME,
                            format!("the cluster's name has {} characters", name.len()),
                        ),
                        entry,
                    )
                    .hint("write 1 to 40 characters"),
                );
            }
        }
    }
}

/// What a key of this width takes, in words.
pub(super) fn number_wanted(most: u64) -> &'static str {
    match most {
        0xffff => "a whole number up to 65535",
        0xffff_ffff => "a whole number up to 4294967295",
        _ => "a whole number without a unit (`K` alone is known)",
    }
}

/// Who the controllers are (`_parse_slurmctld_host`, `_load_slurmctld_host`).
fn controllers(merged: &Merged, found: &mut Diagnostics) {
    if !["SlurmctldHost", "ControlMachine"].iter().any(|key| merged.lines(key).next().is_some()) {
        found.push(
            at_file(Diagnostic::new(&NO_CONTROLLER, "there is no SlurmctldHost"), merged)
                .label("nowhere in this file and its includes")
                .hint("write `SlurmctldHost=HOST`"),
        );
    }
    let mut hosts: Vec<&str> = Vec::new();
    for entry in merged.lines("SlurmctldHost") {
        let Some(pair) = entry.pairs.first() else { continue };
        let (host, address) =
            pair.value.split_once('(').map_or((pair.value.as_str(), None), |(host, rest)| (host, Some(rest)));
        // `HOST` or `HOST(ADDRESS)`, with nothing behind the bracket.
        let closed = match address {
            Some(address) => address.find(')') == Some(address.len().saturating_sub(1)) && !address.is_empty(),
            None => !host.contains(')'),
        };
        if !closed {
            found.push(
                at_pair(Diagnostic::new(&codes::BAD_SETTING, format!("`{}` is no host", pair.value)), entry, pair)
                    .hint("write `SlurmctldHost=HOST` or `SlurmctldHost=HOST(ADDRESS)`"),
            );
        }
        if hosts.contains(&host) {
            found.push(
                at_pair(
                    Diagnostic::new(&codes::BAD_SETTING, format!("the controller `{host}` stands twice")),
                    entry,
                    pair,
                )
                .hint("take one of them out"),
            );
        }
        hosts.push(host);
    }
}

/// `name[@server][:count],…` or with `;`.
fn licences_parse(text: &str) -> bool {
    text.split([',', ';']).filter(|part| !part.trim().is_empty()).all(|part| {
        let count = part.trim().rsplit_once([':', '*']).map(|(_, count)| count);
        count.is_none_or(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
