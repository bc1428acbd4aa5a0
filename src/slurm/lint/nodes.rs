//! Nodes and node sets.

use std::collections::{BTreeMap, BTreeSet};

use super::entries::{at_line, at_pair, canonical_key, with_defaults};
use super::settings::number_wanted;
use crate::diagnostics::codes::slurm_files as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::resource::hostlist::{HostSet, expand_in_order};
use crate::slurm::config::{Entry, Merged, Pair};
use crate::slurm::fields;
use crate::slurm::keys::LineKind;
use crate::slurm::numbers;
use crate::slurm::value;

/// A line, and the values that it gives its nodes.
type NodeLine<'a> = (&'a Entry, std::rc::Rc<BTreeMap<String, String>>);

/// Nodes of the merged files.
pub(super) struct Nodes<'a> {
    /// Line and values by host.
    pub(super) by_host: BTreeMap<String, NodeLine<'a>>,
    /// Names of node sets.
    pub(super) sets: BTreeSet<String>,
}

/// Reads the host list of a pair; a list that cannot be read is reported.
pub(super) fn hosts(entry: &Entry, pair: &Pair, found: &mut Diagnostics) -> Option<Vec<String>> {
    match expand_in_order(&pair.value) {
        Ok(names) => Some(names),
        Err(error) => {
            found.push(
                at_pair(
                    Diagnostic::new(&codes::BAD_HOSTS, format!("`{}`: {}", pair.value, error.message)),
                    entry,
                    pair,
                )
                .hint(error.hint),
            );
            None
        }
    }
}

pub(super) fn collect<'a>(merged: &'a Merged, found: &mut Diagnostics) -> Nodes<'a> {
    let mut nodes = Nodes { by_host: BTreeMap::new(), sets: BTreeSet::new() };
    let mut addresses: BTreeMap<[String; 3], String> = BTreeMap::new();
    for (entry, values) in with_defaults(merged, "NodeName") {
        let Some(pair) = entry.pairs.first() else { continue };
        if pair.value.eq_ignore_ascii_case("ALL") {
            found.push(
                at_line(Diagnostic::new(&codes::RESERVED_NODE, "a node cannot be named `ALL`"), entry)
                    .hint("name the hosts"),
            );
            continue;
        }
        let Some(names) = hosts(entry, pair, found) else { continue };
        let host_names = zipped(entry, &values, "nodehostname", names.len(), found).unwrap_or_else(|| names.clone());
        let ports = zipped(entry, &values, "port", names.len(), found);
        let node_addresses = zipped(entry, &values, "nodeaddr", names.len(), found);
        let values = std::rc::Rc::new(values);
        for (index, name) in names.iter().enumerate() {
            if nodes.by_host.insert(name.clone(), (entry, values.clone())).is_some() {
                found.push(
                    at_line(
                        Diagnostic::new(&codes::DUPLICATE_NODE, format!("the node `{name}` is defined twice")),
                        entry,
                    )
                    .hint("take it out of one of the lines"),
                );
            }
            let at = |list: &Vec<String>| list.get(index).or(list.first()).cloned().unwrap_or_default();
            // An address of its own is enough: several slurmd on a host may share a port then.
            let key = [
                at(&host_names),
                node_addresses.as_ref().map(at).unwrap_or_default(),
                ports.as_ref().map(at).unwrap_or_default(),
            ];
            if let Some(other) = addresses.insert(key, name.clone()).filter(|other| other != name) {
                found.push(
                    at_line(
                        Diagnostic::new(
                            &codes::DUPLICATE_ADDRESS,
                            format!("`{name}` and `{other}` have one host name and port"),
                        ),
                        entry,
                    )
                    .hint("give each its own `Port=`"),
                );
            }
        }
    }
    for entry in merged.lines("NodeSet") {
        let Some((_, name)) = entry.head() else { continue };
        nodes.sets.insert(name.to_owned());
        if nodes.by_host.contains_key(name) {
            found.push(
                at_line(
                    Diagnostic::new(&codes::NODESET_NAME, format!("the node set `{name}` has the name of a node")),
                    entry,
                )
                .hint("rename it"),
            );
        }
    }
    nodes
}

/// Values that are zipped with the names: one for all, or as many as there are names.
fn zipped(
    entry: &Entry,
    values: &BTreeMap<String, String>,
    key: &str,
    wanted: usize,
    found: &mut Diagnostics,
) -> Option<Vec<String>> {
    let text = values.get(key)?;
    let list = expand_in_order(text).ok()?;
    if list.len() != wanted && list.len() != 1 {
        let place = entry.pair(key);
        let diagnostic =
            Diagnostic::new(&codes::LIST_LENGTHS, format!("`{key}` has {} values for {wanted} nodes", list.len()));
        let diagnostic = match place {
            Some(pair) => at_pair(diagnostic, entry, pair),
            None => at_line(diagnostic, entry),
        };
        found.push(diagnostic.hint("write one for all, or as many as there are names"));
    }
    Some(list)
}

pub(super) fn check(merged: &Merged, nodes: &Nodes<'_>, found: &mut Diagnostics) {
    for (entry, values) in with_defaults(merged, "NodeName") {
        check_values("node", entry, found);
        let megabytes = |key: &str| values.get(key).and_then(|text| value::megabytes(text));
        if let (Some(limit), Some(memory)) = (megabytes("memspeclimit"), megabytes("realmemory"))
            && limit >= memory
        {
            found.push(
                at_line(
                    Diagnostic::new(
                        &codes::MEMORY_RESERVED,
                        format!("MemSpecLimit {limit} leaves nothing of RealMemory {memory}"),
                    ),
                    entry,
                )
                .hint("reserve less"),
            );
        }
        topology(entry, &values, found);
    }
    for entry in merged
        .lines("NodeName")
        .filter(|entry| entry.head().is_some_and(|(_, name)| name.eq_ignore_ascii_case("DEFAULT")))
    {
        for pair in &entry.pairs {
            if ["nodehostname", "nodeaddr", "bcastaddr", "gresconf"].contains(&pair.key.to_ascii_lowercase().as_str()) {
                found.push(
                    at_pair(
                        Diagnostic::new(
                            &codes::DEFAULT_LINE_KEY,
                            format!("`{}` does not belong on a DEFAULT line", pair.key),
                        ),
                        entry,
                        pair,
                    )
                    .hint("put it on each node's line"),
                );
            }
        }
    }
    for entry in merged.lines("NodeSet") {
        // `ALL` are all nodes (`_build_node_sets` in read_config.c; 22.05.0 to 22.05.8 have lost it).
        let Some(pair) = entry.pair("Nodes").filter(|pair| !pair.value.eq_ignore_ascii_case("ALL")) else { continue };
        let Some(names) = hosts(entry, pair, found) else { continue };
        unknown_nodes(entry, pair, &names, nodes, false, found);
    }
}

/// Reports names that are neither nodes nor, where allowed, node sets.
pub(super) fn unknown_nodes(
    entry: &Entry,
    pair: &Pair,
    names: &[String],
    nodes: &Nodes<'_>,
    sets_too: bool,
    found: &mut Diagnostics,
) {
    let unknown: HostSet = names
        .iter()
        .filter(|name| {
            !nodes.by_host.contains_key(*name)
                && !(sets_too && (nodes.sets.contains(*name) || name.eq_ignore_ascii_case("ALL")))
        })
        .cloned()
        .collect();
    if !unknown.is_empty() {
        let whose = entry.head().map_or(String::new(), |(_, name)| format!("`{name}` names "));
        let noun = if unknown.len() == 1 { "a node that does not exist" } else { "nodes that do not exist" };
        found.push(
            at_pair(Diagnostic::new(&codes::UNKNOWN_NODE, format!("{whose}{noun}: `{unknown}`")), entry, pair)
                .hint(format!("define it: NodeName={unknown} …")),
        );
    }
}

fn topology(entry: &Entry, values: &BTreeMap<String, String>, found: &mut Diagnostics) {
    let number = |key: &str| values.get(key).and_then(|text| text.parse::<u64>().ok());
    let Some(cpus) = number("cpus") else { return };
    let Some(sockets) = number("sockets").or_else(|| Some(number("socketsperboard")? * number("boards").unwrap_or(1)))
    else {
        return;
    };
    let Some(per_socket) = number("corespersocket") else { return };
    let cores = sockets.saturating_mul(per_socket);
    let threads = cores.saturating_mul(number("threadspercore").unwrap_or(1));
    if cpus != threads && cpus != cores && cpus != sockets {
        found.push(
            at_line(
                Diagnostic::new(
                    &codes::TOPOLOGY_MISMATCH,
                    format!("CPUs={cpus}, and sockets × cores × threads give {threads}"),
                ),
                entry,
            )
            .hint(format!("write `CPUs={threads}`, or leave it out")),
        );
    }
}

/// Values of a line that cannot be parsed.
pub(super) fn check_values(kind: &str, entry: &Entry, found: &mut Diagnostics) {
    let line = if kind == "node" { LineKind::Node } else { LineKind::Partition };
    for pair in entry.pairs.iter().skip(1).filter(|pair| !pair.bare) {
        let key = canonical_key(&pair.key);
        if let Some(most) = numbers::most(line, &pair.key) {
            if !numbers::fits(&pair.value, most) {
                let wanted = number_wanted(most);
                let message = format!("`{}`: `{}` is not {wanted}", pair.key, pair.value);
                found.push(
                    at_pair(Diagnostic::new(&codes::BAD_VALUE, message), entry, pair).hint(format!("write {wanted}")),
                );
            }
            continue;
        }
        let Some(field) = fields::of_kind(kind).into_iter().find(|field| canonical_key(field.write) == key) else {
            continue;
        };
        // Host lists have their own checks; per-host lists are no plain numbers.
        let own = ["nodes", "allocnodes", "port", "state", "nodeaddr", "nodehostname", "bcastaddr"];
        if own.contains(&key.as_str()) {
            continue;
        }
        if let Err(error) = value::canonical(field, &pair.value) {
            found.push(
                at_pair(Diagnostic::new(&codes::BAD_VALUE, format!("`{}`: {error}", pair.key)), entry, pair)
                    .hint(format!("write {}", error.wanted)),
            );
        }
    }
}
