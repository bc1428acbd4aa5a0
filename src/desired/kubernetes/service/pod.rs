//! The pod of a service: never root, no capability, no rights over its node.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core_v1;
use k8s_openapi::api::core::v1::{
    Capabilities, ConfigMapKeySelector, Container, ContainerPort, EnvVar, EnvVarSource, ExecAction, HTTPGetAction,
    LocalObjectReference, PersistentVolumeClaimVolumeSource, PodSecurityContext, PodSpec, PodTemplateSpec,
    ResourceRequirements, SeccompProfile, SecretKeySelector, SecurityContext, TCPSocketAction, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::draft::{Context, filled, number};
use crate::model::service::kubernetes::{KubernetesService, Port, Probe, Source, Variable, Volume};

/// The template, and its manifest fields by the paths below it.
pub(super) fn template(context: &Context<'_>, runtime: &KubernetesService) -> (PodTemplateSpec, Vec<(String, String)>) {
    let name = &context.service.name;
    let mut labels = context.labels();
    labels.insert("app.kubernetes.io/name".to_owned(), name.clone());
    let own_account = runtime.service_account.is_none();
    let volume = |volume: &Volume| core_v1::Volume {
        name: volume.name.clone(),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: format!("{name}-{}", volume.name),
            ..PersistentVolumeClaimVolumeSource::default()
        }),
        ..core_v1::Volume::default()
    };
    let user = runtime.run_as_user.map(|user| i64::from(number(user)));
    // A volume's files belong to root, until they are given to the group of the pod.
    let group = user.filter(|_| !runtime.storage.is_empty());
    let security = PodSecurityContext {
        fs_group: group,
        fs_group_change_policy: group.map(|_| "OnRootMismatch".to_owned()),
        run_as_non_root: Some(true),
        run_as_user: user,
        seccomp_profile: Some(SeccompProfile { type_: "RuntimeDefault".to_owned(), ..SeccompProfile::default() }),
        ..PodSecurityContext::default()
    };
    let spec = PodSpec {
        automount_service_account_token: own_account.then_some(false),
        containers: vec![container(context, runtime)],
        image_pull_secrets: runtime.pull_secret.as_ref().map(|name| vec![LocalObjectReference { name: name.clone() }]),
        priority_class_name: runtime.priority_class.clone(),
        security_context: Some(security),
        service_account_name: Some(runtime.service_account.as_ref().unwrap_or(name).clone()),
        volumes: filled(runtime.storage.iter().map(volume).collect()),
        ..PodSpec::default()
    };
    let metadata = ObjectMeta { labels: Some(labels), ..ObjectMeta::default() };
    (PodTemplateSpec { metadata: Some(metadata), spec: Some(spec) }, places(context, runtime))
}

/// What each replica has; none where nothing is said.
fn resources(context: &Context<'_>, runtime: &KubernetesService) -> Option<ResourceRequirements> {
    let (mut requests, mut limits) = (BTreeMap::new(), BTreeMap::new());
    if let Some(cpus) = &runtime.cpus {
        // No limit: spare CPUs of a node help everybody, and a limit slows a service while they idle.
        requests.insert("cpu".to_owned(), Quantity(cpus.clone()));
    }
    if let Some(memory) = &runtime.memory {
        requests.insert("memory".to_owned(), Quantity(memory.clone()));
        limits.insert("memory".to_owned(), Quantity(memory.clone()));
    }
    if runtime.gpus > 0 {
        let name = context.site.gpu_resource(runtime).to_owned();
        requests.insert(name.clone(), Quantity(runtime.gpus.to_string()));
        limits.insert(name, Quantity(runtime.gpus.to_string()));
    }
    // Whatever is limited is requested too.
    (!requests.is_empty()).then(|| ResourceRequirements {
        limits: (!limits.is_empty()).then_some(limits),
        requests: Some(requests),
        ..ResourceRequirements::default()
    })
}

fn container(context: &Context<'_>, runtime: &KubernetesService) -> Container {
    let port = |port: &Port| ContainerPort {
        container_port: number(port.number),
        name: Some(port.name.clone()),
        protocol: Some(port.protocol.to_owned()),
        ..ContainerPort::default()
    };
    let mount = |volume: &Volume| VolumeMount {
        mount_path: volume.mount.clone(),
        name: volume.name.clone(),
        ..VolumeMount::default()
    };
    let probe = |name: &str| runtime.probes.get(name).map(|(probe, _)| self::probe(probe, runtime));
    Container {
        args: filled(runtime.args.clone()),
        command: filled(runtime.command.clone()),
        env: filled(runtime.env.iter().map(variable).collect()),
        image: Some(runtime.image.clone()),
        liveness_probe: probe("livenessProbe"),
        name: context.service.name.clone(),
        ports: filled(runtime.ports.iter().map(port).collect()),
        readiness_probe: probe("readinessProbe"),
        resources: resources(context, runtime),
        security_context: Some(SecurityContext {
            allow_privilege_escalation: Some(false),
            capabilities: Some(Capabilities { drop: Some(vec!["ALL".to_owned()]), ..Capabilities::default() }),
            ..SecurityContext::default()
        }),
        startup_probe: probe("startupProbe"),
        volume_mounts: filled(runtime.storage.iter().map(mount).collect()),
        ..Container::default()
    }
}

fn variable(variable: &Variable) -> EnvVar {
    let mut written = EnvVar { name: variable.name.clone(), ..EnvVar::default() };
    match variable.sources.first() {
        // An empty value is kept by nobody.
        Some(Source::Value(value)) => written.value = Some(value.clone()).filter(|value| !value.is_empty()),
        Some(Source::Secret(name, key)) => {
            let (name, key) = (name.clone(), key.clone());
            let reference = SecretKeySelector { key, name, optional: None };
            written.value_from = Some(EnvVarSource { secret_key_ref: Some(reference), ..EnvVarSource::default() });
        }
        Some(Source::Config(name, key)) => {
            let (name, key) = (name.clone(), key.clone());
            let reference = ConfigMapKeySelector { key, name, optional: None };
            written.value_from = Some(EnvVarSource { config_map_key_ref: Some(reference), ..EnvVarSource::default() });
        }
        None => {}
    }
    written
}

/// A probe runs its command, or asks its port or else the first: for its path, or whether it listens.
fn probe(probe: &Probe, runtime: &KubernetesService) -> core_v1::Probe {
    let mut written = core_v1::Probe {
        failure_threshold: probe.failures.map(number),
        period_seconds: probe.every.map(number),
        ..core_v1::Probe::default()
    };
    if !probe.command.is_empty() {
        written.exec = Some(ExecAction { command: Some(probe.command.clone()) });
        return written;
    }
    let name = probe.port.as_ref().or_else(|| runtime.ports.first().map(|port| &port.name));
    let Some(port) = name.cloned().map(IntOrString::String) else { return written };
    match &probe.path {
        Some(path) => {
            written.http_get = Some(HTTPGetAction { path: Some(path.clone()), port, ..HTTPGetAction::default() });
        }
        None => written.tcp_socket = Some(TCPSocketAction { port, ..TCPSocketAction::default() }),
    }
    written
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
