//! Names of kinds, and what is known of them whatever server they are on.
//!
//! In an address a kind is written as `kubectl` prints it: `Namespace`, `Deployment.apps`,
//! `ClusterQueue.kueue.x-k8s.io`; the name of a namespaced object is `namespace/name`.

use super::object::metadata;
use serde_json::Value;

/// The kind in an address: `Deployment.apps` of `apps/v1` and `Deployment`.
pub fn address_kind(api_version: &str, kind: &str) -> String {
    match api_version.split_once('/') {
        Some((group, _)) => format!("{kind}.{group}"),
        None => kind.to_owned(),
    }
}

/// Kind and group of the kind in an address; the core group is empty.
pub fn kind_and_group(address_kind: &str) -> (&str, &str) {
    address_kind.split_once('.').unwrap_or((address_kind, ""))
}

/// The name in an address: `p-medix/quota`, or `p-medix` of what has no namespace.
pub fn address_name(object: &Value) -> String {
    let text = |field: &str| metadata(object, field).and_then(Value::as_str).unwrap_or_default();
    match text("namespace") {
        "" => text("name").to_owned(),
        namespace => format!("{namespace}/{}", text("name")),
    }
}

/// Namespace and name of the name in an address.
pub fn namespace_and_name(address_name: &str) -> (Option<&str>, &str) {
    address_name.split_once('/').map_or((None, address_name), |(namespace, name)| (Some(namespace), name))
}

/// Whether we own parts of such objects and never the whole: they are labelled and released, never created or deleted.
pub fn is_partial(address_kind: &str) -> bool {
    address_kind == "Node"
}

/// Whether an address's kind is one of Kubernetes: those begin with a capital letter, Slurm's never do.
pub fn is_kubernetes(address_kind: &str) -> bool {
    address_kind.starts_with(|letter: char| letter.is_ascii_uppercase())
}

/// Group of Kueue's kinds.
pub const KUEUE: &str = "kueue.x-k8s.io";

/// When objects of a kind are written: lower numbers first, equal ones together. Deletions go the other way round.
///
/// Definitions come before what they define, classes and namespaces before what names them, then what programs need, the
/// programs, webhooks (which lock a cluster whose programs are not there), what operators read, queues from their flavors
/// up, and routes last.
pub fn wave(address_kind: &str) -> u8 {
    match kind_and_group(address_kind) {
        ("CustomResourceDefinition", _) => 10,
        ("Namespace", "")
        | ("PriorityClass" | "RuntimeClass" | "StorageClass" | "DeviceClass" | "IngressClass" | "GatewayClass", _) => {
            20
        }
        (
            "ServiceAccount"
            | "ResourceQuota"
            | "LimitRange"
            | "ConfigMap"
            | "Secret"
            | "PersistentVolume"
            | "PersistentVolumeClaim"
            | "Service",
            "",
        )
        | ("ClusterRole" | "ClusterRoleBinding" | "Role" | "RoleBinding", _)
        | ("NetworkPolicy", "networking.k8s.io") => 30,
        (_, "apps" | "batch") | ("Pod", "") => 40,
        ("ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration", _) => 50,
        ("ResourceFlavor" | "WorkloadPriorityClass", KUEUE) => 71,
        ("Topology", KUEUE) => 70,
        ("Cohort", KUEUE) => 72,
        ("ClusterQueue", KUEUE) => 74,
        ("LocalQueue", KUEUE) => 75,
        (_, KUEUE) => 73,
        ("HTTPRoute" | "GRPCRoute" | "TLSRoute" | "Ingress" | "HorizontalPodAutoscaler" | "PodDisruptionBudget", _) => {
            80
        }
        ("ValidatingAdmissionPolicyBinding" | "MutatingAdmissionPolicyBinding", _) => 90,
        _ => 60,
    }
}

/// Why objects of a kind stay when they are no longer declared, unless they are named; `None` for all others.
pub fn kept_because(address_kind: &str) -> Option<&'static str> {
    match kind_and_group(address_kind) {
        ("Namespace", "") => Some("with a namespace goes everything in it, whoever made it"),
        ("PersistentVolumeClaim", "") => Some("with a claim may go its data"),
        ("PersistentVolume", "") => Some("with a volume may go its data"),
        ("CustomResourceDefinition", _) => Some("with a definition go all objects of its kind"),
        _ => None,
    }
}

/// Fields of a kind that its server does not change, whatever wording it refuses with; below a `*` all are.
fn immutable_paths(address_kind: &str) -> &'static [&'static str] {
    match kind_and_group(address_kind) {
        ("Deployment" | "DaemonSet" | "ReplicaSet", "apps") => &[".spec.selector"],
        ("StatefulSet", "apps") => {
            &[".spec.selector", ".spec.serviceName", ".spec.podManagementPolicy", ".spec.volumeClaimTemplates"]
        }
        ("Job", "batch") => &[".spec.selector", ".spec.template", ".spec.completionMode"],
        ("Service", "") => &[".spec.clusterIP", ".spec.clusterIPs", ".spec.loadBalancerClass"],
        ("PersistentVolumeClaim", "") => &[
            ".spec.accessModes",
            ".spec.selector",
            ".spec.storageClassName",
            ".spec.volumeMode",
            ".spec.volumeName",
            ".spec.dataSource",
        ],
        ("StorageClass", _) => &[".provisioner", ".parameters", ".reclaimPolicy", ".volumeBindingMode"],
        ("ResourceQuota", "") => &[".spec.scopes"],
        ("PriorityClass", _) => &[".value", ".preemptionPolicy"],
        ("RuntimeClass", _) => &[".handler"],
        ("RoleBinding" | "ClusterRoleBinding", _) => &[".roleRef"],
        ("Secret", "") => &[".type"],
        ("CustomResourceDefinition", _) => &[".spec.group", ".spec.names", ".spec.scope"],
        ("ResourceClaim" | "ResourceClaimTemplate" | "ComputeDomain", _) => &[".spec"],
        ("LocalQueue", KUEUE) => &[".spec.clusterQueue"],
        ("AdmissionCheck", KUEUE) => &[".spec.controllerName"],
        ("ResourceFlavor", KUEUE) => &[".spec.topologyName"],
        ("Topology", KUEUE) => &[".spec.levels"],
        ("NVIDIADriver", _) => &[".spec.driverType", ".spec.usePrecompiled"],
        _ => &[],
    }
}

/// Whether a field cannot be changed on an object that exists. Where the table does not know, the server's own refusal
/// tells (see [`says_immutable`]).
pub fn is_immutable(address_kind: &str, path: &str) -> bool {
    immutable_paths(address_kind).iter().any(|fixed| {
        path.strip_prefix(fixed).is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    })
}

/// Whether a server's refusal of an update says that a field cannot be changed. Servers say it in many ways (seen on 1.36);
/// `metadata.uid` among them says something else: that the object was replaced.
pub fn says_immutable(message: &str) -> bool {
    const WORDINGS: [&str; 7] = [
        "field is immutable",
        "may not change once set",
        "may not be changed in an update",
        "cannot change roleRef",
        "for fields other than",
        "is immutable after creation",
        "are immutable when",
    ];
    !message.contains("metadata.uid") && WORDINGS.iter().any(|wording| message.contains(wording))
}

/// Seconds that apply waits for an object of a kind to be in order; `None` where there is nothing to wait for, or where
/// it may take as long as it likes.
pub fn patience(address_kind: &str) -> Option<u64> {
    match kind_and_group(address_kind) {
        ("Deployment" | "StatefulSet" | "DaemonSet", "apps") => Some(300),
        ("CustomResourceDefinition", _) | ("ClusterQueue" | "LocalQueue", KUEUE) => Some(60),
        _ => None,
    }
}

/// Other objects that an object names, as kind and name in addresses: it is written after them and deleted before.
pub fn references(object: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty());
    let namespace = text("/metadata/namespace").unwrap_or_default();
    let within = |name: &str| format!("{namespace}/{name}");
    let kind = address_kind(text("/apiVersion").unwrap_or_default(), text("/kind").unwrap_or_default());
    let kueue = |kind: &str| format!("{kind}.{KUEUE}");
    if !namespace.is_empty() {
        found.push(("Namespace".to_owned(), namespace.to_owned()));
    }
    if let Some(queue) = object
        .pointer("/metadata/labels")
        .and_then(|labels| labels.get("kueue.x-k8s.io/queue-name"))
        .and_then(Value::as_str)
    {
        found.push((kueue("LocalQueue"), within(queue)));
    }
    match kind_and_group(&kind) {
        ("RoleBinding" | "ClusterRoleBinding", _) => {
            if let (Some(kind), Some(name)) = (text("/roleRef/kind"), text("/roleRef/name")) {
                let name = if kind == "Role" { within(name) } else { name.to_owned() };
                found.push((format!("{kind}.rbac.authorization.k8s.io"), name));
            }
        }
        ("LocalQueue", KUEUE) => {
            found.extend(text("/spec/clusterQueue").map(|name| (kueue("ClusterQueue"), name.to_owned())));
        }
        ("ClusterQueue", KUEUE) => {
            found.extend(text("/spec/cohortName").map(|name| (kueue("Cohort"), name.to_owned())));
        }
        ("Cohort", KUEUE) => {
            found.extend(text("/spec/parentName").map(|name| (kueue("Cohort"), name.to_owned())));
        }
        ("ResourceFlavor", KUEUE) => {
            found.extend(text("/spec/topologyName").map(|name| (kueue("Topology"), name.to_owned())));
        }
        ("PersistentVolumeClaim", "") => {
            found.extend(
                text("/spec/storageClassName").map(|name| ("StorageClass.storage.k8s.io".to_owned(), name.to_owned())),
            );
            found.extend(text("/spec/volumeName").map(|name| ("PersistentVolume".to_owned(), name.to_owned())));
        }
        _ => {}
    }
    deep(object, &mut |key, value, holder| {
        let name = value.as_str().unwrap_or_default();
        if name.is_empty() {
            return;
        }
        match (key, holder) {
            ("name", "flavors") => found.push((kueue("ResourceFlavor"), name.to_owned())),
            ("name", "admissionChecks") => found.push((kueue("AdmissionCheck"), name.to_owned())),
            ("name", "configMapRef" | "configMapKeyRef" | "configMap") => {
                found.push(("ConfigMap".to_owned(), within(name)));
            }
            ("name", "secretRef" | "secretKeyRef") | ("secretName", "secret") => {
                found.push(("Secret".to_owned(), within(name)));
            }
            ("claimName", _) => found.push(("PersistentVolumeClaim".to_owned(), within(name))),
            ("serviceAccountName", _) => found.push(("ServiceAccount".to_owned(), within(name))),
            ("priorityClassName", _) => {
                found.push(("PriorityClass.scheduling.k8s.io".to_owned(), name.to_owned()));
            }
            ("runtimeClassName", _) => found.push(("RuntimeClass.node.k8s.io".to_owned(), name.to_owned())),
            _ => {}
        }
    });
    found.sort();
    found.dedup();
    found
}

/// Each scalar below `spec` and the like with its key and the key that holds it, lists passed through.
fn deep(object: &Value, seen: &mut dyn FnMut(&str, &Value, &str)) {
    fn walk(value: &Value, key: &str, holder: &str, seen: &mut dyn FnMut(&str, &Value, &str)) {
        match value {
            Value::Object(map) => map.iter().for_each(|(inner, value)| walk(value, inner, key, seen)),
            Value::Array(items) => {
                for item in items {
                    match item {
                        Value::Object(map) => map.iter().for_each(|(inner, value)| walk(value, inner, key, seen)),
                        other => walk(other, key, holder, seen),
                    }
                }
            }
            scalar => seen(key, scalar, holder),
        }
    }
    let parts = object.as_object().into_iter().flatten();
    for (key, value) in parts.filter(|(key, _)| !matches!(key.as_str(), "metadata" | "status" | "data")) {
        walk(value, key, "", seen);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names() {
        assert_eq!(address_kind("apps/v1", "Deployment"), "Deployment.apps");
        assert_eq!(kind_and_group("ClusterQueue.kueue.x-k8s.io"), ("ClusterQueue", "kueue.x-k8s.io"));
        assert!(is_kubernetes("Namespace") && !is_kubernetes("qos"));
    }

    #[test]
    fn what_is_named_is_written_before() {
        let order = [
            "CustomResourceDefinition.apiextensions.k8s.io",
            "Namespace",
            "RoleBinding.rbac.authorization.k8s.io",
            "Deployment.apps",
            "ValidatingWebhookConfiguration.admissionregistration.k8s.io",
            "ClusterPolicy.nvidia.com",
            "Topology.kueue.x-k8s.io",
            "ResourceFlavor.kueue.x-k8s.io",
            "Cohort.kueue.x-k8s.io",
            "AdmissionCheck.kueue.x-k8s.io",
            "ClusterQueue.kueue.x-k8s.io",
            "LocalQueue.kueue.x-k8s.io",
            "HTTPRoute.gateway.networking.k8s.io",
            "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
        ];
        assert!(order.windows(2).all(|pair| wave(pair[0]) < wave(pair[1])));
    }

    #[test]
    fn immutable_fields_and_wordings() {
        assert!(is_immutable("LocalQueue.kueue.x-k8s.io", ".spec.clusterQueue"));
        assert!(is_immutable("Deployment.apps", ".spec.selector.matchLabels.app"));
        assert!(is_immutable("Job.batch", ".spec.template.spec.containers[name=\"x\"].image"));
        assert!(!is_immutable("Deployment.apps", ".spec.selectors"));
        assert!(!is_immutable("PersistentVolumeClaim", ".spec.resources.requests.storage"));
        assert!(says_immutable("spec.selector: Invalid value: {}: field is immutable"));
        assert!(!says_immutable("metadata.uid: Invalid value: \"x\": field is immutable"));
    }

    #[test]
    fn references_of_objects() {
        let queue = json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": {"name": "q"},
            "spec": {"cohortName": "site", "resourceGroups": [{"coveredResources": ["cpu"], "flavors": [{"name": "h100",
            "resources": [{"name": "cpu", "nominalQuota": "1"}]}]}]}});
        assert_eq!(
            references(&queue),
            [
                ("Cohort.kueue.x-k8s.io".to_owned(), "site".to_owned()),
                ("ResourceFlavor.kueue.x-k8s.io".to_owned(), "h100".to_owned())
            ]
        );
        let pods = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "p",
            "labels": {"kueue.x-k8s.io/queue-name": "fast"}}, "spec": {"template": {"spec": {"serviceAccountName": "runner",
            "containers": [{"name": "x", "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}],
            "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}}}});
        let found: Vec<String> = references(&pods).into_iter().map(|(kind, name)| format!("{kind}/{name}")).collect();
        assert_eq!(
            found,
            [
                "LocalQueue.kueue.x-k8s.io/p/fast",
                "Namespace/p",
                "PersistentVolumeClaim/p/data",
                "Secret/p/s",
                "ServiceAccount/p/runner"
            ]
        );
    }
}
