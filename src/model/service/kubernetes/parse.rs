//! Services on Kubernetes: quantities in Kubernetes' own words.

use std::collections::BTreeMap;

use super::{KubernetesService, Port, Probe, Replicas, Route, Source, Variable, Volume, Way};
use crate::diagnostics::Complaint;
use crate::kubernetes::{object, quantity};
use crate::manifest::v1alpha1::support_service as wire;
use crate::model::lists::numbered;
use crate::model::service::reader::Reader;
use crate::model::units;
use crate::resource::FieldPath;

/// Most replicas, ports, and the like: more is a slip.
const MANY: u64 = 10_000;
/// Highest user number that a server takes for a pod.
const LAST_USER: u64 = 2_147_483_647;

pub(super) fn parse(
    wire: &wire::KubernetesRuntime,
    namespace: String,
    base: &FieldPath,
    reader: &mut Reader<'_>,
) -> KubernetesService {
    let resources = &wire.resources;
    let of = base.key("resources");
    KubernetesService {
        namespace,
        image: wire.image.clone(),
        pull_secret: wire.pull_secret.clone(),
        command: wire.command.clone(),
        args: wire.args.clone(),
        replicas: replicas(wire, base, reader),
        ports: ports(wire, base, reader),
        gpus: resources.gpus.and_then(|gpus| reader.take(count(gpus, 0, MANY), of.key("gpus"))).unwrap_or(0),
        gpu_resource: resources.gpu_resource.clone(),
        cpus: resources.cpus.as_ref().and_then(|text| reader.take(cpus(text), of.key("cpus"))),
        memory: resources.memory.as_ref().and_then(|text| reader.take(bytes(text), of.key("memory"))),
        env: variables(wire, base, reader),
        storage: volumes(wire, base, reader),
        probes: probes(wire, base, reader),
        route: wire.route.as_ref().map(route),
        queue: wire.queue.as_ref().map(|queue| (queue.partition.clone(), queue.mode.clone())),
        priority_class: wire.priority_class.clone(),
        quota: quota(wire, base, reader),
        run_as_user: wire.run_as_user.and_then(|user| reader.take(count(user, 0, LAST_USER), base.key("runAsUser"))),
        service_account: wire.service_account.clone(),
    }
}

/// A number between two others.
fn count(number: u64, least: u64, most: u64) -> Result<u64, Complaint> {
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(Complaint::new(format!("`{number}` cannot be meant here"), format!("write a number from {least} to {most}")))
}

/// CPUs as Kubernetes writes them: `16`, `500m`.
fn cpus(text: &str) -> Result<String, Complaint> {
    let wrong = || Complaint::new(format!("`{text}` is no number of CPUs"), "write e.g. `16`, `0.5` or `500m`");
    let amount = text.trim();
    let legal = amount.strip_suffix('m').unwrap_or(amount).bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let milli = quantity::milli(amount).ok().filter(|milli| legal && (1..=1_000_000_000).contains(milli));
    milli.ok_or_else(wrong)?;
    quantity::canonical(amount).map_err(|_| wrong())
}

/// Bytes as Kubernetes writes them, of `128GB` by 1024: `128Gi`.
fn bytes(text: &str) -> Result<String, Complaint> {
    let megabytes = units::megabytes(text)?;
    if megabytes == 0 || megabytes > units::MOST {
        return Err(Complaint::new(format!("`{text}` cannot be meant here"), "write e.g. `128GB` or `4TB`"));
    }
    quantity::canonical(&format!("{megabytes}Mi"))
        .map_err(|error| Complaint::new(error.to_string(), "write e.g. `128GB`"))
}

fn replicas(wire: &wire::KubernetesRuntime, base: &FieldPath, reader: &mut Reader<'_>) -> Replicas {
    let Some(scale) = &wire.scale else {
        let written = wire.replicas.unwrap_or(1);
        return Replicas::Fixed(reader.take(count(written, 0, MANY), base.key("replicas")).unwrap_or(1));
    };
    let path = base.key("scale");
    let min = reader.take(count(scale.min, 1, MANY), path.key("min"));
    let max = reader.take(count(scale.max, scale.min.max(1), MANY), path.key("max"));
    let percent = units::percent(&scale.cpu).and_then(|share| match share {
        100..=10_000 if share % 100 == 0 => Ok(u64::from(share / 100)),
        _ => Err(Complaint::new(format!("`{}` cannot be aimed at", scale.cpu), "write a whole share from 1% to 100%")),
    });
    let cpu = reader.take(percent, path.key("cpu"));
    let min = min.unwrap_or(1);
    Replicas::Scaled { min, max: max.unwrap_or(min).max(min), cpu: cpu.unwrap_or(70) }
}

fn ports(wire: &wire::KubernetesRuntime, base: &FieldPath, reader: &mut Reader<'_>) -> Vec<Port> {
    let mut ports = Vec::new();
    for (path, port) in numbered(&wire.ports, reader.document, &base.key("ports"), reader.refused) {
        let Some(number) = reader.take(count(port.port, 1, 65_535), path.key("port")) else { continue };
        let protocol = match port.protocol {
            wire::Protocol::Tcp => "TCP",
            wire::Protocol::Udp => "UDP",
        };
        ports.push(Port { name: port.name.clone(), number, protocol, path });
    }
    ports
}

fn variables(wire: &wire::KubernetesRuntime, base: &FieldPath, reader: &Reader<'_>) -> Vec<Variable> {
    let all = numbered(&wire.env, reader.document, &base.key("env"), reader.refused);
    let variable = |(path, variable): (FieldPath, &wire::Variable)| {
        let reference = |reference: &wire::KeyReference| (reference.name.clone(), reference.key.clone());
        let value = variable.value.clone().map(Source::Value);
        let secret = variable.from_secret.as_ref().map(reference).map(|(name, key)| Source::Secret(name, key));
        let config = variable.from_config.as_ref().map(reference).map(|(name, key)| Source::Config(name, key));
        let sources = value.into_iter().chain(secret).chain(config).collect();
        Variable { name: variable.name.clone(), sources, path }
    };
    all.into_iter().map(variable).collect()
}

fn volumes(wire: &wire::KubernetesRuntime, base: &FieldPath, reader: &mut Reader<'_>) -> Vec<Volume> {
    let mut volumes = Vec::new();
    for (path, volume) in numbered(&wire.storage, reader.document, &base.key("storage"), reader.refused) {
        let size = reader.take(bytes(&volume.size), path.key("size"));
        let folder = || object::as_label(volume.mount.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
        volumes.push(Volume {
            name: volume.name.clone().unwrap_or_else(folder),
            mount: volume.mount.clone(),
            size,
            class: volume.class.clone(),
            one_writer: volume.writers == wire::Writers::One,
            path,
        });
    }
    volumes
}

fn probes(
    wire: &wire::KubernetesRuntime,
    base: &FieldPath,
    reader: &mut Reader<'_>,
) -> BTreeMap<&'static str, (Probe, FieldPath)> {
    let probes = &wire.probes;
    let mut all = BTreeMap::new();
    for (name, field, probe) in [
        ("livenessProbe", "liveness", &probes.liveness),
        ("readinessProbe", "readiness", &probes.readiness),
        ("startupProbe", "startup", &probes.startup),
    ] {
        let Some(probe) = probe else { continue };
        let path = base.key("probes").key(field);
        let seconds = probe.every.as_ref().map(|text| units::seconds(text).and_then(|every| count(every, 1, 86_400)));
        let every = seconds.and_then(|seconds| reader.take(seconds, path.key("every")));
        let failures = probe.failures.and_then(|failures| reader.take(count(failures, 1, MANY), path.key("failures")));
        let (asked, port, command) = (probe.path.clone(), probe.port.clone(), probe.command.clone());
        all.insert(name, (Probe { path: asked, port, command, every, failures }, path));
    }
    all
}

fn route(wire: &wire::Route) -> Route {
    let gateway = wire.gateway.as_ref().map(|gateway| Way::Gateway {
        name: gateway.name.clone(),
        namespace: gateway.namespace.clone(),
        proxy: gateway.proxy_namespace.clone(),
    });
    let ingress = wire.ingress.as_ref().map(|ingress| Way::Ingress {
        class: ingress.class.clone(),
        namespace: ingress.namespace.clone(),
        tls: ingress.tls_secret.clone(),
    });
    Route {
        host: wire.host.clone(),
        path: wire.path.clone(),
        port: wire.port.clone(),
        ways: gateway.into_iter().chain(ingress).collect(),
    }
}

fn quota(
    wire: &wire::KubernetesRuntime,
    base: &FieldPath,
    reader: &mut Reader<'_>,
) -> BTreeMap<String, (String, FieldPath)> {
    let mut quota = BTreeMap::new();
    let Some(written) = &wire.quota else { return quota };
    let path = base.key("quota");
    let number =
        |number: Option<u64>| number.map(|number| count(number, 0, units::MOST).map(|number| number.to_string()));
    let amounts = [
        ("gpus".to_owned(), "gpus", number(written.gpus)),
        ("requests.cpu".to_owned(), "cpus", written.cpus.as_deref().map(cpus)),
        ("requests.memory".to_owned(), "memory", written.memory.as_deref().map(bytes)),
        ("requests.storage".to_owned(), "storage", written.storage.as_deref().map(bytes)),
        ("pods".to_owned(), "pods", number(written.pods)),
    ];
    for (name, field, amount) in amounts {
        if let Some(amount) = amount.and_then(|amount| reader.take(amount, path.key(field))) {
            // Numbers are quantities too: a thousand is `1k`.
            let amount = quantity::canonical(&amount).unwrap_or(amount);
            quota.insert(name, (amount, path.key(field)));
        }
    }
    quota
}
