//! No pod of a service runs as root (`runAsNonRoot` of the restricted level of the Pod Security Standards).

use serde_json::Value;

use super::pod::{self, Pod};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

/// A pod may run as root.
const CODE: Code = Code {
    name: "root-pod",
    severity: Severity::Error,
    summary: "A pod may run as root",
    explanation: "Services share nodes with users' pods: none of them runs as root. What is described here is made with `runAsNonRoot: true`; what is passed through has to say so itself, for the pod or for each container.",
    failing: r#"kubernetes: { image: "r.example/a:1", runAsUser: 0 }"#,
    passing: r#"kubernetes: { image: "r.example/a:1", runAsUser: 10001 }"#,
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Pods, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        if service.kubernetes().is_some_and(|runtime| runtime.run_as_user == Some(0)) {
            found.push(
                Diagnostic::new(&CODE, format!("`{}` would run as root", service.name))
                    .at(at(service, "spec.kubernetes.runAsUser"))
                    .label("root")
                    .hint("use a user of its own, e.g. `runAsUser: 10001`"),
            );
        }
    }
    for pod in pod::passed_through(site) {
        let security = pod.spec.key("securityContext");
        user(&pod, &security, found);
        let safe = pod.is(&security.key("runAsNonRoot"), true);
        for container in pod.containers() {
            let security = container.key("securityContext");
            user(&pod, &security, found);
            let non_root = security.key("runAsNonRoot");
            if pod.is(&non_root, false) || (!safe && !pod.is(&non_root, true)) {
                let hint = "add `securityContext: { runAsNonRoot: true }` to the pod's spec";
                found.push(pod.refuse(&CODE, "may run as root", &non_root, hint));
            }
        }
    }
}

fn user(pod: &Pod<'_>, security: &FieldPath, found: &mut Diagnostics) {
    let path = security.key("runAsUser");
    if pod.get(&path).and_then(Value::as_i64) == Some(0) {
        found.push(pod.refuse(&CODE, "runs as root", &path, "write another user, e.g. `runAsUser: 10001`"));
    }
}
