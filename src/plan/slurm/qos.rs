//! Changes of QOS → commands. A loop of preemption is refused even on the way, so what ends comes before what begins.

use std::collections::BTreeSet;

use serde_json::Value;

use super::draft::{Context, Draft, Drafts, listed, marked_field, merged_tres, named_qos};
use super::words::{assignments, command};
use crate::diff::{Change, Operation};
use crate::resource::{Address, Body};
use crate::slurm::fields::{self, Field};

pub(super) fn qos(context: &Context<'_>, changes: &[&Change], drafts: &mut Drafts) {
    let all: Vec<&Field> = fields::of_kind("qos");
    let release = context.facts.release;
    // Slurm refuses a loop of preemption even on the way: what ends comes before what begins.
    let (mut ending, mut later) = (Vec::new(), Vec::new());
    let turning =
        changes.iter().filter(|change| change.fields.iter().any(|field| field.field == "Preempt")).count() > 1;
    for change in changes {
        let (address, name) = (&change.address, &change.address.name);
        let (mut live, wanted) = (context.live(address), context.wanted(address));
        let (mut now, postponed) = context.split_unknown_tres(&wanted);
        let creating = change.operation == Operation::Create;
        if creating {
            let missing =
                named_qos(&address.target, &now).iter().any(|other| !context.observation.resources.contains_key(other));
            if missing {
                now.remove("Preempt");
            }
            let words = assignments(&all, &Body::new(), &now, release, context.factory, Some("Description"));
            drafts.before_files.push(Draft {
                title: format!("create QOS {name}"),
                addresses: vec![address.clone()],
                argv: command(&["add", "qos", &format!("name={name}")], &words),
                needs: BTreeSet::new(),
            });
        } else {
            let (ends, begins) = preemption(&live, &now);
            if turning && ends && begins {
                let mut kept = live.clone();
                keep_common(&mut kept, &now, "Preempt");
                let words = assignments(&all, &live, &kept, release, context.factory, None);
                ending.push(modify_qos(address, &words, BTreeSet::new()));
                live = kept;
            }
            let marked = marked_field(change, "Description");
            let words = assignments(&all, &live, &now, release, context.factory, marked);
            if !words.is_empty() {
                let when = if begins { &mut later } else { &mut ending };
                when.push(modify_qos(address, &words, named_qos(&address.target, &now)));
            }
        }
        let base = if creating { &now } else { &live };
        let mut rest = now.clone();
        if creating && wanted.contains_key("Preempt") && !now.contains_key("Preempt") {
            rest.insert("Preempt".into(), wanted["Preempt"].clone());
            let words = assignments(&all, base, &rest, release, context.factory, None);
            later.push(modify_qos(address, &words, named_qos(&address.target, &rest)));
        }
        if postponed {
            let words = assignments(&all, &now, &merged_tres(&now, &wanted), release, context.factory, None);
            drafts.after_files.push(modify_qos(address, &words, BTreeSet::new()));
        }
    }
    drafts.before_files.extend(ending);
    drafts.before_files.extend(later);
}

/// Whether a QOS ceases to preempt one, and begins to preempt another.
fn preemption(live: &Body, now: &Body) -> (bool, bool) {
    let (before, after) = (listed(live, "Preempt"), listed(now, "Preempt"));
    (before.difference(&after).next().is_some(), after.difference(&before).next().is_some())
}

/// Takes out of a list field what another body does not list.
fn keep_common(body: &mut Body, other: &Body, key: &str) {
    let common: Vec<&str> = listed(body, key).intersection(&listed(other, key)).copied().collect();
    let common = Value::from(common);
    if common.as_array().is_some_and(Vec::is_empty) {
        body.remove(key)
    } else {
        body.insert(key.to_owned(), common)
    };
}

fn modify_qos(address: &Address, words: &[String], mut needs: BTreeSet<Address>) -> Draft {
    needs.insert(address.clone());
    Draft {
        title: format!("change QOS {}", address.name),
        addresses: vec![address.clone()],
        argv: command(&["modify", "qos", "where", &format!("name={}", address.name), "set"], words),
        needs,
    }
}
