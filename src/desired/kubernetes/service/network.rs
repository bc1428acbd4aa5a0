//! How a service is reached, and by whom.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Value, json};

use super::draft::{Context, Draft, fields};
use crate::model::service::kubernetes::{KubernetesService, Port, Route, Way};
use crate::resource::{FieldPath, Resource};

/// Label that the server gives each namespace: its name.
const NAMESPACE: &str = "kubernetes.io/metadata.name";

/// Its name within the cluster.
pub(super) fn service(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    if runtime.ports.is_empty() {
        return None;
    }
    let port = |port: &Port| json!({"name": port.name, "port": port.number, "protocol": port.protocol, "targetPort": port.name});
    let ports: Vec<Value> = runtime.ports.iter().map(port).collect();
    let spec = json!({"selector": context.selector(), "ports": ports});
    let mut draft = Draft::new(context, "v1", "Service", Some(&runtime.namespace), &context.service.name).spec(spec);
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
    let number = port_of(runtime, route)?.number;
    let name = &context.service.name;
    let namespace = Some(runtime.namespace.as_str());
    let draft = match route.ways.first()? {
        // Lists of the Gateway API are replaced whole, and its defaults are written inside them: so they are said.
        Way::Gateway { name: gateway, namespace: of, .. } => {
            let parent =
                json!({"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": gateway, "namespace": of});
            let backend = json!({"group": "", "kind": "Service", "name": name, "port": number, "weight": 1});
            let matches = json!([{"path": {"type": "PathPrefix", "value": route.path}}]);
            let spec = json!({
                "parentRefs": [parent],
                "hostnames": [route.host],
                "rules": [{"matches": matches, "backendRefs": [backend]}],
            });
            Draft::new(context, "gateway.networking.k8s.io/v1", "HTTPRoute", namespace, name)
                .spec(spec)
                .from(".spec.parentRefs", "route.gateway")
                .from(".spec.hostnames", "route.host")
                .from(".spec.parentRefs[0].name", "route.gateway.name")
                .from(".spec.parentRefs[0].namespace", "route.gateway.namespace")
                .from(".spec.rules", "route.path")
                .from(".spec.rules[0].backendRefs[0].port", "route.port")
        }
        Way::Ingress { class, tls, .. } => {
            let backend = json!({"service": {"name": name, "port": {"number": number}}});
            let path = json!({"path": route.path, "pathType": "Prefix", "backend": backend});
            let spec = fields([
                ("ingressClassName", Some(json!(class))),
                ("rules", Some(json!([{"host": route.host, "http": {"paths": [path]}}]))),
                ("tls", tls.as_ref().map(|secret| json!([{"hosts": [route.host], "secretName": secret}]))),
            ]);
            Draft::new(context, "networking.k8s.io/v1", "Ingress", namespace, name)
                .spec(spec)
                .from(".spec.ingressClassName", "route.ingress.class")
                .from(".spec.rules", "route.host")
                .from(".spec.rules[0].http.paths[0].path", "route.path")
                .from(".spec.rules[0].http.paths[0].backend", "route.port")
                .from(".spec.tls", "route.ingress.tlsSecret")
                .from(".spec.tls[0].hosts[0]", "route.host")
        }
    };
    Some(draft.from(".spec", "route").finish())
}

/// Who may reach its pods: its namespace, its audience's, and that of the proxies of its route.
pub(super) fn policy(context: &Context<'_>, runtime: &KubernetesService, day: Date) -> Resource {
    let ports: Vec<Value> =
        runtime.ports.iter().map(|port| json!({"port": port.number, "protocol": port.protocol})).collect();
    let mut rule = serde_json::Map::new();
    if !context.service.audience.public {
        let mut from = vec![json!({"podSelector": {}})];
        let namespaces = callers(context, runtime, day);
        if !namespaces.is_empty() {
            let named = json!({"key": NAMESPACE, "operator": "In", "values": namespaces});
            from.push(json!({"namespaceSelector": {"matchExpressions": [named]}}));
        }
        rule.insert("from".to_owned(), Value::Array(from));
    }
    rule.insert("ports".to_owned(), json!(ports));
    // Without ports there is nothing to reach.
    let ingress = (!ports.is_empty()).then(|| json!([rule]));
    let spec = fields([
        ("podSelector", Some(json!({"matchLabels": context.selector()}))),
        ("policyTypes", Some(json!(["Ingress"]))),
        ("ingress", ingress),
    ]);
    let name = &context.service.name;
    let mut draft =
        Draft::new(context, "networking.k8s.io/v1", "NetworkPolicy", Some(&runtime.namespace), name).spec(spec);
    draft.places.push((".spec.ingress".to_owned(), FieldPath::keys("spec.audience")));
    draft.finish()
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
