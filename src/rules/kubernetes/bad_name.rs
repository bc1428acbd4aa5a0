//! Names are legal on Kubernetes.

use super::named::{self, Named};
use crate::diagnostics::codes::manifest::BAD_NAME as CODE;
use crate::diagnostics::{Complaint, Diagnostics, Place};
use crate::kubernetes::names::{self, check_label, check_namespace, check_subdomain, nearest_label};
use crate::model::kubernetes::{PartitionKubernetes, queue_name};
use crate::model::service::kubernetes::{KubernetesService, Source, Way};
use crate::model::{Partition, Site, SupportService};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::of;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    legal(site, found);
    for (partition, side) in named::partitions(site) {
        of_partition(site, partition, side, found);
    }
    for service in &site.services {
        let service = Service { service };
        if let Some(runtime) = service.service.kubernetes() {
            service.names(runtime, found);
        }
        if let Some(runtime) = service.service.pass_through() {
            service.namespace(&runtime.namespace, "spec.manifests.namespace", found);
        }
    }
}

/// Whether a text can be the name of an image.
pub(super) fn is_image(image: &str) -> bool {
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "._-/:@".contains(letter);
    !image.is_empty() && image.chars().all(legal)
}

fn report(complaint: Complaint, place: Place, found: &mut Diagnostics) {
    found.push(complaint.at(&CODE, place).label("not legal there"));
}

/// Reports a name that is not legal; where it follows from the manifest's name, with the field that gives another.
fn check_named(named: &Named<'_>, result: Result<(), Complaint>, found: &mut Diagnostics) {
    let Err(mut complaint) = result else { return };
    if let Some(near) = nearest_label(named.name).filter(|near| named.name == named.own && near != named.name) {
        complaint.hint = format!("add another for Kubernetes: `kubernetes: {{ {}: {near} }}`", named.field);
    }
    report(complaint, named.place(), found);
}

fn legal(site: &Site, found: &mut Diagnostics) {
    for factory in &site.factories {
        let Some(side) = &factory.sides.kubernetes else { continue };
        let document = factory.document;
        let cohort = Named { document, name: &side.cohort, own: &factory.name, field: "cohort" };
        check_named(&cohort, check_label(&side.cohort), found);
        // The factory's name is the value of a label of every object.
        if let Err(error) = names::check_value(&factory.name) {
            report(error, Place::value(document, FieldPath::keys("metadata.name")), found);
        }
    }
    for (class, _) in site.modes.iter().filter_map(named::priority_class) {
        check_named(&class, check_label(class.name), found);
    }
    for project in &site.projects {
        if let Some((namespace, _)) = named::namespace(project) {
            check_named(&namespace, check_namespace(namespace.name), found);
        }
        for claim in project.sides.kubernetes.iter().flat_map(|side| &side.claims) {
            if let Err(error) = check_subdomain(&claim.name) {
                report(error, Place::value(project.document, claim.path.key("name")), found);
            }
        }
    }
}

fn of_partition(site: &Site, partition: &Partition, side: &PartitionKubernetes, found: &mut Diagnostics) {
    let document = partition.document;
    let named = named::flavor(partition, side);
    check_named(&named, check_label(&side.name), found);
    if let Some((name, handler)) = &side.runtime_class {
        let at = |field: &str| Place::value(document, FieldPath::keys("spec.kubernetes.runtimeClass").key(field));
        if let Err(error) = check_subdomain(name) {
            report(error, at("name"), found);
        } else if let Err(error) = check_label(handler) {
            report(error, at("handler"), found);
        }
    }
    for group in partition.groups.iter().filter(|_| side.labels_nodes) {
        // One wrong host of a list is reported, not each.
        if let Some(Err(error)) = group.hosts.iter().map(check_subdomain).find(Result::is_err) {
            let hint = "name hosts as DNS does, or take their Nodes out: `nodes: { label: false }`";
            report(Complaint::new(error.message, hint), Place::value(document, group.path.key("hosts")), found);
        }
    }
    for queue in site.queues(partition) {
        let name = queue_name(side, queue.side);
        // Jobs name their queue in a label.
        if check_label(&side.name).is_ok() && check_label(&queue.side.name).is_ok() && name.len() > 63 {
            let message = format!("the queue `{name}` would have {} bytes, and jobs can name 63", name.len());
            let hint = "give the partition or the mode a shorter name: `kubernetes: { name: … }`";
            report(Complaint::new(message, hint), named.place(), found);
        }
    }
}

/// A service, whose names are those of objects on Kubernetes.
struct Service<'a> {
    service: &'a SupportService,
}

impl Service<'_> {
    fn named(&self, result: Result<(), Complaint>, path: &FieldPath, found: &mut Diagnostics) {
        if let Err(complaint) = result {
            found.push(complaint.at(&CODE, of(self.service, path)).label("not legal here"));
        }
    }

    fn refuse(&self, message: String, hint: &str, path: &FieldPath, found: &mut Diagnostics) {
        self.named(Err(Complaint::new(message, hint)), path, found);
    }

    /// A namespace that follows from the service's own name is as wrong as that, which is reported by itself.
    fn namespace(&self, namespace: &str, path: &str, found: &mut Diagnostics) {
        let name = &self.service.name;
        if check_label(name).is_ok() || namespace != format!("svc-{name}") {
            self.named(check_namespace(namespace), &FieldPath::keys(path), found);
        }
    }

    fn names(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let name = &self.service.name;
        let own = FieldPath::keys("metadata.name");
        self.named(check_label(name), &own, found);
        if name.starts_with(|letter: char| letter.is_ascii_digit()) {
            let message = format!("`{name}` begins with a digit, and a Service on Kubernetes does not");
            self.refuse(message, &format!("write e.g. `s{name}`"), &own, found);
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
        if !is_image(&runtime.image) {
            let message = format!("`{}` is not the name of an image", runtime.image.escape_debug());
            let hint = "write e.g. `registry.nordlys.example/vllm:0.11`, without a scheme";
            self.refuse(message, hint, &base.key("image"), found);
        }
        self.environment(runtime, found);
        self.storage(runtime, found);
        self.ports(runtime, found);
        self.route(runtime, found);
    }

    fn environment(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        for variable in &runtime.env {
            let name = &variable.name;
            if name.is_empty() || name.contains(['=', '\0']) || name.chars().any(char::is_control) {
                let message = format!("`{}` is not a valid name of a variable", name.escape_debug());
                self.refuse(message, "write letters, digits and `_`", &variable.path.key("name"), found);
            }
            for source in &variable.sources {
                let (Source::Secret(object, key) | Source::Config(object, key)) = source else { continue };
                let path = variable.path.key(source.field());
                self.named(check_subdomain(object), &path.key("name"), found);
                let legal = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
                if key.is_empty() || key.len() > 253 || !key.chars().all(legal) {
                    let message = format!("`{}` is not a valid key of a Secret or ConfigMap", key.escape_debug());
                    self.refuse(message, "write letters, digits, `-`, `_` and `.`", &path.key("key"), found);
                }
            }
        }
    }

    fn storage(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        for volume in &runtime.storage {
            self.named(check_label(&volume.name), &volume.path.key("name"), found);
            if check_label(&self.service.name).is_ok() && check_label(&volume.name).is_ok() {
                let claim = format!("{}-{}", self.service.name, volume.name);
                self.named(check_label(&claim), &volume.path.key("name"), found);
            }
            if let Some(class) = &volume.class {
                self.named(check_subdomain(class), &volume.path.key("class"), found);
            }
            if !volume.mount.starts_with('/') || volume.mount.contains(':') || volume.mount == "/" {
                let message = format!("`{}` is not a valid mount path", volume.mount.escape_debug());
                let hint = "write it from the root, without `:`, e.g. `/models`";
                self.refuse(message, hint, &volume.path.key("mount"), found);
            }
        }
    }

    fn ports(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        for port in &runtime.ports {
            let letters = port.name.bytes().any(|byte| byte.is_ascii_lowercase());
            if check_label(&port.name).is_err() || port.name.len() > 15 || !letters || port.name.contains("--") {
                let message = format!("`{}` is not a valid name of a port", port.name.escape_debug());
                let hint = "write at most 15 lower-case letters, digits and single `-`, e.g. `http`";
                self.refuse(message, hint, &port.path.key("name"), found);
            }
        }
    }

    fn route(&self, runtime: &KubernetesService, found: &mut Diagnostics) {
        let Some(route) = &runtime.route else { return };
        let base = FieldPath::keys("spec.kubernetes.route");
        // People paste the address.
        let host = route.host.split_once("://").map_or(route.host.as_str(), |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let legal = check_subdomain(&route.host).map_err(|error| {
            let bare = host != route.host && check_subdomain(host).is_ok();
            if bare { Complaint { hint: format!("write the host alone: `{host}`"), ..error } } else { error }
        });
        self.named(legal, &base.key("host"), found);
        if !route.path.starts_with('/') || route.path.contains("//") || route.path.contains(['?', '#', ' ']) {
            let message = format!("`{}` is not a valid path of a route", route.path.escape_debug());
            self.refuse(message, "write it from the root, e.g. `/v1`", &base.key("path"), found);
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
