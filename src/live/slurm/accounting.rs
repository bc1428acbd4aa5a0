//! Accounting rows → resources.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::odd::Odd;
use super::parts::{Head, Rows};
use super::rows::Row;
use crate::diagnostics::Diagnostics;
use crate::live::{Live, Owner};
use crate::resource::{Address, Body, protect};
use crate::slurm::fields::{self, Field};
use crate::slurm::release::Release;
use crate::slurm::text::split_marker;
use crate::slurm::value::fold;

/// What the rows say.
pub(super) struct Accounting {
    pub(super) resources: BTreeMap<Address, Live>,
    /// Default accounts of users with one association: that one.
    pub(super) default_accounts: BTreeMap<String, String>,
    /// Users of ours with more than one association: their default has to be asked for.
    pub(super) several: Vec<String>,
    /// Account rows without an association on this cluster.
    pub(super) bare_accounts: BTreeSet<String>,
}

/// The fields of a row. An object that is not ours may have forms that are not known.
fn body(
    program: &'static str,
    (row, object): (&Row, &str),
    fields: &'static [Field],
    (release, strict): (Release, bool),
    odd: &mut Odd,
) -> Result<Body, Diagnostics> {
    let mut body = Body::new();
    for field in fields.iter().filter(|field| field.exists(release) && !field.read.is_empty()) {
        let text = row.get(field.read);
        if text.is_empty() {
            continue;
        }
        if let Some(value) = odd.read(program, (field, text), object, strict)? {
            body.insert(field.key.to_owned(), value);
        }
    }
    Ok(body)
}

fn owner(marker: Option<(&str, bool)>, factory: &str) -> Owner {
    match marker {
        Some((name, _)) if name == factory => Owner::Ours,
        Some((name, _)) => Owner::OtherFactory(name.to_owned()),
        None => Owner::Unmarked,
    }
}

/// Whether a text carries the factory's marker.
fn is_ours(text: &str, factory: &str) -> bool {
    // As the database keeps it.
    matches!(split_marker(&fold(text)).1, Some((name, _)) if name == factory)
}

/// Accounts whose members coordinate them and what is below, by the flag UsersAreCoords (from 24.05).
struct Coordinating<'a> {
    flagged: BTreeSet<&'a str>,
    parents: BTreeMap<&'a str, &'a str>,
    members: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Coordinating<'a> {
    fn of(rows: &'a Rows) -> Self {
        let is_flagged =
            |row: &&Row| row.get("flags").split(',').any(|flag| flag.eq_ignore_ascii_case("UsersAreCoords"));
        let flagged: BTreeSet<&str> = rows.accounts.iter().filter(is_flagged).map(|row| row.get("account")).collect();
        if flagged.is_empty() {
            return Self { flagged, parents: BTreeMap::new(), members: BTreeSet::new() };
        }
        let (mut parents, mut members) = (BTreeMap::new(), BTreeSet::new());
        for row in &rows.associations {
            match row.get("user") {
                "" => {
                    parents.insert(row.get("account"), row.get("parentname"));
                }
                user if flagged.contains(row.get("account")) => {
                    members.insert((row.get("account"), user));
                }
                _ => {}
            }
        }
        Self { flagged, parents, members }
    }

    /// Whether a user coordinates an account as a member of it or of one above that has the flag.
    fn by_flag(&self, account: &str, user: &str) -> bool {
        let mut current = account;
        // No tree is deeper than it has accounts, not even a garbled one.
        for _ in 0..=self.parents.len() {
            if self.flagged.contains(current) && self.members.contains(&(current, user)) {
                return true;
            }
            match self.parents.get(current) {
                Some(parent) if !parent.is_empty() => current = parent,
                _ => return false,
            }
        }
        false
    }
}

/// Takes the marker off a text field; what is left equals Slurm's own default or is kept.
fn unmark(body: &mut Body, key: &str, default: &str, factory: &str) -> Owner {
    let text = body.remove(key).and_then(|value| value.as_str().map(ToOwned::to_owned)).unwrap_or_default();
    let (rest, marker) = split_marker(&text);
    let owner = owner(marker, factory);
    if !rest.is_empty() && (owner == Owner::Ours || rest != default) {
        body.insert(key.to_owned(), json!(rest));
    }
    protect(body, matches!(marker, Some((_, true))));
    owner
}

pub(super) fn resources(
    target: &str,
    factory: &str,
    root_account: &str,
    head: &Head,
    rows: &Rows,
    odd: &mut Odd,
) -> Result<Accounting, Diagnostics> {
    let release = head.release;
    let mut resources = BTreeMap::new();
    for row in &rows.qos {
        let name = row.get("name");
        let ours = is_ours(row.get("description"), factory);
        let mut fields = body("sacctmgr show qos", (row, name), fields::QOS, (release, ours), odd)?;
        let mut owner = unmark(&mut fields, "Description", name, factory);
        if name == "normal" {
            owner = Owner::BuiltIn;
        }
        resources.insert(Address::new(target, "qos", name), Live { body: fields.into(), owner });
    }
    let account_rows: BTreeMap<&str, &Row> = rows.accounts.iter().map(|row| (row.get("account"), row)).collect();
    let coordinating = Coordinating::of(rows);
    let mut owners: BTreeMap<String, Owner> = BTreeMap::new();
    for row in rows.associations.iter().filter(|row| row.get("user").is_empty()) {
        let name = row.get("account");
        let account = account_rows.get(name).copied();
        let ours = account.is_some_and(|account| is_ours(account.get("organization"), factory));
        let mut fields = body("sacctmgr show assoc", (row, name), fields::ASSOCIATION, (release, ours), odd)?;
        // The parent of an account directly under root is not worth a word.
        if fields.get("Parent") == Some(&json!("root")) {
            fields.remove("Parent");
        }
        let mut owner = Owner::Unmarked;
        if let Some(account) = account {
            let mut own = body("sacctmgr show account", (account, name), fields::ACCOUNT, (release, ours), odd)?;
            owner = unmark(&mut own, "Organization", name, factory);
            if own.get("Description") == Some(&json!(name)) {
                own.remove("Description");
            }
            fields.extend(own);
            for user in account.get("coordinators").split(',').filter(|user| !user.is_empty()) {
                let address = Address::new(target, "coordinator", format!("{name}/{user}"));
                // Who coordinates as a member of the account can be told from nobody else, and cannot be removed.
                let owner = if coordinating.by_flag(name, user) { Owner::Shared } else { owner.clone() };
                resources.insert(address, Live { body: Body::new().into(), owner });
            }
        }
        if name == "root" {
            owner = Owner::BuiltIn;
        }
        owners.insert(name.to_owned(), owner.clone());
        resources.insert(Address::new(target, "account", name), Live { body: fields.into(), owner });
    }
    let mut accounts_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut administrators: BTreeSet<&str> = BTreeSet::new();
    let mut ours: BTreeSet<&str> = BTreeSet::new();
    for row in rows.associations.iter().filter(|row| !row.get("user").is_empty()) {
        let (account, user, partition) = (row.get("account"), row.get("user"), row.get("partition"));
        accounts_of.entry(user).or_default().insert(account);
        let owner = match owners.get(account) {
            Some(Owner::BuiltIn) if user == "root" => Owner::BuiltIn,
            Some(Owner::BuiltIn) | None => Owner::Unmarked,
            Some(owner) => owner.clone(),
        };
        if owner == Owner::Ours {
            ours.insert(user);
            if account == root_account {
                administrators.insert(user);
            }
        }
        let name =
            if partition.is_empty() { format!("{account}/{user}") } else { format!("{account}/{user}/{partition}") };
        let strict = (release, owner == Owner::Ours);
        let mut fields = body("sacctmgr show assoc", (row, &name), fields::ASSOCIATION, strict, odd)?;
        fields.remove("Parent");
        resources.insert(Address::new(target, "association", name), Live { body: fields.into(), owner });
    }
    for row in &rows.users {
        let user = row.get("user");
        let strict = (release, administrators.contains(user));
        let fields = body("sacctmgr show user", (row, user), fields::USER, strict, odd)?;
        let owner = if user == "root" {
            Owner::BuiltIn
        } else if administrators.contains(user) {
            Owner::Ours
        } else {
            Owner::Shared
        };
        resources.insert(Address::new(target, "user", user), Live { body: fields.into(), owner });
    }
    let several = accounts_of
        .iter()
        .filter(|(user, accounts)| accounts.len() > 1 && ours.contains(*user))
        .map(|(user, _)| (*user).to_owned())
        .collect();
    let default_accounts = accounts_of
        .iter()
        .filter(|(_, accounts)| accounts.len() == 1)
        .filter_map(|(user, accounts)| Some(((*user).to_owned(), (*accounts.first()?).to_owned())))
        .collect();
    let bare_accounts =
        account_rows.keys().filter(|name| !owners.contains_key(**name)).map(|name| (*name).to_owned()).collect();
    Ok(Accounting { resources, default_accounts, several, bare_accounts })
}
