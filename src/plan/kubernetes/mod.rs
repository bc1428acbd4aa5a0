//! Changes on a Kubernetes target → actions: the set's parent widened first, objects wave by wave, deletions the other way
//! round, and the parent as it is last.

mod fits;
mod order;
mod parent;
mod refusals;
mod render;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Namespace;
use serde_json::{Value, json};

use self::order::{Order, plural_of};
use crate::diagnostics::codes::kubernetes_objects as codes;
use crate::diagnostics::{Code, Diagnostics};
use crate::diff::{Change, ChangeClass, Operation, Wishes};
use crate::kubernetes::applyset::member;
use crate::kubernetes::fields::extract;
use crate::kubernetes::kinds;
use crate::kubernetes::object::metadata;
use crate::kubernetes::ownership::{self, entries};
use crate::kubernetes::typed;
use crate::live::kubernetes::{KubernetesFacts, MANAGER};
use crate::live::{Observation, Owner};
use crate::plan::target::{Files, Target, Work};
use crate::plan::{Action, Identity, Refusal};
use crate::resource::{Address, Body, Resource};

pub use self::step::{ObjectWrite, Step, Verb};

/// Seconds that a deletion may take where something waits for it.
const GONE: u64 = 120;
/// Seconds that work in a queue on hold may take to end before apply gives up for now.
const HELD: u64 = 600;

pub(super) const TARGET: &dyn Target = &Kubernetes;

struct Kubernetes;

impl Target for Kubernetes {
    fn identity(&self, observation: &Observation) -> Identity {
        let of = |facts: &KubernetesFacts| (facts.minor(), facts.server.clone());
        let (version, name) = observation.kubernetes().map(of).unwrap_or_default();
        Identity { kind: "kubernetes".to_owned(), version, name }
    }

    fn names_others(&self) -> bool {
        true
    }

    fn forbidden(&self, desired: &[Resource]) -> Diagnostics {
        refusals::secrets(desired)
    }

    fn actions(&self, work: &Work<'_>) -> Result<Vec<Action>, Diagnostics> {
        let Some(facts) = work.observation.kubernetes() else { return Ok(Vec::new()) };
        let about = (work.observation, facts);
        Ok(actions(work.factory, work.desired, work.changes, about, work.elsewhere, work.first))
    }

    fn rank(&self, kind: &str) -> usize {
        usize::from(kinds::wave(kind))
    }

    fn of_changes(&self, changes: &[Change], wishes: &Wishes) -> Vec<Refusal> {
        refusals::of_changes(changes, wishes)
    }

    fn stays(&self, kind: &str) -> bool {
        kinds::kept_because(kind).is_some()
    }

    fn code_of_marks(&self) -> Option<&'static Code> {
        Some(&codes::MARKS_ONLY)
    }

    fn fits(&self, step: &crate::plan::Step, action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool {
        matches!(step, crate::plan::Step::Kubernetes(step) if fits::fits(step, action, changes))
    }

    fn rendered(&self, files: &Files<'_>) -> Result<BTreeMap<String, String>, String> {
        render::files(files)
    }
}

/// Actions of one Kubernetes target, numbered from `first`. `elsewhere` are resources of other targets that the same plan
/// writes before.
fn actions(
    factory: &str,
    desired: &[Resource],
    changes: &[Change],
    (observation, facts): (&Observation, &KubernetesFacts),
    elsewhere: &BTreeSet<Address>,
    first: u32,
) -> Vec<Action> {
    if changes.is_empty() && parent::covers(facts, &members(desired, observation)) {
        return Vec::new();
    }
    let bodies: BTreeMap<&Address, &Resource> = desired.iter().map(|resource| (&resource.address, resource)).collect();
    let mut objects: BTreeMap<Address, Value> = BTreeMap::new();
    let mut going: BTreeMap<Address, Value> = BTreeMap::new();
    for change in changes {
        match (change.operation, bodies.get(&change.address)) {
            (Operation::Delete, _) => {
                going.insert(change.address.clone(), live(facts, &change.address));
            }
            (Operation::Release, _) | (_, None) => {
                objects.insert(change.address.clone(), released(&live(facts, &change.address)));
            }
            (_, Some(resource)) => {
                objects.insert(change.address.clone(), member(&resource.body, &facts.set.id));
            }
        }
    }
    let mut builder = Builder {
        target: observation.target.clone(),
        facts,
        order: Order::of(&observation.target, &objects),
        objects: &objects,
        elsewhere,
        next: first,
        actions: Vec::new(),
    };
    let staying = members(desired, observation);
    let leaving: BTreeSet<&Address> = going.keys().collect();
    let wide: BTreeSet<Address> = staying.iter().cloned().chain(going.keys().cloned()).collect();
    let begun = builder.parent_first(factory, &wide);
    builder.writes(changes, &begun);
    builder.deletions(changes, &going, &begun);
    let left: BTreeSet<Address> = staying.into_iter().filter(|address| !leaving.contains(address)).collect();
    builder.parent_last(factory, &left, &wide);
    builder.actions
}

fn live(facts: &KubernetesFacts, address: &Address) -> Value {
    facts.object(address).cloned().unwrap_or_default()
}

/// Members of the set: what is declared, and what is ours and left.
fn members(desired: &[Resource], observation: &Observation) -> BTreeSet<Address> {
    let declared = desired.iter().map(|resource| resource.address.clone());
    let ours = observation.resources.iter().filter(|(_, live)| live.owner == Owner::Ours);
    let whole = |address: &Address| !kinds::is_partial(&address.kind);
    declared.chain(ours.map(|(address, _)| address.clone())).filter(whole).collect()
}

/// Nothing but the name.
fn released(live: &Value) -> Value {
    let text = |pointer: &str| live.pointer(pointer).cloned().unwrap_or_default();
    let mut metadata = serde_json::Map::new();
    if let Some(namespace) = live.pointer("/metadata/namespace") {
        metadata.insert("namespace".to_owned(), namespace.clone());
    }
    metadata.insert("name".to_owned(), text("/metadata/name"));
    json!({"apiVersion": text("/apiVersion"), "kind": text("/kind"), "metadata": metadata})
}

struct Builder<'a> {
    target: String,
    facts: &'a KubernetesFacts,
    order: Order,
    /// What is written, whole.
    objects: &'a BTreeMap<Address, Value>,
    elsewhere: &'a BTreeSet<Address>,
    next: u32,
    actions: Vec<Action>,
}

impl Builder<'_> {
    fn push(
        &mut self,
        title: String,
        writes: Vec<ObjectWrite>,
        hidden: bool,
        after: &[u32],
        class: ChangeClass,
    ) -> u32 {
        let id = self.next;
        self.next += 1;
        let addresses = if hidden { Vec::new() } else { writes.iter().map(|write| write.address.clone()).collect() };
        self.actions.push(Action {
            id,
            target: self.target.clone(),
            title,
            addresses,
            step: Step::Objects { writes }.into(),
            after: after.to_vec(),
            class,
        });
        id
    }

    fn uid(&self, address: &Address) -> Option<String> {
        self.facts.object(address)?.pointer("/metadata/uid").and_then(Value::as_str).map(ToOwned::to_owned)
    }

    /// The version and plural that a kind is written with.
    fn served(&self, address: &Address, object: &Value) -> (String, String) {
        let version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
        match self.facts.served.get(&address.kind) {
            Some(served) if version.is_empty() => (served.api_version.clone(), served.plural.clone()),
            Some(served) => (version, served.plural.clone()),
            None => (version, plural_of(self.objects, &address.kind).unwrap_or_default()),
        }
    }

    fn write(&self, address: &Address, verb: Verb, object: Option<&Value>, needs: BTreeSet<Address>) -> ObjectWrite {
        let known = self.facts.object(address);
        let (api_version, plural) = self.served(address, object.or(known).unwrap_or(&Value::Null));
        ObjectWrite {
            address: address.clone(),
            api_version,
            plural,
            verb,
            object: object.and_then(body),
            uid: self.uid(address),
            force: false,
            wait: None,
            needs,
        }
    }

    /// The home of the set and its parent, widened to what is there and what comes.
    fn parent_first(&mut self, factory: &str, wide: &BTreeSet<Address>) -> Vec<u32> {
        let set = &self.facts.set;
        let mut begun = Vec::new();
        let home = Address::new(&self.target, "Namespace", &set.namespace);
        if set.parent.is_none() && !wide.contains(&home) && !self.facts.objects.contains_key(&home) {
            let mut object = Namespace::default();
            object.metadata.name = Some(set.namespace.clone());
            let object = typed::to_value(&object);
            let mut write = self.write(&home, Verb::Apply, Some(&object), BTreeSet::new());
            "namespaces".clone_into(&mut write.plural);
            let title = format!("have a namespace {}", set.namespace);
            begun.push(self.push(title, vec![write], true, &[], ChangeClass::Live));
        }
        let object = parent::object(set, factory, &parent::widened(set, wide));
        if parent::says(set.parent.as_ref(), &object) {
            return begun;
        }
        // A namespace of the set's own that is declared comes with the set, so the parent waits for it.
        let write = self.parent(&object);
        if wide.contains(&home) && set.parent.is_none() && self.objects.contains_key(&home) {
            let namespace = self.write(&home, Verb::Apply, self.objects.get(&home), BTreeSet::new());
            begun.push(self.push(
                format!("create Namespace {}", home.name),
                vec![namespace],
                false,
                &[],
                ChangeClass::Live,
            ));
        }
        let title = format!("mark what is {factory}'s");
        let after = begun.clone();
        begun.push(self.push(title, vec![write], true, &after, ChangeClass::Live));
        begun
    }

    fn parent(&self, object: &Value) -> ObjectWrite {
        let set = &self.facts.set;
        let address = Address::new(&self.target, "ConfigMap", format!("{}/{}", set.namespace, set.name));
        let mut write = self.write(&address, Verb::Apply, Some(object), BTreeSet::new());
        // It is this tool's alone, whoever has written into it: kubectl forces its own too.
        write.force = true;
        "configmaps".clone_into(&mut write.plural);
        write.uid = set
            .parent
            .as_ref()
            .and_then(|parent| metadata(parent, "uid"))
            .and_then(Value::as_str)
            .map(ToOwned::to_owned);
        write
    }

    /// Everything that is not deleted, wave by wave, kind by kind.
    fn writes(&mut self, changes: &[Change], begun: &[u32]) {
        let mut groups: Groups<'_> = BTreeMap::new();
        for change in changes.iter().filter(|change| change.operation != Operation::Delete) {
            let address = &change.address;
            if self.actions.iter().any(|action| action.addresses.contains(address)) {
                continue;
            }
            let verb = match change.operation {
                Operation::Release => Verb::Release,
                Operation::Recreate => Verb::Recreate,
                _ => Verb::Apply,
            };
            let mut needs = self.order.needs(address);
            needs.extend(self.partition_of(address));
            let mut write = self.write(address, verb, self.objects.get(address), needs);
            write.force = !change.takes.is_empty();
            if verb != Verb::Release {
                write.wait = kinds::patience(&address.kind);
            }
            let title = match change.operation {
                Operation::Recreate => "recreate",
                Operation::Create => "create",
                Operation::Adopt => "adopt",
                Operation::Release => "release",
                Operation::Update | Operation::Delete => "change",
            };
            let level = self.order.level(address);
            groups.entry((level, address.kind.as_str(), title)).or_default().push((change, write));
        }
        for ((_, kind, verb), members) in groups {
            let class = members.iter().map(|(change, _)| change.class).max().unwrap_or(ChangeClass::Live);
            let writes: Vec<ObjectWrite> = members.into_iter().map(|(_, write)| write).collect();
            self.push(title(verb, kind, &writes), writes, false, begun, class);
        }
    }

    /// A queue waits for the partition of the same name that the plan makes on another target.
    fn partition_of(&self, address: &Address) -> BTreeSet<Address> {
        if address.kind != "ClusterQueue.kueue.x-k8s.io" {
            return BTreeSet::new();
        }
        let labels = self.objects.get(address).and_then(|object| metadata(object, "labels"));
        let partition = labels.and_then(|labels| labels.get(PARTITION_LABEL)).and_then(Value::as_str);
        let is = |other: &&Address| other.kind == "partition" && Some(other.name.as_str()) == partition;
        self.elsewhere.iter().filter(is).cloned().collect()
    }

    /// Deletions, those first that others name nothing of; queues are put on hold before.
    fn deletions(&mut self, changes: &[Change], going: &BTreeMap<Address, Value>, begun: &[u32]) {
        let order = Order::of(&self.target, going);
        let mut users: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
        // What named it and is written anew to name it no longer.
        for address in self.objects.keys() {
            let Some(before) = self.facts.object(address) else { continue };
            for (kind, name) in crate::kubernetes::kinds::references(before) {
                users.entry(Address::new(&self.target, kind, name)).or_default().insert(address.clone());
            }
        }
        for address in going.keys() {
            for need in order.needs(address) {
                users.entry(need).or_default().insert(address.clone());
            }
        }
        let mut groups: BTreeMap<(std::cmp::Reverse<u32>, &str), Vec<&Change>> = BTreeMap::new();
        for change in changes.iter().filter(|change| change.operation == Operation::Delete) {
            let level = std::cmp::Reverse(order.level(&change.address));
            groups.entry((level, change.address.kind.as_str())).or_default().push(change);
        }
        for ((_, kind), members) in groups {
            let needs = |change: &Change| users.get(&change.address).cloned().unwrap_or_default();
            let held: Vec<ObjectWrite> = members
                .iter()
                .filter_map(|change| {
                    let object = held(self.facts.object(&change.address)?)?;
                    let mut write = self.write(&change.address, Verb::Hold, Some(&object), needs(change));
                    write.wait = Some(HELD);
                    Some(write)
                })
                .collect();
            if !held.is_empty() {
                self.push(title("hold", kind, &held), held, false, begun, ChangeClass::Live);
            }
            let writes: Vec<ObjectWrite> = members
                .iter()
                .map(|change| {
                    let mut write = self.write(&change.address, Verb::Delete, None, needs(change));
                    // What others wait for, and what finalizers may hold.
                    write.wait = Some(GONE);
                    write.needs.insert(change.address.clone());
                    write
                })
                .collect();
            self.push(title("delete", kind, &writes), writes, false, begun, ChangeClass::Live);
        }
    }

    /// The parent with exactly what is there now, after everything; without members it goes.
    fn parent_last(&mut self, factory: &str, left: &BTreeSet<Address>, wide: &BTreeSet<Address>) {
        let set = &self.facts.set;
        let exact = parent::object(set, factory, &parent::of_members(left));
        let before = parent::object(set, factory, &parent::widened(set, wide));
        let all: Vec<u32> = self.actions.iter().map(|action| action.id).collect();
        if left.is_empty() {
            if set.parent.is_some() {
                let mut write = self.parent(&exact);
                (write.verb, write.object) = (Verb::Delete, None);
                self.push(format!("take the mark of {factory} away"), vec![write], true, &all, ChangeClass::Live);
            }
        } else if exact != before {
            let write = self.parent(&exact);
            self.push(format!("mark exactly what is {factory}'s"), vec![write], true, &all, ChangeClass::Live);
        }
    }
}

/// Writes by level, kind, and what is done.
type Groups<'a> = BTreeMap<(u32, &'a str, &'static str), Vec<(&'a Change, ObjectWrite)>>;

/// Label of an object that says which partition it is of.
const PARTITION_LABEL: &str = "sitewright.io/partition";

fn body(object: &Value) -> Option<Body> {
    Some(object.as_object()?.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn title(verb: &str, kind: &str, writes: &[ObjectWrite]) -> String {
    let kind = kinds::kind_and_group(kind).0;
    match writes {
        [one] => format!("{verb} {kind} {}", one.address.name),
        many => format!("{verb} {} × {kind}", many.len()),
    }
}

/// A queue with work in it, as it is put on hold: what is ours, so that nothing of it goes, and the hold.
fn held(object: &Value) -> Option<Value> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let reserving = object.pointer("/status/reservingWorkloads").and_then(Value::as_i64).unwrap_or(0);
    if text("/kind") != "ClusterQueue" || !text("/apiVersion").starts_with(kinds::KUEUE) || reserving == 0 {
        return None;
    }
    let all = entries(object)?;
    let ours = |entry: &&ownership::Entry<'_>| {
        entry.manager == MANAGER && entry.operation == ownership::Operation::Apply && entry.subresource.is_empty()
    };
    let mut held = extract(object, all.iter().find(ours)?.fields)?;
    let whole = held.as_object_mut()?;
    whole.insert("apiVersion".to_owned(), text("/apiVersion").into());
    whole.insert("kind".to_owned(), text("/kind").into());
    let metadata = whole.entry("metadata").or_insert_with(|| json!({})).as_object_mut()?;
    metadata.insert("name".to_owned(), text("/metadata/name").into());
    let spec = whole.entry("spec").or_insert_with(|| json!({})).as_object_mut()?;
    spec.insert("stopPolicy".to_owned(), "Hold".into());
    Some(held)
}
