//! What `doctor` asks of a cluster: who we are, which rights are missing, which versions of Kueue it has, and which admission
//! webhooks would stop an apply.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use k8s_openapi::api::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde_json::{Value, json};

use super::client::JSON;
use super::cluster::Scope;
use super::discovery::{Found, discover};
use super::facts::Served;
use super::failure::{Failure, Right};
use super::observe::{FACTORY_LABEL, config_maps};
use super::quotas;
use super::{Cluster, MANAGER};
use crate::kubernetes::applyset::{CONTAINS_GROUP_KINDS, ID_LABEL, TOOLING};
use crate::kubernetes::kinds;
use crate::kubernetes::object::metadata;
use crate::kubernetes::yaml::word;
use crate::resource::Resource;

/// What was found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examination {
    /// The server's address.
    pub server: String,
    /// `1.36.3`.
    pub version: String,
    /// The user, as the server knows them.
    pub user: String,
    /// The factory, if anything of it is declared there.
    pub factory: Option<String>,
    /// Versions of Kueue's API that are served, the preferred one first; empty where Kueue is not installed.
    pub kueue: Vec<String>,
    /// Kinds that the manifests have and the server does not.
    pub missing_kinds: Vec<String>,
    /// Rights that an apply of the manifests needs.
    pub needed_rights: Vec<Right>,
    /// Those that this user lacks.
    pub missing_rights: Vec<Right>,
    /// Webhooks that have to agree to what the manifests have, and whose service has nobody ready.
    pub dead_webhooks: Vec<String>,
    /// Quotas of others that would refuse pods of what the manifests have, and why.
    pub refusing_quotas: Vec<String>,
    /// What could not be looked at, and why.
    pub unseen: Vec<String>,
}

/// Verbs that reading needs.
const READ: [&str; 2] = ["get", "list"];

/// Asks; nothing is stored by it.
pub async fn examine(cluster: &Cluster, wanted: &[Resource]) -> Result<Examination, Failure> {
    let (server, _) = cluster.reached().await?;
    let version = cluster.read("/version", JSON).await?;
    let version = version.get("gitVersion").and_then(Value::as_str).unwrap_or_default();
    let (discovery, user) = futures::try_join!(discover(cluster), user(cluster))?;
    let mut examination = Examination {
        server,
        version: version.strip_prefix('v').unwrap_or(version).to_owned(),
        user,
        factory: wanted.iter().find_map(|one| {
            let labels = one.body.get("metadata")?.get("labels")?;
            labels.get(FACTORY_LABEL)?.as_str().map(ToOwned::to_owned)
        }),
        kueue: match discovery.find("ClusterQueue.kueue.x-k8s.io", Some("")) {
            Found::OtherVersions(versions) => versions,
            _ => Vec::new(),
        },
        ..Examination::default()
    };
    let declared = wanted.iter().map(|one| one.address.kind.as_str()).filter(|kind| kinds::is_kubernetes(kind));
    let mut kinds: BTreeSet<String> = declared.map(ToOwned::to_owned).collect();
    kinds.extend(["ConfigMap", "Namespace"].map(ToOwned::to_owned));
    match kept_kinds(cluster).await {
        Ok(kept) => {
            kinds.extend(kept.into_iter().filter(|kind| matches!(discovery.find(kind, None), Found::Served(_))));
        }
        Err(failure) if failure.concerns_all() => return Err(failure),
        // The right to see them is among those that are printed.
        Err(_) => {}
    }
    let mut needed = BTreeSet::new();
    let mut served = Vec::new();
    for kind in kinds {
        match discovery.find(&kind, None) {
            Found::Served(one) => {
                needed.extend(rights_of(&kind, &one));
                served.push(one);
            }
            _ => examination.missing_kinds.push(kind),
        }
    }
    let home = cluster.connection().namespace.clone();
    needed.extend(["get", "create", "patch", "delete"].map(|verb| Right {
        verb: verb.to_owned(),
        group: "coordination.k8s.io".to_owned(),
        resource: "leases".to_owned(),
        namespace: Some(home.clone()),
        name: None,
    }));
    needed.extend(wanted.iter().filter_map(binding));
    let answers = join_all(needed.iter().map(|right| cluster.may(right))).await;
    for (right, answer) in needed.iter().zip(answers) {
        if !answer? {
            examination.missing_rights.push(right.clone());
        }
    }
    examination.needed_rights = needed.into_iter().collect();
    match dead_webhooks(cluster, &served).await {
        Ok(dead) => examination.dead_webhooks = dead,
        Err(failure) if failure.concerns_all() => return Err(failure),
        Err(failure) => examination.unseen.push(format!("admission webhooks: {failure}")),
    }
    match quotas::in_the_way(cluster, wanted).await {
        Ok(refusing) => examination.refusing_quotas = refusing,
        Err(failure) if failure.concerns_all() => return Err(failure),
        Err(failure) => examination.unseen.push(format!("quotas: {failure}")),
    }
    Ok(examination)
}

/// Kinds of what is ours and may be declared no longer: it has to be seen to be deleted.
async fn kept_kinds(cluster: &Cluster) -> Result<BTreeSet<String>, Failure> {
    let namespace = Some(cluster.connection().namespace.as_str());
    let parents =
        cluster.list(&config_maps(), Scope { namespace, selector: Some(ID_LABEL), ..Scope::default() }).await?;
    let listed = parents.iter().filter_map(|parent| {
        let text = |key: &str| metadata(parent, "annotations")?.get(key)?.as_str();
        let ours = text(TOOLING).is_some_and(|tool| tool.split('/').next() == Some(MANAGER));
        text(CONTAINS_GROUP_KINDS).filter(|_| ours)
    });
    Ok(listed.flat_map(|text| text.split(',')).filter(|kind| !kind.is_empty()).map(ToOwned::to_owned).collect())
}

fn rights_of(kind: &str, served: &Served) -> Vec<Right> {
    let write: &[&str] = match kind {
        kind if kinds::is_partial(kind) => &["patch"],
        // No plan deletes them of itself; who wants to, asks for more.
        "Namespace"
        | "PersistentVolume"
        | "PersistentVolumeClaim"
        | "CustomResourceDefinition.apiextensions.k8s.io" => &["create", "patch"],
        _ => &["create", "patch", "delete"],
    };
    let right = |verb: &&str| Right {
        verb: (*verb).to_owned(),
        group: kinds::kind_and_group(kind).1.to_owned(),
        resource: served.plural.clone(),
        namespace: None,
        name: None,
    };
    READ.iter().chain(write).map(right).collect()
}

/// The right to give a role that a declared binding names: nobody may give what they do not have, but for this.
fn binding(resource: &Resource) -> Option<Right> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let (kind, group) = kinds::kind_and_group(&resource.address.kind);
    if group != GROUP || !["RoleBinding", "ClusterRoleBinding"].contains(&kind) {
        return None;
    }
    let role = resource.body.get("roleRef")?;
    let text = |key: &str| role.get(key).and_then(Value::as_str);
    Some(Right {
        verb: "bind".to_owned(),
        group: GROUP.to_owned(),
        resource: if text("kind")? == "ClusterRole" { "clusterroles" } else { "roles" }.to_owned(),
        namespace: None,
        name: Some(text("name")?.to_owned()),
    })
}

async fn user(cluster: &Cluster) -> Result<String, Failure> {
    let answer = cluster.review(&SelfSubjectReview::default()).await?;
    let name = answer.pointer("/status/userInfo/username").and_then(Value::as_str);
    Ok(name.unwrap_or_default().to_owned())
}

/// Webhooks that must agree (`failurePolicy: Fail`), look at a kind of ours, and have a service without a ready endpoint. One
/// at an address outside the cluster cannot be judged from here.
async fn dead_webhooks(cluster: &Cluster, ours: &[Served]) -> Result<Vec<String>, Failure> {
    let validating = Served::built_in::<ValidatingWebhookConfiguration>();
    let mutating = Served::built_in::<MutatingWebhookConfiguration>();
    let (validating, mutating) =
        futures::try_join!(cluster.list(&validating, Scope::default()), cluster.list(&mutating, Scope::default()),)?;
    let mut services: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for hook in validating.iter().chain(&mutating).filter_map(|one| one.get("webhooks")?.as_array()).flatten() {
        let text = |pointer: &str| hook.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let service = (text("/clientConfig/service/namespace"), text("/clientConfig/service/name"));
        if text("/failurePolicy") != "Ignore" && !service.1.is_empty() && ours.iter().any(|one| concerns(hook, one)) {
            services.entry(service).or_default().insert(text("/name"));
        }
    }
    let slices = Served::built_in::<EndpointSlice>();
    let mut dead = Vec::new();
    for ((namespace, service), hooks) in services {
        let selector = format!("kubernetes.io/service-name={service}");
        let scope = Scope { namespace: Some(&namespace), selector: Some(&selector), ..Scope::default() };
        let slices = cluster.list(&slices, scope).await?;
        let mut endpoints = slices.iter().filter_map(|one| one.get("endpoints")?.as_array()).flatten();
        if !endpoints.any(|one| one.pointer("/conditions/ready").and_then(Value::as_bool) != Some(false)) {
            dead.extend(hooks.into_iter().map(|hook| format!("{hook} (service {namespace}/{service})")));
        }
    }
    Ok(dead)
}

/// Whether a webhook's rules name a kind.
fn concerns(hook: &Value, served: &Served) -> bool {
    let group = served.api_version.split_once('/').map_or("", |(group, _)| group);
    let names = |rule: &Value, key: &str, name: &str| {
        rule.get(key).and_then(Value::as_array).is_some_and(|list| {
            list.iter().filter_map(Value::as_str).any(|one| one == "*" || one == "*/*" || one == name)
        })
    };
    hook.get("rules").and_then(Value::as_array).is_some_and(|rules| {
        rules.iter().any(|rule| names(rule, "apiGroups", group) && names(rule, "resources", &served.plural))
    })
}

impl Examination {
    /// Name of the roles: one for each factory and user, so that what is granted to one takes nothing from another.
    fn role(&self) -> String {
        let parts = ["sitewright"].into_iter().chain(self.factory.as_deref()).chain([self.user.as_str()]);
        // Any text names a role but for these signs (`IsValidPathSegmentName`).
        let name = parts.collect::<Vec<_>>().join("-").replace(['/', '%'], "-");
        word(&name.chars().take(200).collect::<String>())
    }

    /// Manifests that an administrator can apply; empty where no right is missing. They hold those that are there too, for
    /// what is applied under the same name a second time must not take away what the first gave.
    pub fn grant(&self) -> String {
        let mut text = String::new();
        let name = self.role();
        let mut scopes: BTreeMap<Option<&str>, Vec<&Right>> = BTreeMap::new();
        for right in self.needed_rights.iter().filter(|_| !self.missing_rights.is_empty()) {
            scopes.entry(right.namespace.as_deref()).or_default().push(right);
        }
        for (namespace, rights) in scopes {
            let role = if namespace.is_some() { "Role" } else { "ClusterRole" };
            let place = namespace.map_or_else(String::new, |one| format!(", namespace: {}", word(one)));
            if let Some(namespace) = namespace {
                text.push_str(&format!(
                    "---\napiVersion: v1\nkind: Namespace\nmetadata: {{ name: {} }}\n",
                    word(namespace)
                ));
            }
            text.push_str(&format!(
                "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {role}\nmetadata: {{ name: {name}{place} }}\nrules:\n"
            ));
            for (group, names, verbs, resources) in rules(&rights) {
                let words = |texts: &[&str]| texts.iter().map(|text| word(text)).collect::<Vec<_>>().join(", ");
                let names = match names.as_slice() {
                    [] => String::new(),
                    names => format!(", resourceNames: {}", json!(names)),
                };
                text.push_str(&format!(
                    "  - {{ apiGroups: [\"{group}\"], resources: [{}]{names}, verbs: [{}] }}\n",
                    words(&resources),
                    words(&verbs)
                ));
            }
            text.push_str(&format!(
                "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: {role}Binding\nmetadata: {{ name: {name}{place} }}\n\
                 roleRef: {{ apiGroup: rbac.authorization.k8s.io, kind: {role}, name: {name} }}\n\
                 subjects:\n  - {{ apiGroup: rbac.authorization.k8s.io, kind: User, name: {} }}\n",
                json!(self.user)
            ));
        }
        text
    }
}

/// Group, names, verbs and resources of a rule.
type Rule<'a> = (&'a str, Vec<&'a str>, Vec<&'a str>, Vec<&'a str>);

type Words<'a> = BTreeSet<&'a str>;
/// Group, names and verbs of resources that stand in one rule.
type Alike<'a> = (&'a str, Vec<&'a str>, Vec<&'a str>);

/// Rights with as few rules as may be: resources of a group that need the same verbs stand together, and names of a resource.
fn rules<'a>(rights: &[&'a Right]) -> Vec<Rule<'a>> {
    let mut verbs: BTreeMap<(&str, &str, bool), (Words<'_>, Words<'_>)> = BTreeMap::new();
    for right in rights {
        let entry = verbs.entry((&right.group, &right.resource, right.name.is_some())).or_default();
        entry.0.insert(&right.verb);
        entry.1.extend(right.name.as_deref());
    }
    let mut rules: BTreeMap<Alike<'_>, Vec<&str>> = BTreeMap::new();
    for ((group, resource, _), (verbs, names)) in verbs {
        let key = (group, names.into_iter().collect(), verbs.into_iter().collect());
        rules.entry(key).or_default().push(resource);
    }
    rules.into_iter().map(|((group, names, verbs), resources)| (group, names, verbs, resources)).collect()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Namespace;
    use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
    use serde::de::DeserializeOwned;

    use super::*;
    use crate::kubernetes::typed::{self, Kind};

    fn right(verb: &str, group: &str, resource: &str, namespace: Option<&str>) -> Right {
        Right {
            verb: verb.into(),
            group: group.into(),
            resource: resource.into(),
            namespace: namespace.map(ToOwned::to_owned),
            name: None,
        }
    }

    #[test]
    fn what_is_missing_can_be_pasted() {
        let needed = vec![
            right("get", "", "configmaps", None),
            right("list", "", "configmaps", None),
            right("get", "", "services", None),
            right("list", "", "services", None),
            right("patch", "apps", "deployments", None),
            right("create", "coordination.k8s.io", "leases", Some("sitewright")),
            Right { name: Some("edit".into()), ..right("bind", "rbac.authorization.k8s.io", "clusterroles", None) },
            Right { name: Some("admin".into()), ..right("bind", "rbac.authorization.k8s.io", "clusterroles", None) },
        ];
        let mut examination = Examination {
            user: "olga".into(),
            factory: Some("nordlys".into()),
            needed_rights: needed.clone(),
            ..Examination::default()
        };
        assert_eq!(examination.grant(), "", "nothing is missing");
        examination.missing_rights = vec![needed[0].clone()];
        insta::assert_snapshot!(examination.grant(), @r#"
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: sitewright-nordlys-olga }
        rules:
          - { apiGroups: [""], resources: [configmaps, services], verbs: [get, list] }
          - { apiGroups: ["apps"], resources: [deployments], verbs: [patch] }
          - { apiGroups: ["rbac.authorization.k8s.io"], resources: [clusterroles], resourceNames: ["admin","edit"], verbs: [bind] }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: { name: sitewright-nordlys-olga }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sitewright-nordlys-olga }
        subjects:
          - { apiGroup: rbac.authorization.k8s.io, kind: User, name: "olga" }
        ---
        apiVersion: v1
        kind: Namespace
        metadata: { name: sitewright }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: { name: sitewright-nordlys-olga, namespace: sitewright }
        rules:
          - { apiGroups: ["coordination.k8s.io"], resources: [leases], verbs: [create] }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: { name: sitewright-nordlys-olga, namespace: sitewright }
        roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: sitewright-nordlys-olga }
        subjects:
          - { apiGroup: rbac.authorization.k8s.io, kind: User, name: "olga" }
        "#);
    }

    /// Whether an object has no field that its kind has not: k8s-openapi reads no others.
    fn is_whole<K: Kind + DeserializeOwned>(object: &Value) -> bool {
        serde_json::from_value::<K>(object.clone()).is_ok_and(|read| {
            let mut sorted = object.clone();
            sorted.sort_all_objects();
            typed::to_value(&read) == sorted
        })
    }

    #[test]
    fn what_is_granted_has_the_fields_of_its_kinds() {
        let needed = vec![right("get", "", "pods", Some("123")), right("list", "apps", "deployments", None)];
        let examination = Examination {
            user: "olga".into(),
            missing_rights: needed.clone(),
            needed_rights: needed,
            ..Examination::default()
        };
        let text = examination.grant();
        let mut seen = BTreeSet::new();
        for document in text.split("---\n").filter(|document| !document.is_empty()) {
            let object: Value = serde_yaml::from_str(document).unwrap();
            let kind = object["kind"].as_str().unwrap().to_owned();
            let whole = match kind.as_str() {
                "ClusterRole" => is_whole::<ClusterRole>(&object),
                "ClusterRoleBinding" => is_whole::<ClusterRoleBinding>(&object),
                "Namespace" => is_whole::<Namespace>(&object),
                "Role" => is_whole::<Role>(&object),
                "RoleBinding" => is_whole::<RoleBinding>(&object),
                _ => false,
            };
            assert!(whole, "{document}");
            seen.insert(kind);
        }
        assert_eq!(seen.len(), 5, "{seen:?}");
    }

    #[test]
    fn names_that_are_words_of_yaml_are_granted_as_names() {
        let needed = vec![right("*", "", "*", None), right("get", "", "configmaps", Some("123"))];
        let examination = Examination {
            user: "no".into(),
            missing_rights: needed.clone(),
            needed_rights: needed,
            ..Default::default()
        };
        let text = examination.grant();
        for line in [
            "metadata: { name: sitewright-no, namespace: \"123\" }",
            "metadata: { name: \"123\" }",
            "resources: [\"*\"], verbs: [\"*\"]",
            "kind: User, name: \"no\"",
        ] {
            assert!(text.contains(line), "{line}:\n{text}");
        }
    }

    #[test]
    fn webhooks_are_matched_by_their_rules() {
        let hook = json!({"rules": [{"apiGroups": ["kueue.x-k8s.io"], "resources": ["clusterqueues"]}]});
        let queues = Served {
            api_version: "kueue.x-k8s.io/v1beta2".to_owned(),
            kind: "ClusterQueue".to_owned(),
            plural: "clusterqueues".to_owned(),
            namespaced: false,
        };
        assert!(concerns(&hook, &queues));
        assert!(!concerns(&hook, &config_maps()));
        let all = json!({"rules": [{"apiGroups": ["*"], "resources": ["*"]}]});
        assert!(concerns(&all, &config_maps()));
    }
}
