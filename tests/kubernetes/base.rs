//! The rig is what its README says, so that a failing test elsewhere is the tool's fault.

use serde_json::{Value, json};

use crate::rig::{Rig, User};

/// A queue with eight GPUs for one namespace.
const QUEUE: &str = r#"
apiVersion: kueue.x-k8s.io/v1beta2
kind: ResourceFlavor
metadata: { name: h100 }
spec:
  nodeLabels: { nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3 }
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: ClusterQueue
metadata: { name: medix }
spec:
  namespaceSelector: {}
  resourceGroups:
  - coveredResources: [cpu, nvidia.com/gpu]
    flavors:
    - name: h100
      resources:
      - { name: cpu, nominalQuota: "64" }
      - { name: nvidia.com/gpu, nominalQuota: "8" }
---
apiVersion: v1
kind: Namespace
metadata: { name: medix }
---
apiVersion: kueue.x-k8s.io/v1beta2
kind: LocalQueue
metadata: { name: medix, namespace: medix }
spec: { clusterQueue: medix }
"#;

fn settings(name: &str, data: &Value) -> String {
    json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": "default" }, "data": data })
        .to_string()
}

/// The nodes with their switches and GPUs, and nothing of a test before.
#[track_caller]
fn assert_base(rig: &Rig) {
    let nodes: Vec<String> = ["gpu001", "gpu002", "gpu003", "gpu004", "cpu001", "cpu002"]
        .iter()
        .map(|name| {
            let node = rig.object("node", "", name).unwrap_or_default();
            let labels = &node["metadata"]["labels"];
            let ready =
                node["status"]["conditions"].as_array().and_then(|all| all.iter().find(|one| one["type"] == "Ready"));
            format!(
                "{name} {} {} {} {} {}",
                labels["fabric.topograph.run/tier-1"].as_str().unwrap_or("-"),
                node["status"]["allocatable"]["nvidia.com/gpu"].as_str().unwrap_or("-"),
                node["status"]["allocatable"]["cpu"].as_str().unwrap_or("-"),
                ready.map_or("-", |ready| ready["status"].as_str().unwrap_or("-")),
                node["spec"]["taints"],
            )
        })
        .collect();
    assert_eq!(
        nodes,
        [
            "gpu001 leaf1 8 128 True null",
            "gpu002 leaf1 8 128 True null",
            "gpu003 leaf2 8 128 True null",
            "gpu004 leaf2 8 128 True null",
            "cpu001 - - 64 True null",
            "cpu002 - - 64 True null",
        ]
    );
    assert_eq!(rig.names("nodes").len(), 6);
    assert_eq!(rig.names("namespaces"), ["default", "kube-node-lease", "kube-public", "kube-system", "kueue-system"]);
    for kind in ["clusterqueues", "localqueues", "resourceflavors", "workloads", "jobs", "pods", "secrets"] {
        assert_eq!(rig.names(kind), [""; 0], "{kind}");
    }
    assert!(rig.names("crd").iter().all(|name| name.ends_with(".kueue.x-k8s.io")));
}

#[test]
fn the_base_state_is_as_documented() {
    assert_base(&Rig::new());
}

#[test]
fn everybody_may_do_what_is_documented() {
    let rig = Rig::new();
    rig.kubectl(User::Operator, &["get", "namespaces"]).expect(0);
    let list = ["get", "clusterqueues"];
    rig.kubectl(User::Operator, &list).refused("User \"olga\" cannot list resource \"clusterqueues\"");
    rig.kubectl(User::Reader, &list).expect(0);
    rig.kubectl(User::Reader, &["get", "secrets", "-A"]).refused("User \"rita\" cannot list resource \"secrets\"");
    let apply = ["apply", "--server-side", "-f", "-"];
    rig.kubectl_with(User::Reader, &apply, QUEUE).refused("User \"rita\" cannot patch resource");

    // What is granted holds at once, in place of what was granted before.
    for _ in 0..3 {
        rig.grant(&json!([{ "apiGroups": ["kueue.x-k8s.io"], "resources": ["clusterqueues"], "verbs": ["list"] }]));
        rig.kubectl(User::Operator, &list).expect(0);
        rig.kubectl(User::Operator, &["get", "namespaces"])
            .refused("User \"olga\" cannot list resource \"namespaces\"");
        rig.grant_all();
        rig.kubectl_with(User::Operator, &apply, QUEUE).expect(0);
        rig.kubectl(User::Operator, &["get", "--raw", "/metrics"]).expect(0);
    }
}

#[test]
fn a_wrong_token_is_nobody() {
    let rig = Rig::new();
    let answer = rig.request("t-wrong", "GET", "/api/v1/namespaces", None);
    assert_eq!((answer.status, &answer.json()["reason"]), (401, &json!("Unauthorized")));
    assert_eq!(rig.request(rig.token(User::Operator), "GET", "/api/v1/namespaces", None).status, 200);
    let asked = rig.asked();
    assert_eq!(asked.clone().code(401).0[0].user, None);
    assert_eq!(asked.by(User::Operator).count(), 1);

    let config = rig.kubeconfig_with("t-wrong");
    let config = format!("--kubeconfig={}", config.display());
    rig.kubectl(User::Operator, &[&config, "get", "namespaces"]).refused("Unauthorized");
}

/// Controllers, scheduler, Kueue and kwok work, and only people are in the log.
#[test]
fn the_audit_log_sees_only_people() {
    let rig = Rig::new();
    rig.grant_all();
    rig.mark();
    rig.kubectl_with(User::Operator, &["apply", "--server-side", "--field-manager=one", "-f", "-"], QUEUE).expect(0);
    let asked = rig.asked().by(User::Operator).verb("patch");
    assert_eq!(asked.count(), 4, "{asked}");
    assert!(asked.0.iter().all(|request| request.code == 201 && request.writes() && !request.busy), "{asked}");
    let queue = &asked.clone().resource("clusterqueues").0[0];
    assert_eq!((queue.group.as_str(), queue.name.as_str()), ("kueue.x-k8s.io", "medix"));
    assert_eq!(queue.body["spec"]["resourceGroups"][0]["coveredResources"], json!(["cpu", "nvidia.com/gpu"]));
    assert!(queue.uri.contains("fieldManager=one") && queue.agent.starts_with("kubectl/"), "{asked}");
    let local = &asked.resource("localqueues").0[0];
    assert_eq!((local.namespace.as_str(), local.subresource.as_str()), ("medix", ""));

    rig.await_condition("clusterqueue", "", "medix", "Active");
    rig.job("medix", "medix", "short", 2, "0s");
    rig.await_condition("job", "medix", "short", "Complete");
    rig.kubectl(User::Reader, &["get", "secrets"]).refused("Forbidden");
    rig.request("t-wrong", "GET", "/api", None);
    let mut users: Vec<_> =
        rig.asked().0.into_iter().map(|request| request.user.unwrap_or_else(|| "nobody".to_owned())).collect();
    users.sort();
    users.dedup();
    assert_eq!(users, ["admin", "nobody", "olga", "rita"]);
}

#[test]
fn requests_are_counted() {
    let rig = Rig::new();
    rig.grant_all();
    rig.apply_as("somebody", &settings("limits", &json!({ "a": "1" })), &[]).expect(0);
    rig.mark();
    assert_eq!(rig.asked().count(), 0);

    let token = rig.token(User::Operator);
    let path = "/api/v1/namespaces/default/configmaps/limits";
    let all = "application/merge-patch+json";
    let patch = json!({ "data": { "a": "2" } });
    for (query, code) in [("?dryRun=All", 200), ("?fieldManager=me&dryRun=All", 200), ("", 200), ("?wrong=All", 200)] {
        assert_eq!(rig.request(token, "PATCH", &format!("{path}{query}"), Some((all, &patch))).status, code);
    }
    let options = json!({ "apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"] });
    assert_eq!(rig.request(token, "DELETE", path, Some(("application/json", &options))).status, 200);
    assert_eq!(rig.request(token, "GET", "/api/v1/configmaps?watch=1&timeoutSeconds=1", None).status, 200);
    rig.kubectl(User::Operator, &["--context=busy", "get", "--raw", "/api/v1/configmaps"]).expect(0);

    let asked = rig.asked();
    assert_eq!(asked.count(), 7, "{asked}");
    assert_eq!(asked.clone().by(User::Operator).count(), 7, "{asked}");
    assert_eq!(asked.clone().dry_runs().count(), 3, "{asked}");
    assert_eq!(asked.clone().writes().count(), 2, "{asked}");
    assert_eq!(asked.clone().verb("watch").count(), 1, "{asked}");
    assert_eq!(asked.clone().verb("list").resource("configmaps").code(200).count(), 1, "{asked}");
    assert!(asked.0.last().unwrap().busy, "{asked}");
    rig.mark();
    assert_eq!(rig.asked().count(), 0);
}

#[test]
fn fields_belong_to_their_managers() {
    let rig = Rig::new();
    rig.apply_as("one", &settings("limits", &json!({ "a": "1" })), &[]).expect(0);
    rig.patch_as("two", ["configmap", "default", "limits"], &json!({ "data": { "b": "2" } }), &[]).expect(0);
    let wanted = settings("limits", &json!({ "a": "1", "b": "3" }));
    rig.apply_as("one", &wanted, &[]).refused("conflict with \"two\"");
    rig.apply_as("one", &wanted, &["--force-conflicts"]).expect(0);
    let object = rig.object("configmap", "default", "limits").unwrap();
    assert_eq!(object["data"], json!({ "a": "1", "b": "3" }));
    let fields = object["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(fields.iter().map(|entry| &entry["manager"]).collect::<Vec<_>>(), ["one"]);
    assert_eq!(rig.object("configmap", "default", "none"), None);
}

/// A Job waits for quota, runs as long as it is told, and Kueue's webhook refuses a wrong queue.
#[test]
fn kueue_admits_what_fits() {
    let rig = Rig::new();
    rig.apply_as("one", QUEUE, &[]).expect(0);
    rig.apply_as("one", &QUEUE.replace("\"64\"", "\"-1\""), &[])
        .refused("admission webhook \"vclusterqueue.kb.io\" denied");
    rig.await_condition("localqueue", "medix", "medix", "Active");
    rig.job("medix", "medix", "long", 8, "1h");
    rig.wait("the job runs", || rig.object("job", "medix", "long").unwrap()["status"]["ready"] == 1);
    rig.job("medix", "medix", "next", 8, "0s");
    rig.wait("the next one waits", || {
        let status = &rig.object("clusterqueue", "", "medix").unwrap()["status"];
        (&status["pendingWorkloads"], &status["admittedWorkloads"]) == (&json!(1), &json!(1))
    });
    rig.kubectl(User::Admin, &["delete", "job", "long", "-n", "medix"]).expect(0);
    rig.await_condition("job", "medix", "next", "Complete");
    // Where no controller is, a test says what the status is.
    let status = json!({ "status": { "conditions": [{ "type": "Ready", "status": "True", "reason": "Test", "message": "",
        "lastTransitionTime": "2026-11-21T00:00:00Z" }] } });
    rig.patch_as("test", ["clusterqueue", "", "medix"], &status, &["--subresource=status"]).expect(0);
}

#[test]
fn servers_end_and_come_back() {
    let rig = Rig::new();
    rig.apply_as("one", &settings("limits", &json!({ "a": "1" })), &[]).expect(0);
    for how in ["stop", "kill"] {
        rig.mark();
        rig.kubectl(User::Reader, &["get", "--raw", "/api/v1/namespaces"]).expect(0);
        rig.apiserver(&[how]);
        rig.kubectl(User::Reader, &["get", "--raw", "/api/v1/namespaces"]).refused("refused");
        assert_eq!(rig.asked().by(User::Reader).count(), 1, "{how}");
        rig.kubectl(User::Reader, &["--context=busy", "get", "--raw", "/api/v1/namespaces"]).expect(0);
        rig.apiserver(&["start"]);
        assert!(rig.object("configmap", "default", "limits").is_some(), "{how}");
        rig.apiserver(&[how, "busy"]);
        rig.kubectl(User::Reader, &["--context=busy", "get", "--raw", "/api/v1/namespaces"]).refused("refused");
        rig.apiserver(&["start", "busy"]);
    }
    assert_eq!(rig.asked().by(User::Reader).count(), 2);
}

/// Whatever a test leaves, the next one begins with the base state.
#[test]
fn nothing_is_left_for_the_next_test() {
    let rig = Rig::new();
    rig.grant_all();
    rig.apply_as("one", QUEUE, &[]).expect(0);
    rig.job("medix", "medix", "long", 8, "1h");
    rig.wait("the job runs", || rig.object("job", "medix", "long").unwrap()["status"]["ready"] == 1);
    let admin = |words: &[&str]| rig.kubectl(User::Admin, words).expect(0);
    admin(&["create", "secret", "generic", "left"]);
    admin(&["label", "node", "gpu001", "fabric.topograph.run/tier-1-"]);
    admin(&["taint", "node", "gpu002", "left=behind:NoExecute"]);
    admin(&["delete", "node", "gpu003"]);
    admin(&["delete", "crd", "topologies.kueue.x-k8s.io"]);
    admin(&["delete", "validatingwebhookconfigurations", "--all"]);
    // A namespace that cannot end: something in it has a finalizer that nobody removes.
    let kept = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "kept", "namespace": "medix",
        "finalizers": ["example.org/never"] } });
    rig.apply_as("one", &kept.to_string(), &[]).expect(0);
    admin(&["delete", "namespace", "medix", "--wait=false"]);
    rig.apiserver(&["kill"]);

    rig.reset();
    assert_base(&rig);
    assert_eq!(rig.names("topologies"), [""; 0]);
    rig.kubectl(User::Operator, &["get", "clusterqueues"]).refused("cannot list resource \"clusterqueues\"");
    rig.apply_as("one", &QUEUE.replace("\"64\"", "\"-1\""), &[])
        .refused("admission webhook \"vclusterqueue.kb.io\" denied");
}

#[test]
fn the_tool_runs_in_a_folder_of_its_own() {
    let rig = Rig::new();
    assert!(rig.tool(&["--version"]).expect(0).out.starts_with("sitewright "));
    rig.bind("    mine: { twin: {} }\n");
    let text = std::fs::read_to_string(rig.dir().join("sitewright.yaml")).unwrap();
    for environment in ["live", "busy", "admin", "reader", "mine"] {
        assert!(text.contains(&format!("\n    {environment}: {{")), "{text}");
    }
    assert!(text.contains(rig.kubeconfig(User::Operator)), "{text}");
}

#[test]
#[should_panic(expected = "there is no running Kubernetes rig")]
fn a_missing_rig_is_a_failure() {
    let nothing = tempfile::tempdir().unwrap();
    Rig::at(nothing.path());
}
