//! Maps that a server-side apply replaces whole.
//!
//! In the ownership trie such a map is a leaf, and so is a granular map that was empty when it was applied last; only the
//! schema tells them apart (`x-kubernetes-map-type: atomic`). Maps that are not listed here are asked about at the server:
//! an entry that is missing costs a request, a wrong one would hide a change.
//!
//! Source: every `x-kubernetes-map-type: atomic` below the kinds that a manifest may hold, in `/openapi/v3` of an apiserver
//! 1.36.3 with the CRDs of Kueue 0.15 (`kueue.x-k8s.io/v1beta2`). A map that is atomic stays so within a version of an API.

/// Atomic maps by kind, as `kubectl` prints it, and path; `*` stands for an item of a list. What stands in a pod's spec is
/// below [`POD`].
const MAPS: &[(&str, &str)] = &[
    ("ClusterQueue.kueue.x-k8s.io", "spec.namespaceSelector"),
    ("ClusterRoleBinding.rbac.authorization.k8s.io", "roleRef"),
    ("CronJob.batch", "spec.jobTemplate.spec.selector"),
    ("DaemonSet.apps", "spec.selector"),
    ("Deployment.apps", "spec.selector"),
    ("HorizontalPodAutoscaler.autoscaling", "spec.scaleTargetRef"),
    ("Ingress.networking.k8s.io", "spec.defaultBackend.resource"),
    ("Ingress.networking.k8s.io", "spec.defaultBackend.service.port"),
    ("Job.batch", "spec.selector"),
    ("MutatingAdmissionPolicy.admissionregistration.k8s.io", "spec.matchConstraints"),
    ("MutatingAdmissionPolicy.admissionregistration.k8s.io", "spec.paramKind"),
    ("MutatingAdmissionPolicyBinding.admissionregistration.k8s.io", "spec.matchResources"),
    ("MutatingAdmissionPolicyBinding.admissionregistration.k8s.io", "spec.paramRef"),
    ("MutatingWebhookConfiguration.admissionregistration.k8s.io", "webhooks.*.namespaceSelector"),
    ("MutatingWebhookConfiguration.admissionregistration.k8s.io", "webhooks.*.objectSelector"),
    ("NetworkPolicy.networking.k8s.io", "spec.podSelector"),
    ("PersistentVolume", "spec.cephfs.secretRef"),
    ("PersistentVolume", "spec.cinder.secretRef"),
    ("PersistentVolume", "spec.csi.controllerExpandSecretRef"),
    ("PersistentVolume", "spec.csi.controllerPublishSecretRef"),
    ("PersistentVolume", "spec.csi.nodeExpandSecretRef"),
    ("PersistentVolume", "spec.csi.nodePublishSecretRef"),
    ("PersistentVolume", "spec.csi.nodeStageSecretRef"),
    ("PersistentVolume", "spec.flexVolume.secretRef"),
    ("PersistentVolume", "spec.iscsi.secretRef"),
    ("PersistentVolume", "spec.nodeAffinity.required"),
    ("PersistentVolume", "spec.rbd.secretRef"),
    ("PersistentVolume", "spec.scaleIO.secretRef"),
    ("PersistentVolume", "spec.storageos.secretRef"),
    ("PersistentVolumeClaim", "spec.dataSource"),
    ("PersistentVolumeClaim", "spec.selector"),
    ("PodDisruptionBudget.policy", "spec.selector"),
    ("ReplicaSet.apps", "spec.selector"),
    ("ResourceFlavor.kueue.x-k8s.io", "spec.nodeLabels"),
    ("ResourceQuota", "spec.scopeSelector"),
    ("RoleBinding.rbac.authorization.k8s.io", "roleRef"),
    ("RuntimeClass.node.k8s.io", "scheduling.nodeSelector"),
    ("Service", "spec.selector"),
    ("ServiceAccount", "secrets.*"),
    ("StatefulSet.apps", "spec.selector"),
    ("ValidatingAdmissionPolicy.admissionregistration.k8s.io", "spec.matchConstraints"),
    ("ValidatingAdmissionPolicy.admissionregistration.k8s.io", "spec.paramKind"),
    ("ValidatingAdmissionPolicy.admissionregistration.k8s.io", "spec.variables.*"),
    ("ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io", "spec.matchResources"),
    ("ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io", "spec.paramRef"),
    ("ValidatingWebhookConfiguration.admissionregistration.k8s.io", "webhooks.*.namespaceSelector"),
    ("ValidatingWebhookConfiguration.admissionregistration.k8s.io", "webhooks.*.objectSelector"),
];

/// Where a kind has its pods' spec.
const PODS: &[(&str, &str)] = &[
    ("CronJob.batch", "spec.jobTemplate.spec.template.spec"),
    ("DaemonSet.apps", "spec.template.spec"),
    ("Deployment.apps", "spec.template.spec"),
    ("Job.batch", "spec.template.spec"),
    ("Pod", "spec"),
    ("ReplicaSet.apps", "spec.template.spec"),
    ("StatefulSet.apps", "spec.template.spec"),
];

/// Atomic maps within a pod's spec.
const POD: &[&str] = &[
    "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "containers.*.env.*.valueFrom.configMapKeyRef",
    "containers.*.env.*.valueFrom.fieldRef",
    "containers.*.env.*.valueFrom.fileKeyRef",
    "containers.*.env.*.valueFrom.resourceFieldRef",
    "containers.*.env.*.valueFrom.secretKeyRef",
    "imagePullSecrets.*",
    "initContainers.*.env.*.valueFrom.configMapKeyRef",
    "initContainers.*.env.*.valueFrom.fieldRef",
    "initContainers.*.env.*.valueFrom.fileKeyRef",
    "initContainers.*.env.*.valueFrom.resourceFieldRef",
    "initContainers.*.env.*.valueFrom.secretKeyRef",
    "nodeSelector",
    "topologySpreadConstraints.*.labelSelector",
    "volumes.*.cephfs.secretRef",
    "volumes.*.cinder.secretRef",
    "volumes.*.csi.nodePublishSecretRef",
    "volumes.*.ephemeral.volumeClaimTemplate.spec.dataSource",
    "volumes.*.ephemeral.volumeClaimTemplate.spec.selector",
    "volumes.*.flexVolume.secretRef",
    "volumes.*.iscsi.secretRef",
    "volumes.*.rbd.secretRef",
    "volumes.*.scaleIO.secretRef",
    "volumes.*.storageos.secretRef",
];

/// Whether the map at a path of plain field names (`*` for an item of a list) is replaced whole. `kind` is as in an address.
pub fn is_atomic(kind: &str, path: &[&str]) -> bool {
    let joined = path.join(".");
    if joined.is_empty() {
        return false;
    }
    if MAPS.iter().any(|(of, at)| *of == kind && *at == joined) {
        return true;
    }
    let root = PODS.iter().find(|(of, _)| *of == kind);
    let within = root.and_then(|(_, root)| joined.strip_prefix(root)).and_then(|rest| rest.strip_prefix('.'));
    within.is_some_and(|within| POD.contains(&within))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_atomic_and_data_is_not() {
        assert!(is_atomic("Service", &["spec", "selector"]));
        assert!(is_atomic("Deployment.apps", &["spec", "template", "spec", "nodeSelector"]));
        assert!(is_atomic(
            "Deployment.apps",
            &["spec", "template", "spec", "containers", "*", "env", "*", "valueFrom", "secretKeyRef"]
        ));
        assert!(is_atomic("ResourceFlavor.kueue.x-k8s.io", &["spec", "nodeLabels"]));
        assert!(!is_atomic("ConfigMap", &["data"]));
        assert!(!is_atomic("Deployment.apps", &["spec", "template", "spec", "containers", "*", "resources"]));
        assert!(!is_atomic("PersistentVolume", &["spec", "claimRef"]), "granular, whatever one would think");
        assert!(!is_atomic("Deployment.apps", &["spec", "template", "specs", "nodeSelector"]));
    }
}
