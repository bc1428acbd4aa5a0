//! Comparing objects of a Kubernetes cluster with what is declared. Pure: what only the server knows stands in the verdicts,
//! which `judge` and the server's answers have given.

mod blocked;
mod declared;
mod fields;
mod judge;
mod ownership;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use self::blocked::waiting_for;
use self::blocked::{Obstacle, Why};
use self::declared::Declaration;
use self::fields::{Declared, of_bodies, of_creation, shown};
use super::comparison::{Comparison, Conflict, Locate, Tiers, Wishes, change, seen};
use super::target::Target;
use super::{Change, ChangeClass, Fidelity, FieldChange, Note, Operation, Taken, Topic, Warning};
use crate::diagnostics::codes::kubernetes_objects as codes;
use crate::kubernetes::applyset::member;
use crate::kubernetes::kinds;
use crate::kubernetes::status::{condition, terminating};
use crate::live::kubernetes::{Answer, Failure, FailureKind, FieldConflict, KubernetesFacts, Verdict};
use crate::live::{Live, Observation, Owner, Question};
use crate::resource::{Address, Body, Resource};

pub(super) const TARGET: &dyn Target = &Kubernetes;

struct Kubernetes;

impl Target for Kubernetes {
    fn compare(
        &self,
        desired: &[Resource],
        observation: &Observation,
        wishes: &Wishes,
        locate: &Locate<'_>,
    ) -> Option<Comparison> {
        Some(compare(desired, observation, observation.kubernetes()?, wishes, locate))
    }

    fn judge(&self, desired: &[Resource], observation: &mut Observation) -> Vec<Question> {
        judge::judge(desired, observation)
    }

    fn field_changes(&self, resource: &Resource, before: &Body, locate: &Locate<'_>) -> Option<Vec<FieldChange>> {
        Some(of_bodies(resource, before, locate))
    }
}

/// Conditions of a namespace that say what its end waits for.
const HOLDING: [&str; 3] =
    ["NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure", "NamespaceDeletionDiscoveryFailure"];

/// Compares a Kubernetes target.
pub fn compare(
    desired: &[Resource],
    observation: &Observation,
    facts: &KubernetesFacts,
    wishes: &Wishes,
    locate: &Locate<'_>,
) -> Comparison {
    let mut work = Work {
        observation,
        facts,
        wishes,
        locate,
        tiers: Tiers::default(),
        absent: Vec::new(),
        left: BTreeMap::new(),
        going: BTreeSet::new(),
        blocked: Vec::new(),
        result: Comparison::default(),
    };
    let wanted: BTreeMap<&Address, &Resource> = desired.iter().map(|resource| (&resource.address, resource)).collect();
    work.going = going(&wanted, observation, wishes);
    for resource in wanted.values() {
        work.declared(resource);
    }
    for (address, live) in &observation.resources {
        if !wanted.contains_key(address) {
            work.undeclared(address, live);
        }
    }
    let Work { tiers, absent, left, blocked, mut result, .. } = work;
    result.blocked = blocked::told(&blocked);
    result.kept = left.values().flatten().copied().cloned().collect();
    result.warnings.extend(left.into_iter().filter_map(|(kind, all)| stays(kind, &all)));
    result.warnings.extend(absent_partials(&absent));
    result.warnings.extend(lost_mark(observation, facts));
    result.tiers = Some(tiers);
    result.changes.sort_by(|left, right| left.address.cmp(&right.address));
    result
}

/// Namespaces of ours that are to be deleted. One in which something is declared is not: it would go too.
fn going<'a>(
    wanted: &BTreeMap<&Address, &Resource>,
    observation: &Observation,
    wishes: &'a Wishes,
) -> BTreeSet<&'a str> {
    let lives_in = |namespace: &str| {
        wanted.keys().any(|address| kinds::namespace_and_name(&address.name).0.is_some_and(|one| one == namespace))
    };
    let asked = wishes.prune.iter().filter(|one| one.kind == "Namespace" && one.target == observation.target);
    asked.map(|address| address.name.as_str()).filter(|name| !lives_in(name)).collect()
}

/// Objects of a kind that stay although nobody declares them.
fn stays(kind: &str, all: &[&Address]) -> Option<Warning> {
    let (first, why) = (all.first()?, kinds::kept_because(kind)?);
    let (message, deletes) = match all {
        [one] => (format!("`{one}` is no longer declared and stays, since {why}"), "it"),
        many => {
            let names: Vec<String> = many.iter().take(5).map(|address| format!("`{}`", address.name)).collect();
            let more = many.len().saturating_sub(5);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let (number, kind, names) = (many.len(), kinds::kind_and_group(kind).0, names.join(", "));
            let message = format!("{number} × {kind} are no longer declared and stay, since {why}: {names}{more}");
            (message, "the first")
        }
    };
    let hint = format!("`--prune {first}` deletes {deletes}");
    Some(Warning::new(&codes::KEPT_OBJECT, message).hint(hint).about(all.iter().copied().cloned()))
}

/// The set's parent is written before anything else is. Where it is gone, nobody knows which other kinds it named.
fn lost_mark(observation: &Observation, facts: &KubernetesFacts) -> Option<Warning> {
    let set = &facts.set;
    let whole = |address: &Address| !kinds::is_partial(&address.kind);
    let is_ours = |(address, live): (&Address, &Live)| live.owner == Owner::Ours && whole(address);
    (set.parent.is_none() && observation.resources.iter().any(is_ours)).then(|| {
        let message = format!(
            "on `{}` the configmap `{}/{}` that marks what is ours is gone: objects of kinds that no manifest names any more are not \
             seen",
            observation.target, set.namespace, set.name
        );
        Warning::new(&codes::APPLYSET_LOST, message)
            .hint(format!("look for them: `kubectl get KINDS -A -l applyset.kubernetes.io/part-of={}`", set.id))
    })
}

/// Parts of objects that are not there: they are made by others, and get their parts when they come.
fn absent_partials(absent: &[&Address]) -> Option<Warning> {
    let first = absent.first()?;
    let names: Vec<String> = absent.iter().take(3).map(|address| format!("`{}`", address.name)).collect();
    let more = absent.len().saturating_sub(3);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let (noun, verb) = if absent.len() == 1 { ("node", "is") } else { ("nodes", "are") };
    let message = format!(
        "on `{}` {} declared {noun} {verb} not in the cluster: {}{more}",
        first.target,
        absent.len(),
        names.join(", ")
    );
    let warning = Warning::new(&codes::NODE_NOT_JOINED, message).about(absent.iter().copied().cloned());
    Some(warning.hint("apply again when they have joined"))
}

struct Work<'a> {
    observation: &'a Observation,
    facts: &'a KubernetesFacts,
    wishes: &'a Wishes,
    locate: &'a Locate<'a>,
    tiers: Tiers,
    absent: Vec<&'a Address>,
    /// What is ours, no longer declared, and not deleted, by kind.
    left: BTreeMap<&'a str, Vec<&'a Address>>,
    /// Namespaces that are deleted, and all in them.
    going: BTreeSet<&'a str>,
    /// What keeps declared objects from being written.
    blocked: Vec<Obstacle>,
    result: Comparison,
}

impl<'a> Work<'a> {
    fn declared(&mut self, resource: &'a Resource) {
        let address = &resource.address;
        let unread = Verdict::Predicted("it was not compared when the cluster was read".to_owned());
        let verdict = self.facts.verdicts.get(address).unwrap_or(&unread).clone();
        let live = self.observation.resources.get(address);
        if live.is_none() && kinds::is_partial(&address.kind) {
            self.absent.push(address);
            return;
        }
        match &verdict {
            Verdict::Proved => self.tiers.proved += 1,
            Verdict::Confirmed(_) | Verdict::Blocked(_) => self.tiers.confirmed += 1,
            Verdict::Predicted(_) => self.tiers.predicted += 1,
        }
        let Some(live) = live else {
            return match self.ending_namespace(resource) {
                Some(refusal) => self.blocked(resource, refusal),
                None => self.create(resource, verdict),
            };
        };
        // Of what we own in parts, the rest may be anybody's.
        let mine = match live.owner {
            Owner::Ours | Owner::Shared | Owner::BuiltIn => true,
            Owner::Unmarked => kinds::is_partial(&address.kind),
            Owner::OtherFactory(_) => false,
        };
        if !mine && !self.wishes.adopt.contains(address) {
            self.result.conflicts.push(Conflict {
                address: address.clone(),
                owner: live.owner.clone(),
                hands: self.facts.object(address).map(ownership::hands).unwrap_or_default(),
                place: resource.place.as_ref().and_then(self.locate),
            });
            return;
        }
        let operation = if mine { Operation::Update } else { Operation::Adopt };
        if let Some(finalizers) = self.terminating(address) {
            self.blocked.push(Obstacle {
                address: address.clone(),
                why: Why::Terminating { finalizers, said: self.holds(address) },
                places: resource.place.iter().cloned().collect(),
            });
            return;
        }
        self.existing(resource, live, operation, verdict);
    }

    /// Why nothing can be made in a namespace that is being deleted; also for those who may not ask the server.
    fn ending_namespace(&self, resource: &Resource) -> Option<Failure> {
        let (namespace, _) = kinds::namespace_and_name(&resource.address.name);
        let address = Address::new(&resource.address.target, "Namespace", namespace?);
        self.terminating(&address)?;
        Some(Failure::new(FailureKind::NamespaceTerminating, "its namespace is being deleted"))
    }

    /// What the server says that the end of a namespace waits for.
    fn holds(&self, address: &Address) -> Vec<String> {
        let object = self.facts.object(address).filter(|_| address.kind == "Namespace");
        let message = |kind: &str| match condition(object?, kind)? {
            ("True", _, message) if !message.is_empty() => Some(message.to_owned()),
            _ => None,
        };
        HOLDING.iter().filter_map(|kind| message(kind)).collect()
    }

    /// Finalizers of an object that is being deleted.
    fn terminating(&self, address: &Address) -> Option<Vec<String>> {
        terminating(self.facts.object(address)?)
    }

    fn create(&mut self, resource: &'a Resource, verdict: Verdict) {
        let mut created = Change {
            fields: of_creation(resource, self.locate),
            summary: resource.summary.clone(),
            place: resource.place.as_ref().and_then(self.locate),
            ..change(&resource.address, Operation::Create, ChangeClass::Live)
        };
        match verdict {
            Verdict::Blocked(failure) => return self.blocked(resource, failure),
            Verdict::Confirmed(_) => created.fidelity = Fidelity::Confirmed,
            // Proved without being there cannot be.
            Verdict::Proved => created.fidelity = Fidelity::Predicted,
            Verdict::Predicted(why) => {
                created.fidelity = Fidelity::Predicted;
                created.notes.push(Note::new(Topic::Predicted, format!("predicted: {why}")));
            }
        }
        self.result.changes.push(created);
    }

    fn existing(&mut self, resource: &'a Resource, live: &Live, operation: Operation, verdict: Verdict) {
        let address = &resource.address;
        if operation == Operation::Update && matches!(verdict, Verdict::Proved) {
            self.result.unchanged += 1;
            return;
        }
        let wanted = member(&resource.body, &self.facts.set.id);
        let nothing = Value::Null;
        let object = self.facts.object(address).unwrap_or(&nothing);
        let compared = Declared { resource, wanted: &wanted, live: object, locate: self.locate };
        let mut update = Change {
            summary: resource.summary.clone(),
            place: resource.place.as_ref().and_then(self.locate),
            seen: Some(seen(live)),
            ..change(address, operation, ChangeClass::Live)
        };
        match verdict {
            Verdict::Proved => {}
            Verdict::Confirmed(Answer { object: answer, conflicts }) => {
                update.fidelity = Fidelity::Confirmed;
                update.fields = compared.answered(&answer);
                let declaration = Declaration::of(resource);
                let taken = |one: FieldConflict| Taken {
                    place: declaration.place_of(&one.path, Some(object)).as_deref().and_then(self.locate),
                    path: one.path,
                    manager: one.manager,
                    version: one.version,
                };
                update.takes = conflicts.into_iter().map(taken).collect();
                if update.fields.is_empty() {
                    update.notes.extend(ownership::of_answer(object, &answer));
                }
            }
            Verdict::Predicted(why) => {
                update.fidelity = Fidelity::Predicted;
                update.fields = compared.predicted();
                if update.fields.is_empty() {
                    update.notes.extend(ownership::of_declared(object, &wanted));
                }
                if !update.fields.is_empty() || !update.notes.is_empty() {
                    update.notes.push(Note::new(Topic::Predicted, format!("predicted: {why}")));
                }
            }
            Verdict::Blocked(failure) => {
                update.fidelity = Fidelity::Confirmed;
                update.fields = compared.predicted();
                if !refuses_change(&address.kind, &failure, &update.fields) {
                    return self.blocked(resource, failure);
                }
                update.operation = Operation::Recreate;
            }
        }
        update.takes.sort();
        update.takes.dedup();
        let same = update.fields.is_empty() && update.notes.is_empty() && update.takes.is_empty();
        if same && operation == Operation::Update {
            self.result.unchanged += 1;
            return;
        }
        if update.fields.iter().any(|field| kinds::is_immutable(&address.kind, &field.field) && field.before.is_some())
        {
            update.operation = Operation::Recreate;
        }
        consequences(&mut update);
        self.result.changes.push(update);
    }

    fn blocked(&mut self, resource: &Resource, failure: Failure) {
        let there = self.facts.object(&resource.address);
        let places = Declaration::of(resource).places_of(&failure, there);
        let places = places.into_iter().map(Cow::into_owned).collect();
        self.blocked.push(Obstacle { address: resource.address.clone(), why: Why::Refused(failure), places });
    }

    fn undeclared(&mut self, address: &'a Address, live: &Live) {
        match live.owner {
            Owner::Unmarked | Owner::OtherFactory(_) => self.result.unmanaged.push(address.clone()),
            Owner::BuiltIn => {}
            // Parts of ours on what belongs to others.
            Owner::Shared => {
                if self.facts.object(address).is_some_and(ownership::has_ours) {
                    self.release(address, live);
                }
            }
            Owner::Ours if kinds::is_partial(&address.kind) => self.release(address, live),
            Owner::Ours => {
                if let Some(finalizers) = self.terminating(address) {
                    let waits = waiting_for(&finalizers);
                    let message = format!("`{address}` is being deleted{waits}");
                    self.result.warnings.push(Warning::new(&codes::STILL_GOING, message).about([address.clone()]));
                    return;
                }
                let asked = match address.kind.as_str() {
                    "Namespace" => self.going.contains(address.name.as_str()),
                    _ => self.wishes.prune.contains(address),
                };
                // What goes with its namespace does not stay, whatever was asked for: that is refused.
                let within = kinds::namespace_and_name(&address.name).0;
                let goes = within.is_some_and(|namespace| self.going.contains(namespace));
                if kinds::kept_because(&address.kind).is_some() && !asked && !goes {
                    self.left.entry(address.kind.as_str()).or_default().push(address);
                    return;
                }
                let mut removal =
                    Change { seen: Some(seen(live)), ..change(address, Operation::Delete, ChangeClass::Live) };
                if let Some(object) = self.facts.object(address) {
                    removal.notes.extend(of_removal(&address.kind, object));
                }
                let kept = kinds::kept_because(&address.kind);
                removal.notes.extend(kept.map(|why| Note::new(Topic::KeptByDefault, why)));
                self.result.changes.push(removal);
            }
        }
    }

    fn release(&mut self, address: &Address, live: &Live) {
        let object = self.facts.object(address);
        let fields = object.map(|object| fields::of_release(&address.kind, object)).unwrap_or_default();
        self.result.changes.push(Change {
            seen: Some(seen(live)),
            fields,
            ..change(address, Operation::Release, ChangeClass::Live)
        });
    }
}

/// Whether a refusal is about a field that cannot be changed, and not about a wrong value.
fn refuses_change(kind: &str, failure: &Failure, fields: &[FieldChange]) -> bool {
    let fixed = |path: &str| kinds::is_immutable(kind, &dotted(path));
    !fields.is_empty()
        && matches!(failure.status, 403 | 409 | 422)
        && (failure.causes.iter().any(|cause| kinds::says_immutable(&cause.message) || fixed(&cause.field))
            || kinds::says_immutable(&failure.message)
            || (failure.status == 422 && fields.iter().any(|field| fixed(&field.field))))
}

/// A field as validation writes it (`spec.selector`), as we do.
fn dotted(field: &str) -> String {
    if field.starts_with(['.', '[']) { field.to_owned() } else { format!(".{field}") }
}

/// What follows from an update that its fields do not say.
fn consequences(change: &mut Change) {
    let workload = matches!(change.address.kind.as_str(), "Deployment.apps" | "StatefulSet.apps" | "DaemonSet.apps");
    if change.operation == Operation::Recreate {
        let fixed: BTreeSet<&str> = change
            .fields
            .iter()
            .filter(|field| kinds::is_immutable(&change.address.kind, &field.field))
            .map(|field| field.field.as_str())
            .collect();
        if let Some(path) = fixed.first() {
            let message = format!("`{path}` cannot be changed on an object that exists");
            change.notes.push(Note::new(Topic::FixedField, message));
        }
        if workload {
            change.notes.push(Note::new(Topic::PodsEnd, "its pods end with it"));
        }
    } else if workload && change.fields.iter().any(|field| field.field.starts_with(".spec.template.")) {
        change.notes.push(Note::new(Topic::PodsReplaced, "its pods are replaced"));
    }
}

/// What a removal waits for, or takes with it.
fn of_removal(kind: &str, object: &Value) -> Option<Note> {
    let held = object.pointer("/status/reservingWorkloads").and_then(Value::as_i64).filter(|number| *number > 0)?;
    (kinds::kind_and_group(kind) == ("ClusterQueue", kinds::KUEUE)).then(|| {
        let noun = if held == 1 { "workload holds" } else { "workloads hold" };
        let held = shown(&Value::from(held));
        Note::new(
            Topic::QuotaHeld,
            format!("{held} {noun} its quota: it is put on hold, and deleted when they have ended"),
        )
    })
}
