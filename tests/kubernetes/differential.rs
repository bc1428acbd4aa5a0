//! Our local proof against the server's own dry-run, on random triples: an object as we apply it, edits of others, and the
//! object as it is declared then. What is proved must be what the server would leave alone.
//!
//! `SITEWRIGHT_TRIPLES` says how many, `SITEWRIGHT_SEED` which. With `SITEWRIGHT_TRIPLES_KUBECONFIG` they go to a cluster of
//! one's own, which needs the CRDs of Kueue, and the rig is left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use futures::StreamExt as _;
use kube::client::Body;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};
use sitewright::kubernetes::proof::{self, Finding};
use sitewright::kubernetes::{applyset, atomic, kinds, object};
use sitewright::live::kubernetes::MANAGER;

use crate::rig::{Rig, User};
use crate::triples::{Dice, HOME, KINDS, Kind, LIMITED, definition, part, reordered};

/// Triples under way at once.
const TOGETHER: usize = 24;
/// After so many the objects are taken away again.
const SLICE: usize = 1_000;
/// Runs that the search for a smaller failing triple may take.
const SHRINKING: usize = 200;

/// What another manager, or we, do to an object.
#[derive(Debug, Clone)]
enum Edit {
    /// The live object, with this merged in, by PUT.
    Put {
        manager: &'static str,
        patch: Value,
    },
    Merge {
        manager: &'static str,
        patch: Value,
    },
    Apply {
        manager: &'static str,
        force: bool,
        object: Value,
    },
    /// managedFields emptied.
    Erase,
    Status(Value),
}

#[derive(Debug, Clone)]
struct Triple {
    kind: Kind,
    created: Value,
    edits: Vec<Edit>,
    desired: Value,
}

/// What the two sides say.
struct Outcome {
    findings: Vec<Finding>,
    /// What a dry-run would change, or why it is refused.
    change: Option<String>,
    applied_edits: usize,
    live: Value,
}

impl Outcome {
    fn is_false_proof(&self) -> bool {
        self.findings.is_empty() && self.change.is_some()
    }
}

/// RFC 7386.
fn merged(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut out = target.as_object().cloned().unwrap_or_default();
    for (key, value) in patch {
        if value.is_null() {
            out.shift_remove(key);
        } else {
            let below = merged(out.get(key).unwrap_or(&Value::Null), value);
            out.insert(key.clone(), below);
        }
    }
    Value::Object(out)
}

impl Triple {
    fn random(dice: &mut Dice) -> Self {
        let kind = KINDS[dice.roll(KINDS.len())];
        let created = kind.object(dice);
        let mut edits = Vec::new();
        let mut wanted_by_others = json!({});
        for _ in 0..dice.roll(4) {
            let source = if dice.chance(40) { created.clone() } else { kind.object(dice) };
            let mut patch = part(&source, 50, dice);
            for key in ["apiVersion", "kind"] {
                patch.as_object_mut().unwrap().shift_remove(key);
            }
            // Somebody, us by another way, and a name of the tools whose fields a server may migrate.
            let manager = ["other", "third", MANAGER, "kubectl"][dice.roll(4)];
            let edit = match dice.roll(10) {
                0 | 1 => Edit::Put { manager, patch: patch.clone() },
                2..=4 => {
                    if let (true, Some(spec)) = (dice.chance(25), patch.get_mut("spec").and_then(Value::as_object_mut))
                    {
                        // One field is taken away.
                        if let Some(key) = spec.keys().next().cloned() {
                            spec.insert(key, Value::Null);
                        }
                    }
                    Edit::Merge { manager, patch: patch.clone() }
                }
                5..=7 => Edit::Apply { manager, force: dice.chance(60), object: patch.clone() },
                8 => Edit::Erase,
                _ => match (kind.status)() {
                    Value::Null => continue,
                    status => Edit::Status(status),
                },
            };
            if !matches!(edit, Edit::Erase | Edit::Status(_)) {
                wanted_by_others = merged(&wanted_by_others, &patch);
            }
            edits.push(edit);
        }
        let desired = match dice.roll(100) {
            0..35 => created.clone(),
            35..45 => reordered(&created, dice),
            45..62 => merged(&created, &wanted_by_others),
            62..77 => part(&created, 85, dice),
            77..90 => merged(&created, &part(&kind.object(dice), 50, dice)),
            _ => kind.object(dice),
        };
        Self { kind, created, edits, desired }
    }

    /// What we declare, twice, and nobody else does anything but a controller.
    fn of_ours(dice: &mut Dice) -> Self {
        dice.careful = true;
        let kind = loop {
            let kind = KINDS[dice.roll(KINDS.len())];
            if kind.name != "Thing" {
                break kind;
            }
        };
        let mut created = tidy(&kind.object(dice));
        assert_eq!(object::canonicalize(&mut created), []);
        // All that is ours carries our set's label.
        created["metadata"]["labels"][applyset::PART_OF_LABEL] = json!("applyset-triples-v1");
        let status = (kind.status)();
        let edits = if status.is_null() || dice.chance(50) { Vec::new() } else { vec![Edit::Status(status)] };
        Self { kind, desired: created.clone(), created, edits }
    }

    /// Documents of which a smaller triple has less.
    fn documents(&mut self) -> Vec<&mut Value> {
        let edits = self.edits.iter_mut().filter_map(|edit| match edit {
            Edit::Put { patch, .. } | Edit::Merge { patch, .. } => Some(patch),
            Edit::Apply { object, .. } => Some(object),
            Edit::Erase | Edit::Status(_) => None,
        });
        [&mut self.created, &mut self.desired].into_iter().chain(edits).collect()
    }

    /// Triples with a little less.
    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for index in 0..self.edits.len() {
            let mut one = self.clone();
            one.edits.remove(index);
            all.push(one);
        }
        let mut copy = self.clone();
        let mut pointers = Vec::new();
        for document in copy.documents() {
            collect(document, String::new(), &mut pointers);
        }
        pointers.sort();
        pointers.dedup();
        for pointer in pointers.iter().filter(|pointer| !["/apiVersion", "/kind"].contains(&pointer.as_str())) {
            let mut everywhere = self.clone();
            for document in everywhere.documents() {
                remove(document, pointer);
            }
            all.push(everywhere);
        }
        all
    }
}

/// Without what means nothing: empty lists and maps, but for selectors.
fn tidy(value: &Value) -> Value {
    let empty = |value: &Value| *value == json!({}) || *value == json!([]) || value.is_null();
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), tidy(value)))
            .filter(|(key, value)| {
                !empty(value) || ["podSelector", "namespaceSelector", "emptyDir"].contains(&key.as_str())
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(tidy).filter(|value| !empty(value)).collect(),
        other => other.clone(),
    }
}

fn collect(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                collect(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), pointers);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(value, format!("{at}/{index}"), pointers);
            }
        }
        _ => {}
    }
    if !at.is_empty() {
        pointers.push(at);
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    match document.pointer_mut(above) {
        Some(Value::Object(map)) => {
            map.shift_remove(&last.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Some(index) = last.parse().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}

/// What counts of an object: all but times, versions and status.
fn essence(object: &Value) -> Value {
    let mut object = object.clone();
    let fields = object.pointer("/metadata/managedFields").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut owners: Vec<Value> = fields
        .into_iter()
        .filter(|entry| entry.get("subresource").is_none())
        .map(|mut entry| {
            entry.as_object_mut().unwrap().shift_remove("time");
            entry
        })
        .collect();
    owners.sort_by_key(|entry| format!("{} {} {}", entry["manager"], entry["operation"], entry["apiVersion"]));
    object.as_object_mut().unwrap().shift_remove("status");
    let metadata = object["metadata"].as_object_mut().unwrap();
    for key in ["resourceVersion", "generation", "managedFields"] {
        metadata.shift_remove(key);
    }
    object["owners"] = owners.into();
    object
}

/// The server, spoken to without any of the code that is tested.
struct Server(kube::Client);

impl Server {
    async fn new(kubeconfig: &Path) -> Self {
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(Kubeconfig::read_from(kubeconfig).unwrap(), &options);
        Self(kube::Client::try_from(config.await.unwrap()).unwrap())
    }

    async fn send(&self, method: &str, path: &str, kind: &str, body: &Value) -> Result<Value, String> {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder().method(method).uri(path).header("Content-Type", kind);
        let answer = self.0.send(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect_bytes().await.unwrap();
        if status >= 300 {
            return Err(format!("{status} {}", String::from_utf8_lossy(&bytes)));
        }
        Ok(serde_json::from_slice(&bytes).unwrap())
    }

    async fn apply(&self, path: &str, query: &str, object: &Value) -> Result<Value, String> {
        self.send("PATCH", &format!("{path}?{query}"), "application/apply-patch+yaml", object).await
    }

    /// Nothing where the object cannot be created at all.
    async fn run(&self, triple: &Triple, name: &str) -> Option<Outcome> {
        let Triple { kind, .. } = triple;
        let path = kind.path(name);
        let named = |object: &Value| {
            let mut object = object.clone();
            object["apiVersion"] = json!(kind.version);
            object["kind"] = json!(kind.name);
            object["metadata"]["name"] = json!(name);
            if !kind.namespace.is_empty() {
                object["metadata"]["namespace"] = json!(kind.namespace);
            }
            object
        };
        let ours = format!("fieldManager={MANAGER}&force=false&fieldValidation=Strict");
        let mut live = self.apply(&path, &ours, &named(&triple.created)).await.ok()?;
        let mut applied_edits = 0;
        for edit in &triple.edits {
            let merge = "application/merge-patch+json";
            let answer = match edit {
                Edit::Put { manager, patch } => {
                    let object = merged(&live, &named(patch));
                    self.send("PUT", &format!("{path}?fieldManager={manager}"), "application/json", &object).await
                }
                Edit::Merge { manager, patch } => {
                    self.send("PATCH", &format!("{path}?fieldManager={manager}"), merge, patch).await
                }
                Edit::Apply { manager, force, object } => {
                    self.apply(&path, &format!("fieldManager={manager}&force={force}"), &named(object)).await
                }
                Edit::Erase => {
                    let patch = json!({ "metadata": { "managedFields": [{}] } });
                    self.send("PATCH", &format!("{path}?fieldManager=eraser"), merge, &patch).await
                }
                Edit::Status(status) => {
                    let patch = json!({ "status": status });
                    self.send("PATCH", &format!("{path}/status?fieldManager=controller"), merge, &patch).await
                }
            };
            if let Ok(object) = answer {
                live = object;
                applied_edits += 1;
            }
        }
        let desired = named(&triple.desired);
        let address = kinds::address_kind(kind.version, kind.name);
        for _ in 0..10 {
            let findings = proof::walk(&desired, &live, MANAGER, &|path| atomic::is_atomic(&address, path));
            let answer = self.apply(&path, &format!("{ours}&dryRun=All"), &desired).await;
            let version = |object: &Value| object["metadata"]["resourceVersion"].clone();
            if !answer.as_ref().is_ok_and(|answer| version(answer) == version(&live)) {
                // A controller may have written in between: both have to speak of the same object.
                let again = self.send("GET", &path, "application/json", &Value::Null).await.ok()?;
                if version(&again) != version(&live) {
                    live = again;
                    continue;
                }
            }
            let change = match answer {
                Err(refusal) => Some(refusal),
                Ok(answer) if essence(&answer) == essence(&live) => None,
                Ok(answer) => Some(format!("{:#}", essence(&answer))),
            };
            return Some(Outcome { findings, change, applied_edits, live });
        }
        None
    }

    /// A smaller triple that fails too.
    async fn shrunk(&self, failing: Triple, name: &str) -> Triple {
        let (mut smallest, mut runs) = (failing, 0);
        'again: loop {
            for candidate in smallest.smaller() {
                runs += 1;
                if runs > SHRINKING {
                    return smallest;
                }
                let outcome = self.run(&candidate, &format!("{name}-{runs}")).await;
                if outcome.is_some_and(|outcome| outcome.is_false_proof()) {
                    smallest = candidate;
                    continue 'again;
                }
            }
            return smallest;
        }
    }

    async fn prepare(&self) {
        for name in [HOME, LIMITED] {
            let space = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
            self.apply(&format!("/api/v1/namespaces/{name}"), "fieldManager=test", &space).await.unwrap();
        }
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.triples.example";
        self.apply(path, "fieldManager=test", &definition()).await.unwrap();
        for kind in KINDS {
            let path = kind.path("");
            let started = Instant::now();
            while let Err(refusal) =
                self.send("GET", path.trim_end_matches('/'), "application/json", &Value::Null).await
            {
                assert!(started.elapsed() < Duration::from_secs(300), "{refusal}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }

    async fn clear(&self) {
        for kind in KINDS {
            let path = kind.path("");
            self.send("DELETE", path.trim_end_matches('/'), "application/json", &Value::Null).await.unwrap();
        }
    }
}

fn number(key: &str) -> Option<u64> {
    std::env::var(key).ok().map(|text| text.parse().unwrap())
}

#[tokio::test]
async fn a_proof_is_what_the_server_says() {
    let own = std::env::var_os("SITEWRIGHT_TRIPLES_KUBECONFIG").map(PathBuf::from);
    let rig = own.is_none().then(Rig::new);
    let kubeconfig = own.unwrap_or_else(|| PathBuf::from(rig.as_ref().unwrap().kubeconfig(User::Admin)));
    let count = usize::try_from(number("SITEWRIGHT_TRIPLES").unwrap_or(3_000)).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let seed = number("SITEWRIGHT_SEED").unwrap_or(now);
    println!("{count} triples from SITEWRIGHT_SEED={seed}");
    let server = Server::new(&kubeconfig).await;
    server.prepare().await;

    let started = Instant::now();
    // Of each kind: triples, settled without a request, and in sync by the server's word.
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let (mut refused, mut edits, mut of_ours, mut open) = (0, 0, 0, Vec::new());
    for slice in (0..count).step_by(SLICE) {
        let runs = futures::stream::iter(slice..count.min(slice + SLICE)).map(async |index| {
            let mut dice = Dice { state: seed.wrapping_mul(1_000_003).wrapping_add(index as u64), careful: false };
            let ours = index % 8 == 0;
            let triple = if ours { Triple::of_ours(&mut dice) } else { Triple::random(&mut dice) };
            let outcome = server.run(&triple, &format!("t{seed}-{index}")).await;
            (index, ours, triple, outcome)
        });
        let mut runs = std::pin::pin!(runs.buffer_unordered(TOGETHER));
        while let Some((index, ours, triple, outcome)) = runs.next().await {
            let Some(outcome) = outcome else {
                refused += 1;
                continue;
            };
            if outcome.is_false_proof() {
                let small = server.shrunk(triple.clone(), &format!("s{seed}-{index}")).await;
                let again = server.run(&small, &format!("s{seed}-{index}")).await;
                panic!(
                    "{index} of SITEWRIGHT_SEED={seed} is proved, and the server would change it:\n{triple:#?}\nshrunk:\n{small:#?}\n\
                     live:\n{:#}\nthe server:\n{}",
                    again.as_ref().map_or(&Value::Null, |again| &again.live),
                    again.as_ref().and_then(|again| again.change.as_deref()).unwrap_or("it was gone the next time")
                );
            }
            if ours {
                of_ours += 1;
                if !outcome.findings.is_empty() {
                    let Triple { kind, created, .. } = &triple;
                    open.push(format!("{index} {}: {:#?}\n{created}\n{}", kind.name, outcome.findings, outcome.live));
                }
            }
            edits += outcome.applied_edits;
            let [all, proved, same] = counts.entry(triple.kind.name).or_default();
            *all += 1;
            *proved += usize::from(outcome.findings.is_empty());
            *same += usize::from(outcome.change.is_none());
        }
        server.clear().await;
    }
    let mut whole = [0; 3];
    for (kind, counts) in &counts {
        println!("{kind}: {} triples, {} proved, {} in sync", counts[0], counts[1], counts[2]);
        whole.iter_mut().zip(counts).for_each(|(sum, one)| *sum += one);
    }
    let [all, proved, same] = whole;
    println!(
        "{all} triples ({refused} more could not be created), {edits} edits, in {} s: {proved} proved, {} % of the {same} in sync; \
         {} of the {of_ours} of ours; no false proof",
        started.elapsed().as_secs(),
        proved * 100 / same.max(1),
        of_ours - open.len()
    );
    assert!(open.is_empty(), "{} of ours are not proved:\n{}", open.len(), open[..open.len().min(8)].join("\n\n"));
    assert!(of_ours > count / 16, "too many of ours were refused");
    assert!(all > count / 2 && edits > count / 2, "the triples say too little");
    assert!(same < all, "and none of them changes anything");
}
