//! Queues with work in them that are no longer declared, and objects that have to be made anew.

use serde_json::{Value, json};

use super::requests::lay;
use super::rig::{Rig, User};

/// Writes objects into the folder of the service.
fn board(rig: &Rig, objects: &[Value]) {
    let text: Vec<String> = objects.iter().map(|one| serde_yaml::to_string(one).unwrap()).collect();
    rig.write("board/all.yaml", &text.join("---\n"));
}

fn flavor() -> Value {
    json!({ "apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ResourceFlavor", "metadata": { "name": "all" } })
}

fn work() -> Value {
    json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "work" } })
}

fn queue(name: &str) -> Value {
    json!({ "apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": { "name": name }, "spec": {
        "namespaceSelector": {}, "resourceGroups": [{ "coveredResources": ["cpu", "nvidia.com/gpu"], "flavors": [{ "name": "all",
            "resources": [{ "name": "cpu", "nominalQuota": "8" }, { "name": "nvidia.com/gpu", "nominalQuota": "8" }] }] }] } })
}

fn local(queue: &str) -> Value {
    json!({ "apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "LocalQueue", "metadata": { "name": "local", "namespace": "work" },
        "spec": { "clusterQueue": queue } })
}

fn deployment(label: &str) -> Value {
    json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" }, "spec": { "replicas": 0,
        "selector": { "matchLabels": { "app": label } }, "template": { "metadata": { "labels": { "app": label } }, "spec": {
            "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
            "containers": [{ "name": "main", "image": "r.example/a:1",
                "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } } }] } } } })
}

#[test]
fn a_queue_that_goes_lets_its_work_end() {
    let rig = Rig::new();
    lay(&rig);
    board(&rig, &[flavor(), work(), queue("one"), local("one")]);
    rig.tool(&["apply", "--env", "admin", "--yes"]).expect(0);
    rig.await_condition("localqueue", "work", "local", "Active");
    rig.job("work", "local", "long", 1, "12s");
    rig.wait("the job runs", || rig.object("job", "work", "long").unwrap()["status"]["ready"] == 1);
    let pods = rig.names("pods");

    board(&rig, &[flavor(), work()]);
    rig.mark();
    let ran = rig.tool(&["apply", "--env", "admin", "--yes", "--allow-delete-share", "100"]).expect(0);
    println!("{}{}", ran.out, ran.error);
    // The job has ended, in the pod that it had, and then the queue went, which took nothing more in meanwhile.
    rig.await_condition("job", "work", "long", "Complete");
    assert_eq!(rig.names("pods"), pods);
    assert!(rig.object("clusterqueue", "", "one").is_none() && rig.object("localqueue", "work", "local").is_none());
    let held = rig.asked().resource("clusterqueues").verb("patch");
    assert!(held.0.iter().any(|request| request.body["spec"]["stopPolicy"] == "Hold"), "{held}");
    let plan = rig.tool(&["plan", "--env", "admin", "--detailed-exitcode"]).expect(0).out;
    assert!(plan.contains("No changes."), "{plan}");
}

#[test]
fn what_cannot_be_changed_is_made_anew_when_asked() {
    let rig = Rig::new();
    lay(&rig);
    board(&rig, &[flavor(), work(), queue("one"), queue("two"), local("one"), deployment("web")]);
    rig.tool(&["apply", "--env", "admin", "--yes"]).expect(0);
    let objects = [("localqueue", "work", "local"), ("deployment", "board", "web")];
    let uids =
        || objects.map(|(kind, namespace, name)| rig.object(kind, namespace, name).unwrap()["metadata"]["uid"].clone());
    let before = uids();

    board(&rig, &[flavor(), work(), queue("one"), queue("two"), local("two"), deployment("other")]);
    let flags = [
        ("services/LocalQueue.kueue.x-k8s.io/work/local", ".spec.clusterQueue"),
        ("services/Deployment.apps/board/web", ".spec.selector"),
    ];
    // Refused with the field, its line and the flag, also where only one of the two is asked for.
    let apply = ["apply", "--env", "admin", "--yes", "--recreate", flags[0].0];
    for (words, missing) in
        [(&["plan", "--env", "admin"][..], &flags[..]), (&apply[..4], &flags[..]), (&apply, &flags[1..])]
    {
        let ran = rig.tool(words).expect(3);
        let told = format!("{}{}", ran.out, ran.error).split_whitespace().collect::<Vec<_>>().join(" ");
        for (address, field) in missing {
            assert!(told.contains(&format!("--recreate {address}")) && told.contains(field), "{told}");
        }
        assert_eq!(uids(), before, "{told}");
    }
    let words = ["apply", "--env", "admin", "--yes", "--recreate", flags[0].0, "--recreate", flags[1].0];
    rig.tool(&words).expect(0);
    let after = uids();
    assert!(after[0] != before[0] && after[1] != before[1]);
    assert_eq!(rig.object("localqueue", "work", "local").unwrap()["spec"]["clusterQueue"], "two");
    rig.kubectl(User::Admin, &["get", "clusterqueue", "one"]).expect(0);
    let plan = rig.tool(&["plan", "--env", "admin", "--detailed-exitcode"]).expect(0).out;
    assert!(plan.contains("No changes."), "{plan}");
}
