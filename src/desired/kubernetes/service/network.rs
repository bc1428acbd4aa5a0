//! How a service is reached, and by whom.

use std::collections::BTreeSet;

use jiff::civil::Date;
use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressServiceBackend, IngressSpec,
    IngressTLS, NetworkPolicy, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec,
    ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::draft::{Context, Draft, filled, number};
use super::gateway::{
    self, HttpBackendRef, HttpPathMatch, HttpRoute, HttpRouteMatch, HttpRouteRule, HttpRouteSpec, ParentReference,
};
use crate::desired::kubernetes::network::{NAMESPACE, own_pods, port};
use crate::model::service::kubernetes::{KubernetesService, Port, Route, Way};
use crate::resource::{FieldPath, Resource};

/// Its name within the cluster.
pub(super) fn service(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    if runtime.ports.is_empty() {
        return None;
    }
    let port = |port: &Port| ServicePort {
        name: Some(port.name.clone()),
        port: number(port.number),
        protocol: Some(port.protocol.to_owned()),
        target_port: Some(IntOrString::String(port.name.clone())),
        ..ServicePort::default()
    };
    let spec = ServiceSpec {
        ports: Some(runtime.ports.iter().map(port).collect()),
        selector: context.selector().match_labels,
        ..ServiceSpec::default()
    };
    let content = Service { spec: Some(spec), ..Service::default() };
    let mut draft = Draft::new(context, content, Some(&runtime.namespace), &context.service.name);
    draft = draft.from(".spec.ports", "ports");
    for port in &runtime.ports {
        let key = format!(".spec.ports[port={},protocol={:?}]", port.number, port.protocol);
        for (written, field) in [("", "port"), (".name", "name"), (".protocol", "protocol")] {
            draft.places.push((format!("{key}{written}"), port.path.key(field)));
        }
    }
    Some(draft.finish())
}

/// The port that a route leads to.
fn port_of<'a>(runtime: &'a KubernetesService, route: &Route) -> Option<&'a Port> {
    match &route.port {
        Some(name) => runtime.ports.iter().find(|port| port.name == *name),
        None => runtime.ports.first(),
    }
}

/// Its name outside.
pub(super) fn route(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    let route = runtime.route.as_ref()?;
    let port = number(port_of(runtime, route)?.number);
    let name = &context.service.name;
    let namespace = Some(runtime.namespace.as_str());
    Some(match route.ways.first()? {
        Way::Gateway { name: gateway, namespace: of, .. } => {
            let content = http_route(route, name, port, (gateway, of));
            Draft::new(context, content, namespace, name)
                .from(".spec.parentRefs", "route.gateway")
                .from(".spec.hostnames", "route.host")
                .from(".spec.parentRefs[0].name", "route.gateway.name")
                .from(".spec.parentRefs[0].namespace", "route.gateway.namespace")
                .from(".spec.rules", "route.path")
                .from(".spec.rules[0].backendRefs[0].port", "route.port")
                .from(".spec", "route")
                .finish()
        }
        Way::Ingress { class, tls, .. } => {
            let content = ingress(route, name, port, (class, tls.as_deref()));
            Draft::new(context, content, namespace, name)
                .from(".spec.ingressClassName", "route.ingress.class")
                .from(".spec.rules", "route.host")
                .from(".spec.rules[0].http.paths[0].path", "route.path")
                .from(".spec.rules[0].http.paths[0].backend", "route.port")
                .from(".spec.tls", "route.ingress.tlsSecret")
                .from(".spec.tls[0].hosts[0]", "route.host")
                .from(".spec", "route")
                .finish()
        }
    })
}

fn http_route(route: &Route, service: &str, port: i32, (gateway, namespace): (&str, &str)) -> HttpRoute {
    let parent = ParentReference {
        group: gateway::GROUP,
        kind: "Gateway",
        name: gateway.to_owned(),
        namespace: namespace.to_owned(),
    };
    let backend = HttpBackendRef { group: "", kind: "Service", name: service.to_owned(), port, weight: 1 };
    let path = HttpPathMatch { type_: "PathPrefix", value: route.path.clone() };
    HttpRoute {
        spec: HttpRouteSpec {
            hostnames: vec![route.host.clone()],
            parent_refs: vec![parent],
            rules: vec![HttpRouteRule { backend_refs: vec![backend], matches: vec![HttpRouteMatch { path }] }],
        },
    }
}

fn ingress(route: &Route, service: &str, port: i32, (class, tls): (&str, Option<&str>)) -> Ingress {
    let service = IngressServiceBackend {
        name: service.to_owned(),
        port: Some(ServiceBackendPort { number: Some(port), ..ServiceBackendPort::default() }),
    };
    let path = HTTPIngressPath {
        backend: IngressBackend { service: Some(service), ..IngressBackend::default() },
        path: Some(route.path.clone()),
        path_type: "Prefix".to_owned(),
    };
    let rule = IngressRule { host: Some(route.host.clone()), http: Some(HTTPIngressRuleValue { paths: vec![path] }) };
    let certificate =
        |secret: &str| IngressTLS { hosts: Some(vec![route.host.clone()]), secret_name: Some(secret.to_owned()) };
    let spec = IngressSpec {
        ingress_class_name: Some(class.to_owned()),
        rules: Some(vec![rule]),
        tls: tls.map(|secret| vec![certificate(secret)]),
        ..IngressSpec::default()
    };
    Ingress { spec: Some(spec), ..Ingress::default() }
}

/// Who may reach its pods: its namespace, its audience's, and that of the proxies of its route.
pub(super) fn policy(context: &Context<'_>, runtime: &KubernetesService, day: Date) -> Resource {
    let ports: Vec<NetworkPolicyPort> =
        runtime.ports.iter().map(|one| port(number(one.number), one.protocol)).collect();
    let peers = (!context.service.audience.public).then(|| {
        let namespaces: Vec<String> = callers(context, runtime, day).into_iter().map(ToOwned::to_owned).collect();
        let mut peers = vec![own_pods()];
        peers.extend(filled(namespaces).map(named));
        peers
    });
    // Without ports there is nothing to reach.
    let ingress = filled(ports).map(|ports| vec![NetworkPolicyIngressRule { from: peers, ports: Some(ports) }]);
    let spec = NetworkPolicySpec {
        ingress,
        pod_selector: Some(context.selector()),
        policy_types: Some(vec!["Ingress".to_owned()]),
        ..NetworkPolicySpec::default()
    };
    let content = NetworkPolicy { spec: Some(spec), ..NetworkPolicy::default() };
    let mut draft = Draft::new(context, content, Some(&runtime.namespace), &context.service.name);
    draft.places.push((".spec.ingress".to_owned(), FieldPath::keys("spec.audience")));
    draft.finish()
}

/// All pods of the namespaces.
fn named(namespaces: Vec<String>) -> NetworkPolicyPeer {
    let names =
        LabelSelectorRequirement { key: NAMESPACE.to_owned(), operator: "In".to_owned(), values: Some(namespaces) };
    NetworkPolicyPeer {
        namespace_selector: Some(LabelSelector { match_expressions: Some(vec![names]), ..LabelSelector::default() }),
        ..NetworkPolicyPeer::default()
    }
}

/// Namespaces from which it is called.
fn callers<'a>(context: &Context<'a>, runtime: &'a KubernetesService, day: Date) -> BTreeSet<&'a str> {
    let audience = &context.service.audience;
    let invited = context.site.projects.iter().filter(|project| {
        let named = audience.projects.iter().any(|(name, _)| *name == project.name);
        let by_mode = project.allocations.iter().any(|one| {
            one.window.is_some_and(|window| window.contains(day))
                && audience.modes.iter().any(|(mode, _)| *mode == one.mode)
        });
        named || by_mode
    });
    let mut namespaces: BTreeSet<&str> = invited.filter_map(|project| project.namespace_on(context.target)).collect();
    if let Some(way) = runtime.route.as_ref().and_then(|route| route.ways.first()) {
        namespaces.insert(match way {
            Way::Gateway { proxy: Some(proxy), .. } => proxy,
            Way::Gateway { namespace, .. } | Way::Ingress { namespace, .. } => namespace,
        });
    }
    namespaces
}
