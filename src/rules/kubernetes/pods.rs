//! No pod of a service is root, or has rights over its node (Pod Security Standards, baseline, and `runAsNonRoot` of the
//! restricted level), and none has a secret in its environment.

use serde_json::Value;

use crate::diagnostics::codes::services as codes;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place};
use crate::kubernetes::object::{CONTAINERS, at, pod_spec_path};
use crate::model::Site;
use crate::model::service::kubernetes::PassThroughObject;
use crate::resource::FieldPath;
use crate::resource::secrecy::looks_secret;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        if service.kubernetes().is_some_and(|runtime| runtime.run_as_user == Some(0)) {
            found.push(
                Diagnostic::new(&codes::ROOT_POD, format!("`{}` would run as root", service.name))
                    .at(Place::value(service.document, FieldPath::keys("spec.kubernetes.runAsUser")))
                    .label("root")
                    .hint("use a user of its own, e.g. `runAsUser: 10001`"),
            );
        }
        for object in service.pass_through().into_iter().flat_map(|runtime| &runtime.objects) {
            if let Some(pod) = pod_spec_path(&object.object) {
                Pod { object, pod }.check(found);
            }
        }
    }
}

struct Pod<'a> {
    object: &'a PassThroughObject,
    pod: FieldPath,
}

/// Capability that the restricted level allows to add.
const HARMLESS: &str = "NET_BIND_SERVICE";

impl Pod<'_> {
    fn get(&self, path: &FieldPath) -> Option<&Value> {
        at(&self.object.object, path)
    }

    fn is(&self, path: &FieldPath, wanted: bool) -> bool {
        self.get(path) == Some(&Value::Bool(wanted))
    }

    fn refuse(&self, code: &'static Code, what: &str, path: &FieldPath, hint: &str, found: &mut Diagnostics) {
        let mut whole = self.object.base.clone();
        whole.0.extend(path.0.iter().cloned());
        let text = |pointer: &str| self.object.object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let message = format!("{} `{}` {what}", text("/kind"), text("/metadata/name"));
        found.push(Diagnostic::new(code, message).at(Place::value(self.object.document, whole)).hint(hint));
    }

    fn check(&self, found: &mut Diagnostics) {
        for (field, what) in [
            ("hostNetwork", "is on the network of its node"),
            ("hostPID", "sees the processes of its node"),
            ("hostIPC", "shares memory with its node"),
        ] {
            let path = self.pod.key(field);
            if self.is(&path, true) {
                self.refuse(&codes::PRIVILEGED_POD, what, &path, &format!("take `{field}` out"), found);
            }
        }
        let volumes = self.pod.key("volumes");
        for index in 0..self.length(&volumes) {
            let path = volumes.index(index).key("hostPath");
            if self.get(&path).is_some() {
                let hint = "use a PersistentVolumeClaim, or an `emptyDir`";
                self.refuse(&codes::PRIVILEGED_POD, "mounts a folder of its node", &path, hint, found);
            }
        }
        let security = self.pod.key("securityContext");
        self.user(&security, found);
        let safe = self.is(&security.key("runAsNonRoot"), true);
        for list in CONTAINERS {
            let list = self.pod.key(list);
            for index in 0..self.length(&list) {
                self.container(&list.index(index), safe, found);
            }
        }
    }

    fn length(&self, path: &FieldPath) -> usize {
        self.get(path).and_then(Value::as_array).map_or(0, Vec::len)
    }

    fn user(&self, security: &FieldPath, found: &mut Diagnostics) {
        let path = security.key("runAsUser");
        if self.get(&path).and_then(Value::as_i64) == Some(0) {
            self.refuse(&codes::ROOT_POD, "runs as root", &path, "write another user, e.g. `runAsUser: 10001`", found);
        }
    }

    fn variables(&self, list: &FieldPath, found: &mut Diagnostics) {
        for index in 0..self.length(list) {
            let path = list.index(index);
            let text = |key: &str| self.get(&path.key(key)).and_then(Value::as_str);
            let (Some(name), Some(value)) = (text("name"), text("value")) else { continue };
            if looks_secret(name, value) {
                let what = format!("holds a secret: `{name}` is one, by its name or its form");
                let hint = "refer to it: `valueFrom: { secretKeyRef: { name: …, key: … } }`";
                self.refuse(&codes::SECRET_VALUE, &what, &path.key("name"), hint, found);
            }
        }
    }

    fn container(&self, container: &FieldPath, safe: bool, found: &mut Diagnostics) {
        let security = container.key("securityContext");
        self.user(&security, found);
        let non_root = security.key("runAsNonRoot");
        if self.is(&non_root, false) || (!safe && !self.is(&non_root, true)) {
            let hint = "add `securityContext: { runAsNonRoot: true }` to the pod's spec";
            self.refuse(&codes::ROOT_POD, "may run as root", &non_root, hint, found);
        }
        for (field, what) in [("privileged", "is privileged"), ("allowPrivilegeEscalation", "may gain privileges")] {
            let path = security.key(field);
            if self.is(&path, true) {
                self.refuse(&codes::PRIVILEGED_POD, what, &path, &format!("take `{field}` out"), found);
            }
        }
        let added = security.key("capabilities").key("add");
        let names = self.get(&added).and_then(Value::as_array).into_iter().flatten();
        if names.filter_map(Value::as_str).any(|name| name != HARMLESS) {
            self.refuse(&codes::PRIVILEGED_POD, "adds capabilities", &added, "take them out", found);
        }
        self.variables(&container.key("env"), found);
        let ports = container.key("ports");
        for index in 0..self.length(&ports) {
            let path = ports.index(index).key("hostPort");
            if self.get(&path).and_then(Value::as_i64).is_some_and(|port| port != 0) {
                let hint = "take `hostPort` out, and reach it through a Service";
                self.refuse(&codes::PRIVILEGED_POD, "takes a port of its node", &path, hint, found);
            }
        }
    }
}
