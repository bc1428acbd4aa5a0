//! Who may reach a project's pods, and what they reach.

use serde_json::{Value, json};

use super::object::Object;
use crate::diagnostics::Place;
use crate::model::kubernetes::Egress;
use crate::model::kubernetes::ProjectKubernetes;
use crate::model::{Factory, Project};
use crate::resource::{FieldPath, Resource};

/// Networks that are not the internet (RFC 1918, 6598, 3927; RFC 4193, 4291).
const PRIVATE_V4: [&str; 5] = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
const PRIVATE_V6: [&str; 2] = ["fc00::/7", "fe80::/10"];

/// Pods of the project reach each other, name service, and what the project is allowed; nobody else reaches them.
pub(super) fn policy(factory: &Factory, project: &Project, side: &ProjectKubernetes) -> Resource {
    let at = |dotted: &str| Place::value(project.document, FieldPath::keys(dotted));
    let place = at("spec.kubernetes");
    let mut policy =
        Object::new("networking.k8s.io/v1", "NetworkPolicy", "project", &factory.name, at("metadata.name"))
            .within(&side.namespace);
    policy.put(&["spec", "podSelector"], json!({}), &place);
    policy.put(&["spec", "policyTypes"], json!(["Ingress", "Egress"]), &place);
    policy.put(&["spec", "ingress"], json!([{ "from": [{ "podSelector": {} }] }]), &place);
    let system = json!({ "matchLabels": { "kubernetes.io/metadata.name": "kube-system" } });
    let names = [json!({ "port": 53, "protocol": "UDP" }), json!({ "port": 53, "protocol": "TCP" })];
    let mut rules = vec![
        (json!({ "to": [{ "podSelector": {} }] }), place.clone()),
        (json!({ "ports": names, "to": [{ "namespaceSelector": system }] }), place.clone()),
    ];
    let internet = side.internet.or(factory.internet).unwrap_or(false);
    if internet {
        let said = match side.internet {
            Some(_) => at("spec.kubernetes.internet"),
            None => Place::value(factory.document, FieldPath::keys("spec.site.internet")),
        };
        let all = |network: &str, except: &[&str]| json!({ "ipBlock": { "cidr": network, "except": except } });
        rules.push((json!({ "to": [all("0.0.0.0/0", &PRIVATE_V4), all("::/0", &PRIVATE_V6)] }), said));
    }
    rules.extend(side.egress.iter().map(|one| (network(one), Place::value(project.document, one.path.clone()))));
    let listed: Vec<&Value> = rules.iter().map(|(rule, _)| rule).collect();
    policy.put(&["spec", "egress"], json!(listed), &at("spec.kubernetes.egress"));
    for (index, (_, place)) in rules.iter().enumerate() {
        policy.mark(&format!(".spec.egress[{index}]"), place);
    }
    let mut reached = vec!["its own pods".to_owned()];
    if internet {
        reached.push("the internet".to_owned());
    }
    reached.extend(side.egress.iter().map(|one| one.to.clone()));
    policy.finish(&side.target, format!("reaches {}", reached.join(", ")))
}

fn network(one: &Egress) -> Value {
    let to = json!([{ "ipBlock": { "cidr": one.to } }]);
    if one.ports.is_empty() {
        return json!({ "to": to });
    }
    let ports: Vec<Value> = one.ports.iter().map(|port| json!({ "port": port, "protocol": "TCP" })).collect();
    json!({ "ports": ports, "to": to })
}
