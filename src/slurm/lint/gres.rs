//! Gres of nodes against GresTypes and gres.conf.

use std::collections::BTreeMap;

use super::entries::{at_line, at_pair};
use super::nodes::Nodes;
use crate::diagnostics::codes::slurm_files as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::resource::hostlist::expand_in_order;
use crate::slurm::config::{Entry, Merged};
use crate::slurm::fields;
use crate::slurm::value;

pub(super) fn check(merged: &Merged, gres: Option<&Merged>, nodes: &Nodes<'_>, found: &mut Diagnostics) {
    let types: Vec<String> = merged
        .settings()
        .get("grestypes")
        .map(|setting| setting.value.split(',').map(|name| name.trim().to_lowercase()).collect())
        .unwrap_or_default();
    let given = gres.map(|gres| given(gres, found));
    let mut told: Vec<(usize, String)> = Vec::new();
    for (host, (entry, values)) in &nodes.by_host {
        let Some(text) = values.get("gres") else { continue };
        let Some(field) = fields::find("node", "Gres") else { continue };
        let Ok(Some(serde_json::Value::Object(promised))) = value::canonical(field, text) else { continue };
        for (name, count) in &promised {
            let kind = name.split(':').next().unwrap_or_default().to_lowercase();
            if !types.contains(&kind) {
                once(&mut told, entry, &kind, || {
                    found.push(
                        at_line(
                            Diagnostic::new(
                                &codes::GRES_TYPE,
                                format!("`{host}` loses the gres `{kind}`, which GresTypes does not name"),
                            ),
                            entry,
                        )
                        .hint(format!("write `GresTypes={kind}` in slurm.conf")),
                    );
                });
            }
            // Without a gres.conf line, or with AutoDetect, the node's own slurmd decides.
            let have = given.as_ref().and_then(|given| given.get(&(host.clone(), kind.clone())));
            if let (Some(have), Some(count)) = (have, count.as_u64())
                && let Some(have) = have.count(name)
                && have < count
            {
                once(&mut told, entry, name, || {
                    found.push(
                        at_line(
                            Diagnostic::new(
                                &codes::GRES_COUNT,
                                format!("`{host}` promises {count} × `{name}`, and gres.conf gives {have}"),
                            ),
                            entry,
                        )
                        .hint("make the two equal"),
                    );
                });
            }
        }
    }
}

/// One finding a line and gres, not one a host.
fn once(told: &mut Vec<(usize, String)>, entry: &Entry, what: &str, tell: impl FnOnce()) {
    let key = (entry.offset, format!("{} {what}", entry.file));
    if !told.contains(&key) {
        told.push(key);
        tell();
    }
}

/// What gres.conf gives a host of one gres name, by type.
#[derive(Default)]
struct Given {
    by_type: BTreeMap<String, u64>,
    detected: bool,
}

impl Given {
    /// Devices of `name[:type]`; unknown with AutoDetect.
    fn count(&self, name: &str) -> Option<u64> {
        if self.detected {
            return None;
        }
        match name.split_once(':') {
            Some((_, kind)) => Some(
                self.by_type.get(kind).copied().unwrap_or_default() + self.by_type.get("").copied().unwrap_or_default(),
            ),
            None => Some(self.by_type.values().sum()),
        }
    }
}

fn given(gres: &Merged, found: &mut Diagnostics) -> BTreeMap<(String, String), Given> {
    let mut result: BTreeMap<(String, String), Given> = BTreeMap::new();
    let everywhere_detected = gres.entries.iter().any(|entry| {
        entry.get("NodeName").is_none() && entry.get("AutoDetect").is_some_and(|text| !text.eq_ignore_ascii_case("off"))
    });
    let mut devices: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for entry in &gres.entries {
        headless(entry, found);
        twice(entry, &mut devices, found);
        if let Some(pair) = entry.pair("MultipleFiles")
            && (entry.get("File").is_some() || entry.get("Files").is_some())
        {
            found.push(
                at_pair(Diagnostic::new(&codes::BAD_VALUE, "File and MultipleFiles exclude each other"), entry, pair)
                    .hint("keep one of them: slurmd stops at both"),
            );
        }
        let Some(name) = entry.get("Name") else { continue };
        let files = entry.get("File").or(entry.get("Files")).map(count_files);
        let count = entry.get("Count").and_then(|text| text.parse::<u64>().ok());
        // Of these, a file has as many parts as Count says (`gres_id_shared` in gres.c).
        let shared = ["mps", "shard"].contains(&name.to_lowercase().as_str());
        if let (Some(files), Some(count), Some(pair)) = (files, count, entry.pair("Count"))
            && files != count
            && !shared
        {
            found.push(
                at_pair(
                    Diagnostic::new(&codes::GRES_FILES, format!("Count={count}, and there are {files} files")),
                    entry,
                    pair,
                )
                .hint("leave Count out: it follows from the files"),
            );
        }
        let amount = if shared { count.or(files) } else { files.or(count) }.unwrap_or(1);
        let Some(hosts) = entry.get("NodeName").and_then(|text| expand_in_order(text).ok()) else { continue };
        for host in hosts {
            let given = result.entry((host, name.to_lowercase())).or_default();
            *given.by_type.entry(entry.get("Type").unwrap_or_default().to_owned()).or_default() += amount;
            given.detected |=
                everywhere_detected || entry.get("AutoDetect").is_some_and(|text| !text.eq_ignore_ascii_case("off"));
        }
    }
    result
}

/// A line of gres.conf begins with one of three keys; slurmd takes another key for none that it knows, and ends.
fn headless(entry: &Entry, found: &mut Diagnostics) {
    let Some(first) = entry.pairs.first() else { return };
    if !["Name", "NodeName", "AutoDetect"].iter().any(|key| key.eq_ignore_ascii_case(&first.key)) {
        found.push(
            at_line(
                Diagnostic::new(&codes::BAD_VALUE, format!("a line of gres.conf cannot begin with `{}`", first.key)),
                entry,
            )
            .why("slurmd ends with `unrecognized key`")
            .hint("begin it with `Name=`, `NodeName=` or `AutoDetect=`, e.g. `Name=gpu Type=a100 File=/dev/nvidia0`"),
        );
    }
}

/// A device that one host has twice of one name: slurmd ends with `duplicate device file name`, whatever the types say.
fn twice(entry: &Entry, devices: &mut BTreeMap<(String, String, String), usize>, found: &mut Diagnostics) {
    let (Some(name), Some(files)) = (entry.get("Name"), entry.get("File")) else { return };
    let files = expand_in_order(files).unwrap_or_default();
    // A line without hosts is every host's.
    let hosts =
        entry.get("NodeName").map_or_else(|| vec![String::new()], |text| expand_in_order(text).unwrap_or_default());
    let name = name.to_lowercase();
    // Shares of a device (`mps`, `shard`) name that of the GPU.
    if ["mps", "shard"].contains(&name.as_str())
        || devices.len().saturating_add(hosts.len().saturating_mul(files.len())) > MOST_DEVICES
    {
        return;
    }
    let mut shown = false;
    for host in &hosts {
        for file in &files {
            let count = devices.entry((name.clone(), host.clone(), file.clone())).or_default();
            *count += 1;
            if *count == 2 && !shown {
                shown = true;
                let whose = if host.is_empty() { String::new() } else { format!(" of `{host}`") };
                found.push(
                    at_line(
                        Diagnostic::new(&codes::BAD_VALUE, format!("`{file}`{whose} is a device of `{name}` already")),
                        entry,
                    )
                    .why("slurmd ends with `duplicate device file name`")
                    .hint("name each device once"),
                );
            }
        }
    }
}

/// Devices of a file that are looked at, over all hosts.
const MOST_DEVICES: usize = 500_000;

fn count_files(text: &str) -> u64 {
    expand_in_order(text).map_or(1, |files| files.len() as u64)
}
