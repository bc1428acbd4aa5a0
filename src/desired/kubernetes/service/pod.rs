//! The pod of a service: never root, no capability, no rights over its node.

use serde_json::{Map, Value, json};

use super::draft::{Context, fields};
use crate::model::service::kubernetes::{KubernetesService, Port, Probe, Source};

/// The template, and its manifest fields by the paths below it.
pub(super) fn template(context: &Context<'_>, runtime: &KubernetesService) -> (Value, Vec<(String, String)>) {
    let name = &context.service.name;
    let mut labels = context.labels();
    labels.insert("app.kubernetes.io/name".to_owned(), json!(name));
    let own_account = runtime.service_account.is_none();
    let volumes: Vec<Value> = runtime
        .storage
        .iter()
        .map(|volume| {
            json!({"name": volume.name, "persistentVolumeClaim": {"claimName": format!("{name}-{}", volume.name)}})
        })
        .collect();
    let security = fields([
        ("runAsNonRoot", Some(json!(true))),
        ("runAsUser", runtime.run_as_user.map(Value::from)),
        // A volume's files belong to root, until they are given to the group of the pod.
        ("fsGroup", runtime.run_as_user.filter(|_| !volumes.is_empty()).map(Value::from)),
        ("fsGroupChangePolicy", runtime.run_as_user.filter(|_| !volumes.is_empty()).map(|_| json!("OnRootMismatch"))),
        ("seccompProfile", Some(json!({"type": "RuntimeDefault"}))),
    ]);
    let spec = fields([
        ("serviceAccountName", Some(json!(runtime.service_account.as_ref().unwrap_or(name)))),
        ("automountServiceAccountToken", own_account.then(|| json!(false))),
        ("imagePullSecrets", runtime.pull_secret.as_ref().map(|secret| json!([{"name": secret}]))),
        ("priorityClassName", runtime.priority_class.as_ref().map(|class| json!(class))),
        ("securityContext", Some(security)),
        ("containers", Some(json!([container(context, runtime)]))),
        ("volumes", (!volumes.is_empty()).then(|| Value::Array(volumes))),
    ]);
    (json!({"metadata": {"labels": labels}, "spec": spec}), places(context, runtime))
}

/// What each replica has, by Kubernetes' names: requests and limits.
pub(super) fn amounts(context: &Context<'_>, runtime: &KubernetesService) -> (Map<String, Value>, Map<String, Value>) {
    let (mut requests, mut limits) = (Map::new(), Map::new());
    if let Some(cpus) = &runtime.cpus {
        // No limit: spare CPUs of a node help everybody, and a limit slows a service while they idle.
        requests.insert("cpu".to_owned(), json!(cpus));
    }
    if let Some(memory) = &runtime.memory {
        requests.insert("memory".to_owned(), json!(memory));
        limits.insert("memory".to_owned(), json!(memory));
    }
    if runtime.gpus > 0 {
        let name = context.site.gpu_resource(runtime).to_owned();
        requests.insert(name.clone(), json!(runtime.gpus.to_string()));
        limits.insert(name, json!(runtime.gpus.to_string()));
    }
    (requests, limits)
}

fn container(context: &Context<'_>, runtime: &KubernetesService) -> Value {
    let (requests, limits) = amounts(context, runtime);
    let filled = |map: Map<String, Value>| (!map.is_empty()).then(|| Value::Object(map));
    let resources = fields([("limits", filled(limits)), ("requests", filled(requests))]);
    let list = |items: Vec<Value>| (!items.is_empty()).then(|| Value::Array(items));
    let port = |port: &Port| json!({"name": port.name, "containerPort": port.number, "protocol": port.protocol});
    let mounts = runtime.storage.iter().map(|volume| json!({"name": volume.name, "mountPath": volume.mount}));
    let probe = |name: &str| runtime.probes.get(name).map(|(probe, _)| self::probe(probe, runtime));
    fields([
        ("name", Some(json!(context.service.name))),
        ("image", Some(json!(runtime.image))),
        ("command", (!runtime.command.is_empty()).then(|| json!(runtime.command))),
        ("args", (!runtime.args.is_empty()).then(|| json!(runtime.args))),
        ("ports", list(runtime.ports.iter().map(port).collect())),
        ("env", list(environment(runtime))),
        ("resources", resources.as_object().is_some_and(|map| !map.is_empty()).then_some(resources.clone())),
        ("volumeMounts", list(mounts.collect())),
        ("startupProbe", probe("startupProbe")),
        ("livenessProbe", probe("livenessProbe")),
        ("readinessProbe", probe("readinessProbe")),
        ("securityContext", Some(json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}))),
    ])
}

fn environment(runtime: &KubernetesService) -> Vec<Value> {
    let reference = |kind: &str, name: &str, key: &str| json!({ kind: {"name": name, "key": key} });
    let variable = |name: &str, source: Option<&Source>| {
        fields([
            ("name", Some(json!(name))),
            (
                "value",
                match source {
                    // An empty value is kept by nobody.
                    Some(Source::Value(value)) if !value.is_empty() => Some(json!(value)),
                    _ => None,
                },
            ),
            (
                "valueFrom",
                match source {
                    Some(Source::Secret(name, key)) => Some(reference("secretKeyRef", name, key)),
                    Some(Source::Config(name, key)) => Some(reference("configMapKeyRef", name, key)),
                    _ => None,
                },
            ),
        ])
    };
    runtime.env.iter().map(|one| variable(&one.name, one.sources.first())).collect()
}

fn probe(probe: &Probe, runtime: &KubernetesService) -> Value {
    let port = || json!(probe.port.as_ref().or_else(|| runtime.ports.first().map(|port| &port.name)));
    let command = !probe.command.is_empty();
    let path = probe.path.as_ref().filter(|_| !command);
    fields([
        ("exec", command.then(|| json!({"command": probe.command}))),
        ("httpGet", path.map(|path| json!({"path": path, "port": port()}))),
        ("tcpSocket", (!command && probe.path.is_none()).then(|| json!({"port": port()}))),
        ("periodSeconds", probe.every.map(Value::from)),
        ("failureThreshold", probe.failures.map(Value::from)),
    ])
}

fn places(context: &Context<'_>, runtime: &KubernetesService) -> Vec<(String, String)> {
    let container = format!(".spec.containers[name={:?}]", context.service.name);
    let mut places: Vec<(String, String)> = [
        (".spec.serviceAccountName", "serviceAccount"),
        (".spec.imagePullSecrets", "pullSecret"),
        (".spec.priorityClassName", "priorityClass"),
        (".spec.securityContext.runAsUser", "runAsUser"),
        (".spec.volumes", "storage"),
    ]
    .into_iter()
    .map(|(written, field)| (written.to_owned(), field.to_owned()))
    .collect();
    for (written, field) in [
        ("image", "image"),
        ("command", "command"),
        ("args", "args"),
        ("ports", "ports"),
        ("env", "env"),
        ("resources", "resources"),
        ("resources.requests.cpu", "resources.cpus"),
        ("resources.requests.memory", "resources.memory"),
        ("resources.limits.memory", "resources.memory"),
        ("volumeMounts", "storage"),
        ("startupProbe", "probes.startup"),
        ("livenessProbe", "probes.liveness"),
        ("readinessProbe", "probes.readiness"),
    ] {
        places.push((format!("{container}.{written}"), field.to_owned()));
    }
    for part in ["requests", "limits"] {
        let name = context.site.gpu_resource(runtime);
        places.push((format!("{container}.resources.{part}.{name}"), "resources.gpus".to_owned()));
    }
    places
}
