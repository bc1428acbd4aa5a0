//! Removals of accounting resources → `sacctmgr` commands, the other way round than creation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::draft::{
    Context, Draft, Groups, add_to, association_parts, counted, depth, emit, modify_where, named_qos, quoted_partition,
};
use super::words::{chunks, command};
use crate::diff::Change;
use crate::resource::Address;
use crate::slurm::release::Release;

pub(super) fn remove_associations(context: &Context<'_>, changes: &[&Change], drafts: &mut Vec<Draft>) {
    let going: BTreeSet<&Address> = changes.iter().map(|change| &change.address).collect();
    let mut defaults = Groups::new();
    let mut groups = Groups::new();
    let mut leaving: BTreeMap<String, Vec<Address>> = BTreeMap::new();
    let staying = users_with_other_associations(context, &going);
    for change in changes {
        let address = &change.address;
        let (account, user, partition) = association_parts(address);
        if !staying.contains(&user) {
            // A default account's association goes only with the whole user, so whoever leaves leaves in one command.
            leaving.entry(user).or_default().push(address.clone());
            continue;
        }
        let mut needs = BTreeSet::new();
        if partition.is_empty() && context.facts.default_accounts.get(&user) == Some(&account) {
            // The default account's association cannot go while others stay.
            let wanted = context.wanted(&Address::new(&address.target, "user", user.clone()));
            let declared = wanted.get("DefaultAccount").and_then(Value::as_str).map(ToOwned::to_owned);
            let stays = remaining_account(context, &going, address, &user, &account);
            if declared.is_none()
                && let Some(other) = stays
            {
                let user_address = Address::new(&address.target, "user", user.clone());
                add_to(
                    &mut defaults,
                    String::new(),
                    vec![format!("defaultaccount={other}")],
                    &user_address,
                    BTreeSet::new(),
                );
                needs.insert(user_address);
            }
        }
        let default = context.facts.default_accounts.get(&user) == Some(&account);
        if !partition.is_empty() && default && context.facts.release > Release::new(22, 5) {
            remove_beside_default(context, address, drafts);
            continue;
        }
        add_to(&mut groups, format!("{account}/{partition}"), Vec::new(), address, needs);
    }
    let cluster = context.cluster();
    emit(drafts, defaults, "move the default account of", "user", |names, _| {
        modify_where("user", names, std::slice::from_ref(&cluster))
    });
    let names: Vec<String> = leaving.keys().cloned().collect();
    for chunk in chunks(&names) {
        let addresses = chunk.iter().filter_map(|name| leaving.get(name)).flatten().cloned().collect();
        // With `cluster=` 22.05 refuses it for the default account's sake; without it other clusters would be hit.
        let mut words = vec![format!("name={}", chunk.join(","))];
        if !context.facts.single_cluster {
            words.push(cluster.clone());
        }
        drafts.push(Draft {
            title: format!("remove {}", counted(&chunk, "user")),
            addresses,
            argv: command(&["delete", "user", "where"], &words),
            needs: BTreeSet::new(),
        });
    }
    emit(drafts, groups, "remove", "user", |names, scope| {
        let (account, partition) = scope.split_once('/').unwrap_or((scope, ""));
        vec![
            "delete".into(),
            "user".into(),
            "where".into(),
            names,
            format!("account={account}"),
            cluster.clone(),
            quoted_partition(partition),
        ]
    });
}

/// Removes the association of a user's default account in one partition while the one without partition stays.
///
/// Setting a default account marks the user's rows of all its partitions too, and releases after 22.05 refuse to delete
/// a marked row. So the default goes to the factory's root account for the moment, where the user has no rights that
/// outlast it.
fn remove_beside_default(context: &Context<'_>, address: &Address, drafts: &mut Vec<Draft>) {
    let (account, user, partition) = association_parts(address);
    let cluster = context.cluster();
    let root = context.factory;
    let name = format!("name={user}");
    let lodger = Address::new(&address.target, "association", format!("{root}/{user}"));
    let lives_there = context.observation.resources.contains_key(&lodger) || context.desired.contains_key(&lodger);
    let at = |account: &str| format!("account={account}");
    let default = |account: &str| {
        let words = [name.clone(), cluster.clone(), "set".to_owned(), format!("defaultaccount={account}")];
        command(&["modify", "user", "where"], &words)
    };
    let mut step = |title: String, argv: Vec<String>| {
        drafts.push(Draft { title, addresses: vec![address.clone()], argv, needs: BTreeSet::from([address.clone()]) });
    };
    if !lives_there {
        let words = [name.clone(), at(root), cluster.clone()];
        step(format!("let user {user} into {root} for the moment"), command(&["add", "user"], &words));
    }
    step(format!("move the default account of {user} aside"), default(root));
    let words = [name.clone(), at(&account), cluster.clone(), quoted_partition(&partition)];
    step(format!("remove user {user} from {partition}"), command(&["delete", "user", "where"], &words));
    step(format!("put the default account of {user} back"), default(&account));
    if !lives_there {
        let words = [name.clone(), at(root), cluster.clone(), quoted_partition("")];
        step(format!("take user {user} out of {root}"), command(&["delete", "user", "where"], &words));
    }
}

/// Users who keep an association on this cluster, whoever owns it.
fn users_with_other_associations(context: &Context<'_>, going: &BTreeSet<&Address>) -> BTreeSet<String> {
    let live = context.observation.resources.keys().filter(|address| !going.contains(address));
    live.chain(context.desired.keys().copied())
        .filter(|address| address.kind == "association")
        .map(|address| association_parts(address).1)
        .collect()
}

/// Another account in which the user stays, live or declared.
fn remaining_account(
    context: &Context<'_>,
    going: &BTreeSet<&Address>,
    address: &Address,
    user: &str,
    account: &str,
) -> Option<String> {
    let live = context.observation.resources.keys().filter(|other| !going.contains(other));
    live.chain(context.desired.keys().copied())
        .filter(|other| other.kind == "association" && other.target == address.target)
        .map(association_parts)
        .find(|(other, name, partition)| name == user && other != account && partition.is_empty())
        .map(|(other, _, _)| other)
}

pub(super) fn remove_accounts(context: &Context<'_>, changes: &[&Change], drafts: &mut Vec<Draft>) {
    let mut by_depth: BTreeMap<std::cmp::Reverse<usize>, Groups> = BTreeMap::new();
    for change in changes {
        let address = &change.address;
        let groups = by_depth.entry(std::cmp::Reverse(depth(context, address))).or_default();
        let below = context.observation.resources.iter().filter(|(other, live)| match other.kind.as_str() {
            "association" => association_parts(other).0 == address.name,
            "account" => live.body.get("Parent").and_then(Value::as_str) == Some(&address.name),
            _ => false,
        });
        let needs = below.map(|(other, _)| other.clone()).collect();
        add_to(groups, String::new(), Vec::new(), address, needs);
    }
    let cluster = context.cluster();
    for groups in by_depth.into_values() {
        emit(drafts, groups, "delete", "account", |names, _| {
            // With `cluster=` the row itself would stay behind; without it other clusters' associations would go.
            let mut words = vec!["delete".into(), "account".into(), "where".into(), names];
            if !context.facts.single_cluster {
                words.push(cluster.clone());
            }
            words
        });
    }
}

pub(super) fn remove_qos(context: &Context<'_>, changes: &[&Change], drafts: &mut Vec<Draft>) {
    let mut groups = Groups::new();
    for change in changes {
        let needs = context
            .observation
            .resources
            .iter()
            .filter(|(other, live)| named_qos(&other.target, &live.body).contains(&change.address))
            .map(|(other, _)| other.clone())
            .collect();
        add_to(&mut groups, String::new(), Vec::new(), &change.address, needs);
    }
    emit(drafts, groups, "delete", "QOS", |names, _| vec!["delete".into(), "qos".into(), "where".into(), names]);
}
