//! An observation is a value: written down it shows no secret, and what is read back gives the same plan.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(unreachable_pub, dead_code, reason = "the stand-in is shared with other test programs")]

mod fake;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fake::Fake;
use proptest::prelude::*;
use serde_json::{Value, json};
use sitewright::diagnostics::codes;
use sitewright::diagnostics::{Diagnostic, Diagnostics, Place};
use sitewright::diff::{Wishes, judge};
use sitewright::kubernetes::kinds::{address_kind, address_name};
use sitewright::live::kubernetes::{
    Answer, ApplySet, Confirmation, Discovery, Failure, FailureKind, FieldConflict, KubernetesFacts, Verdict, set_of,
};
use sitewright::live::slurm::{Endpoint, ReadOptions};
use sitewright::live::transport::Transport;
use sitewright::live::twin::Twin;
use sitewright::live::{Facts, Job, JobState, Jobs, Live, Observation, Owner, Reader, Reads, Scope};
use sitewright::plan::{Guards, Request, build, to_text};
use sitewright::resource::{Address, Body, Digest, Resource};
use sitewright::session;

/// A plan as it is saved.
fn plan(observation: &Observation, desired: &[Resource]) -> String {
    let request = Request {
        factory: "nordlys".to_owned(),
        environment: "production".to_owned(),
        at: "2026-11-21".to_owned(),
        manifests: Digest::of(""),
        wishes: Wishes::default(),
        guards: Guards::default(),
        destroying: false,
        only: None,
        restart: BTreeMap::new(),
    };
    match build(&request, desired, std::slice::from_ref(observation), &|_| None) {
        Ok(plan) => to_text(&plan),
        Err(found) => format!("{found:?}"),
    }
}

fn written(observation: &Observation) -> String {
    serde_json::to_string(observation).unwrap()
}

fn read(text: &str) -> Observation {
    serde_json::from_str(text).unwrap()
}

fn body(value: &Value) -> Body {
    value.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn resource(address: Address, value: &Value) -> Resource {
    Resource {
        address,
        body: body(value),
        place: None,
        places: BTreeMap::new(),
        reasons: BTreeMap::new(),
        protect: false,
        summary: String::new(),
    }
}

/// What a cluster made of recorded answers gives.
fn observed(fake: &Fake) -> Observation {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/cluster");
    let prefix = ["sh", script, &fake.path("answers").display().to_string()].map(ToOwned::to_owned).to_vec();
    let endpoint = Endpoint {
        transport: Transport::new(None, prefix, Vec::new()),
        options: ReadOptions {
            include: "sitewright.conf".to_owned(),
            gres_include: "sitewright-gres.conf".to_owned(),
            root_account: "nordlys".to_owned(),
            ..ReadOptions::default()
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(endpoint.observe("compute", "nordlys", &Scope::default())).unwrap()
}

fn modes() -> Vec<Resource> {
    let mode = |name: &str, priority: u64| {
        resource(Address::new("compute", "qos", name), &json!({"Priority": priority, "Description": "x"}))
    };
    vec![mode("playground", 60), mode("fast-lane", 9)]
}

#[test]
fn a_slurm_cluster_reads_back_equal_and_gives_the_same_plan() {
    let fake = Fake::new();
    let seen = observed(&fake);
    let again = read(&written(&seen));
    assert_eq!(again, seen);
    assert_eq!(again.salt, None, "nothing of it is secret");
    let desired = modes();
    let plans = [&seen, &again].map(|one| plan(one, &desired));
    assert!(plans[0].contains("compute/qos/fast-lane"), "{}", plans[0]);
    assert_eq!(plans[0], plans[1]);
    assert_eq!(written(&session::replay(again, &desired)), written(&seen));
}

#[test]
fn a_slurm_cluster_with_passwords_shows_none() {
    let fake = Fake::new();
    let conf = std::fs::read_to_string(fake.path("etc/slurm.conf")).unwrap();
    fake.write(
        "etc/slurm.conf",
        &format!("{conf}AccountingStoragePass=planted-file\n#StoragePass=\"planted comment\"\n"),
    );
    let config = std::fs::read_to_string(fake.path("answers/config")).unwrap();
    let more = "AccountingStoragePass = planted-setting\nJobCompLoc = mysql://slurm:planted-url@db/jobs\n\nSlurmctld(";
    fake.write("answers/config", &config.replace("\nSlurmctld(", more));
    fake.write("answers/partition", "PartitionName=legacy Default=NO MaxTime=UNLIMITED State=UP Nodes=old1\n");
    let seen = observed(&fake);
    let facts = seen.slurm().unwrap();
    assert!(facts.files.values().any(|text| text.contains("planted")), "{:?}", facts.files);
    assert!(facts.settings.values().any(|text| text.contains("planted")), "{:?}", facts.settings);
    let text = written(&seen);
    assert!(!text.contains("planted"), "{text}");
    let again = read(&text);
    assert!(again.salt.is_some());
    assert_eq!(written(&again), text, "it reads back equal");
    let desired = modes();
    assert_eq!(plan(&session::replay(again, &desired), &desired), plan(&seen, &desired));
}

#[test]
fn a_twin_reads_back_equal_and_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let twin = Twin::new(folder.path().join("compute.twin"));
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "p"},
        "data": {"API_TOKEN": "planted-token", "motd": "welcome"}});
    let address = Address::new("compute", "ConfigMap", "p/a");
    let mode = Address::new("compute", "qos", "playground");
    let put = BTreeMap::from([(address.clone(), body(&map)), (mode, body(&json!({"Priority": 50})))]);
    twin.commit("nordlys", &put, &[]).unwrap();
    let seen = twin.observe("compute", "nordlys").unwrap();
    let text = written(&seen);
    assert!(!text.contains("planted") && text.contains("welcome"), "{text}");
    assert_eq!(written(&read(&text)), text);
    // The manifests say the same secret, another, or none at all.
    for token in ["planted-token", "planted-other", "plain"] {
        let mut declared = map.clone();
        declared["data"]["API_TOKEN"] = token.into();
        declared["data"]["motd"] = "changed".into();
        let desired = [resource(address.clone(), &declared)];
        let plans = [seen.clone(), session::replay(read(&text), &desired)].map(|one| plan(&one, &desired));
        assert_eq!(plans[0], plans[1], "{token}");
        assert_eq!(plans[0].contains("\".data.API_TOKEN\""), token != "planted-token", "{token}: {}", plans[0]);
    }
}

/// An object as a server keeps it, applied by us.
fn applied(mut object: Value, set: &ApplySet, fields: Value) -> Value {
    object["metadata"]["uid"] = format!("uid-{}", object["metadata"]["name"].as_str().unwrap()).into();
    object["metadata"]["labels"]["applyset.kubernetes.io/part-of"] = set.id.as_str().into();
    let mut fields = fields;
    fields["f:metadata"] = json!({"f:labels": {"f:applyset.kubernetes.io/part-of": {}}});
    object["metadata"]["managedFields"] = json!([{"manager": "sitewright", "operation": "Apply", "fieldsType": "FieldsV1",
        "apiVersion": object["apiVersion"], "fieldsV1": fields}]);
    object
}

fn address(object: &Value) -> Address {
    let text = |key: &str| object[key].as_str().unwrap();
    Address::new("services", address_kind(text("apiVersion"), text("kind")), address_name(object))
}

fn cluster(objects: Vec<(Value, Owner)>) -> Observation {
    let set = set_of("nordlys", "sitewright");
    let discovery: Discovery = serde_json::from_value(json!({"stale": [], "kinds": {
        "ConfigMap": [{"apiVersion": "v1", "kind": "ConfigMap", "plural": "configmaps", "namespaced": true}],
        "Secret": [{"apiVersion": "v1", "kind": "Secret", "plural": "secrets", "namespaced": true}],
        "Deployment.apps": [{"apiVersion": "apps/v1", "kind": "Deployment", "plural": "deployments", "namespaced": true}],
    }}))
    .unwrap();
    let mut observation = Observation {
        target: "services".to_owned(),
        title: "kubernetes 1.36 (nordlys)".to_owned(),
        resources: BTreeMap::new(),
        running: BTreeMap::new(),
        salt: None,
        jobs: Jobs::Known(Vec::new()),
        reads: Reads { requests: 7, bytes: 1000, milliseconds: 120 },
        findings: Diagnostics::new(),
        facts: Facts::Kubernetes(KubernetesFacts {
            version: "1.36.3".to_owned(),
            server: "https://x".to_owned(),
            set,
            served: BTreeMap::new(),
            objects: BTreeMap::new(),
            discovery,
            namespaces: BTreeSet::from(["p".to_owned()]),
            confirmations: BTreeMap::new(),
            verdicts: BTreeMap::new(),
        }),
    };
    for (object, owner) in objects {
        let address = address(&object);
        observation.resources.insert(address.clone(), Live { body: body(&object).into(), owner });
        observation.kubernetes_mut().unwrap().objects.insert(address, Arc::new(object));
    }
    observation
}

/// Answers questions as a server would that takes everything as it is sent.
fn answered(observation: &mut Observation, desired: &[Resource], conflicts: &[FieldConflict]) -> usize {
    let questions = judge(desired, observation);
    let facts = observation.kubernetes_mut().unwrap();
    for question in &questions {
        let mut object = question.object.clone();
        if let Some(live) = facts.object(&question.address) {
            object["metadata"]["managedFields"] = live["metadata"]["managedFields"].clone();
        }
        let verdict = Verdict::Confirmed(Answer { object, conflicts: conflicts.to_vec() });
        let asked = Digest::of_json(&question.object);
        facts.confirmations.insert(question.address.clone(), Confirmation { asked, verdict: verdict.clone() });
        facts.verdicts.insert(question.address.clone(), verdict);
    }
    questions.len()
}

fn map(token: &str, motd: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "p"},
        "data": {"API_TOKEN": token, "DATABASE": "postgres://u:planted-url@db/x", "motd": motd}})
}

fn web(image: &str, token: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "p"},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image, "env": [token]}]}}}})
}

/// A cluster with secrets in all places where there may be some.
fn sown() -> (Observation, Vec<Resource>) {
    let set = set_of("nordlys", "sitewright");
    let held = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "held", "namespace": "p",
        "annotations": {"note": "planted-note", "kubectl.kubernetes.io/last-applied-configuration": "planted-applied"}},
        "data": {"token": "cGxhbnRlZC1kYXRh"}, "type": "Opaque"});
    let fields = json!({"f:data": {"f:API_TOKEN": {}, "f:DATABASE": {}, "f:motd": {}}});
    let settings = applied(map("planted-token", "hello"), &set, fields);
    let live = web("x:1", &json!({"name": "HF_TOKEN", "value": "planted-variable"}));
    let mut live = applied(
        live,
        &set,
        json!({"f:spec": {"f:template": {"f:spec": {"f:containers": {
        "k:{\"name\":\"web\"}": {".": {}, "f:name": {}, "f:image": {}}}}}}}),
    );
    live["spec"]["template"]["spec"]["containers"][0]["args"] = json!(["--token=planted-variable"]);
    live["metadata"]["annotations"] = json!({"seen": "it was planted-variable"});
    let observation =
        cluster(vec![(applied(held, &set, json!({})), Owner::Ours), (settings, Owner::Ours), (live, Owner::Ours)]);
    let reference = json!({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": {"name": "held", "key": "token"}}});
    let desired = [map("planted-token", "hello"), web("x:2", &reference)];
    (observation, desired.iter().map(|object| resource(address(object), object)).collect())
}

#[test]
fn objects_of_a_cluster_give_the_same_plan_and_show_no_secret() {
    let (seen, desired) = sown();
    // What is declared is as it is, or differs in the secret, or beside it.
    for (token, motd) in [("planted-token", "hello"), ("planted-other", "hello"), ("planted-token", "bye")] {
        let mut desired = desired.clone();
        desired[0] = resource(desired[0].address.clone(), &map(token, motd));
        let mut seen = seen.clone();
        let conflict =
            FieldConflict { path: ".data.motd".to_owned(), manager: "hands".to_owned(), version: "v1".to_owned() };
        let asked = answered(&mut seen, &desired, &[conflict]);
        assert_eq!(asked, 1 + usize::from((token, motd) != ("planted-token", "hello")), "{:?}", seen.kubernetes());
        let text = written(&seen);
        for secret in ["planted", "cGxhbnRlZ"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
        let again = read(&text);
        assert_eq!(written(&again), text, "it reads back equal");
        let again = session::replay(again, &desired);
        assert_eq!(plan(&again, &desired), plan(&seen, &desired), "{token} {motd}");
        assert_eq!(again.kubernetes().unwrap().verdicts.len(), seen.kubernetes().unwrap().verdicts.len());
    }
}

#[test]
fn answers_count_for_what_was_asked_and_nothing_else() {
    let (mut seen, desired) = sown();
    answered(&mut seen, &desired, &[]);
    let again = read(&written(&seen));
    let mut other = desired.clone();
    other[1] = resource(other[1].address.clone(), &web("x:3", &json!({"name": "LEVEL", "value": "all"})));
    let replayed = session::replay(again.clone(), &other);
    let verdicts = &replayed.kubernetes().unwrap().verdicts;
    assert_eq!(verdicts.get(&other[1].address), None, "the server was not asked about this");
    assert_eq!(verdicts.get(&other[0].address), Some(&Verdict::Proved), "what is read proves it all the same");
    assert!(plan(&replayed, &other).contains("predicted"), "{}", plan(&replayed, &other));
    assert!(matches!(
        session::replay(again, &desired).kubernetes().unwrap().verdicts.get(&desired[1].address),
        Some(Verdict::Confirmed(_))
    ));
}

#[test]
fn a_record_of_another_version_or_with_unknown_fields_is_refused() {
    let text = written(&cluster(Vec::new()));
    for (from, to, why) in [
        ("sitewright-observation 1", "sitewright-observation 2", "this version reads `sitewright-observation 1`"),
        ("\"title\"", "\"titel\"", "unknown field `titel`"),
    ] {
        let error = serde_json::from_str::<Observation>(&text.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1000..1000_i32).prop_map(|number| json!(f64::from(number) / 8.0)),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z.]{1,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn bodies() -> impl Strategy<Value = Body> {
    prop::collection::btree_map("[A-Z][a-z]{1,8}", value(), 0..5)
}

proptest! {
    #[test]
    fn whatever_is_observed_reads_back_equal(
        resources in prop::collection::btree_map("[a-z]{1,6}(/\\PC{1,6})?", bodies(), 0..6),
        running in bodies(),
        texts in prop::array::uniform4("\\PC{0,10}"),
        numbers in any::<[u32; 3]>(),
    ) {
        let mut seen = cluster(Vec::new());
        let owners = [
            Owner::Ours, Owner::OtherFactory(texts[0].clone()), Owner::Unmarked, Owner::Shared, Owner::BuiltIn,
        ];
        for (index, (name, body)) in resources.into_iter().enumerate() {
            let live = Live { body: body.into(), owner: owners[index % owners.len()].clone() };
            seen.resources.insert(Address::new("services", "qos", name), live);
        }
        seen.running.insert(Address::new("services", "node", "a"), running);
        seen.jobs = Jobs::Known(vec![Job {
            id: texts[1].clone(),
            state: JobState::Pending,
            partitions: vec![texts[2].clone()],
            account: texts[3].clone(),
            qos: String::new(),
            user: texts[0].clone(),
            hosts: Vec::new(),
            gpus: numbers[0].into(),
            nodes: numbers[1].into(),
            time_limit: Some(numbers[2].into()),
            ends: None,
        }]);
        let finding = Diagnostic::of_run(&codes::reading::NOT_ENFORCED, texts[1].clone()).hint(texts[2].clone());
        seen.findings.push(finding.at(Place::Text { file: texts[3].clone(), offset: 1, length: 2 }));
        let failure = Failure::new(FailureKind::Quota { quota: texts[0].clone() }, texts[1].clone());
        let blocked = Confirmation { asked: Digest::of(&texts[0]), verdict: Verdict::Blocked(failure) };
        let address = Address::new("services", "ConfigMap", "p/a");
        seen.kubernetes_mut().unwrap().confirmations.insert(address, blocked);
        let text = written(&seen);
        let again = read(&text);
        prop_assert_eq!(&again, &seen.clone().masked());
        prop_assert_eq!(written(&again), text);
        if seen.clone().masked().salt.is_none() {
            prop_assert_eq!(again, seen);
        }
    }

    #[test]
    fn no_secret_of_any_form_is_written(secret in "[a-zA-Z0-9+/=_-]{8,24}", name in "[A-Z]{1,6}_(TOKEN|PASSWORD|API_KEY)") {
        let secret = format!("zq{secret}");
        let object = web("x:1", &json!({"name": name, "value": secret}));
        let mut held = map("x", "y");
        held["data"][&name] = json!(secret);
        let text = written(&cluster(vec![(object, Owner::Unmarked), (held, Owner::Ours)]));
        prop_assert!(!text.contains(&secret), "{}", text);
    }
}
