//! Changes of accounting resources → `sacctmgr` commands: right order, equal changes batched over many names.
//!
//! Creation goes QOS → accounts top-down → users → associations → levels and defaults → coordinators; removal the other
//! way round. Before 23.11 the nested sets make a product of users and accounts explode, so there a command never names
//! more than one account for users.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::draft::{
    Context, Draft, Drafts, Groups, add_to, association_parts, counted, depth, emit, emit_as, leaf, listed,
    marked_field, merged_tres, modify_where, named_qos, quoted_partition,
};
use super::qos::qos;
use super::removals::{remove_accounts, remove_associations, remove_qos};
use super::words::{assignments, command};
use crate::diff::{Change, Operation};
use crate::live::{Observation, Owner};
use crate::resource::{Address, Body, Resource};
use crate::slurm::fields::{self, Field, Shape};
use crate::slurm::release::Release;

/// Most associations that one command adds as a product of users and accounts: a second of work.
const PAIRS: usize = 800;

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
    coordinators_by_name(context, &of("account", false), &mut result.before_files);
    reset_users(context, &of("user", true), &mut result.removals);
    remove_associations(context, &of("association", true), &mut result.removals);
    remove_accounts(context, &of("account", true), &mut result.removals);
    result.removals.append(&mut result.narrowed_last);
    remove_qos(context, &of("qos", true), &mut result.removals);
    result
}

/// Groups by how far below root they stand.
type Levels = BTreeMap<usize, Groups>;

fn accounts(context: &Context<'_>, changes: &[&Change], drafts: &mut Drafts) {
    let release = context.facts.release;
    let association: Vec<&Field> = fields::ASSOCIATION.iter().filter(|field| field.key != "Parent").collect();
    let creatable: Vec<&Field> = association.iter().filter(|field| field.key != "Comment").copied().collect();
    let row: Vec<&Field> = fields::ACCOUNT.iter().collect();
    let both: Vec<&Field> = creatable.iter().chain(&row).copied().collect();
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
            let words = comment(&association, &now, release, context.factory);
            if !words.is_empty() {
                let level = limits.entry(depth(context, address)).or_default();
                add_to(level, String::new(), words, address, BTreeSet::from([address.clone()]));
            }
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

/// The comment of a new association, which `add` does not take.
fn comment(fields: &[&'static Field], now: &Body, release: Release, factory: &str) -> Vec<String> {
    let only: Body = now.get("Comment").map(|comment| ("Comment".to_owned(), comment.clone())).into_iter().collect();
    assignments(fields, &Body::new(), &only, release, factory, None)
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
            let words = comment(&all, &now, release, context.factory);
            if !words.is_empty() {
                add_to(&mut changed, scope.clone(), words, address, BTreeSet::from([address.clone()]));
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

/// Declared coordinators of accounts that lose the flag by which they coordinated without being named.
fn coordinators_by_name(context: &Context<'_>, accounts: &[&Change], drafts: &mut Vec<Draft>) {
    let flagged = |body: &Body| listed(body, "Flags").iter().any(|flag| flag.eq_ignore_ascii_case("UsersAreCoords"));
    let mut groups = Groups::new();
    for change in accounts.iter().filter(|change| change.operation != Operation::Create) {
        let address = &change.address;
        if !flagged(&context.live(address)) || flagged(&context.wanted(address)) {
            continue;
        }
        let declared = context.desired.keys().filter(|other| other.kind == "coordinator");
        for coordinator in declared.filter(|other| context.observation.resources.contains_key(**other)) {
            let (account, user) = coordinator.name.split_once('/').unwrap_or((&coordinator.name, ""));
            let live = context.observation.resources.get(*coordinator);
            let by_flag = live.is_some_and(|live| live.owner == Owner::Shared);
            let member = Address::new(&address.target, "association", format!("{}/{user}", address.name));
            if by_flag && context.observation.resources.contains_key(&member) {
                add_to(&mut groups, account.to_owned(), Vec::new(), coordinator, BTreeSet::from([address.clone()]));
            }
        }
    }
    emit(drafts, groups, "name", "coordinator", |names, account| {
        let names = names.replacen("name=", "names=", 1);
        vec!["add".into(), "coordinator".into(), format!("account={account}"), names]
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
