//! Bodies of nodes, node sets, partitions and gres → the text of our include files: sorted and stable, equal hosts
//! folded into one line (slurm.conf(5), gres.conf(5)). What is protected has a mark above its line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::resource::hostlist::{self, HostSet};
use crate::resource::{Address, Body, is_protected};
use crate::slurm::config::{self, WriteError};
use crate::slurm::fields::{self, Field};
use crate::slurm::stamp::stamp;
use crate::slurm::value::written;

const HEAD: &str = "# Written by sitewright; changes made here by hand are shown by the next plan and then replaced.\n";

/// Fields of a node that differ from host to host and are zipped with the host list.
const PER_HOST: [&str; 4] = ["NodeAddr", "NodeHostname", "BcastAddr", "Port"];

/// Text of the include for slurm.conf: NodeName, NodeSet and PartitionName lines.
pub fn slurm_include(bodies: &BTreeMap<Address, Body>) -> Result<String, WriteError> {
    let mut text = String::from(HEAD);
    for line in node_lines(bodies)? {
        text.push_str(&line);
        text.push('\n');
    }
    for (kind, keyword) in [("nodeset", "NodeSet"), ("partition", "PartitionName")] {
        for (address, body) in bodies.iter().filter(|(address, _)| address.kind == kind) {
            let line = config::line(keyword, &address.name, &pairs(kind, body, &[]))?;
            text.push_str(&config::with_mark(&line, is_protected(body)));
            text.push('\n');
        }
    }
    Ok(stamp(&text))
}

/// Text of the include for gres.conf.
pub fn gres_include(bodies: &BTreeMap<Address, Body>) -> Result<String, WriteError> {
    let mut groups: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (address, body) in bodies.iter().filter(|(address, _)| address.kind == "gres") {
        let (host, gres) = address.name.split_once('/').unwrap_or((&address.name, ""));
        let key = (gres.to_owned(), crate::resource::canonical_json(body));
        groups.entry(key).or_default().push(host.to_owned());
    }
    let mut text = String::from(HEAD);
    for ((gres, _), hosts) in groups {
        let Some(body) = hosts.first().and_then(|host| find_gres(bodies, host, &gres)) else { continue };
        let (name, kind) = gres.split_once(':').map_or((gres.as_str(), None), |(name, kind)| (name, Some(kind)));
        let mut fields = vec![("Name", name.to_owned())];
        if let Some(kind) = kind {
            fields.push(("Type", kind.to_owned()));
        }
        fields.extend(pairs("gres", body, &[]));
        let set: HostSet = hosts.into_iter().collect();
        let line = config::line("NodeName", &set.to_string(), &fields)?;
        text.push_str(&config::with_mark(&line, is_protected(body)));
        text.push('\n');
    }
    Ok(stamp(&text))
}

fn find_gres<'a>(bodies: &'a BTreeMap<Address, Body>, host: &str, gres: &str) -> Option<&'a Body> {
    let wanted = format!("{host}/{gres}");
    bodies.iter().find(|(address, _)| address.kind == "gres" && address.name == wanted).map(|(_, body)| body)
}

fn pairs(kind: &str, body: &Body, without: &[&str]) -> Vec<(&'static str, String)> {
    let fields: Vec<&'static Field> = fields::of_kind(kind);
    fields
        .into_iter()
        .filter(|field| !without.contains(&field.key))
        .filter_map(|field| body.get(field.key).map(|value| (field.write, written(field, value))))
        .collect()
}

fn node_lines(bodies: &BTreeMap<Address, Body>) -> Result<Vec<String>, WriteError> {
    let mut groups: BTreeMap<String, Vec<(&str, &Body)>> = BTreeMap::new();
    for (address, body) in bodies.iter().filter(|(address, _)| address.kind == "node") {
        let shared: Body = body
            .iter()
            .filter(|(key, _)| !PER_HOST.contains(&key.as_str()))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        let present: Vec<&str> = PER_HOST.into_iter().filter(|key| body.contains_key(*key)).collect();
        let key = format!("{} {}", crate::resource::canonical_json(&shared), present.join(","));
        groups.entry(key).or_default().push((&address.name, body));
    }
    let mut lines: Vec<(String, String)> = Vec::new();
    for members in groups.into_values() {
        let by_name: BTreeMap<&str, &Body> = members.iter().copied().collect();
        let set: HostSet = by_name.keys().map(|name| (*name).to_owned()).collect();
        let hosts: Vec<String> = set.iter().map(ToString::to_string).collect();
        match zipped(&hosts, &by_name) {
            Some(zipped) => {
                lines.push((hosts[0].clone(), node_line(&set.to_string(), by_name[hosts[0].as_str()], &zipped)?));
            }
            None => {
                for host in &hosts {
                    let body = by_name[host.as_str()];
                    let own = zipped(std::slice::from_ref(host), &by_name).unwrap_or_default();
                    lines.push((host.clone(), node_line(host, body, &own)?));
                }
            }
        }
    }
    lines.sort_by(|left, right| hostlist::natural_order(&left.0, &right.0));
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

fn node_line(names: &str, body: &Body, zipped: &[(&'static str, String)]) -> Result<String, WriteError> {
    let mut fields = zipped.to_vec();
    fields.extend(pairs("node", body, &PER_HOST));
    Ok(config::with_mark(&config::line("NodeName", names, &fields)?, is_protected(body)))
}

/// Per-host fields as Slurm zips them with the names: one value for all, or a list of equal length and order. `None`
/// where no list says it.
fn zipped(hosts: &[String], bodies: &BTreeMap<&str, &Body>) -> Option<Vec<(&'static str, String)>> {
    let mut result = Vec::new();
    for key in PER_HOST {
        let values: Vec<String> =
            hosts.iter().filter_map(|host| bodies.get(host.as_str())?.get(key)).map(plain).collect();
        let Some(first) = values.first() else { continue };
        if values.iter().all(|value| value == first) && (key != "Port" || hosts.len() == 1 || key == "NodeHostname") {
            result.push((key, first.clone()));
        } else if key == "Port" {
            result.push((key, ports(&values)?));
        } else {
            let set: HostSet = values.iter().cloned().collect();
            let text = set.to_string();
            if hostlist::expand_in_order(&text).ok()? != values {
                return None;
            }
            result.push((key, text));
        }
    }
    Some(result)
}

/// Ports in the order of the hosts: `[18001-18004,18010]`; one port for all hosts is legal too.
fn ports(values: &[String]) -> Option<String> {
    let numbers: Vec<u64> = values.iter().map(|value| value.parse().ok()).collect::<Option<_>>()?;
    let first = *numbers.first()?;
    if numbers.iter().all(|number| *number == first) {
        return Some(first.to_string());
    }
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, high)) if *high + 1 == number => *high = number,
            _ => runs.push((number, number)),
        }
    }
    let parts: Vec<String> =
        runs.iter().map(|(low, high)| if low == high { low.to_string() } else { format!("{low}-{high}") }).collect();
    Some(format!("[{}]", parts.join(",")))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}
