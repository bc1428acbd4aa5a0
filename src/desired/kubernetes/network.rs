//! Who may reach a project's pods, and what they reach.

use k8s_openapi::api::networking::v1::{
    IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::object::{Object, labelled};
use crate::diagnostics::Place;
use crate::model::kubernetes::Egress;
use crate::model::kubernetes::ProjectKubernetes;
use crate::model::{Factory, Project};
use crate::resource::{FieldPath, Resource};

/// Label that the server gives each namespace: its name.
pub(super) const NAMESPACE: &str = "kubernetes.io/metadata.name";

/// Networks that are not the internet (RFC 1918, 6598, 3927; RFC 4193, 4291).
const PRIVATE_V4: [&str; 5] = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"];
const PRIVATE_V6: [&str; 2] = ["fc00::/7", "fe80::/10"];

/// Pods of the project reach each other, name service, and what the project is allowed; nobody else reaches them.
pub(super) fn policy(factory: &Factory, project: &Project, side: &ProjectKubernetes) -> Resource {
    let at = |dotted: &str| Place::value(project.document, FieldPath::keys(dotted));
    let place = at("spec.kubernetes");
    let to = |peers: Vec<NetworkPolicyPeer>| NetworkPolicyEgressRule { to: Some(peers), ports: None };
    let system = NetworkPolicyPeer {
        namespace_selector: Some(labelled(NAMESPACE, "kube-system")),
        ..NetworkPolicyPeer::default()
    };
    let names = NetworkPolicyEgressRule { ports: Some(vec![port(53, "UDP"), port(53, "TCP")]), to: Some(vec![system]) };
    let mut rules = vec![(to(vec![own_pods()]), place.clone()), (names, place.clone())];
    let internet = side.internet.or(factory.internet).unwrap_or(false);
    if internet {
        let said = match side.internet {
            Some(_) => at("spec.kubernetes.internet"),
            None => Place::value(factory.document, FieldPath::keys("spec.site.internet")),
        };
        let all = |network: &str, except: &[&str]| {
            block(network, Some(except.iter().map(|network| (*network).to_owned()).collect()))
        };
        rules.push((to(vec![all("0.0.0.0/0", &PRIVATE_V4), all("::/0", &PRIVATE_V6)]), said));
    }
    rules.extend(side.egress.iter().map(|one| (network(one), Place::value(project.document, one.path.clone()))));
    let (rules, places): (Vec<NetworkPolicyEgressRule>, Vec<Place>) = rules.into_iter().unzip();
    let spec = NetworkPolicySpec {
        egress: Some(rules),
        ingress: Some(vec![NetworkPolicyIngressRule { from: Some(vec![own_pods()]), ports: None }]),
        pod_selector: Some(LabelSelector::default()),
        policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
    };
    let content = NetworkPolicy { spec: Some(spec), ..NetworkPolicy::default() };
    let mut policy = Object::new(content, "project", &factory.name, at("metadata.name")).within(&side.namespace);
    for field in [".spec.podSelector", ".spec.policyTypes", ".spec.ingress"] {
        policy.mark(field, &place);
    }
    policy.mark(".spec.egress", &at("spec.kubernetes.egress"));
    for (index, place) in places.iter().enumerate() {
        policy.mark(&format!(".spec.egress[{index}]"), place);
    }
    let mut reached = vec!["its own pods".to_owned()];
    if internet {
        reached.push("the internet".to_owned());
    }
    reached.extend(side.egress.iter().map(|one| one.to.clone()));
    policy.finish(&side.target, format!("reaches {}", reached.join(", ")))
}

fn network(one: &Egress) -> NetworkPolicyEgressRule {
    let ports: Vec<NetworkPolicyPort> = one.ports.iter().map(|number| port((*number).into(), "TCP")).collect();
    NetworkPolicyEgressRule { ports: (!ports.is_empty()).then_some(ports), to: Some(vec![block(&one.to, None)]) }
}

/// All pods of the policy's own namespace.
pub(super) fn own_pods() -> NetworkPolicyPeer {
    NetworkPolicyPeer { pod_selector: Some(LabelSelector::default()), ..NetworkPolicyPeer::default() }
}

/// A port of a rule, by its number.
pub(super) fn port(number: i32, protocol: &str) -> NetworkPolicyPort {
    NetworkPolicyPort {
        port: Some(IntOrString::Int(number)),
        protocol: Some(protocol.to_owned()),
        ..NetworkPolicyPort::default()
    }
}

fn block(network: &str, except: Option<Vec<String>>) -> NetworkPolicyPeer {
    NetworkPolicyPeer { ip_block: Some(IPBlock { cidr: network.to_owned(), except }), ..NetworkPolicyPeer::default() }
}
