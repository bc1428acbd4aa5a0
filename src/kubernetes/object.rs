//! Whole objects: where their pods, quantities and list keys stand, and how server messages write the paths in them.

use serde_json::{Map, Value, json};

use super::quantity;
use crate::resource::{FieldPath, Segment};

/// Groups that come with every server. What is said here of kinds holds for these only.
const BUILT_IN: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Kinds of these groups that stand in no namespace.
const CLUSTER_WIDE: &[&str] = &[
    "APIService",
    "CSIDriver",
    "CSINode",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComponentStatus",
    "CustomResourceDefinition",
    "DeviceClass",
    "IPAddress",
    "IngressClass",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "ResourceSlice",
    "RuntimeClass",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
    "VolumeAttributesClass",
];

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn group(object: &Value) -> &str {
    text(object, "apiVersion").split_once('/').map_or("", |(group, _)| group)
}

/// Whether an object stands in a namespace; `None` of kinds that do not come with every server.
pub fn is_namespaced(object: &Value) -> Option<bool> {
    let (group, kind) = (group(object), text(object, "kind"));
    BUILT_IN.contains(&group).then(|| !CLUSTER_WIDE.contains(&kind))
}

/// Path of the pod's spec in an object that makes pods.
pub fn pod_spec_path(object: &Value) -> Option<FieldPath> {
    let dotted = match (group(object), text(object, "kind")) {
        ("", "Pod") => "spec",
        ("", "PodTemplate") => "template.spec",
        ("", "ReplicationController")
        | ("apps", "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | ("batch", "Job") => "spec.template.spec",
        ("batch", "CronJob") => "spec.jobTemplate.spec.template.spec",
        _ => return None,
    };
    Some(FieldPath::keys(dotted))
}

/// The value at a path.
pub fn at<'a>(value: &'a Value, path: &FieldPath) -> Option<&'a Value> {
    path.0.iter().try_fold(value, |current, segment| match segment {
        Segment::Key(key) => current.get(key),
        Segment::Index(index) => current.get(index),
    })
}

/// Lists of containers in a pod's spec.
pub const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// A field of an object's metadata. Asked for each object of a site, where `Value::pointer` would copy the path each time.
pub fn metadata<'a>(object: &'a Value, field: &str) -> Option<&'a Value> {
    object.get("metadata")?.get(field)
}

/// Takes out what is the server's, and writes what is known of built-in kinds as the server keeps it: quantities as their
/// canonical text, `protocol` where it is a key of a list or inside a list that is replaced whole. Returns the paths of
/// quantities that are none.
pub fn canonicalize(object: &mut Value) -> Vec<FieldPath> {
    if let Some(map) = object.as_object_mut() {
        map.shift_remove("status");
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in ["creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"] {
            metadata.shift_remove(field);
        }
        for field in ["labels", "annotations"] {
            if metadata.get(field).and_then(Value::as_object).is_some_and(Map::is_empty) {
                metadata.shift_remove(field);
            }
        }
    }
    let mut wrong = Vec::new();
    if !BUILT_IN.contains(&group(object)) {
        return wrong;
    }
    if let Some(pod) = pod_spec_path(object) {
        pod_spec(object, &pod, &mut wrong);
    }
    let kind = text(object, "kind").to_owned();
    match kind.as_str() {
        "PersistentVolumeClaim" => amounts(object, "spec.resources", &mut wrong),
        "PersistentVolume" => each_of(object, &FieldPath::keys("spec.capacity"), &mut wrong),
        "ResourceQuota" => each_of(object, &FieldPath::keys("spec.hard"), &mut wrong),
        "StatefulSet" => {
            for index in 0..length(object, &FieldPath::keys("spec.volumeClaimTemplates")) {
                let path = FieldPath::keys("spec.volumeClaimTemplates").index(index).key("spec").key("resources");
                for part in ["limits", "requests"] {
                    each_of(object, &path.key(part), &mut wrong);
                }
            }
        }
        "LimitRange" => {
            for index in 0..length(object, &FieldPath::keys("spec.limits")) {
                for part in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
                    each_of(object, &FieldPath::keys("spec.limits").index(index).key(part), &mut wrong);
                }
                limit_defaults(object, &FieldPath::keys("spec.limits").index(index));
            }
        }
        "Service" => protocols(object, &FieldPath::keys("spec.ports")),
        "NetworkPolicy" => {
            for rules in ["spec.ingress", "spec.egress"] {
                for index in 0..length(object, &FieldPath::keys(rules)) {
                    protocols(object, &FieldPath::keys(rules).index(index).key("ports"));
                }
            }
        }
        _ => {}
    }
    wrong
}

fn at_mut<'a>(value: &'a mut Value, path: &FieldPath) -> Option<&'a mut Value> {
    path.0.iter().try_fold(value, |current, segment| match segment {
        Segment::Key(key) => current.get_mut(key),
        Segment::Index(index) => current.get_mut(*index),
    })
}

fn length(object: &Value, path: &FieldPath) -> usize {
    at(object, path).and_then(Value::as_array).map_or(0, Vec::len)
}

fn amounts(object: &mut Value, dotted: &str, wrong: &mut Vec<FieldPath>) {
    for part in ["limits", "requests"] {
        each_of(object, &FieldPath::keys(dotted).key(part), wrong);
    }
}

/// Each value of a map is a quantity.
fn each_of(object: &mut Value, path: &FieldPath, wrong: &mut Vec<FieldPath>) {
    let Some(Value::Object(map)) = at_mut(object, path) else { return };
    for (key, value) in map {
        one(value, || path.key(key), wrong);
    }
}

fn one(value: &mut Value, path: impl Fn() -> FieldPath, wrong: &mut Vec<FieldPath>) {
    let written = match &*value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return wrong.push(path()),
    };
    match quantity::canonical(&written) {
        Ok(canonical) => *value = json!(canonical),
        Err(_) => wrong.push(path()),
    }
}

/// What the server fills in inside references to fields, which are replaced whole.
fn references(object: &mut Value, path: &FieldPath, wrong: &mut Vec<FieldPath>) {
    if let Some(Value::Object(field)) = at_mut(object, &path.key("fieldRef")) {
        field.entry("apiVersion").or_insert_with(|| json!("v1"));
    }
    let resource = path.key("resourceFieldRef");
    if let Some(Value::Object(field)) = at_mut(object, &resource) {
        one(field.entry("divisor").or_insert_with(|| json!("0")), || resource.key("divisor"), wrong);
    }
}

/// What the server fills in inside the list, which is replaced whole: a limit is the maximum where none is said, and a
/// request is the limit, or else the minimum.
fn limit_defaults(object: &mut Value, path: &FieldPath) {
    let Some(Value::Object(limits)) = at_mut(object, path) else { return };
    if limits.get("type").and_then(Value::as_str) != Some("Container") {
        return;
    }
    for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
        let Some(source) = limits.get(from).and_then(Value::as_object).filter(|map| !map.is_empty()).cloned() else {
            continue;
        };
        if let Some(target) = limits.entry(to).or_insert_with(|| json!({})).as_object_mut() {
            for (resource, amount) in source {
                target.entry(resource).or_insert(amount);
            }
        }
    }
}

fn protocols(object: &mut Value, path: &FieldPath) {
    let Some(Value::Array(ports)) = at_mut(object, path) else { return };
    for port in ports.iter_mut().filter_map(Value::as_object_mut) {
        port.entry("protocol").or_insert_with(|| json!("TCP"));
    }
}

fn pod_spec(object: &mut Value, pod: &FieldPath, wrong: &mut Vec<FieldPath>) {
    each_of(object, &pod.key("overhead"), wrong);
    for list in CONTAINERS {
        let list = pod.key(list);
        for index in 0..length(object, &list) {
            let container = list.index(index);
            for part in ["limits", "requests"] {
                each_of(object, &container.key("resources").key(part), wrong);
            }
            protocols(object, &container.key("ports"));
            let variables = container.key("env");
            for index in 0..length(object, &variables) {
                references(object, &variables.index(index).key("valueFrom"), wrong);
            }
        }
    }
    let volumes = pod.key("volumes");
    for index in 0..length(object, &volumes) {
        let path = volumes.index(index).key("emptyDir").key("sizeLimit");
        if let Some(value) = at_mut(object, &path) {
            one(value, || path.clone(), wrong);
        }
    }
}

/// What is nearest to a text and a name on Kubernetes.
pub fn as_label(text: &str) -> String {
    let kept: String =
        text.to_lowercase().chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    let kept: String = kept.trim_matches('-').chars().take(59).collect();
    let kept = kept.trim_end_matches('-');
    if kept.is_empty() { "service".to_owned() } else { kept.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn objects_become_what_the_server_keeps() {
        let mut object = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "status": {},
            "metadata": {"name": "web", "creationTimestamp": "x", "annotations": {}},
            "spec": {"template": {"spec": {
                "containers": [{"name": "c", "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}],
                "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "lots"}}],
            }}},
        });
        let wrong = canonicalize(&mut object);
        assert_eq!(
            wrong.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["spec.template.spec.volumes[0].emptyDir.sizeLimit"]
        );
        assert_eq!(object["metadata"], json!({"name": "web"}));
        let container = &object["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["resources"]["limits"], json!({"cpu": "500m", "memory": "1Gi"}));
        assert_eq!(container["ports"][0]["protocol"], "TCP");
        let once = object.clone();
        canonicalize(&mut object);
        assert_eq!(object, once);
    }

    #[test]
    fn what_is_replaced_whole_is_written_whole() {
        let mut range = json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "x"}, "spec": {"limits": [
            {"type": "Container", "max": {"cpu": "4"}, "min": {"memory": "1Mi"}, "defaultRequest": {"memory": "2Mi"}},
            {"type": "Pod", "max": {"cpu": "4"}},
        ]}});
        assert!(canonicalize(&mut range).is_empty());
        assert_eq!(
            range["spec"]["limits"],
            json!([
                {"type": "Container", "max": {"cpu": "4"}, "min": {"memory": "1Mi"}, "default": {"cpu": "4"},
                    "defaultRequest": {"memory": "2Mi", "cpu": "4"}},
                {"type": "Pod", "max": {"cpu": "4"}},
            ])
        );
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "c", "env": [
            {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "B", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
            {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1000m"}}},
        ]}]}});
        assert!(canonicalize(&mut pod).is_empty());
        let variables = &pod["spec"]["containers"][0]["env"];
        assert_eq!(variables[0]["valueFrom"]["fieldRef"], json!({"fieldPath": "metadata.name", "apiVersion": "v1"}));
        assert_eq!(variables[1]["valueFrom"]["resourceFieldRef"], json!({"resource": "limits.cpu", "divisor": "0"}));
        assert_eq!(variables[2]["valueFrom"]["resourceFieldRef"], json!({"resource": "limits.cpu", "divisor": "1"}));
    }

    #[test]
    fn other_kinds_stay_as_written() {
        let written = json!({"apiVersion": "example.org/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"hard": {"cpu": 1}}});
        let mut object = written.clone();
        assert!(canonicalize(&mut object).is_empty());
        assert_eq!(object, written);
        assert_eq!(is_namespaced(&object), None);
        assert_eq!(is_namespaced(&json!({"apiVersion": "v1", "kind": "Namespace"})), Some(false));
        assert_eq!(is_namespaced(&json!({"apiVersion": "apps/v1", "kind": "Deployment"})), Some(true));
    }

    proptest! {
        #[test]
        fn what_is_proposed_is_a_name(text in "\\PC{0,80}") {
            crate::kubernetes::names::check_label(&as_label(&text)).unwrap();
        }
    }
}
