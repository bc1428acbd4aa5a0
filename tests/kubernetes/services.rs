//! Examples with their services on the rig: taken by the real server and Kueue's webhooks, and proved by the second plan.

use std::path::Path;

use serde_json::{Value, json};

use crate::rig::{Rig, User};

/// HTTPRoute with the fields that we write; the Gateway API itself is not on the rig.
const ROUTES: &str = r#"
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: httproutes.gateway.networking.k8s.io
  annotations: { api-approved.kubernetes.io: "https://github.com/kubernetes-sigs/gateway-api/pull/891" }
spec:
  group: gateway.networking.k8s.io
  names: { kind: HTTPRoute, listKind: HTTPRouteList, plural: httproutes, singular: httproute }
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                hostnames: { type: array, items: { type: string } }
                parentRefs: { type: array, items: { type: object, x-kubernetes-preserve-unknown-fields: true } }
                rules: { type: array, items: { type: object, x-kubernetes-preserve-unknown-fields: true } }
"#;

/// The categories that the example has not: help by people, and rules as a service.
const MORE: &str = r"
apiVersion: sitewright.io/v1alpha1
kind: SupportService
metadata: { name: desk }
spec:
  category: helpdesk
  audience: { public: true }
  external: { contact: help@jupiter.example }
---
apiVersion: sitewright.io/v1alpha1
kind: SupportService
metadata: { name: checks }
spec:
  category: compliance
  audience: { modes: [playground] }
  kubernetes:
    image: registry.jupiter.example/checks:1.0
    ports: [{ port: 8080 }]
    resources: { cpus: 1, memory: 1GB }
";

/// The manifests of an example, bound to the rig and to a twin beside it.
fn example(rig: &Rig, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let inside = path.strip_prefix(&folder).unwrap().display().to_string();
            if path.is_dir() {
                std::fs::create_dir_all(rig.dir().join(&inside)).unwrap();
                folders.push(path);
            } else if inside != "sitewright.yaml" {
                rig.write(&inside, &std::fs::read_to_string(path).unwrap());
            }
        }
    }
    rig.bind("  compute:\n    admin: { twin: {} }\n");
}

/// Nodes of such names with GPUs.
fn nodes(rig: &Rig, names: impl Iterator<Item = String>, gpus: &str) {
    let size = json!({ "cpu": "256", "memory": "1Ti", "pods": "110", gpus: "8" });
    let items: Vec<Value> = names
        .map(|name| {
            json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": { "name": name, "labels": { "kubernetes.io/hostname": name } },
                "status": { "capacity": size, "allocatable": size },
            })
        })
        .collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string();
    rig.apply_as("site", &list, &[]).expect(0);
}

/// Volumes for all claims of a class; nothing provisions them here.
fn volumes(rig: &Rig, class: &str, count: usize) {
    let items: Vec<Value> = (0..count)
        .map(|number| {
            json!({
                "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": format!("{class}-{number}") },
                "spec": {
                    "capacity": { "storage": "100Ti" }, "storageClassName": class,
                    "accessModes": if number % 2 == 0 { json!(["ReadWriteMany", "ReadWriteOnce"]) } else { json!(["ReadWriteOncePod"]) },
                    "hostPath": { "path": "/none" },
                },
            })
        })
        .collect();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string();
    rig.apply_as("site", &list, &[]).expect(0);
    let class = json!({
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {
            "name": class, "annotations": { "storageclass.kubernetes.io/is-default-class": "true" } },
        "provisioner": "kubernetes.io/no-provisioner",
    });
    rig.apply_as("site", &class.to_string(), &[]).expect(0);
}

/// The second plan: nothing to do, all of it proved from what was read.
#[track_caller]
fn assert_proved(rig: &Rig) {
    let second = rig.tool(&["plan", "--env", "admin", "--detailed-exitcode", "--stats"]).expect(0).out;
    assert!(second.contains("No changes.") && second.contains(" 0 confirmed by the server, 0 predicted."), "{second}");
}

/// Replicas that are ready of those that are wanted.
#[track_caller]
fn ready(rig: &Rig, kind: &str, namespace: &str, name: &str) -> (u64, u64) {
    let object = rig.object(kind, namespace, name).unwrap();
    let number = |pointer: &str| object.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    (number("/status/readyReplicas"), number("/spec/replicas"))
}

#[test]
fn jupiter_with_a_service_of_each_category() {
    let rig = Rig::new();
    example(&rig, "jupiter");
    rig.write("more.yaml", MORE);
    nodes(&rig, (1..=16).map(|number| format!("jarvis{number:02}.jarvis.example")), "nvidia.com/gpu");
    volumes(&rig, "exastore", 8);

    // Without the Gateway API the plan stops, and says what is missing.
    let without = rig.tool(&["plan", "--env", "admin"]).expect(1).error;
    assert!(without.contains("the server does not have `HTTPRoute.gateway.networking.k8s.io`"), "{without}");
    assert!(without.contains("install the Gateway API"), "{without}");

    rig.apply_as("site", ROUTES, &[]).expect(0);
    rig.wait("routes are served", || rig.kubectl(User::Admin, &["get", "httproutes", "-A"]).code == 0);
    rig.tool(&["apply", "--env", "admin", "--yes"]).expect(0);
    assert_proved(&rig);

    // What runs is what was asked for, with GPUs, volumes and quotas.
    assert_eq!(ready(&rig, "deployment", "svc-llm", "llm"), (4, 4));
    assert_eq!(ready(&rig, "deployment", "svc-models", "models"), (1, 1));
    assert_eq!(ready(&rig, "statefulset", "svc-notebooks", "notebooks"), (1, 1));
    assert_eq!(ready(&rig, "deployment", "svc-catalogue", "ckan"), (1, 1));
    assert_eq!(ready(&rig, "deployment", "svc-checks", "checks"), (1, 1));
    // The autoscaler brings the portal to its minimum; nobody else writes its replicas.
    rig.wait("the portal has two replicas", || ready(&rig, "deployment", "svc-portal", "portal") == (2, 2));
    rig.await_condition("clusterqueue", "", "jarvis-serving", "Active");

    // A new image goes out pod by pod, although all GPUs of a node may be taken.
    let text = std::fs::read_to_string(rig.dir().join("services.yaml")).unwrap();
    rig.write("services.yaml", &text.replace("vllm-openai:v0.11.0", "vllm-openai:v0.11.1"));
    let plan = rig.tool(&["plan", "--env", "admin"]).expect(0).out;
    assert!(plan.contains("vllm-openai:v0.11.1") && plan.contains("confirmed"), "{plan}");
    rig.tool(&["apply", "--env", "admin", "--yes"]).expect(0);
    assert_eq!(ready(&rig, "deployment", "svc-llm", "llm"), (4, 4));
    assert_proved(&rig);
}

#[test]
fn lumi() {
    let rig = Rig::new();
    example(&rig, "lumi");
    let names = (1..=8).map(|number| format!("lumik{number:02}"));
    nodes(&rig, names.chain((1..=4).map(|number| format!("lumikg{number:02}"))), "amd.com/gpu");
    volumes(&rig, "lustre", 8);
    rig.apply_as("site", ROUTES, &[]).expect(0);
    rig.wait("routes are served", || rig.kubectl(User::Admin, &["get", "httproutes", "-A"]).code == 0);
    rig.tool(&["apply", "--env", "admin", "--yes"]).expect(0);
    assert_proved(&rig);
    assert_eq!(ready(&rig, "deployment", "svc-inference", "inference"), (2, 2));
}
