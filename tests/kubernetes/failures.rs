//! Every refusal of a real server that matters, produced, told apart, and its words pinned.

use std::path::PathBuf;

use serde_json::{Value, json};
use sitewright::live::kubernetes::{Cluster, Connection, Failure, FailureKind, Sending, Served, Verdict};
use sitewright::live::transport::{Holder, LockError};

use super::cluster::{cluster, config_map, declared, deployment, kubectl, namespace, observed, quota, served, service};
use super::rig::{Rig, User, write_strange_authority};

fn kind(api_version: &str, kind: &str, plural: &str, namespaced: bool) -> Served {
    Served { api_version: api_version.into(), kind: kind.into(), plural: plural.into(), namespaced }
}

async fn apply(cluster: &Cluster, object: &Value) -> Result<Value, Failure> {
    let text = |key: &str| object[key].as_str().unwrap();
    let plural = match text("kind") {
        "LocalQueue" => return cluster.apply(&served("LocalQueue.kueue.x-k8s.io"), object, Sending::default()).await,
        "ClusterQueue" => {
            return cluster.apply(&served("ClusterQueue.kueue.x-k8s.io"), object, Sending::default()).await;
        }
        "PriorityClass" => "priorityclasses".to_owned(),
        other => format!("{}s", other.to_lowercase()),
    };
    let namespaced = object["metadata"].get("namespace").is_some();
    cluster.apply(&kind(text("apiVersion"), text("kind"), &plural, namespaced), object, Sending::default()).await
}

async fn refused(cluster: &Cluster, object: &Value) -> Failure {
    match apply(cluster, object).await {
        Err(failure) => {
            println!("{} {:?}\n  {}\n  hint: {:?}", failure.status, failure.kind, failure.title(), failure.hint());
            failure
        }
        Ok(done) => panic!("not refused: {done}"),
    }
}

/// A home of a test's own.
async fn home(rig: &Rig, name: &str) -> Cluster {
    let admin = cluster(rig, User::Admin, name);
    apply(&admin, &namespace(name)).await.unwrap();
    admin
}

/// A user with a token, or an authority, of the test's choice.
fn stranger(file: &str, server: &str, authority: &str, token: &str) -> (tempfile::TempDir, Cluster) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: it\ncontexts: [{{ name: it, context: {{ cluster: it, user: it }} }}]\n\
         clusters: [{{ name: it, cluster: {{ server: \"{server}\", certificate-authority: \"{authority}\" }} }}]\n\
         users: [{{ name: it, user: {{ token: \"{token}\" }} }}]\n"
    );
    std::fs::write(&path, text).unwrap();
    let cluster = Cluster::new(Connection { kubeconfig: Some(path), context: None, namespace: "default".into() });
    (folder, cluster)
}

#[tokio::test]
async fn guards_against_another_object() {
    let rig = Rig::new();
    let admin = home(&rig, "klive-guards").await;
    let mut map = config_map("klive-guards", "a", "x");
    map["metadata"]["uid"] = json!("00000000-0000-0000-0000-000000000000");
    assert_eq!(refused(&admin, &map).await.kind, FailureKind::Gone);
    let made = apply(&admin, &config_map("klive-guards", "a", "x")).await.unwrap();
    assert_eq!(refused(&admin, &map).await.kind, FailureKind::Replaced);
    apply(&admin, &config_map("klive-guards", "a", "y")).await.unwrap();
    map["metadata"] =
        json!({"namespace": "klive-guards", "name": "a", "resourceVersion": made["metadata"]["resourceVersion"]});
    assert_eq!(refused(&admin, &map).await.kind, FailureKind::Stale);
    let kind = served("ConfigMap");
    let place = (Some("klive-guards"), "a");
    let gone = admin.delete(&kind, place, "00000000-0000-0000-0000-000000000000", "Background").await.unwrap_err();
    assert_eq!(gone.kind, FailureKind::Replaced, "{gone:?}");
    let uid = made["metadata"]["uid"].as_str().unwrap();
    admin.delete(&kind, place, uid, "Background").await.unwrap();
    admin.delete(&kind, place, uid, "Background").await.unwrap();
    assert_eq!(admin.get(&kind, place.0, place.1).await.unwrap(), None);
}

#[tokio::test]
async fn objects_that_do_not_fit() {
    let rig = Rig::new();
    let admin = home(&rig, "klive-forms").await;
    let mut wrong = deployment("klive-forms", "web");
    wrong["spec"]["replica"] = json!(1);
    let failure = refused(&admin, &wrong).await;
    assert_eq!((failure.kind, failure.status), (FailureKind::UnknownField, 500));
    assert_eq!(failure.causes[0].field, ".spec.replica");
    let mut wrong = config_map("klive-forms", "a", "x");
    wrong["data"]["a"] = json!(4711);
    let failure = refused(&admin, &wrong).await;
    assert_eq!((failure.kind, failure.causes[0].field.as_str()), (FailureKind::Invalid, ".data.a"));
    wrong["kind"] = json!("Secret");
    wrong["data"] = json!({"a": {"planted": "4711-secret"}});
    let failure = refused(&admin, &wrong).await;
    assert!(!format!("{failure:?}").contains("4711-secret"), "{failure:?}");
    let mut wrong = service("klive-forms", "web");
    wrong["spec"]["ports"][0]["port"] = json!(70_000);
    let failure = refused(&admin, &wrong).await;
    assert_eq!((failure.kind, failure.causes[0].field.as_str()), (FailureKind::Invalid, "spec.ports[0].port"));
    for (letters, status) in [(1_100_000, 422), (3_300_000, 413)] {
        let failure = refused(&admin, &config_map("klive-forms", "big", &"x".repeat(letters))).await;
        assert_eq!((failure.kind, failure.status), (FailureKind::TooLarge, status));
    }
}

#[tokio::test]
async fn what_is_not_there() {
    let rig = Rig::new();
    let admin = home(&rig, "klive-absent").await;
    let failure = refused(&admin, &config_map("klive-nowhere", "a", "x")).await;
    assert_eq!(failure.kind, FailureKind::NamespaceMissing { namespace: "klive-nowhere".into() });
    let unknown = json!({"apiVersion": "no.example/v1", "kind": "Thing", "metadata": {"name": "x"}});
    assert_eq!(refused(&admin, &unknown).await.kind, FailureKind::KindMissing);
    let old = json!({"apiVersion": "apps/v1beta1", "kind": "Deployment", "metadata": {"namespace": "klive-absent", "name": "x"}});
    let failure = refused(&admin, &old).await;
    assert!(matches!(failure.kind, FailureKind::VersionNotServed { .. } | FailureKind::KindMissing), "{failure:?}");
    // The reading knows the versions that are served.
    let seen = observed(&admin, "klive-absent", &[declared(old), declared(unknown)]).await.unwrap();
    let verdicts: Vec<&Verdict> = seen.kubernetes().unwrap().verdicts.values().collect();
    let Verdict::Blocked(failure) = verdicts[0] else { panic!("{:?}", verdicts[0]) };
    assert_eq!(failure.title(), "the server serves its kind as apps/v1 only");
    let Verdict::Blocked(failure) = verdicts[1] else { panic!("{:?}", verdicts[1]) };
    assert_eq!(failure.kind, FailureKind::KindMissing);
}

#[tokio::test]
async fn rights_quotas_and_ending_namespaces() {
    let rig = Rig::new();
    let admin = home(&rig, "klive-rights").await;
    let operator = cluster(&rig, User::Operator, "klive-rights");
    let failure = refused(&operator, &config_map("klive-rights", "a", "x")).await;
    assert_eq!(failure.title(), "`olga` may not patch `configmaps` in `klive-rights`");
    let mut limit = quota("klive-rights", "small", "1");
    limit["spec"]["hard"] = json!({"count/configmaps": "1"});
    apply(&admin, &limit).await.unwrap();
    let mut last = None;
    for _ in 0..600 {
        // Its controller has to count first.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if let Err(failure) = apply(&admin, &config_map("klive-rights", "over", "x")).await {
            last = Some(failure);
            break;
        }
        kubectl(&rig, &["-n", "klive-rights", "delete", "configmap", "over"]);
    }
    let failure = last.unwrap();
    println!("{}\n  hint: {:?}", failure.title(), failure.hint());
    assert_eq!(failure.kind, FailureKind::Quota { quota: "small".into() });
    let mut held = config_map("klive-ending", "held", "x");
    held["metadata"]["finalizers"] = json!(["klive.example/hold"]);
    apply(&admin, &namespace("klive-ending")).await.unwrap();
    apply(&admin, &held).await.unwrap();
    kubectl(&rig, &["delete", "namespace", "klive-ending", "--wait=false"]);
    assert_eq!(refused(&admin, &config_map("klive-ending", "new", "x")).await.kind, FailureKind::NamespaceTerminating);
    kubectl(
        &rig,
        &[
            "-n",
            "klive-ending",
            "patch",
            "configmap",
            "held",
            "--type=merge",
            "-p",
            r#"{"metadata":{"finalizers":null}}"#,
        ],
    );
}

#[tokio::test]
async fn fields_that_can_be_set_once() {
    let rig = Rig::new();
    let admin = home(&rig, "klive-once").await;
    let inside = |object: Value| {
        let mut object = object;
        object["metadata"]["namespace"] = json!("klive-once");
        object
    };
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}});
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a"}, "spec": {"suspend": false, "template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}}}});
    let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "a"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}});
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "type": "Opaque"});
    let set = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a"}, "spec": {"serviceName": "a",
        "selector": {"matchLabels": {"app": "a"}}, "template": {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "a", "image": "a"}]}}}});
    let queue = json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "LocalQueue", "metadata": {"name": "a"}, "spec": {"clusterQueue": "a"}});
    for (object, pointer, value) in [
        (inside(deployment("x", "a")), "/spec/selector/matchLabels", json!({"app": "b"})),
        (inside(claim), "/spec/resources/requests/storage", json!("2Gi")),
        (inside(job), "/spec/template/spec/containers/0/image", json!("b")),
        (inside(binding), "/roleRef/name", json!("edit")),
        (inside(secret), "/type", json!("example.com/other")),
        (inside(set), "/spec/serviceName", json!("b")),
        (inside(queue), "/spec/clusterQueue", json!("b")),
    ] {
        apply(&admin, &object).await.unwrap();
        let mut changed = object.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        if object["kind"] == "Deployment" {
            changed["spec"]["template"]["metadata"]["labels"] = json!({"app": "b"});
        }
        let failure = refused(&admin, &changed).await;
        assert_eq!(failure.kind, FailureKind::Immutable, "{failure:?}");
        assert!(failure.title().len() < 1000);
    }
}

#[tokio::test]
async fn webhooks_that_refuse_fail_and_act() {
    let rig = Rig::new();
    let admin = home(&rig, "klive-hooks").await;
    let queue = json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": {"name": "klive-hooks"},
        "spec": {"resourceGroups": [{"coveredResources": ["cpu"], "flavors": [{"name": "a", "resources": [{"name": "memory", "nominalQuota": "1"}]}]}]}});
    let failure = refused(&admin, &queue).await;
    assert_eq!(failure.kind, FailureKind::Denied { webhook: "vclusterqueue.kb.io".into() });
    assert_eq!(failure.causes[0].field, "spec.resourceGroups[0].flavors[0].resources[0].name", "{failure:?}");

    let hook = |name: &str, effects: &str| {
        json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": name},
            "webhooks": [{"name": format!("{name}.example.com"), "admissionReviewVersions": ["v1"], "sideEffects": effects,
                "failurePolicy": "Fail", "timeoutSeconds": 2, "clientConfig": {"url": "https://127.0.0.1:1/x"},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}]}]})
    };
    for (name, effects) in [("klive-down", "None"), ("klive-acts", "Some")] {
        apply(&admin, &namespace(name)).await.unwrap();
        apply(&admin, &hook(name, if effects == "Some" { "None" } else { effects })).await.unwrap();
    }
    // v1 configurations allow `None` and `NoneOnDryRun` only, so nothing that is stored today can refuse a dry-run.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let failure = refused(&admin, &config_map("klive-down", "a", "x")).await;
    assert_eq!(failure.kind, FailureKind::WebhookDown { webhook: "klive-down.example.com".into() });
    let wanted = [declared(config_map("klive-down", "a", "x"))];
    let seen = observed(&admin, "klive-hooks", &wanted).await.unwrap();
    let verdict = &seen.kubernetes().unwrap().verdicts[&wanted[0].address];
    assert!(
        matches!(verdict, Verdict::Blocked(failure) if matches!(failure.kind, FailureKind::WebhookDown { .. })),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn who_is_not_known_or_not_trusted() {
    let rig = Rig::new();
    let (_folder, unknown) = stranger("config", rig.get("SERVER"), rig.get("CA"), "no-such-token");
    let failure = unknown.list(&served("ConfigMap"), sitewright::live::kubernetes::Scope::default()).await.unwrap_err();
    assert_eq!((failure.kind, unknown.counts().0), (FailureKind::Unauthorized, 2), "credentials are read once more");
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.crt");
    write_strange_authority(&other);
    let (_folder, untrusting) =
        stranger("config", rig.get("SERVER"), &other.display().to_string(), rig.token(User::Reader));
    let found = observed(&untrusting, "klive", &[]).await.unwrap_err();
    println!("{found:?}");
    assert_eq!(found.0[0].code.name, "reading-failed");
    assert!(
        found.0[0].message.contains("no trusted connection") && found.0[0].message.contains("UnknownIssuer"),
        "{found:?}"
    );
    let (_folder, nobody) = stranger("config", "https://127.0.0.1:1", rig.get("CA"), "x");
    let found = observed(&nobody, "klive", &[]).await.unwrap_err();
    println!("{found:?}");
    assert!(found.0[0].message.contains("Connection refused"), "{found:?}");
    let missing =
        Cluster::new(Connection { kubeconfig: Some(PathBuf::from("/nowhere")), context: None, namespace: "x".into() });
    let found = observed(&missing, "klive", &[]).await.unwrap_err();
    println!("{found:?}");
    let context = Connection { context: Some("prod".into()), ..cluster(&rig, User::Reader, "x").connection().clone() };
    let found = observed(&Cluster::new(context), "klive", &[]).await.unwrap_err();
    assert!(found.0[0].message.contains("no context `prod`; it has `rig`"), "{found:?}");
}

/// The busy server lets two requests in at a time; what is refused comes back later, and all of it is done.
#[tokio::test]
async fn a_busy_server_is_waited_for() {
    let rig = Rig::new();
    let admin = home(&rig, "klive-busy").await;
    kubectl(&rig, &["create", "rolebinding", "all", "-n", "klive-busy", "--clusterrole=edit", "--user=olga"]);
    let context =
        Connection { context: Some("busy".into()), ..cluster(&rig, User::Operator, "klive-busy").connection().clone() };
    let busy = Cluster::new(context);
    let kind = served("ConfigMap");
    let maps: Vec<Value> = (0..60).map(|number| config_map("klive-busy", &format!("a{number}"), "x")).collect();
    let done = futures::future::join_all(maps.iter().map(|map| busy.apply(&kind, map, Sending::default()))).await;
    let refused: Vec<String> = done.iter().filter_map(|one| one.as_ref().err()).map(ToString::to_string).collect();
    println!("{} requests for {} objects; refused for good: {refused:?}", busy.counts().0, maps.len());
    assert!(busy.counts().0 >= 60);
    assert!(refused.is_empty(), "{refused:?}");
    let _ = admin;
}

#[tokio::test]
async fn one_holder_of_the_lock() {
    let rig = Rig::new();
    let home = "klive-lock";
    let admin = cluster(&rig, User::Admin, home);
    let now = jiff::Timestamp::now().as_second();
    let here = Holder::this("bo".into(), now);
    let other = Holder { host: "elsewhere".into(), user: "anna".into(), ..here.clone() };
    admin.lock("sitewright-x", &other).await.unwrap();
    admin.lock("sitewright-x", &other).await.expect("the same process may take it again");
    let Err(LockError::Held(holder)) = admin.lock("sitewright-x", &here).await else { panic!("held") };
    assert_eq!(holder, other);
    admin.unlock("sitewright-x", &here).await.unwrap();
    assert!(admin.lock("sitewright-x", &here).await.is_err(), "only its holder gives it back");
    admin.unlock("sitewright-x", &other).await.unwrap();
    let old = Holder { since: now - 3 * 3600, ..other.clone() };
    admin.lock("sitewright-x", &old).await.unwrap();
    admin.lock("sitewright-x", &here).await.expect("one that held it for too long loses it");
    admin.unlock("sitewright-x", &old).await.unwrap();
    assert!(matches!(admin.lock("sitewright-x", &other).await, Err(LockError::Held(_))));
    admin.unlock("sitewright-x", &here).await.unwrap();
    // Many at once: one has it.
    let many: Vec<Holder> =
        (1..12).map(|process| Holder { process, host: format!("host{process}"), ..here.clone() }).collect();
    let taken = futures::future::join_all(many.iter().map(|one| admin.lock("sitewright-x", one))).await;
    assert_eq!(taken.iter().filter(|one| one.is_ok()).count(), 1, "{taken:?}");
}
