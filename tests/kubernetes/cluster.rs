//! What tests of the library need of the rig: its addresses, a cluster as one of its users, and objects to declare.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use sitewright::diagnostics::Diagnostics;
use sitewright::kubernetes::{applyset, kinds};
use sitewright::live::Observation;
use sitewright::live::kubernetes::{Cluster, Connection, Sending, Served, config_maps, namespaces, sent, set_of};
use sitewright::resource::{Address, Resource};
use sitewright::session;

use super::rig::{Rig, User};

/// Target name in addresses.
pub const TARGET: &str = "services";

/// A cluster as one of the rig's users, with a home namespace.
pub fn cluster(rig: &Rig, user: User, namespace: &str) -> Cluster {
    Cluster::new(Connection {
        kubeconfig: Some(PathBuf::from(rig.kubeconfig(user))),
        context: Some("rig".to_owned()),
        namespace: namespace.to_owned(),
    })
}

/// What a factory's plan is made from: the reading, and the server's word on what it leaves open.
pub async fn observed(cluster: &Cluster, factory: &str, wanted: &[Resource]) -> Result<Observation, Diagnostics> {
    session::read(cluster, TARGET, factory, wanted).await
}

/// Runs kubectl as the administrator, and gives what it prints.
#[track_caller]
pub fn kubectl(rig: &Rig, words: &[&str]) -> String {
    rig.kubectl(User::Admin, words).expect(0).out
}

/// A declared resource.
#[expect(clippy::needless_pass_by_value, reason = "literals are handed over")]
pub fn declared(object: Value) -> Resource {
    let text = |key: &str| object[key].as_str().unwrap().to_owned();
    let kind = kinds::address_kind(&text("apiVersion"), &text("kind"));
    Resource {
        address: Address::new(TARGET, kind, kinds::address_name(&object)),
        body: object.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        place: None,
        places: BTreeMap::new(),
        reasons: BTreeMap::new(),
        protect: false,
        summary: String::new(),
    }
}

pub fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

pub fn config_map(namespace: &str, name: &str, value: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": namespace, "name": name}, "data": {"key": value}})
}

pub fn quota(namespace: &str, name: &str, pods: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"namespace": namespace, "name": name}, "spec": {"hard": {"pods": pods, "requests.nvidia.com/gpu": "4"}}})
}

pub fn service(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": namespace, "name": name},
        "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}]}})
}

pub fn deployment(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": namespace, "name": name},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": name}}, "template": {"metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "main", "image": "registry.example/app:1", "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                "resources": {"limits": {"cpu": "2", "memory": "1Gi"}}}], "nodeSelector": {"pool": "cpu"}}}}})
}

/// How a kind of these tests is served.
pub fn served(kind: &str) -> Served {
    let (api_version, kind, plural, namespaced) = match kind {
        "Namespace" => return namespaces(),
        "ConfigMap" => return config_maps(),
        "ResourceQuota" => ("v1", "ResourceQuota", "resourcequotas", true),
        "Service" => ("v1", "Service", "services", true),
        "Secret" => ("v1", "Secret", "secrets", true),
        "Node" => ("v1", "Node", "nodes", false),
        "Deployment.apps" => ("apps/v1", "Deployment", "deployments", true),
        "LocalQueue.kueue.x-k8s.io" => ("kueue.x-k8s.io/v1beta2", "LocalQueue", "localqueues", true),
        "ClusterQueue.kueue.x-k8s.io" => ("kueue.x-k8s.io/v1beta2", "ClusterQueue", "clusterqueues", false),
        other => panic!("{other}"),
    };
    Served { api_version: api_version.to_owned(), kind: kind.to_owned(), plural: plural.to_owned(), namespaced }
}

/// Writes declared objects as an apply would, and the set's parent.
pub async fn written(cluster: &Cluster, factory: &str, wanted: &[Resource]) {
    let home = &cluster.connection().namespace;
    let set = set_of(factory, home);
    cluster.apply(&namespaces(), &namespace(home), Sending::default()).await.unwrap();
    let groups: Vec<(&str, &str)> = wanted
        .iter()
        .filter(|one| !kinds::is_partial(&one.address.kind))
        .map(|one| kinds::kind_and_group(&one.address.kind))
        .collect();
    let parent = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": home, "name": set.name,
        "labels": {applyset::ID_LABEL: set.id},
        "annotations": {applyset::TOOLING: "sitewright/0.1.0", applyset::CONTAINS_GROUP_KINDS: applyset::group_kinds(groups)}}});
    cluster.apply(&config_maps(), &parent, Sending::default()).await.unwrap();
    for first in [true, false] {
        let part: Vec<&Resource> = wanted.iter().filter(|one| (one.address.kind == "Namespace") == first).collect();
        futures::future::join_all(part.iter().map(async |one| {
            cluster.apply(&served(&one.address.kind), &sent(one, &set.id, None), Sending::default()).await.unwrap();
        }))
        .await;
    }
}
