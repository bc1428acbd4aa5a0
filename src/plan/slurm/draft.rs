//! Commands in the making: grouped by what has to be said, and batched over many names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::words::{chunks, command};
use crate::diff::{Change, Operation};
use crate::live::Observation;
use crate::live::slurm::SlurmFacts;
use crate::resource::{Address, Body, PROTECT, Resource};

/// One command before it becomes an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) title: String,
    pub(super) addresses: Vec<Address>,
    pub(super) argv: Vec<String>,
    /// Resources that have to be right before.
    pub(super) needs: BTreeSet<Address>,
}

/// Drafts by when they run, relative to the configuration files.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    /// Creations and changes, before the files.
    pub(super) before_files: Vec<Draft>,
    /// Lists that become narrower once nobody below has a default among what goes.
    pub(super) narrowed: Vec<Draft>,
    /// The same, where those below go themselves.
    pub(super) narrowed_last: Vec<Draft>,
    /// Limits on TRES that exist only once the controller has registered.
    pub(super) after_files: Vec<Draft>,
    /// Removals, after the files no longer name what goes.
    pub(super) removals: Vec<Draft>,
}

/// What wording needs to know.
pub(super) struct Context<'a> {
    pub(super) factory: &'a str,
    pub(super) facts: &'a SlurmFacts,
    pub(super) observation: &'a Observation,
    pub(super) desired: BTreeMap<&'a Address, &'a Resource>,
    /// How far below root each account stands.
    pub(super) depths: BTreeMap<Address, usize>,
}

impl Context<'_> {
    pub(super) fn live(&self, address: &Address) -> Body {
        self.observation.resources.get(address).map(|live| (*live.body).clone()).unwrap_or_default()
    }

    pub(super) fn wanted(&self, address: &Address) -> Body {
        self.desired.get(address).map(|resource| resource.body.clone()).unwrap_or_default()
    }

    pub(super) fn cluster(&self) -> String {
        format!("cluster={}", self.facts.cluster)
    }

    /// Splits off what names a TRES that the database does not know yet.
    pub(super) fn split_unknown_tres(&self, body: &Body) -> (Body, bool) {
        let mut now = body.clone();
        let mut split = false;
        for field in body.keys() {
            if let Some(Value::Object(map)) = now.get_mut(field) {
                let before = map.len();
                map.retain(|name, _| self.facts.tres.contains(name));
                split |= map.len() != before;
                if map.is_empty() {
                    now.remove(field);
                }
            }
        }
        (now, split)
    }
}

/// QOS that a body names.
pub(super) fn named_qos(target: &str, body: &Body) -> BTreeSet<Address> {
    let mut names = BTreeSet::new();
    for key in ["QOS", "Preempt"] {
        if let Some(Value::Array(items)) = body.get(key) {
            names.extend(items.iter().filter_map(Value::as_str));
        }
    }
    if let Some(Value::String(name)) = body.get("DefaultQOS") {
        names.insert(name);
    }
    names.into_iter().map(|name| Address::new(target, "qos", name.trim_start_matches(['+', '-']))).collect()
}

/// Names of a list field.
pub(super) fn listed<'a>(body: &'a Body, key: &str) -> BTreeSet<&'a str> {
    body.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// `now` with the TRES maps of `wanted`.
pub(super) fn merged_tres(now: &Body, wanted: &Body) -> Body {
    let mut body = now.clone();
    for (key, value) in wanted {
        if value.is_object() {
            body.insert(key.clone(), value.clone());
        }
    }
    body
}

/// The field that carries our marker, where it has to be written.
pub(super) fn marked_field(change: &Change, field: &'static str) -> Option<&'static str> {
    let touched = change.operation != Operation::Update
        || change.fields.iter().any(|one| one.field == field || one.field == PROTECT);
    touched.then_some(field)
}

/// Groups addresses by what has to be said about them.
pub(super) type Groups = BTreeMap<(String, Vec<String>), (Vec<Address>, BTreeSet<Address>)>;

pub(super) fn add_to(
    groups: &mut Groups,
    scope: String,
    words: Vec<String>,
    address: &Address,
    needs: BTreeSet<Address>,
) {
    let entry = groups.entry((scope, words)).or_default();
    entry.0.push(address.clone());
    entry.1.extend(needs);
}

pub(super) fn modify_where(noun: &str, names: String, conditions: &[String]) -> Vec<String> {
    let head = ["modify", noun, "where"].map(ToOwned::to_owned).into_iter();
    head.chain([names]).chain(conditions.iter().cloned()).chain(["set".to_owned()]).collect()
}

/// Turns groups into drafts; `words` gives what stands before the assignments.
pub(super) fn emit(
    drafts: &mut Vec<Draft>,
    groups: Groups,
    verb: &str,
    noun: &str,
    words: impl Fn(String, &str) -> Vec<String>,
) {
    emit_as("name", drafts, groups, verb, noun, words);
}

/// The same, where the word before the names is another than `name`.
pub(super) fn emit_as(
    key: &str,
    drafts: &mut Vec<Draft>,
    groups: Groups,
    verb: &str,
    noun: &str,
    words: impl Fn(String, &str) -> Vec<String>,
) {
    for ((scope, assignments), (addresses, needs)) in groups {
        let names: Vec<String> = addresses.iter().map(leaf).collect();
        let mut start = 0;
        for chunk in chunks(&names) {
            let part: Vec<Address> = addresses[start..start + chunk.len()].to_vec();
            start += chunk.len();
            let head = words(format!("{key}={}", chunk.join(",")), &scope);
            let head: Vec<&str> = head.iter().map(String::as_str).collect();
            drafts.push(Draft {
                title: format!("{verb} {}", counted(&chunk, noun)),
                argv: command(&head, &assignments),
                addresses: part,
                needs: needs.clone(),
            });
        }
    }
}

pub(super) fn counted(names: &[String], noun: &str) -> String {
    match names {
        [one] => format!("{noun} {one}"),
        [first, .., last] => format!("{} {noun}s ({first} … {last})", names.len()),
        [] => noun.to_owned(),
    }
}

/// The name that a command uses: for an association the user, else the whole name.
pub(super) fn leaf(address: &Address) -> String {
    match address.kind.as_str() {
        "association" | "coordinator" => address.name.split('/').nth(1).unwrap_or_default().to_owned(),
        _ => address.name.clone(),
    }
}

/// How far below root an account stands.
pub(super) fn depth(context: &Context<'_>, address: &Address) -> usize {
    context.depths.get(address).copied().unwrap_or(0)
}

/// `(account, user, partition)` of an association's address.
pub(super) fn association_parts(address: &Address) -> (String, String, String) {
    let mut parts = address.name.splitn(3, '/').map(ToOwned::to_owned);
    let account = parts.next().unwrap_or_default();
    let user = parts.next().unwrap_or_default();
    (account, user, parts.next().unwrap_or_default())
}

pub(super) fn quoted_partition(partition: &str) -> String {
    if partition.is_empty() { "partition=''".to_owned() } else { format!("partition={partition}") }
}
