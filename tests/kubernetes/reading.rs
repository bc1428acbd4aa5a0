//! Reading a live cluster: what is proved, what is asked, what it costs.

use serde_json::json;
use sitewright::live::kubernetes::{FailureKind, Sending, Verdict, sent, set_of};
use sitewright::live::{Observation, Owner};
use sitewright::resource::Resource;

use super::cluster::{
    cluster, config_map, declared, deployment, kubectl, namespace, observed, quota, served, service, written,
};
use super::rig::{Rig, User};

fn verdict<'a>(observation: &'a Observation, resource: &Resource) -> &'a Verdict {
    &observation.kubernetes().unwrap().verdicts[&resource.address]
}

fn site(home: &str, namespaces: usize, each: usize) -> Vec<Resource> {
    let mut all = Vec::new();
    for number in 0..namespaces {
        let name = format!("{home}-{number}");
        all.push(namespace(&name));
        all.push(quota(&name, "quota", "10"));
        all.push(service(&name, "web"));
        all.push(deployment(&name, "web"));
        all.extend((0..each).map(|one| config_map(&name, &format!("settings-{one}"), "a")));
    }
    all.into_iter().map(declared).collect()
}

/// What the reader asked since the mark: verb and address.
fn asked(rig: &Rig) -> Vec<(String, String)> {
    rig.asked().by(User::Reader).0.into_iter().map(|request| (request.verb, request.uri)).collect()
}

/// Everything of ours is proved, at as many requests as there are kinds, and a few.
#[tokio::test]
async fn what_was_applied_is_proved_without_asking() {
    let rig = Rig::new();
    let home = "klive-proved";
    let admin = cluster(&rig, User::Admin, home);
    let wanted = site(home, 3, 20);
    written(&admin, home, &wanted).await;
    rig.mark();
    let seen =
        observed(&cluster(&rig, User::Reader, home), home, &wanted).await.unwrap_or_else(|found| panic!("{found:?}"));
    for resource in &wanted {
        assert_eq!(*verdict(&seen, resource), Verdict::Proved, "{}", resource.address);
        assert_eq!(seen.resources[&resource.address].owner, Owner::Ours);
    }
    assert_eq!(seen.resources.len(), wanted.len());
    assert!(seen.title.starts_with("kubernetes 1.36 (rig"), "{}", seen.title);
    let requests = asked(&rig);
    println!("{} objects: {requests:#?}\n{:?}", wanted.len(), seen.reads);
    // Version, two of discovery, the set's parent, five kinds, the nodes.
    assert!(requests.len() <= 4 + 5 + 1, "{requests:#?}");
    assert!(requests.iter().all(|(verb, _)| verb == "get" || verb == "list"), "{requests:#?}");
}

/// A site that is not there yet: nothing can be asked where the namespace is new, and all is asked where it is not.
#[tokio::test]
async fn what_is_new_is_predicted_or_asked() {
    let rig = Rig::new();
    let home = "klive-new";
    let admin = cluster(&rig, User::Admin, home);
    let wanted = site(home, 1, 5);
    let seen = observed(&admin, home, &wanted).await.unwrap();
    assert!(matches!(verdict(&seen, &wanted[0]), Verdict::Confirmed(answer) if answer.conflicts.is_empty()));
    for resource in &wanted[1..] {
        assert_eq!(*verdict(&seen, resource), Verdict::Predicted("its namespace is created by the same plan".into()));
    }
    kubectl(&rig, &["create", "namespace", &format!("{home}-0")]);
    let seen = observed(&admin, home, &wanted).await.unwrap();
    for resource in &wanted {
        assert!(matches!(verdict(&seen, resource), Verdict::Confirmed(_)), "{}", resource.address);
    }
    assert_eq!(seen.resources[&wanted[0].address].owner, Owner::Unmarked, "made by hand");
    let elsewhere = [declared(config_map("klive-nowhere", "a", "b"))];
    let seen = observed(&admin, home, &elsewhere).await.unwrap();
    let Verdict::Blocked(failure) = verdict(&seen, &elsewhere[0]) else { panic!() };
    assert_eq!(failure.kind, FailureKind::NamespaceMissing { namespace: "klive-nowhere".into() });
}

/// Who may only read sends neither a write nor a dry-run, and gets predictions.
#[tokio::test]
async fn a_reader_asks_no_dry_run() {
    let rig = Rig::new();
    let home = "klive-reader";
    let admin = cluster(&rig, User::Admin, home);
    let mut wanted = site(home, 1, 3);
    written(&admin, home, &wanted).await;
    wanted[4].body.insert("data".to_owned(), json!({"key": "changed"}));
    wanted.push(declared(config_map(&format!("{home}-0"), "added", "x")));
    rig.mark();
    let seen = observed(&cluster(&rig, User::Reader, home), home, &wanted).await.unwrap();
    for changed in [&wanted[4], wanted.last().unwrap()] {
        let Verdict::Predicted(why) = verdict(&seen, changed) else { panic!("{:?}", verdict(&seen, changed)) };
        assert_eq!(why, &format!("no right to patch `configmaps` in `{home}-0`"));
    }
    let requests = asked(&rig);
    for (verb, uri) in &requests {
        assert!(["get", "list"].contains(&verb.as_str()) || uri.ends_with("/selfsubjectaccessreviews"), "{verb} {uri}");
        assert!(!uri.contains("dryRun"), "{uri}");
    }
    println!("{requests:#?}");
}

/// Others changed a field, added one, took one: the server says what an apply would do, and who is in the way.
#[tokio::test]
async fn changes_and_conflicts_are_confirmed() {
    let rig = Rig::new();
    let home = "klive-conflict";
    let admin = cluster(&rig, User::Admin, home);
    let wanted = site(home, 1, 3);
    written(&admin, home, &wanted).await;
    let inside = format!("{home}-0");
    kubectl(
        &rig,
        &["-n", &inside, "patch", "configmap", "settings-0", "--type=merge", "-p", r#"{"data":{"key":"stolen"}}"#],
    );
    kubectl(
        &rig,
        &["-n", &inside, "patch", "configmap", "settings-1", "--type=merge", "-p", r#"{"data":{"other":"added"}}"#],
    );
    let mut theirs = sent(&wanted[6], &set_of(home, home).id, None);
    theirs["data"]["key"] = json!("theirs");
    let sending = Sending { force: true, dry_run: false };
    admin.apply_as("someone", &served("ConfigMap"), &theirs, sending).await.unwrap();
    let seen = observed(&admin, home, &wanted).await.unwrap();
    let Verdict::Confirmed(answer) = verdict(&seen, &wanted[4]) else { panic!("{:?}", verdict(&seen, &wanted[4])) };
    assert_eq!(answer.object["data"]["key"], "a");
    assert_eq!(answer.conflicts.len(), 1);
    assert_eq!(answer.conflicts[0].path, ".data.key");
    let conflict = &answer.conflicts[0];
    assert_eq!((conflict.manager.as_str(), conflict.version.as_str()), ("kubectl-patch", "v1"), "{conflict:?}");
    assert_eq!(*verdict(&seen, &wanted[5]), Verdict::Proved, "what others add is theirs");
    let Verdict::Confirmed(answer) = verdict(&seen, &wanted[6]) else { panic!() };
    assert_eq!(answer.conflicts[0].manager, "someone");
    let body = &seen.resources[&wanted[4].address].body;
    assert_eq!(body["data"]["key"], "stolen");
    assert!(body["metadata"]["uid"].is_string() && body["metadata"].get("managedFields").is_none());
}

/// Nodes are ours in part: never members, only their labels are seen and asked about.
#[tokio::test]
async fn nodes_are_ours_in_part() {
    let rig = Rig::new();
    let home = "klive-nodes";
    let admin = cluster(&rig, User::Admin, home);
    let node = |name: &str| {
        declared(
            json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"klive.example/pool": "a"}}}),
        )
    };
    let wanted = [node("cpu001"), node("klive-none")];
    let seen = observed(&admin, home, &wanted).await.unwrap();
    assert!(matches!(verdict(&seen, &wanted[0]), Verdict::Confirmed(_)));
    assert_eq!(seen.resources[&wanted[0].address].owner, Owner::Unmarked);
    let Verdict::Blocked(failure) = verdict(&seen, &wanted[1]) else { panic!() };
    assert_eq!(
        (failure.kind.clone(), failure.message.as_str()),
        (FailureKind::Missing, "there is no node `klive-none`")
    );
    written(&admin, home, &wanted[..1]).await;
    let seen = observed(&cluster(&rig, User::Reader, home), home, &wanted[..1]).await.unwrap();
    assert_eq!(*verdict(&seen, &wanted[0]), Verdict::Proved);
    assert_eq!(seen.resources[&wanted[0].address].owner, Owner::Ours);
    let none = observed(&cluster(&rig, User::Reader, home), home, &[]).await.unwrap();
    assert_eq!(
        none.resources[&wanted[0].address].owner,
        Owner::Ours,
        "what is no longer declared is seen, to be released"
    );
    let bare = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "cpu001"}});
    admin.apply(&served("Node"), &bare, Sending::default()).await.unwrap();
}

/// What marks ours is not read from a ConfigMap that somebody else keeps.
#[tokio::test]
async fn a_foreign_set_is_refused() {
    let rig = Rig::new();
    let home = "klive-foreign";
    kubectl(&rig, &["create", "namespace", home]);
    kubectl(&rig, &["create", "configmap", &format!("sitewright-{home}"), "-n", home]);
    let found = observed(&cluster(&rig, User::Admin, home), home, &[]).await.unwrap_err();
    assert_eq!(found.0[0].code.name, "foreign-applyset");
    kubectl(
        &rig,
        &[
            "annotate",
            "configmap",
            &format!("sitewright-{home}"),
            "-n",
            home,
            "applyset.kubernetes.io/tooling=kubectl/v1.36",
        ],
    );
    let found = observed(&cluster(&rig, User::Admin, home), home, &[]).await.unwrap_err();
    assert!(found.0[0].message.contains("`kubectl/v1.36` keeps it"), "{found:?}");
}

/// Who may not list a kind gets an error that names it, never an empty site.
#[tokio::test]
async fn what_may_not_be_seen_is_an_error() {
    let rig = Rig::new();
    let home = "klive-blind";
    let wanted = site(home, 1, 0);
    let found = observed(&cluster(&rig, User::Operator, home), home, &wanted).await.unwrap_err();
    for one in &found.0 {
        println!("{}\n  hint: {}", one.message, one.hint.as_deref().unwrap_or_default());
        assert_eq!(one.code.name, "reading-forbidden");
    }
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": home, "name": "x"}, "data": {"a": "YQ=="}});
    let found = observed(&cluster(&rig, User::Reader, home), home, &[declared(secret)]).await.unwrap_err();
    assert_eq!(found.0[0].message, "`services` cannot be read: `rita` may not list `secrets`");
}
