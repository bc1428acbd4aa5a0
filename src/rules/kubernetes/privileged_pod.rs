//! No pod of a service has rights over its node (Pod Security Standards, baseline).

use serde_json::Value;

use super::pod::{self, Pod};
use crate::diagnostics::{Code, Diagnostics, Severity};
use crate::model::Site;
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// A pod has rights over its node.
const CODE: Code = Code {
    name: "privileged-pod",
    severity: Severity::Error,
    summary: "A pod has rights over its node",
    explanation: "A privileged container, a `hostPath` volume, the host's network, processes or IPC, and added capabilities give a service the node and the jobs on it (Pod Security Standards, baseline). Operators that need them are installed by the administrators of the cluster and are no support service.",
    failing: "spec: { hostNetwork: true, containers: [] }",
    passing: "spec: { containers: [] }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Pods, check };

/// Capability that the restricted level allows to add.
const HARMLESS: &str = "NET_BIND_SERVICE";

fn check(site: &Site, found: &mut Diagnostics) {
    for pod in pod::passed_through(site) {
        for (field, what) in [
            ("hostNetwork", "is on the network of its node"),
            ("hostPID", "sees the processes of its node"),
            ("hostIPC", "shares memory with its node"),
        ] {
            let path = pod.spec.key(field);
            if pod.is(&path, true) {
                found.push(pod.refuse(&CODE, what, &path, &format!("remove `{field}`")));
            }
        }
        for volume in pod.items(&pod.spec.key("volumes")) {
            let path = volume.key("hostPath");
            if pod.get(&path).is_some() {
                let hint = "use a PersistentVolumeClaim, or an `emptyDir`";
                found.push(pod.refuse(&CODE, "mounts a folder of its node", &path, hint));
            }
        }
        for container in pod.containers() {
            of_container(&pod, &container, found);
        }
    }
}

fn of_container(pod: &Pod<'_>, container: &FieldPath, found: &mut Diagnostics) {
    let security = container.key("securityContext");
    for (field, what) in [("privileged", "is privileged"), ("allowPrivilegeEscalation", "may gain privileges")] {
        let path = security.key(field);
        if pod.is(&path, true) {
            found.push(pod.refuse(&CODE, what, &path, &format!("remove `{field}`")));
        }
    }
    let added = security.key("capabilities").key("add");
    let names = pod.get(&added).and_then(Value::as_array).into_iter().flatten();
    if names.filter_map(Value::as_str).any(|name| name != HARMLESS) {
        found.push(pod.refuse(&CODE, "adds capabilities", &added, "remove them"));
    }
    for port in pod.items(&container.key("ports")) {
        let path = port.key("hostPort");
        if pod.get(&path).and_then(Value::as_i64).is_some_and(|port| port != 0) {
            let hint = "remove `hostPort`, and reach it through a Service";
            found.push(pod.refuse(&CODE, "takes a port of its node", &path, hint));
        }
    }
}
