//! Sends a plan's writes to a Kubernetes server, many at once, and waits for what they are for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::kubernetes::applyset::PART_OF_LABEL;
use crate::kubernetes::kinds::{address_name, kind_and_group, namespace_and_name};
use crate::kubernetes::status::{State, state};
use crate::live::kubernetes::{Cluster, Failure, FailureKind, Scope, Sending, Served};
use crate::plan::kubernetes::{ObjectWrite, Verb};
use crate::resource::Address;

/// Writes under way at once; the cluster's own limit may be lower. What was written and is waited for does not count.
const AT_ONCE: usize = 32;
/// Reads under way at once while something is waited for: what is known of a server that is gone spares the others their turn.
const READS: usize = 4;
/// Seconds that an object to be recreated may take to disappear.
const GONE: u64 = 120;
/// Longest time that what is waited for is asked of a server that does not answer.
const SILENT: Duration = Duration::from_secs(15);
/// Pauses between lists of what is waited for, in milliseconds: most of it is in order within seconds.
const SWEEPS: [u64; 14] = [50, 50, 100, 100, 100, 150, 150, 200, 200, 300, 300, 400, 500, 500];
/// From how many objects of a kind on they are looked at in a list.
const MANY: usize = 4;

/// A server as far as writing needs it; tests put one of their own there.
pub(super) trait Server {
    async fn apply(&self, served: &Served, object: &Value, force: bool) -> Result<Value, Failure>;
    async fn get(&self, served: &Served, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Failure>;
    async fn delete(&self, served: &Served, name: (Option<&str>, &str), uid: &str, how: &str) -> Result<(), Failure>;
    /// Asks whether a new object would be taken; nothing is written.
    async fn try_new(&self, served: &Served, object: &Value) -> Result<(), Failure>;
    /// All objects of a kind that have a label.
    async fn list(&self, served: &Served, label: (&str, &str)) -> Result<Vec<Value>, Failure>;
    /// What an object's status says, without secrets.
    fn hide(&self, object: &Value, text: &str) -> String;
}

impl Server for Cluster {
    async fn apply(&self, served: &Served, object: &Value, force: bool) -> Result<Value, Failure> {
        Cluster::apply(self, served, object, Sending { force, dry_run: false }).await
    }

    async fn get(&self, served: &Served, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Failure> {
        Cluster::get(self, served, namespace, name).await
    }

    async fn delete(&self, served: &Served, name: (Option<&str>, &str), uid: &str, how: &str) -> Result<(), Failure> {
        Cluster::delete(self, served, name, uid, how).await
    }

    async fn try_new(&self, served: &Served, object: &Value) -> Result<(), Failure> {
        Cluster::apply(self, served, object, Sending { force: false, dry_run: true }).await.map(|_| ())
    }

    async fn list(&self, served: &Served, (key, value): (&str, &str)) -> Result<Vec<Value>, Failure> {
        let selector = format!("{key}={value}");
        Cluster::list(self, served, Scope { selector: Some(&selector), ..Scope::default() }).await
    }

    fn hide(&self, object: &Value, text: &str) -> String {
        Cluster::hide(self, object, text)
    }
}

/// What became of writes that did not arrive; all others did.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Sent {
    /// Refused: why.
    pub(super) failed: Vec<(Address, String)>,
    /// Written, and not in order in time: why. What needs them is written all the same.
    pub(super) late: Vec<(Address, String)>,
    /// Not tried: why.
    pub(super) skipped: Vec<(Address, String)>,
    /// Set where the server is out of reach, so that nothing more need be tried there.
    pub(super) lost: Option<String>,
    /// Fields that the server names in what it refuses.
    pub(super) named: BTreeMap<Address, Vec<String>>,
}

enum Ended {
    Done,
    Late(String),
    Failed(String),
    Skipped(String),
}

/// Sends all writes whose needs did not fail.
pub(super) async fn send<S: Server>(
    server: &S,
    writes: &[ObjectWrite],
    missing: &BTreeMap<Address, String>,
    waiting: &mut dyn FnMut(String),
    stop: &AtomicBool,
) -> Sent {
    let work = Work::new(server, waiting);
    let (work, slots) = (&work, &Semaphore::new(AT_ONCE));
    let ended: Vec<(Address, Ended)> = futures::future::join_all(writes.iter().map(async |write| {
        let mut slot = slots.acquire().await.ok();
        let need = write.needs.iter().find(|need| missing.contains_key(*need));
        let ended = if let Some(need) = need {
            Ended::Skipped(format!("needs `{need}`"))
        } else if stop.load(Ordering::Relaxed) {
            Ended::Skipped("interrupted".to_owned())
        } else if let Some(why) = work.lost.borrow().clone() {
            Ended::Skipped(why)
        } else {
            work.write(write, &mut slot).await
        };
        (write.address.clone(), ended)
    }))
    .await;
    let (lost, named) = (work.lost.borrow().clone(), work.refused.take());
    let mut sent = Sent { lost, named, ..Sent::default() };
    for (address, ended) in ended {
        match ended {
            Ended::Done => {}
            Ended::Failed(why) => sent.failed.push((address, why)),
            Ended::Late(why) => sent.late.push((address, why)),
            Ended::Skipped(why) => sent.skipped.push((address, why)),
        }
    }
    sent.failed.sort();
    sent.late.sort();
    sent.skipped.sort();
    sent
}

/// Waits for what was written before without waiting, all at once; what is not in order in time, and why.
pub(super) async fn settle<S: Server>(
    server: &S,
    writes: &[ObjectWrite],
    waiting: &mut dyn FnMut(String),
) -> Vec<(Address, String)> {
    let work = &Work::new(server, waiting);
    let settled = work.sweep(writes).await;
    let left = writes.iter().filter(|write| !settled.contains(&write.address));
    let late = futures::future::join_all(left.map(async |write| match work.in_order(write, write.wait?, None).await {
        Ok(()) => None,
        Err(Trouble::Late(why) | Trouble::Refused(why)) => Some((write.address.clone(), why)),
    }));
    late.await.into_iter().flatten().collect()
}

/// What a write holds until it is answered.
type Slot<'a> = Option<SemaphorePermit<'a>>;

struct Work<'a, S> {
    server: &'a S,
    waiting: RefCell<&'a mut dyn FnMut(String)>,
    lost: RefCell<Option<String>>,
    turns: Semaphore,
    refused: RefCell<BTreeMap<Address, Vec<String>>>,
}

fn served(write: &ObjectWrite) -> Served {
    Served {
        api_version: write.api_version.clone(),
        kind: kind_and_group(&write.address.kind).0.to_owned(),
        plural: write.plural.clone(),
        namespaced: namespace_and_name(&write.address.name).0.is_some(),
    }
}

/// The object of a write, bound to the one that the plan saw.
fn guarded(write: &ObjectWrite, uid: Option<&String>) -> Value {
    let mut object: Value = write.object.iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
    if let (Some(uid), Some(metadata)) = (uid, object.get_mut("metadata").and_then(Value::as_object_mut)) {
        metadata.insert("uid".to_owned(), Value::String(uid.clone()));
    }
    object
}

/// Id of the set that a write is of.
fn set_of(write: &ObjectWrite) -> Option<&str> {
    write.object.as_ref()?.get("metadata")?.get("labels")?.get(PART_OF_LABEL)?.as_str()
}

/// An object as if it were another: while the first is there, the server says of it what it would say when it is gone.
fn under_another_name(mut object: Value) -> Value {
    if let Some(Value::String(name)) = object.pointer_mut("/metadata/name") {
        let kept: String = name.chars().take(50).collect();
        *name = format!("{}-anew", kept.trim_end_matches(['-', '.']));
    }
    object
}

/// Whether a refusal is about what the object says. A quota, or a port that the first one holds, is free when it is gone.
fn is_about_content(failure: &Failure) -> bool {
    use FailureKind::{Denied, DeniedByPolicy, Invalid, PodSecurity, TooLarge, UnknownField};
    let content =
        matches!(failure.kind, Invalid | UnknownField | PodSecurity | TooLarge | Denied { .. } | DeniedByPolicy { .. });
    content && !failure.message.contains("already allocated")
}

impl<'a, S: Server> Work<'a, S> {
    fn new(server: &'a S, waiting: &'a mut dyn FnMut(String)) -> Self {
        Self {
            server,
            waiting: RefCell::new(waiting),
            lost: RefCell::new(None),
            turns: Semaphore::new(READS),
            refused: RefCell::default(),
        }
    }

    async fn write(&self, write: &ObjectWrite, slot: &mut Slot<'_>) -> Ended {
        let result = match write.verb {
            Verb::Apply | Verb::Release => self.apply(write, write.uid.as_ref(), slot).await,
            Verb::Hold => self.hold(write, slot).await,
            Verb::Delete => self.delete(write, ("Background", write.wait), slot).await,
            Verb::Recreate => self.recreate(write, slot).await,
        };
        match result {
            Ok(()) => Ended::Done,
            Err(Trouble::Refused(why)) => Ended::Failed(why),
            // What is not served cannot be written, and what is not gone holds what it names.
            Err(Trouble::Late(why)) => match (write.verb, kind_and_group(&write.address.kind).0) {
                (Verb::Apply | Verb::Recreate, kind) if kind != "CustomResourceDefinition" => Ended::Late(why),
                _ => Ended::Failed(why),
            },
        }
    }

    /// Nothing is deleted that the server would not take again.
    async fn recreate(&self, write: &ObjectWrite, slot: &mut Slot<'_>) -> Result<(), Trouble> {
        if let Err(failure) = self.server.try_new(&served(write), &under_another_name(guarded(write, None))).await
            && is_about_content(&failure)
        {
            let (Trouble::Refused(why) | Trouble::Late(why)) = self.failed(write, &failure);
            return Err(Trouble::Refused(format!("was not deleted, for it would not be taken anew: {why}")));
        }
        self.delete(write, ("Foreground", Some(GONE)), slot).await?;
        self.apply(write, None, slot).await
    }

    fn failed(&self, write: &ObjectWrite, failure: &Failure) -> Trouble {
        let title = failure.title();
        if failure.concerns_all() {
            self.lost.borrow_mut().get_or_insert_with(|| format!("the server is out of reach: {title}"));
        } else {
            let fields = failure.causes.iter().map(|cause| cause.field.clone()).collect();
            self.refused.borrow_mut().insert(write.address.clone(), fields);
        }
        Trouble::Refused(match failure.hint_for(&write.address) {
            Some(hint) => format!("{title}; {hint}"),
            None => title,
        })
    }

    async fn apply(&self, write: &ObjectWrite, uid: Option<&String>, slot: &mut Slot<'_>) -> Result<(), Trouble> {
        let served = served(write);
        let object = guarded(write, uid);
        let answer =
            self.server.apply(&served, &object, write.force).await.map_err(|failure| self.failed(write, &failure))?;
        slot.take();
        let Some(seconds) = write.wait.filter(|_| write.verb != Verb::Release) else { return Ok(()) };
        self.in_order(write, seconds, Some(answer)).await?;
        self.served_by_now(write, &object, seconds).await
    }

    async fn in_order(&self, write: &ObjectWrite, seconds: u64, first: Option<Value>) -> Result<(), Trouble> {
        self.until(write, seconds, first, |object| match object.map(state) {
            Some(State::Current) => Step::Done,
            Some(State::InProgress(why)) => Step::Wait(why),
            Some(State::Failed(why)) => Step::Failed(why),
            Some(State::Terminating(finalizers)) => {
                Step::Failed(format!("is being deleted{}", crate::diff::kubernetes::waiting_for(&finalizers)))
            }
            None => Step::Failed("was deleted meanwhile".to_owned()),
        })
        .await
    }

    /// A definition is established a moment before its kind is served.
    async fn served_by_now(&self, write: &ObjectWrite, object: &Value, seconds: u64) -> Result<(), Trouble> {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        if text("/kind") != "CustomResourceDefinition" {
            return Ok(());
        }
        let versions = object.pointer("/spec/versions").and_then(Value::as_array).into_iter().flatten();
        let is_served = |version: &&Value| version.get("served").and_then(Value::as_bool) == Some(true);
        let Some(version) = versions.filter(is_served).find_map(|version| version.get("name")?.as_str()) else {
            return Ok(());
        };
        let kind = Served {
            api_version: format!("{}/{version}", text("/spec/group")),
            kind: text("/spec/names/kind").to_owned(),
            plural: text("/spec/names/plural").to_owned(),
            namespaced: text("/spec/scope") == "Namespaced",
        };
        let until = Instant::now() + Duration::from_secs(seconds);
        let namespace = kind.namespaced.then_some("default");
        while let Err(failure) = self.server.get(&kind, namespace, "any").await {
            if failure.concerns_all() || Instant::now() >= until {
                return Err(self.failed(write, &failure));
            }
            self.say(format!("until `{}` is served", kind.plural));
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(())
    }

    async fn hold(&self, write: &ObjectWrite, slot: &mut Slot<'_>) -> Result<(), Trouble> {
        let object = guarded(write, write.uid.as_ref());
        let answer = self.server.apply(&served(write), &object, write.force).await;
        let answer = answer.map_err(|failure| self.failed(write, &failure))?;
        slot.take();
        self.until(write, write.wait.unwrap_or_default(), Some(answer), |object| {
            let Some(object) = object else { return Step::Done };
            match object.pointer("/status/reservingWorkloads").and_then(Value::as_i64).unwrap_or(0) {
                0 => Step::Done,
                1 => Step::Wait("1 workload holds its quota; it is on hold and takes no more".to_owned()),
                many => Step::Wait(format!("{many} workloads hold its quota; it is on hold and takes no more")),
            }
        })
        .await
    }

    async fn delete(
        &self,
        write: &ObjectWrite,
        (how, wait): (&str, Option<u64>),
        slot: &mut Slot<'_>,
    ) -> Result<(), Trouble> {
        let served = served(write);
        let (namespace, name) = namespace_and_name(&write.address.name);
        let uid = match &write.uid {
            Some(uid) => uid.clone(),
            None => {
                return Err(Trouble::Refused("the plan does not say which object of that name it means".to_owned()));
            }
        };
        let deleted = self.server.delete(&served, (namespace, name), &uid, how).await;
        deleted.map_err(|failure| self.failed(write, &failure))?;
        slot.take();
        let Some(seconds) = wait else { return Ok(()) };
        self.until(write, seconds, None, |object| {
            let Some(object) = object else { return Step::Done };
            if object.pointer("/metadata/uid").and_then(Value::as_str) != Some(&uid) {
                return Step::Done;
            }
            match state(object) {
                State::Terminating(finalizers) => {
                    Step::Wait(format!("is being deleted{}", crate::diff::kubernetes::waiting_for(&finalizers)))
                }
                _ => Step::Wait("is still there".to_owned()),
            }
        })
        .await
    }

    /// Those of many writes that get in order within some seconds, looked at in one list a kind. What a list does not show
    /// in order is left to be read on its own, also whatever is wrong with the server.
    async fn sweep(&self, writes: &[ObjectWrite]) -> BTreeSet<Address> {
        let mut settled = BTreeSet::new();
        let mut open: BTreeMap<&str, Vec<&ObjectWrite>> = BTreeMap::new();
        for write in writes {
            open.entry(&write.address.kind).or_default().push(write);
        }
        for pause in SWEEPS {
            open.retain(|_, waited| waited.len() >= MANY);
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
            for waited in open.values_mut() {
                let Some((first, set)) = waited.first().and_then(|write| Some((*write, set_of(write)?))) else {
                    return settled;
                };
                let Ok(list) = self.server.list(&served(first), (PART_OF_LABEL, set)).await else { return settled };
                let current: BTreeSet<String> =
                    list.iter().filter(|object| state(object) == State::Current).map(address_name).collect();
                let (there, left) = waited.drain(..).partition(|write| current.contains(&write.address.name));
                *waited = left;
                let there: Vec<&ObjectWrite> = there;
                settled.extend(there.into_iter().map(|write| write.address.clone()));
                if let (Some(first), true) = (waited.first(), waited.len() >= MANY) {
                    self.say(format!("{} and {} more", first.address.name, waited.len() - 1));
                }
            }
        }
        settled
    }

    fn say(&self, text: String) {
        (self.waiting.borrow_mut())(text);
    }

    /// Reads an object until it is as a test wants it. A status that has not come yet is no answer, so what an apply
    /// returned is not taken for current where there has to be a status.
    async fn until(
        &self,
        write: &ObjectWrite,
        seconds: u64,
        first: Option<Value>,
        judge: impl Fn(Option<&Value>) -> Step,
    ) -> Result<(), Trouble> {
        let served = served(write);
        let (namespace, name) = namespace_and_name(&write.address.name);
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut pause = Duration::from_millis(100);
        let mut object = first;
        let mut read = object.is_some();
        let mut answered = Instant::now();
        loop {
            if !read {
                let turn = self.turns.acquire().await;
                if let Some(why) = self.lost.borrow().clone() {
                    return Err(Trouble::Refused(accepted(&why)));
                }
                let answer = self.server.get(&served, namespace, name).await;
                drop(turn);
                object = match answer {
                    Ok(object) => {
                        answered = Instant::now();
                        object
                    }
                    Err(failure) if failure.passes() && Instant::now() < until && answered.elapsed() < SILENT => {
                        tokio::time::sleep(pause).await;
                        continue;
                    }
                    Err(failure) => {
                        let (Trouble::Refused(why) | Trouble::Late(why)) = self.failed(write, &failure);
                        return Err(Trouble::Refused(accepted(&why)));
                    }
                };
            }
            read = false;
            let hide =
                |why: String| object.as_ref().map_or_else(|| why.clone(), |object| self.server.hide(object, &why));
            let step = match judge(object.as_ref()) {
                Step::Done => Step::Done,
                Step::Wait(why) => Step::Wait(hide(why)),
                Step::Failed(why) => Step::Failed(hide(why)),
            };
            match step {
                Step::Done => return Ok(()),
                Step::Failed(why) => return Err(Trouble::Late(why)),
                Step::Wait(why) if Instant::now() >= until => {
                    return Err(Trouble::Late(format!("{why}, after {seconds} s")));
                }
                Step::Wait(why) => self.say(format!("{}: {why}", write.address.name)),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }
}

/// What became of a write that was waited for in vain: it is there, and how it goes on is not known.
fn accepted(why: &str) -> String {
    format!("was accepted, and is waited for no longer: {why}")
}

/// Why a write did not come to what it is for.
enum Trouble {
    /// The server does not take it.
    Refused(String),
    /// It was taken, and is not in order in time.
    Late(String),
}

enum Step {
    Done,
    Wait(String),
    Failed(String),
}

#[cfg(test)]
#[path = "send_tests.rs"]
mod tests;
