//! Changes of accounting resources → `sacctmgr` commands: right order, equal changes batched over many names.
//!
//! Creation goes QOS → accounts top-down → users → associations → levels and defaults → coordinators; removal the other
//! way round. Before 23.11 the nested sets make a product of users and accounts explode, so there a command never names
//! more than one account for users.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::qos::qos;
use super::removals::{remove_accounts, remove_associations, remove_qos};
use super::words::{assignments, chunks, command};
use crate::diff::{Change, Operation};
use crate::live::Observation;
use crate::live::slurm::SlurmFacts;
use crate::resource::{Address, Body, PROTECT, Resource};
use crate::slurm::fields::{self, Field, Shape};
use crate::slurm::release::Release;

/// Most associations that one command adds as a product of users and accounts: a second of work.
const PAIRS: usize = 800;

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
    narrowed: Vec<Draft>,
    /// The same, where those below go themselves.
    narrowed_last: Vec<Draft>,
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

/// Words all accounting changes.
pub(super) fn drafts(context: &Context<'_>, changes: &[&Change]) -> Drafts {
    let mut result = Drafts::default();
    let of = |kind: &str, removal: bool| -> Vec<&Change> {
        changes
            .iter()
            .filter(|change| change.address.kind == kind && (change.operation == Operation::Delete) == removal)
            .copied()
            .collect()
    };
    qos(context, &of("qos", false), &mut result);
    accounts(context, &of("account", false), &mut result);
    associations(context, &of("association", false), &mut result);
    result.before_files.append(&mut result.narrowed);
    users(context, &of("user", false), &mut result);
    coordinators(context, &of("coordinator", false), false, &mut result.before_files);
    coordinators(context, &of("coordinator", true), true, &mut result.removals);
    reset_users(context, &of("user", true), &mut result.removals);
    remove_associations(context, &of("association", true), &mut result.removals);
    remove_accounts(context, &of("account", true), &mut result.removals);
    result.removals.append(&mut result.narrowed_last);
    remove_qos(context, &of("qos", true), &mut result.removals);
    result
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

/// Groups by how far below root they stand.
type Levels = BTreeMap<usize, Groups>;

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

fn accounts(context: &Context<'_>, changes: &[&Change], drafts: &mut Drafts) {
    let release = context.facts.release;
    let association: Vec<&Field> =
        fields::ASSOCIATION.iter().filter(|field| !matches!(field.key, "Parent" | "Comment")).collect();
    let row: Vec<&Field> = fields::ACCOUNT.iter().collect();
    let both: Vec<&Field> = association.iter().chain(&row).copied().collect();
    // Top-down: a list that is inherited is there before its heirs use it, and a parent stands where it will stay before
    // others move below it. Moved below its own child an account would be refused, or keep slurmdbd busy for ever (24.11).
    let (mut creations, mut limits, mut parents) = (Levels::new(), Levels::new(), Levels::new());
    let (mut rows, mut late) = (Groups::new(), Groups::new());
    let (mut narrowed, mut narrowed_last) = (Groups::new(), Groups::new());
    for change in changes {
        let address = &change.address;
        let wanted = context.wanted(address);
        let (now, postponed) = context.split_unknown_tres(&wanted);
        let parent = wanted.get("Parent").and_then(Value::as_str).unwrap_or("root").to_owned();
        let parent_address = Address::new(&address.target, "account", parent.clone());
        let mut needs = named_qos(&address.target, &now);
        if change.operation == Operation::Create {
            needs.insert(parent_address);
            let words = assignments(&both, &Body::new(), &now, release, context.factory, Some("Organization"));
            add_to(creations.entry(depth(context, address)).or_default(), parent, words, address, needs);
            if context.facts.bare_accounts.contains(&address.name) {
                // The row is still there from before: `add` gives it an association and leaves its texts alone.
                let marked = Some("Organization");
                let mut set = assignments(&row, &Body::new(), &now, release, context.factory, marked);
                if !now.contains_key("Description") {
                    set.push("Description=".to_owned());
                }
                add_to(&mut rows, String::new(), set, address, BTreeSet::from([address.clone()]));
            }
        } else {
            let live = context.live(address);
            let (mut wide, defaults) = (now.clone(), abandoned_defaults(context, address, &now));
            if !defaults.is_empty() {
                let kept = if listed(&now, "QOS").is_empty() { &live } else { &now };
                let names: BTreeSet<&str> =
                    listed(kept, "QOS").union(&defaults.keys().copied().collect()).copied().collect();
                wide.insert("QOS".to_owned(), Value::from(names.into_iter().collect::<Vec<_>>()));
                let set = assignments(&association, &wide, &now, release, context.factory, None);
                let heirs: BTreeSet<Address> = defaults.values().flatten().map(|heir| (*heir).clone()).collect();
                let leaving = heirs.iter().any(|heir| !context.desired.contains_key(heir));
                let groups = if leaving { &mut narrowed_last } else { &mut narrowed };
                if !set.is_empty() {
                    add_to(groups, String::new(), set, address, heirs);
                }
            }
            let set = assignments(&association, &live, &wide, release, context.factory, None);
            if !set.is_empty() {
                let sets_default = live.get("DefaultQOS") != wide.get("DefaultQOS");
                let row = if sets_default { only_the_account(release) } else { "" };
                add_to(limits.entry(depth(context, address)).or_default(), row.to_owned(), set, address, needs);
            }
            let marked = marked_field(change, "Organization");
            let set = assignments(&row, &live, &now, release, context.factory, marked);
            if !set.is_empty() {
                add_to(&mut rows, String::new(), set, address, BTreeSet::new());
            }
            let live_parent = live.get("Parent").and_then(Value::as_str).unwrap_or("root");
            if live_parent != parent && address.name != "root" {
                let needs = BTreeSet::from([parent_address]);
                let level = parents.entry(depth(context, address)).or_default();
                add_to(level, String::new(), vec![format!("parent={parent}")], address, needs);
            }
        }
        if postponed {
            let full = merged_tres(&now, &wanted);
            let set = assignments(&association, &now, &full, release, context.factory, None);
            add_to(&mut late, String::new(), set, address, BTreeSet::from([address.clone()]));
        }
    }
    let cluster = context.cluster();
    for groups in creations.into_values() {
        emit(&mut drafts.before_files, groups, "create", "account", |names, parent| {
            vec!["add".into(), "account".into(), names, cluster.clone(), format!("parent={parent}")]
        });
    }
    let on_cluster = |names: String, row: &str| {
        let conditions: Vec<String> =
            [cluster.as_str(), row].into_iter().filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
        modify_where("account", names, &conditions)
    };
    for groups in parents.into_values() {
        emit(&mut drafts.before_files, groups, "move", "account", on_cluster);
    }
    for groups in limits.into_values() {
        emit(&mut drafts.before_files, groups, "change", "account", on_cluster);
    }
    emit(&mut drafts.before_files, rows, "describe", "account", |names, _| modify_where("account", names, &[]));
    emit(&mut drafts.after_files, late, "limit", "account", on_cluster);
    emit(&mut drafts.narrowed, narrowed, "narrow", "account", on_cluster);
    emit(&mut drafts.narrowed_last, narrowed_last, "narrow", "account", on_cluster);
}

/// A condition that names an account's own row, where a release would look at the users' below as well.
fn only_the_account(release: Release) -> &'static str {
    if release.holds_defaults_against_users() { "user=''" } else { "" }
}

/// Default QOS that a new list of an account no longer offers, and who below it still has each: Slurm refuses the list
/// until they have another one, or are gone.
fn abandoned_defaults<'a>(
    context: &'a Context<'_>,
    account: &Address,
    now: &Body,
) -> BTreeMap<&'a str, Vec<&'a Address>> {
    let mut found: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
    let offered = listed(now, "QOS");
    if context.live(account).get("QOS") == now.get("QOS") {
        return found;
    }
    let live = &context.observation.resources;
    let mut above = vec![account.name.as_str()];
    while let Some(above_it) = above.pop() {
        for (address, one) in live {
            let parent = match address.kind.as_str() {
                "account" => one.body.get("Parent").and_then(Value::as_str),
                "association" => address.name.split('/').next(),
                _ => None,
            };
            // A list of one's own counts alone, unless it only adds to the one above or takes from it.
            let own = listed(&one.body, "QOS");
            if parent != Some(above_it) || own.iter().any(|name| !name.starts_with(['+', '-'])) {
                continue;
            }
            if address.kind == "account" {
                above.push(&address.name);
            }
            let Some(default) = one.body.get("DefaultQOS").and_then(Value::as_str) else { continue };
            let stays = context.desired.get(address).and_then(|wanted| wanted.body.get("DefaultQOS"));
            let moves = stays.and_then(Value::as_str) != Some(default);
            if moves && !offered.contains(default) {
                found.entry(default).or_default().push(address);
            }
        }
    }
    found
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
fn emit_as(
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
fn leaf(address: &Address) -> String {
    match address.kind.as_str() {
        "association" | "coordinator" => address.name.split('/').nth(1).unwrap_or_default().to_owned(),
        _ => address.name.clone(),
    }
}

/// How far below root each account stands, over the desired parents and then the live ones.
pub(super) fn depths(desired: &BTreeMap<&Address, &Resource>, observation: &Observation) -> BTreeMap<Address, usize> {
    let live = observation.resources.iter().map(|(address, live)| (address, &*live.body));
    let wanted = desired.iter().map(|(address, resource)| (*address, &resource.body));
    let parents: BTreeMap<&Address, Address> = live
        .chain(wanted)
        .filter(|(address, _)| address.kind == "account")
        .filter_map(|(address, body)| {
            let parent = body.get("Parent").and_then(Value::as_str)?;
            Some((address, Address::new(&address.target, "account", parent)))
        })
        .collect();
    let mut known: BTreeMap<Address, usize> = BTreeMap::new();
    for address in parents.keys() {
        // Up to one whose depth is known, or to the top; a loop ends where it meets itself.
        let mut way: Vec<&Address> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut current = *address;
        while let Some(parent) = parents.get(current).filter(|_| !known.contains_key(current) && seen.insert(current)) {
            way.push(current);
            current = parent;
        }
        let mut depth = known.get(current).copied().unwrap_or(0);
        for one in way.into_iter().rev() {
            depth += 1;
            known.insert(one.clone(), depth);
        }
    }
    known
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

fn associations(context: &Context<'_>, changes: &[&Change], drafts: &mut Drafts) {
    let release = context.facts.release;
    let all: Vec<&Field> = fields::of_kind("association");
    let creatable: Vec<&Field> = all.iter().filter(|field| field.key != "Comment").copied().collect();
    let (mut new, mut changed, mut late) = (Groups::new(), Groups::new(), Groups::new());
    for change in changes {
        let address = &change.address;
        let (account, _, partition) = association_parts(address);
        let scope = format!("{account}/{partition}");
        let wanted = context.wanted(address);
        let (now, postponed) = context.split_unknown_tres(&wanted);
        let mut needs = named_qos(&address.target, &now);
        needs.insert(Address::new(&address.target, "account", account));
        if change.operation == Operation::Create {
            let words = assignments(&creatable, &Body::new(), &now, release, context.factory, None);
            add_to(&mut new, scope.clone(), words, address, needs);
            if let Some(comment) = now.get("Comment") {
                // `add user` takes no comment.
                let only = Body::from([("Comment".to_owned(), comment.clone())]);
                let words = assignments(&all, &Body::new(), &only, release, context.factory, None);
                if !words.is_empty() {
                    add_to(&mut changed, scope.clone(), words, address, BTreeSet::from([address.clone()]));
                }
            }
        } else {
            let words = assignments(&all, &context.live(address), &now, release, context.factory, None);
            if !words.is_empty() {
                add_to(&mut changed, scope.clone(), words, address, needs);
            }
        }
        if postponed {
            let words = assignments(&all, &now, &merged_tres(&now, &wanted), release, context.factory, None);
            add_to(&mut late, scope, words, address, BTreeSet::from([address.clone()]));
        }
    }
    let cluster = context.cluster();
    if release.multiplies_cheaply() {
        products(&mut new, &cluster, &mut drafts.before_files);
    }
    emit(&mut drafts.before_files, new, "add", "user", |names, scope| {
        let (account, partition) = scope.split_once('/').unwrap_or((scope, ""));
        let mut words = vec!["add".into(), "user".into(), names, format!("account={account}"), cluster.clone()];
        if !partition.is_empty() {
            words.push(format!("partition={partition}"));
        }
        words
    });
    let select = |names: String, scope: &str| {
        let (account, partition) = scope.split_once('/').unwrap_or((scope, ""));
        modify_where("user", names, &[format!("account={account}"), cluster.clone(), quoted_partition(partition)])
    };
    emit(&mut drafts.before_files, changed, "change", "user", select);
    emit(&mut drafts.after_files, late, "limit", "user", select);
}

/// Equal users of several accounts, which one command adds to all of them; taken out of the groups.
fn products(groups: &mut Groups, cluster: &str, drafts: &mut Vec<Draft>) {
    let mut alike: BTreeMap<(Vec<String>, Vec<String>), Vec<String>> = BTreeMap::new();
    for ((scope, words), (addresses, _)) in groups.iter() {
        if scope.ends_with('/') {
            alike.entry((addresses.iter().map(leaf).collect(), words.clone())).or_default().push(scope.clone());
        }
    }
    for ((users, words), scopes) in alike {
        if users.len() > PAIRS / 2 {
            continue;
        }
        for scopes in scopes.chunks(PAIRS / users.len().max(1)).filter(|scopes| scopes.len() > 1) {
            let (mut addresses, mut needs) = (Vec::new(), BTreeSet::new());
            for scope in scopes {
                if let Some((more, more_needs)) = groups.remove(&(scope.clone(), words.clone())) {
                    addresses.extend(more);
                    needs.extend(more_needs);
                }
            }
            let accounts: Vec<String> = scopes.iter().map(|scope| scope.trim_end_matches('/').to_owned()).collect();
            let (names, joined) = (format!("name={}", users.join(",")), format!("account={}", accounts.join(",")));
            drafts.push(Draft {
                title: format!("add {} to {}", counted(&users, "user"), counted(&accounts, "account")),
                argv: command(&["add", "user", &names, &joined, cluster], &words),
                addresses,
                needs,
            });
        }
    }
}

/// A WHERE without `partition=` also hits the partition-scoped associations: the plain one is named by an empty,
/// quoted value.
pub(super) fn quoted_partition(partition: &str) -> String {
    if partition.is_empty() { "partition=''".to_owned() } else { format!("partition={partition}") }
}

fn users(context: &Context<'_>, changes: &[&Change], drafts: &mut Drafts) {
    let (mut levels, mut defaults) = (Groups::new(), Groups::new());
    for change in changes {
        let address = &change.address;
        let (live, wanted) = (context.live(address), context.wanted(address));
        let needs: BTreeSet<Address> = context
            .desired
            .keys()
            .filter(|other| other.kind == "association" && leaf(other) == address.name)
            .map(|other| (*other).clone())
            .collect();
        if live.get("AdminLevel") != wanted.get("AdminLevel") {
            let level = wanted.get("AdminLevel").and_then(Value::as_str).unwrap_or("None");
            add_to(&mut levels, String::new(), vec![format!("adminlevel={level}")], address, needs.clone());
        }
        if let Some(account) = wanted.get("DefaultAccount").and_then(Value::as_str)
            && live.get("DefaultAccount").and_then(Value::as_str) != Some(account)
        {
            add_to(&mut defaults, String::new(), vec![format!("defaultaccount={account}")], address, needs);
        }
    }
    emit(&mut drafts.before_files, levels, "set the level of", "user", |names, _| modify_where("user", names, &[]));
    let cluster = context.cluster();
    emit(&mut drafts.before_files, defaults, "set the default account of", "user", |names, _| {
        modify_where("user", names, std::slice::from_ref(&cluster))
    });
}

fn reset_users(_context: &Context<'_>, changes: &[&Change], drafts: &mut Vec<Draft>) {
    let mut groups = Groups::new();
    for change in changes {
        add_to(&mut groups, String::new(), vec!["adminlevel=None".into()], &change.address, BTreeSet::new());
    }
    emit(drafts, groups, "reset the level of", "user", |names, _| modify_where("user", names, &[]));
}

fn coordinators(_context: &Context<'_>, changes: &[&Change], removal: bool, drafts: &mut Vec<Draft>) {
    let mut groups = Groups::new();
    for change in changes {
        let address = &change.address;
        let (account, user) = address.name.split_once('/').unwrap_or((&address.name, ""));
        let needs = if removal {
            BTreeSet::new()
        } else {
            BTreeSet::from([Address::new(&address.target, "association", format!("{account}/{user}"))])
        };
        add_to(&mut groups, account.to_owned(), Vec::new(), address, needs);
    }
    let verb = if removal { "delete" } else { "add" };
    emit_as("names", drafts, groups, if removal { "remove" } else { "add" }, "coordinator", |names, account| {
        vec![verb.into(), "coordinator".into(), format!("account={account}"), names]
    });
}

/// TRES that desired bodies name and the database does not know.
pub(super) fn unknown_tres<'a>(context: &'a Context<'_>) -> BTreeMap<&'a str, Vec<&'a Address>> {
    let mut result: BTreeMap<&str, Vec<&Address>> = BTreeMap::new();
    for (address, resource) in &context.desired {
        for (key, value) in &resource.body {
            let tres = fields::find(&address.kind, key).is_some_and(|field| field.shape == Shape::Tres);
            if let (true, Value::Object(map)) = (tres, value) {
                for name in map.keys().filter(|name| !context.facts.tres.contains(*name)) {
                    result.entry(name).or_default().push(address);
                }
            }
        }
    }
    result
}
