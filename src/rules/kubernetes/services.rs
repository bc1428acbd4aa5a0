//! Services on Kubernetes lead somewhere: names, ports and ways in.

use std::collections::BTreeMap;

use crate::diagnostics::codes::{manifest, services as codes};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, nearest};
use crate::kubernetes::names::{NameError, check_label, check_namespace, check_subdomain};
use crate::model::service::kubernetes::{KubernetesService, Source, Way};
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;
use crate::resource::secrecy::looks_secret;
use crate::rules::service::One;

pub(in crate::rules) fn service(site: &Site, service: &SupportService, found: &mut Diagnostics) {
    let knows_ports = site.knows(service.document, &["spec.kubernetes.ports"]);
    let one = Here { one: One { service }, knows_ports };
    if let Some(runtime) = service.kubernetes() {
        one.kubernetes(runtime, found);
    }
    if let Some(runtime) = service.pass_through() {
        one.namespace(&runtime.namespace, "spec.manifests.namespace", found);
    }
}

struct Here<'a> {
    one: One<'a>,
    /// Whether none of its ports was refused.
    knows_ports: bool,
}

impl Here<'_> {
    fn named(&self, result: Result<(), NameError>, path: &FieldPath, found: &mut Diagnostics) {
        if let Err(error) = result {
            found.push(self.one.illegal(error.message, error.hint, path));
        }
    }

    /// One that comes from the service's own name is as wrong as that, which is told there.
    fn namespace(&self, namespace: &str, path: &str, found: &mut Diagnostics) {
        let name = &self.one.service.name;
        if check_label(name).is_ok() || namespace != format!("svc-{name}") {
            self.named(check_namespace(namespace), &FieldPath::keys(path), found);
        }
    }

    fn kubernetes(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let name = &self.one.service.name;
        let own = FieldPath::keys("metadata.name");
        self.named(check_label(name), &own, found);
        if name.starts_with(|letter: char| letter.is_ascii_digit()) {
            let hint = format!("write e.g. `s{name}`");
            let message = format!("`{name}` begins with a digit, and a Service on Kubernetes does not");
            self.named(Err(NameError { message, hint }), &own, found);
        }
        self.namespace(&runtime.namespace, "spec.kubernetes.namespace", found);
        let base = FieldPath::keys("spec.kubernetes");
        for (name, field) in [
            (&runtime.pull_secret, "pullSecret"),
            (&runtime.priority_class, "priorityClass"),
            (&runtime.service_account, "serviceAccount"),
        ] {
            if let Some(name) = name {
                self.named(check_subdomain(name), &base.key(field), found);
            }
        }
        self.image(runtime, found);
        self.environment(runtime, found);
        self.storage(runtime, found);
        self.ports(runtime, found);
        self.route(runtime, found);
    }

    fn image(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let image = &runtime.image;
        let legal = |letter: char| letter.is_ascii_alphanumeric() || "._-/:@".contains(letter);
        if image.is_empty() || !image.chars().all(legal) {
            let message = format!("`{}` is no image", image.escape_debug());
            let hint = "write e.g. `registry.nordlys.example/vllm:0.11`, without a scheme".to_owned();
            return self.named(Err(NameError { message, hint }), &FieldPath::keys("spec.kubernetes.image"), found);
        }
        let last = image.rsplit('/').next().unwrap_or_default();
        let tag = last.split_once(':').map(|(_, tag)| tag);
        if !image.contains('@') && tag.is_none_or(|tag| tag == "latest") {
            found.push(
                Diagnostic::new(&codes::IMAGE_NOT_PINNED, format!("`{image}` has no version"))
                    .at(self.one.at("spec.kubernetes.image"))
                    .hint("add the version as a tag, or a digest: `registry.nordlys.example/vllm:0.11`"),
            );
        }
    }

    fn environment(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let mut seen: BTreeMap<&str, &FieldPath> = BTreeMap::new();
        for variable in &runtime.env {
            let name = &variable.name;
            if let Some(first) = seen.insert(name, &variable.path) {
                found.push(self.twice(&format!("the variable `{name}`"), &variable.path, first));
            }
            if name.is_empty() || name.contains(['=', '\0']) || name.chars().any(char::is_control) {
                let message = format!("`{}` is no name of a variable", name.escape_debug());
                let hint = "write letters, digits and `_`".to_owned();
                self.named(Err(NameError { message, hint }), &variable.path.key("name"), found);
            }
            if variable.sources.len() != 1 {
                found.push(
                    Diagnostic::new(
                        &codes::NOT_EXACTLY_ONE,
                        format!("`{name}` has {} sources for its value", variable.sources.len()),
                    )
                    .at(self.one.of(&variable.path.key("name")))
                    .hint("write one of `value`, `fromSecret` and `fromConfig`"),
                );
            }
            for source in &variable.sources {
                let path = variable.path.key(source.field());
                match source {
                    Source::Value(value) if looks_secret(name, value) => found.push(
                        Diagnostic::new(&codes::SECRET_VALUE, format!("`{name}` is a secret, by its name or its form"))
                            .at(Place::key(self.one.service.document, path))
                            .label("its value does not belong here")
                            .hint(format!(
                                "refer to it: `{{ name: {name}, fromSecret: {{ name: {}, key: … }} }}`",
                                self.one.service.name
                            )),
                    ),
                    Source::Value(_) => {}
                    Source::Secret(object, key) | Source::Config(object, key) => {
                        self.named(check_subdomain(object), &path.key("name"), found);
                        let legal = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
                        if key.is_empty() || key.len() > 253 || !key.chars().all(legal) {
                            let message = format!("`{}` is no key of a secret or ConfigMap", key.escape_debug());
                            let hint = "write letters, digits, `-`, `_` and `.`".to_owned();
                            self.named(Err(NameError { message, hint }), &path.key("key"), found);
                        }
                    }
                }
            }
        }
    }

    fn twice(&self, what: &str, path: &FieldPath, first: &FieldPath) -> Diagnostic {
        Diagnostic::new(&manifest::SAID_TWICE, format!("{what} stands twice"))
            .at(self.one.of(path))
            .label("said again")
            .related(self.one.of(first), "said here")
            .hint("keep one of the two")
    }

    fn storage(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let (mut names, mut mounts) = (BTreeMap::new(), BTreeMap::new());
        for volume in &runtime.storage {
            self.named(check_label(&volume.name), &volume.path.key("name"), found);
            if check_label(&self.one.service.name).is_ok() && check_label(&volume.name).is_ok() {
                let claim = format!("{}-{}", self.one.service.name, volume.name);
                self.named(check_label(&claim), &volume.path.key("name"), found);
            }
            if let Some(class) = &volume.class {
                self.named(check_subdomain(class), &volume.path.key("class"), found);
            }
            if !volume.mount.starts_with('/') || volume.mount.contains(':') || volume.mount == "/" {
                let message = format!("`{}` is no folder that a volume can have", volume.mount.escape_debug());
                let hint = "write it from the root, without `:`, e.g. `/models`".to_owned();
                self.named(Err(NameError { message, hint }), &volume.path.key("mount"), found);
            }
            if let Some(first) = names.insert(volume.name.as_str(), &volume.path) {
                found.push(self.twice(&format!("the volume `{}`", volume.name), &volume.path, first));
            } else if let Some(first) = mounts.insert(volume.mount.as_str(), &volume.path) {
                found.push(self.twice(&format!("the folder `{}`", volume.mount), &volume.path, first));
            }
            if volume.one_writer && runtime.replicas.most() > 1 {
                found.push(
                    Diagnostic::new(
                        &codes::ONE_WRITER,
                        format!(
                            "`{}` is for one writer, and there are {} replicas",
                            volume.name,
                            runtime.replicas.most()
                        ),
                    )
                    .at(self.one.of(&volume.path.key("writers")))
                    .hint("write `writers: many` (the storage class has to offer ReadWriteMany), or `replicas: 1`"),
                );
            }
        }
    }

    fn ports(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let (mut names, mut numbers) = (BTreeMap::new(), BTreeMap::new());
        for port in &runtime.ports {
            let letters = port.name.bytes().any(|byte| byte.is_ascii_lowercase());
            if check_label(&port.name).is_err() || port.name.len() > 15 || !letters || port.name.contains("--") {
                let message = format!("`{}` is no name of a port", port.name.escape_debug());
                let hint = "write at most 15 lower-case letters, digits and single `-`, e.g. `http`".to_owned();
                self.named(Err(NameError { message, hint }), &port.path.key("name"), found);
            }
            if let Some(first) = names.insert(port.name.as_str(), &port.path) {
                found.push(self.twice(&format!("the port `{}`", port.name), &port.path, first));
            } else if let Some(first) = numbers.insert((port.number, port.protocol), &port.path) {
                found.push(self.twice(&format!("the port {}", port.number), &port.path, first));
            }
        }
        for (probe, path) in runtime.probes.values() {
            let command = !probe.command.is_empty();
            if command && (probe.path.is_some() || probe.port.is_some()) {
                found.push(
                    Diagnostic::new(&codes::NOT_EXACTLY_ONE, "a probe asks a port or runs a command")
                        .at(self.one.of(&path.key("command")))
                        .hint("take one of the two out"),
                );
            }
            if !command {
                self.port(runtime, probe.port.as_deref(), path, found);
            }
        }
    }

    /// A port that is named, or the first.
    fn port(&self, runtime: &KubernetesService, named: Option<&str>, path: &FieldPath, found: &mut Diagnostics) {
        let listens =
            named.map_or(!runtime.ports.is_empty(), |name| runtime.ports.iter().any(|port| port.name == name));
        if listens || !self.knows_ports {
            return;
        }
        let known: Vec<&str> = runtime.ports.iter().map(|port| port.name.as_str()).collect();
        let message = match named {
            Some(name) => format!("there is no port `{name}`"),
            None => format!("`{}` listens on no port", self.one.service.name),
        };
        let hint = match named.and_then(|name| nearest(name, known.iter().copied())) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "add `ports: [{ port: 8000 }]`".to_owned(),
            None => format!("its ports: {}", known.join(", ")),
        };
        found.push(Diagnostic::new(&codes::UNKNOWN_PORT, message).at(self.one.of(&path.key("port"))).hint(hint));
    }

    fn route(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let Some(route) = &runtime.route else { return };
        let base = FieldPath::keys("spec.kubernetes.route");
        // People paste the address.
        let host = route.host.split_once("://").map_or(route.host.as_str(), |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let legal = check_subdomain(&route.host).map_err(|error| {
            let bare = host != route.host && check_subdomain(host).is_ok();
            if bare { NameError { hint: format!("write the host alone: `{host}`"), ..error } } else { error }
        });
        self.named(legal, &base.key("host"), found);
        if !route.path.starts_with('/') || route.path.contains("//") || route.path.contains(['?', '#', ' ']) {
            let message = format!("`{}` is no path of a route", route.path.escape_debug());
            let hint = "write it from the root, e.g. `/v1`".to_owned();
            self.named(Err(NameError { message, hint }), &base.key("path"), found);
        }
        self.port(runtime, route.port.as_deref(), &base, found);
        if route.ways.len() != 1 {
            found.push(
                Diagnostic::new(
                    &codes::NOT_EXACTLY_ONE,
                    if route.ways.is_empty() { "the route has no way in" } else { "the route has two ways in" },
                )
                .at(self.one.of(&base.key("ingress")))
                .hint("write `gateway: { name: …, namespace: … }`, or `ingress: { class: …, namespace: … }`"),
            );
        }
        for way in &route.ways {
            let names: Vec<(&String, &str)> = match way {
                Way::Gateway { name, namespace, proxy } => {
                    [Some((name, "gateway.name")), Some((namespace, "gateway.namespace"))]
                        .into_iter()
                        .flatten()
                        .chain(proxy.as_ref().map(|proxy| (proxy, "gateway.proxyNamespace")))
                        .collect()
                }
                Way::Ingress { class, namespace, tls } => [(class, "ingress.class"), (namespace, "ingress.namespace")]
                    .into_iter()
                    .chain(tls.as_ref().map(|secret| (secret, "ingress.tlsSecret")))
                    .collect(),
            };
            for (name, field) in names {
                let mut path = base.clone();
                path.0.extend(FieldPath::keys(field).0);
                self.named(check_subdomain(name), &path, found);
            }
        }
    }
}
