//! Against a server that is a map.

use std::cell::Cell;
use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::live::kubernetes::FailureKind;
use crate::resource::Body;

#[derive(Default)]
struct Fake {
    objects: RefCell<BTreeMap<String, Value>>,
    log: RefCell<Vec<String>>,
    refused: BTreeMap<String, FailureKind>,
    /// Reads until a deleted object is gone, and until a status says that all is well.
    slow: Cell<u32>,
    /// How much was written when something was read first.
    written_first: Cell<Option<usize>>,
    /// From when until when nobody answers who reads; each try takes some time.
    silent: Cell<Option<(Instant, Instant)>>,
}

fn key(namespace: Option<&str>, name: &str) -> String {
    namespace.map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
}

impl Server for Fake {
    async fn apply(&self, served: &Served, object: &Value, force: bool) -> Result<Value, Failure> {
        let name = crate::kubernetes::kinds::address_name(object);
        let uid = object.pointer("/metadata/uid").and_then(Value::as_str).unwrap_or("none");
        self.log.borrow_mut().push(format!("apply {} {name} uid {uid} force {force}", served.plural));
        if let Some(kind) = self.refused.get(&name) {
            return Err(Failure::new(kind.clone(), "no"));
        }
        let mut stored = object.clone();
        stored["metadata"]["uid"] = "new".into();
        self.objects.borrow_mut().insert(name, stored.clone());
        Ok(stored)
    }

    async fn get(&self, _: &Served, namespace: Option<&str>, name: &str) -> Result<Option<Value>, Failure> {
        self.written_first.set(self.written_first.get().or(Some(self.log.borrow().len())));
        if self.silent.get().is_some_and(|(from, until)| (from..until).contains(&Instant::now())) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Err(Failure::new(FailureKind::Unreachable, "nobody answers"));
        }
        let mut objects = self.objects.borrow_mut();
        let left = self.slow.get();
        self.slow.set(left.saturating_sub(1));
        let name = key(namespace, name);
        if left <= 1 {
            if objects.get(&name).is_some_and(|object| object.pointer("/metadata/deletionTimestamp").is_some()) {
                objects.remove(&name);
            }
            if let Some(object) = objects.get_mut(&name) {
                object["status"] =
                    json!({"reservingWorkloads": 0, "conditions": [{"type": "Active", "status": "True"}]});
            }
        }
        Ok(objects.get(&name).cloned())
    }

    async fn try_new(&self, _: &Served, object: &Value) -> Result<(), Failure> {
        let name = crate::kubernetes::kinds::address_name(object);
        self.refused.get(&name).map_or(Ok(()), |kind| Err(Failure::new(kind.clone(), "no")))
    }

    async fn list(&self, served: &Served, (key, value): (&str, &str)) -> Result<Vec<Value>, Failure> {
        self.log.borrow_mut().push(format!("list {} {key}={value}", served.plural));
        if self.silent.get().is_some_and(|(from, until)| (from..until).contains(&Instant::now())) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Err(Failure::new(FailureKind::Unreachable, "nobody answers"));
        }
        Ok(self.objects.borrow().values().cloned().collect())
    }

    async fn delete(&self, served: &Served, name: (Option<&str>, &str), uid: &str, how: &str) -> Result<(), Failure> {
        let name = key(name.0, name.1);
        self.log.borrow_mut().push(format!("delete {} {name} uid {uid} {how}", served.plural));
        if let Some(object) = self.objects.borrow_mut().get_mut(&name) {
            object["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z".into();
            object["metadata"]["finalizers"] = json!(["kueue.x-k8s.io/resource-in-use"]);
        }
        Ok(())
    }

    fn hide(&self, object: &Value, text: &str) -> String {
        crate::kubernetes::held::Held::of(object).hide(text, &[])
    }
}

fn write(verb: Verb, name: &str, uid: Option<&str>) -> ObjectWrite {
    let object = json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": {"name": name}});
    let body: Body = object.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    ObjectWrite {
        address: Address::new("services", "ClusterQueue.kueue.x-k8s.io", name),
        api_version: "kueue.x-k8s.io/v1beta2".to_owned(),
        plural: "clusterqueues".to_owned(),
        verb,
        object: (verb != Verb::Delete).then_some(body),
        uid: uid.map(ToOwned::to_owned),
        force: false,
        wait: None,
        needs: BTreeSet::new(),
    }
}

fn run(fake: &Fake, writes: &[ObjectWrite], missing: &BTreeMap<Address, String>) -> (Sent, Vec<String>) {
    let mut said = Vec::new();
    // No test waits longer than it has to.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let stop = AtomicBool::new(false);
    let sent = runtime.block_on(send(fake, writes, missing, &mut |text| said.push(text), &stop));
    (sent, said)
}

#[test]
fn one_refusal_leaves_the_others_alone() {
    let refused = BTreeMap::from([("b".to_owned(), FailureKind::Other)]);
    let fake = Fake { refused, ..Fake::default() };
    let mut third = write(Verb::Apply, "c", None);
    third.needs.insert(Address::new("services", "Cohort.kueue.x-k8s.io", "site"));
    let missing = BTreeMap::from([(Address::new("services", "Cohort.kueue.x-k8s.io", "site"), "no".to_owned())]);
    let (sent, _) = run(&fake, &[write(Verb::Apply, "a", Some("u1")), write(Verb::Apply, "b", None), third], &missing);
    let names = |all: &[(Address, String)]| all.iter().map(|(one, _)| one.name.clone()).collect::<Vec<_>>();
    assert_eq!((names(&sent.failed), names(&sent.skipped)), (vec!["b".to_owned()], vec!["c".to_owned()]));
    assert_eq!(sent.skipped[0].1, "needs `services/Cohort.kueue.x-k8s.io/site`");
    assert_eq!(fake.log.borrow()[0], "apply clusterqueues a uid u1 force false");
    assert_eq!(sent.lost, None);
}

/// What a refusal advises can be pasted as it stands.
#[test]
fn a_refusal_names_the_object_in_its_hint() {
    let refused = [("a", FailureKind::UnknownField), ("b", FailureKind::BeingDeleted)];
    let refused = refused.map(|(name, kind)| (name.to_owned(), kind)).into();
    let fake = Fake { refused, ..Fake::default() };
    let (sent, _) = run(&fake, &[write(Verb::Apply, "a", None), write(Verb::Apply, "b", None)], &BTreeMap::new());
    let said: Vec<&str> = sent.failed.iter().map(|(_, why)| why.as_str()).collect();
    assert!(said[0].ends_with("`kubectl explain clusterqueue --recursive`"), "{said:?}");
    assert!(said[1].contains("`kubectl get clusterqueue.kueue.x-k8s.io b -o jsonpath="), "{said:?}");
}

#[test]
fn a_server_out_of_reach_is_not_asked_again_and_again() {
    let refused = (0..100).map(|number| (number.to_string(), FailureKind::Unreachable)).collect();
    let fake = Fake { refused, ..Fake::default() };
    let writes: Vec<ObjectWrite> = (0..100).map(|number| write(Verb::Apply, &number.to_string(), None)).collect();
    let (sent, _) = run(&fake, &writes, &BTreeMap::new());
    assert!(sent.lost.is_some());
    assert_eq!(sent.failed.len() + sent.skipped.len(), 100);
    assert!(fake.log.borrow().len() <= AT_ONCE);
}

#[test]
fn what_is_waited_for_keeps_nothing_else_waiting() {
    let fake = Fake::default();
    let mut writes: Vec<ObjectWrite> = (0..100).map(|number| write(Verb::Apply, &number.to_string(), None)).collect();
    for write in &mut writes {
        write.wait = Some(60);
    }
    let (sent, _) = run(&fake, &writes, &BTreeMap::new());
    assert_eq!(sent, Sent::default());
    assert_eq!(fake.written_first.get(), Some(100), "all were written before one was in order");
}

#[test]
fn what_is_made_anew_is_gone_first() {
    let fake = Fake::default();
    let old = json!({"metadata": {"name": "a", "uid": "old"}});
    fake.objects.borrow_mut().insert("a".to_owned(), old);
    fake.slow.set(3);
    let (sent, said) = run(&fake, &[write(Verb::Recreate, "a", Some("old"))], &BTreeMap::new());
    assert_eq!(sent, Sent::default());
    assert_eq!(
        *fake.log.borrow(),
        ["delete clusterqueues a uid old Foreground", "apply clusterqueues a uid none force false"]
    );
    assert!(said[0].contains("waiting for the finalizer `kueue.x-k8s.io/resource-in-use`"), "{said:?}");
}

#[test]
fn nothing_is_deleted_that_would_not_be_taken_anew() {
    for (kind, deleted) in [(FailureKind::Invalid, false), (FailureKind::Quota { quota: "small".to_owned() }, true)] {
        let fake = Fake { refused: BTreeMap::from([("a-anew".to_owned(), kind)]), ..Fake::default() };
        fake.objects.borrow_mut().insert("a".to_owned(), json!({"metadata": {"name": "a", "uid": "old"}}));
        let (sent, _) = run(&fake, &[write(Verb::Recreate, "a", Some("old"))], &BTreeMap::new());
        assert_eq!(fake.log.borrow().iter().any(|line| line.starts_with("delete")), deleted);
        let why = sent.failed.first().map(|(_, why)| why.as_str());
        let told = why.is_some_and(|why| why.starts_with("was not deleted, for it would not be taken anew: "));
        assert_eq!(told, !deleted, "{sent:?}");
    }
}

#[test]
fn a_queue_on_hold_is_waited_for() {
    let fake = Fake::default();
    fake.slow.set(3);
    let mut hold = write(Verb::Hold, "a", Some("old"));
    hold.wait = Some(60);
    let object = hold.object.as_mut().unwrap();
    object.insert("status".to_owned(), json!({"reservingWorkloads": 2}));
    let (sent, said) = run(&fake, std::slice::from_ref(&hold), &BTreeMap::new());
    assert_eq!(sent, Sent::default());
    assert_eq!(said[0], "a: 2 workloads hold its quota; it is on hold and takes no more");
}

#[test]
fn what_does_not_get_in_order_in_time_fails() {
    let fake = Fake::default();
    fake.slow.set(u32::MAX);
    let mut queue = write(Verb::Apply, "a", None);
    queue.wait = Some(0);
    let (sent, _) = run(&fake, &[queue], &BTreeMap::new());
    assert_eq!(sent.late[0].1, "its controller has not said yet whether it is Active, after 0 s");
}

/// Runs by a clock that stands still while something is done, and goes on where all wait. The server falls silent after
/// `from` seconds, for `seconds`.
fn in_silence(writes: &[ObjectWrite], from: u64, seconds: u64) -> (Sent, Duration) {
    let fake = Fake::default();
    fake.slow.set(u32::try_from(40 * writes.len()).unwrap_or(u32::MAX));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let stop = AtomicBool::new(false);
    runtime.block_on(async {
        let start = Instant::now();
        let silence = start + Duration::from_secs(from);
        fake.silent.set(Some((silence, silence + Duration::from_secs(seconds))));
        let sent = send(&fake, writes, &BTreeMap::new(), &mut |_| {}, &stop).await;
        (sent, start.elapsed())
    })
}

fn waiting(count: usize) -> Vec<ObjectWrite> {
    let write = |number: usize| ObjectWrite { wait: Some(600), ..write(Verb::Apply, &number.to_string(), None) };
    (0..count).map(write).collect()
}

#[test]
fn a_server_that_is_silent_for_a_moment_is_waited_for() {
    let (sent, time) = in_silence(&waiting(1), 5, SILENT.as_secs() - 3);
    assert_eq!(sent, Sent::default());
    assert!(time > SILENT, "{time:?}");
}

#[test]
fn a_server_that_stays_silent_is_given_up() {
    for count in [1, 3, 500] {
        let (sent, time) = in_silence(&waiting(count), 5, 3600);
        assert_eq!(sent.lost.as_deref(), Some("the server is out of reach: nobody answers"));
        assert_eq!(sent.failed.len(), count, "{sent:?}");
        assert!(sent.failed.iter().all(|(_, why)| why.starts_with("was accepted, and is waited for no longer: ")));
        // It was last heard within the first five seconds; the last tries take one each.
        let (least, most) = (SILENT, Duration::from_secs(5) + SILENT + Duration::from_secs(5));
        assert!((least..most).contains(&time), "{count} objects: {time:?}");
    }
}

#[test]
fn what_a_status_repeats_of_a_secret_is_hidden() {
    let fake = Fake::default();
    fake.slow.set(u32::MAX);
    let mut queue = write(Verb::Apply, "a", None);
    queue.wait = Some(0);
    let object = queue.object.as_mut().unwrap();
    object.insert("spec".to_owned(), json!({"env": [{"name": "HF_TOKEN", "value": "planted-value"}]}));
    let said = json!({"type": "Active", "status": "False", "reason": "Wrong", "message": "planted-value is no token"});
    object.insert("status".to_owned(), json!({"conditions": [said]}));
    let (sent, _) = run(&fake, &[queue], &BTreeMap::new());
    assert!(sent.late[0].1.contains("(hidden) is no token"), "{sent:?}");
}

fn settled(fake: &Fake, writes: &[ObjectWrite]) -> (Vec<(Address, String)>, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let late = settle(fake, writes, &mut |_| ()).await;
        (late, start.elapsed())
    })
}

/// Many written objects of one set, in order on the server or not.
fn labelled(fake: &Fake, count: usize, status: &str) -> Vec<ObjectWrite> {
    let mut writes = waiting(count);
    for write in &mut writes {
        let object = write.object.as_mut().unwrap();
        object.get_mut("metadata").unwrap()["labels"] = json!({"applyset.kubernetes.io/part-of": "applyset-x-v1"});
        let mut there = Value::Object(object.clone().into_iter().collect());
        there["status"] = json!({"conditions": [{"type": "Active", "status": status}]});
        fake.objects.borrow_mut().insert(write.address.name.clone(), there);
    }
    writes
}

#[test]
fn many_are_waited_for_in_lists() {
    let fake = Fake::default();
    let writes = labelled(&fake, 100, "True");
    let (late, time) = settled(&fake, &writes);
    assert_eq!(late, []);
    assert_eq!(*fake.log.borrow(), ["list clusterqueues applyset.kubernetes.io/part-of=applyset-x-v1"]);
    assert_eq!(fake.written_first.get(), None, "none was read on its own");
    assert!(time < Duration::from_millis(100), "{time:?}");
}

#[test]
fn what_takes_longer_is_read_on_its_own() {
    let fake = Fake::default();
    let writes = labelled(&fake, 5, "False");
    fake.slow.set(30);
    let (late, time) = settled(&fake, &writes);
    assert_eq!(late, []);
    assert_eq!(fake.log.borrow().len(), SWEEPS.len());
    assert!(time > Duration::from_millis(SWEEPS.iter().sum()), "{time:?}");
}

#[test]
fn a_list_that_fails_decides_nothing() {
    let fake = Fake::default();
    let writes = labelled(&fake, 5, "True");
    let start = Instant::now();
    fake.silent.set(Some((start, start + Duration::from_secs(3))));
    assert_eq!(settled(&fake, &writes).0, []);
}
