//! Quotas of others in namespaces of ours. A dry-run does not tell: programs are taken, and their pods are refused later.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::Cluster;
use super::cluster::Scope;
use super::failure::Failure;
use super::served::Served;
use crate::kubernetes::{kinds, object, quantity};
use crate::resource::Resource;

/// What of them refuses pods of what is declared, line by line.
pub(super) async fn in_the_way(cluster: &Cluster, wanted: &[Resource]) -> Result<Vec<String>, Failure> {
    if needs(wanted).is_empty() {
        return Ok(Vec::new());
    }
    let quotas = Served {
        api_version: "v1".to_owned(),
        kind: "ResourceQuota".to_owned(),
        plural: "resourcequotas".to_owned(),
        namespaced: true,
    };
    Ok(refusing(&cluster.list(&quotas, Scope::default()).await?, wanted))
}

/// What the programs of a namespace need together, by the names that quotas have for it.
#[derive(Debug, Default)]
struct Need<'a> {
    /// In thousandths.
    amounts: BTreeMap<String, i128>,
    /// What a container does not say, with one of them.
    unsaid: BTreeMap<String, &'a str>,
}

fn needs(wanted: &[Resource]) -> BTreeMap<&str, Need<'_>> {
    let mut needs: BTreeMap<&str, Need<'_>> = BTreeMap::new();
    for resource in wanted {
        let (Some(namespace), _) = kinds::namespace_and_name(&resource.address.name) else { continue };
        let whole = Value::Object(resource.body.clone().into_iter().collect());
        let Some(pod) = object::pod_spec_path(&whole) else { continue };
        // One of an autoscaler has one at least, and one for each node is not known here.
        let count = whole.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
        let containers = object::at(&whole, &pod.key("containers")).and_then(Value::as_array);
        let need = needs.entry(namespace).or_default();
        need.add("pods", i128::from(count) * 1000);
        for container in containers.into_iter().flatten().filter(|_| count > 0) {
            let empty = Map::new();
            let part = |name: &str| {
                container.pointer(&format!("/resources/{name}")).and_then(Value::as_object).unwrap_or(&empty).clone()
            };
            let (limits, mut requests) = (part("limits"), part("requests"));
            // A request that is not said is the limit.
            limits.iter().for_each(|(name, amount)| {
                requests.entry(name.clone()).or_insert_with(|| amount.clone());
            });
            for (prefix, said) in [("limits.", &limits), ("requests.", &requests)] {
                for (name, amount) in said {
                    let milli = amount.as_str().and_then(|text| quantity::milli(text).ok()).unwrap_or(0);
                    need.add(&format!("{prefix}{name}"), milli * i128::from(count));
                }
                for name in ["cpu", "memory"].into_iter().filter(|name| !said.contains_key(*name)) {
                    need.unsaid.entry(format!("{prefix}{name}")).or_insert(&resource.address.name);
                }
            }
        }
    }
    needs
}

impl Need<'_> {
    fn add(&mut self, name: &str, milli: i128) {
        *self.amounts.entry(name.to_owned()).or_default() += milli;
    }
}

/// What of these quotas refuses what is declared.
fn refusing(quotas: &[Value], wanted: &[Resource]) -> Vec<String> {
    let needs = needs(wanted);
    let of_kind = |kind: &'static str| wanted.iter().filter(move |one| one.address.kind == kind);
    let ours: BTreeSet<&str> = of_kind("ResourceQuota").map(|one| one.address.name.as_str()).collect();
    // A LimitRange says for containers what they do not say.
    let ranged: BTreeSet<&str> =
        of_kind("LimitRange").filter_map(|one| kinds::namespace_and_name(&one.address.name).0).collect();
    let mut told = Vec::new();
    for quota in quotas {
        let text = |pointer: &str| quota.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let namespace = text("/metadata/namespace");
        let name = format!("{namespace}/{}", text("/metadata/name"));
        let Some(need) = needs.get(namespace).filter(|_| !ours.contains(name.as_str())) else { continue };
        // One for some pods only may be for none of these.
        if ["/spec/scopes", "/spec/scopeSelector"].iter().any(|pointer| quota.pointer(pointer).is_some()) {
            continue;
        }
        for (resource, hard) in quota.pointer("/spec/hard").and_then(Value::as_object).into_iter().flatten() {
            let resource = match resource.as_str() {
                "cpu" | "memory" => format!("requests.{resource}"),
                other => other.to_owned(),
            };
            let hard = hard.as_str().unwrap_or_default();
            let most = quantity::milli(hard).unwrap_or(i128::MAX);
            let wants = need.amounts.get(&resource).copied().unwrap_or(0);
            if let Some(program) = need.unsaid.get(&resource).filter(|_| !ranged.contains(namespace)) {
                told.push(format!(
                    "the quota `{name}`, which is not ours, takes only pods that say `{resource}`; `{program}` does not"
                ));
            } else if wants > most {
                let wants = quantity::canonical(&format!("{wants}m")).unwrap_or_default();
                told.push(format!(
                    "the quota `{name}`, which is not ours, allows {hard} of `{resource}`; what is declared there needs {wants}"
                ));
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::Address;

    fn declared(kind: &str, object: &Value) -> Resource {
        Resource {
            address: Address::new("services", kind, kinds::address_name(object)),
            body: object.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect(),
            place: None,
            places: BTreeMap::new(),
            reasons: BTreeMap::new(),
            protect: false,
            summary: String::new(),
        }
    }

    fn program(name: &str, replicas: u32, resources: &Value) -> Resource {
        let object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shared"},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "c", "resources": resources}]}}}});
        declared("Deployment.apps", &object)
    }

    fn quota(name: &str, spec: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name, "namespace": "shared"}, "spec": spec})
    }

    #[test]
    fn what_a_quota_of_others_refuses() {
        let said =
            json!({"requests": {"cpu": "1500m", "memory": "1Gi"}, "limits": {"memory": "1Gi", "nvidia.com/gpu": "2"}});
        let mut wanted = vec![program("a", 2, &said), program("b", 1, &said)];
        let hard = |name: &str, amount: &str| quota("team", &json!({"hard": {name: amount}}));
        let told = |quota: Value, wanted: &[Resource]| refusing(&[quota], wanted);
        for (name, amount) in
            [("cpu", "4500m"), ("pods", "3"), ("limits.memory", "3Gi"), ("requests.nvidia.com/gpu", "6")]
        {
            assert_eq!(told(hard(name, amount), &wanted), [""; 0], "{name}");
        }
        assert_eq!(
            told(hard("cpu", "4"), &wanted),
            [
                "the quota `shared/team`, which is not ours, allows 4 of `requests.cpu`; what is declared there needs 4500m"
            ]
        );
        assert_eq!(told(hard("requests.nvidia.com/gpu", "5"), &wanted).len(), 1);
        assert_eq!(
            told(hard("limits.cpu", "100"), &wanted),
            ["the quota `shared/team`, which is not ours, takes only pods that say `limits.cpu`; `shared/a` does not"]
        );
        let scoped = quota("team", &json!({"hard": {"cpu": "1"}, "scopes": ["Terminating"]}));
        assert_eq!(told(scoped, &wanted), [""; 0]);
        let range = json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "r", "namespace": "shared"}});
        wanted.push(declared("LimitRange", &range));
        assert_eq!(told(hard("limits.cpu", "100"), &wanted), [""; 0]);
        wanted.push(declared("ResourceQuota", &hard("cpu", "1")));
        assert_eq!(told(hard("cpu", "1"), &wanted), [""; 0], "it is ours");
        let elsewhere = json!({"metadata": {"name": "team", "namespace": "other"}, "spec": {"hard": {"cpu": "0"}}});
        assert_eq!(told(elsewhere, &wanted), [""; 0]);
    }
}
