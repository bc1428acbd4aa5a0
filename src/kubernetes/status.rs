//! What an object's status says of its progress, kind by kind (kstatus of cli-utils, and rules for queues).

use super::object::metadata;
use serde_json::Value;

/// How far an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// As declared, and working.
    Current,
    /// On its way; why.
    InProgress(String),
    /// It will not get there by waiting; why.
    Failed(String),
    /// Being deleted; the finalizers that hold it.
    Terminating(Vec<String>),
}

fn number(object: &Value, path: &str) -> Option<i64> {
    object.pointer(path).and_then(Value::as_i64)
}

fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    object.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// A condition's status, reason and message.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    let found = conditions.iter().find(|one| text(one, "/type") == kind)?;
    Some((text(found, "/status"), text(found, "/reason"), text(found, "/message")))
}

fn said(reason: &str, message: &str) -> String {
    match (reason.is_empty(), message.is_empty()) {
        (_, true) => reason.to_owned(),
        (true, false) => message.to_owned(),
        (false, false) => format!("{reason}: {message}"),
    }
}

/// Finalizers of an object that is being deleted; `None` of one that is not.
pub fn terminating(object: &Value) -> Option<Vec<String>> {
    metadata(object, "deletionTimestamp")?;
    let finalizers = metadata(object, "finalizers").and_then(Value::as_array);
    Some(finalizers.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect())
}

/// The state of an object as read.
pub fn state(object: &Value) -> State {
    if let Some(finalizers) = terminating(object) {
        return State::Terminating(finalizers);
    }
    if let (Some(seen), Some(generation)) =
        (number(object, "/status/observedGeneration"), number(object, "/metadata/generation"))
        && seen != generation
    {
        return State::InProgress(format!("its controller has seen generation {seen} of {generation}"));
    }
    if let Some(("True", reason, message)) = condition(object, "Stalled") {
        return State::Failed(said(reason, message));
    }
    if let Some(("True", reason, message)) = condition(object, "Reconciling") {
        return State::InProgress(said(reason, message));
    }
    let group = text(object, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    match (group, text(object, "/kind")) {
        ("apps", "Deployment") => deployment(object),
        ("apps", "StatefulSet") => stateful_set(object),
        ("apps", "DaemonSet") => daemon_set(object),
        ("batch", "Job") => job(object),
        ("", "Pod") => pod(object),
        ("", "PersistentVolumeClaim") => claim(object),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition(object),
        ("kueue.x-k8s.io", "ClusterQueue" | "LocalQueue" | "AdmissionCheck" | "MultiKueueCluster") => {
            required(object, "Active")
        }
        _ => match condition(object, "Ready") {
            Some(("True", _, _)) | None => State::Current,
            Some((_, reason, message)) => State::InProgress(said(reason, message)),
        },
    }
}

/// A condition that the kind's controller always writes.
fn required(object: &Value, kind: &str) -> State {
    match condition(object, kind) {
        Some(("True", _, _)) => State::Current,
        Some((_, reason, message)) => State::InProgress(said(reason, message)),
        None => State::InProgress(format!("its controller has not said yet whether it is {kind}")),
    }
}

fn count(object: &Value, what: &str, path: &str, wanted: i64) -> Option<State> {
    let have = number(object, path).unwrap_or(0);
    (have < wanted).then(|| State::InProgress(format!("{have} of {wanted} pods {what}")))
}

fn deployment(object: &Value) -> State {
    if let Some((_, "ProgressDeadlineExceeded", message)) = condition(object, "Progressing") {
        return State::Failed(said("ProgressDeadlineExceeded", message));
    }
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    for (what, path) in [
        ("made", "/status/replicas"),
        ("updated", "/status/updatedReplicas"),
        ("available", "/status/availableReplicas"),
        ("ready", "/status/readyReplicas"),
    ] {
        if let Some(state) = count(object, what, path, wanted) {
            return state;
        }
    }
    let made = number(object, "/status/replicas").unwrap_or(0);
    if made > number(object, "/status/updatedReplicas").unwrap_or(0) {
        return State::InProgress("old pods are ending".to_owned());
    }
    if number(object, "/status/observedGeneration").is_none() {
        return State::InProgress("its controller has not seen it yet".to_owned());
    }
    match condition(object, "Available") {
        Some(("True", _, _)) => State::Current,
        Some((_, reason, message)) => State::InProgress(said(reason, message)),
        None => State::InProgress("it is not available yet".to_owned()),
    }
}

fn stateful_set(object: &Value) -> State {
    if text(object, "/spec/updateStrategy/type") == "OnDelete" {
        return State::Current;
    }
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    let partition = number(object, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or(0);
    for (what, path) in [("made", "/status/replicas"), ("ready", "/status/readyReplicas")] {
        if let Some(state) = count(object, what, path, wanted) {
            return state;
        }
    }
    if let Some(state) = count(object, "updated", "/status/updatedReplicas", wanted - partition) {
        return state;
    }
    if partition == 0 && text(object, "/status/currentRevision") != text(object, "/status/updateRevision") {
        return State::InProgress("the new revision is not in force everywhere".to_owned());
    }
    State::Current
}

fn daemon_set(object: &Value) -> State {
    if number(object, "/status/observedGeneration").is_none() {
        return State::InProgress("its controller has not seen it yet".to_owned());
    }
    let Some(wanted) = number(object, "/status/desiredNumberScheduled") else {
        return State::InProgress("it is not known yet on how many nodes it runs".to_owned());
    };
    for (what, path) in [
        ("scheduled", "/status/currentNumberScheduled"),
        ("updated", "/status/updatedNumberScheduled"),
        ("available", "/status/numberAvailable"),
        ("ready", "/status/numberReady"),
    ] {
        if let Some(state) = count(object, what, path, wanted) {
            return state;
        }
    }
    State::Current
}

fn job(object: &Value) -> State {
    if let Some(("True", reason, message)) = condition(object, "Failed") {
        return State::Failed(said(reason, message));
    }
    for done in ["Complete", "Suspended"] {
        if matches!(condition(object, done), Some(("True", _, _))) {
            return State::Current;
        }
    }
    if object.pointer("/status/startTime").is_some() {
        return State::Current;
    }
    State::InProgress("it has not started".to_owned())
}

fn pod(object: &Value) -> State {
    let waiting = object.pointer("/status/containerStatuses").and_then(Value::as_array).into_iter().flatten();
    for container in waiting {
        let reason = text(container, "/state/waiting/reason");
        if matches!(reason, "CrashLoopBackOff" | "ImagePullBackOff" | "ErrImagePull" | "CreateContainerConfigError") {
            return State::Failed(said(reason, text(container, "/state/waiting/message")));
        }
    }
    match text(object, "/status/phase") {
        "Succeeded" => State::Current,
        "Failed" => State::Failed(said(text(object, "/status/reason"), text(object, "/status/message"))),
        _ => match condition(object, "Ready") {
            Some(("True", _, _)) => State::Current,
            Some((_, reason, message)) => State::InProgress(said(reason, message)),
            None => match condition(object, "PodScheduled") {
                Some(("False", reason, message)) => State::InProgress(said(reason, message)),
                _ => State::InProgress("it is not ready yet".to_owned()),
            },
        },
    }
}

/// A claim whose class waits for its first consumer never binds by itself, so only a lost one is a failure.
fn claim(object: &Value) -> State {
    match text(object, "/status/phase") {
        "Lost" => State::Failed("its volume is lost".to_owned()),
        _ => State::Current,
    }
}

fn definition(object: &Value) -> State {
    if let Some(("False", reason, message)) = condition(object, "NamesAccepted") {
        return State::Failed(said(reason, message));
    }
    required(object, "Established")
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "literals are handed over")]
mod tests {
    use serde_json::json;

    use super::*;

    fn with(kind: (&str, &str), spec: Value, status: Value) -> Value {
        json!({"apiVersion": kind.0, "kind": kind.1, "metadata": {"name": "x", "generation": 2}, "spec": spec, "status": status})
    }

    fn waits(object: &Value) -> bool {
        matches!(state(object), State::InProgress(_))
    }

    fn fails(object: &Value) -> bool {
        matches!(state(object), State::Failed(_))
    }

    #[test]
    fn what_holds_for_every_kind() {
        assert_eq!(state(&json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}})), State::Current);
        assert!(waits(&with(("x/v1", "Thing"), json!({}), json!({"observedGeneration": 1}))));
        assert!(waits(&with(
            ("x/v1", "Thing"),
            json!({}),
            json!({"conditions": [{"type": "Ready", "status": "False"}]})
        )));
        assert!(fails(&with(
            ("x/v1", "Thing"),
            json!({}),
            json!({"conditions": [{"type": "Stalled", "status": "True", "reason": "Broken"}]})
        )));
        let leaving = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"deletionTimestamp": "x", "finalizers": ["a/b"]}});
        assert_eq!(state(&leaving), State::Terminating(vec!["a/b".to_owned()]));
    }

    #[test]
    fn workloads() {
        let kind = ("apps/v1", "Deployment");
        let whole = json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2, "readyReplicas": 2, "conditions": [{"type": "Available", "status": "True"}]});
        assert_eq!(state(&with(kind, json!({"replicas": 2}), whole.clone())), State::Current);
        assert!(waits(&with(kind, json!({"replicas": 3}), whole.clone())));
        assert!(waits(&with(kind, json!({"replicas": 2}), json!({}))));
        let mut old = whole;
        old["replicas"] = json!(3);
        assert!(waits(&with(kind, json!({"replicas": 2}), old)));
        assert!(fails(&with(
            kind,
            json!({}),
            json!({"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]})
        )));
        let set = ("apps/v1", "StatefulSet");
        assert_eq!(
            state(&with(
                set,
                json!({"replicas": 1}),
                json!({"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "a"})
            )),
            State::Current
        );
        assert!(waits(&with(
            set,
            json!({"replicas": 1}),
            json!({"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b"})
        )));
        assert!(waits(&with(
            ("apps/v1", "DaemonSet"),
            json!({}),
            json!({"observedGeneration": 2, "desiredNumberScheduled": 2, "currentNumberScheduled": 1})
        )));
        assert!(fails(&with(
            ("batch/v1", "Job"),
            json!({}),
            json!({"conditions": [{"type": "Failed", "status": "True"}]})
        )));
        assert_eq!(
            state(&with(
                ("batch/v1", "Job"),
                json!({}),
                json!({"conditions": [{"type": "Suspended", "status": "True"}]})
            )),
            State::Current
        );
        let crash =
            json!({"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]});
        assert!(fails(&with(("v1", "Pod"), json!({}), crash)));
    }

    #[test]
    fn queues_and_claims() {
        assert!(waits(&with(("kueue.x-k8s.io/v1beta2", "ClusterQueue"), json!({}), json!({}))));
        assert_eq!(
            state(&with(
                ("kueue.x-k8s.io/v1beta2", "ClusterQueue"),
                json!({}),
                json!({"conditions": [{"type": "Active", "status": "True"}]})
            )),
            State::Current
        );
        assert_eq!(
            state(&with(("v1", "PersistentVolumeClaim"), json!({}), json!({"phase": "Pending"}))),
            State::Current
        );
        assert!(waits(&with(("apiextensions.k8s.io/v1", "CustomResourceDefinition"), json!({}), json!({}))));
    }
}
