//! Random objects of every kind that matters, and random edits of them, from one seed.

use serde_json::{Map, Value, json};

/// SplitMix64: the same numbers from the same seed, everywhere.
pub struct Dice {
    pub state: u64,
    /// Only what a careful author writes: no bare number for a quantity of Kueue.
    pub careful: bool,
}

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(sides).unwrap()).unwrap()
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.roll(100) < percent
    }

    fn one<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.roll(all.len())]
    }

    /// Some of them, in some order.
    fn some<T: Clone>(&mut self, all: &[T]) -> Vec<T> {
        let mut kept: Vec<T> = all.iter().filter(|_| self.chance(60)).cloned().collect();
        if self.chance(40) {
            self.shuffle(&mut kept);
        }
        kept
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.roll(index + 1));
        }
    }

    /// A few keys with one of two values each.
    fn texts(&mut self, keys: &[&str]) -> Value {
        let keys = self.some(keys);
        keys.into_iter().map(|key| (key.to_owned(), json!(self.one(&["1", "2"])))).collect::<Map<_, _>>().into()
    }

    fn quantity(&mut self) -> Value {
        json!(self.one(&["1", "2", "500m", "1Gi", "4"]))
    }

    fn quantities(&mut self, keys: &[&str]) -> Value {
        let keys = self.some(keys);
        keys.into_iter().map(|key| (key.to_owned(), self.quantity())).collect::<Map<_, _>>().into()
    }
}

/// A kind of the test: `apiVersion`, kind, plural, and the namespace its objects live in.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    pub version: &'static str,
    pub name: &'static str,
    pub plural: &'static str,
    pub namespace: &'static str,
    /// A status that a controller could write; null for kinds without one.
    pub status: fn() -> Value,
    spec: fn(&mut Dice) -> Value,
}

/// Where most of it happens.
pub const HOME: &str = "triples";
/// Quotas here would otherwise refuse the objects of the others.
pub const LIMITED: &str = "triples-limited";

const KUEUE: &str = "kueue.x-k8s.io/v1beta2";
const RBAC: &str = "rbac.authorization.k8s.io/v1";

fn none() -> Value {
    Value::Null
}

fn condition() -> Value {
    json!({ "conditions": [{ "type": "Seen", "status": "True", "reason": "Test", "message": "",
        "lastTransitionTime": "2026-11-21T00:00:00Z" }] })
}

const fn kind(
    version: &'static str,
    name: &'static str,
    plural: &'static str,
    namespace: &'static str,
    status: fn() -> Value,
    spec: fn(&mut Dice) -> Value,
) -> Kind {
    Kind { version, name, plural, namespace, status, spec }
}

pub const KINDS: &[Kind] = &[
    kind("v1", "ConfigMap", "configmaps", HOME, none, config_map),
    kind("v1", "Service", "services", HOME, condition, service),
    kind("apps/v1", "Deployment", "deployments", HOME, || json!({ "observedGeneration": 1 }), deployment),
    kind("v1", "ResourceQuota", "resourcequotas", LIMITED, || json!({ "used": { "pods": "1" } }), resource_quota),
    kind("v1", "LimitRange", "limitranges", LIMITED, none, limit_range),
    kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", HOME, none, network_policy),
    kind(RBAC, "Role", "roles", HOME, none, role),
    kind(RBAC, "RoleBinding", "rolebindings", HOME, none, role_binding),
    kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", HOME, none, claim),
    kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", HOME, none, autoscaler),
    kind("networking.k8s.io/v1", "Ingress", "ingresses", HOME, || json!({ "loadBalancer": {} }), ingress),
    kind(KUEUE, "ClusterQueue", "clusterqueues", "", condition, cluster_queue),
    kind(KUEUE, "LocalQueue", "localqueues", HOME, condition, local_queue),
    kind(KUEUE, "ResourceFlavor", "resourceflavors", "", none, flavor),
    kind(KUEUE, "Cohort", "cohorts", "", none, cohort),
    kind(KUEUE, "Topology", "topologies", "", none, topology),
    kind(KUEUE, "WorkloadPriorityClass", "workloadpriorityclasses", "", none, priority),
    kind("triples.example/v1", "Thing", "things", HOME, || json!({ "seen": "1" }), thing),
    kind("triples.example/v1", "Thing", "things", HOME, || json!({ "seen": "1" }), thing),
];

impl Kind {
    /// `/apis/apps/v1/namespaces/triples/deployments/x`.
    pub fn path(&self, name: &str) -> String {
        let root = if self.version.contains('/') { "/apis/" } else { "/api/" };
        let place = if self.namespace.is_empty() { String::new() } else { format!("/namespaces/{}", self.namespace) };
        format!("{root}{}{place}/{}/{name}", self.version, self.plural)
    }

    /// An object as somebody could declare it; its name is put in when it is sent.
    pub fn object(&self, dice: &mut Dice) -> Value {
        let mut object = (self.spec)(dice);
        object["apiVersion"] = json!(self.version);
        object["kind"] = json!(self.name);
        if dice.chance(50) {
            object["metadata"]["labels"] = dice.texts(&["app", "triples.example/tier"]);
        }
        if dice.chance(30) {
            object["metadata"]["annotations"] = dice.texts(&["note", "triples.example/note"]);
        }
        object
    }
}

fn config_map(dice: &mut Dice) -> Value {
    let mut object = json!({});
    if dice.chance(85) {
        object["data"] = dice.texts(&["a", "b", "c.d"]);
    }
    if dice.chance(20) {
        object["binaryData"] = json!({ "x": dice.one(&["AAAA", "BBBB"]) });
    }
    object
}

fn service(dice: &mut Dice) -> Value {
    let ports = [("a", 80, "TCP"), ("b", 443, "TCP"), ("c", 80, "UDP")];
    let mut ports: Vec<Value> = dice
        .some(&ports)
        .into_iter()
        .map(|(name, port, protocol)| {
            let mut port = json!({ "name": name, "port": port });
            if protocol != "TCP" || dice.chance(50) {
                port["protocol"] = json!(protocol);
            }
            if dice.chance(50) {
                port["targetPort"] = if dice.chance(50) { json!(8080) } else { json!("http") };
            }
            port
        })
        .collect();
    if ports.is_empty() {
        ports.push(json!({ "name": "a", "port": 80, "protocol": "TCP" }));
    }
    // Addresses are few; a headless service takes none.
    let mut spec = json!({ "clusterIP": "None", "ports": ports });
    if dice.chance(70) {
        spec["selector"] = dice.texts(&["app", "tier"]);
    }
    if dice.chance(20) {
        // What is false is not stored, so that who writes it is not careful.
        spec["publishNotReadyAddresses"] = json!(dice.careful || dice.chance(50));
    }
    json!({ "spec": spec })
}

fn container(dice: &mut Dice, name: &str) -> Value {
    let mut one = json!({ "name": name, "image": dice.one(&["r.example/a:1", "r.example/a:2"]) });
    let ports = [(80, "TCP"), (80, "UDP"), (443, "TCP")];
    if dice.chance(60) {
        let ports = dice.some(&ports);
        one["ports"] = ports
            .into_iter()
            .map(|(port, protocol)| {
                if protocol == "TCP" && dice.chance(50) {
                    json!({ "containerPort": port })
                } else {
                    json!({ "containerPort": port, "protocol": protocol })
                }
            })
            .collect();
    }
    if dice.chance(60) {
        let names = dice.some(&["A", "B", "C"]);
        one["env"] = names
            .into_iter()
            .map(|name| match dice.roll(4) {
                3 => json!({ "name": name, "valueFrom": { "resourceFieldRef": { "resource": "limits.cpu" } } }),
                0 => json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }),
                1 => json!({ "name": name, "valueFrom": { "secretKeyRef": { "name": "s", "key": dice.one(&["a", "b"]) } } }),
                _ => json!({ "name": name, "value": dice.one(&["1", "2"]) }),
            })
            .collect();
    }
    if dice.chance(50) {
        one["resources"] = json!({ "limits": dice.quantities(&["cpu", "memory", "nvidia.com/gpu"]) });
    }
    if dice.chance(30) {
        one["command"] = json!(dice.some(&["sh", "-c", "true"]));
    }
    if dice.chance(20) {
        one["securityContext"] = json!({ "capabilities": { "drop": dice.some(&["ALL", "NET_RAW"]) } });
    }
    one
}

fn deployment(dice: &mut Dice) -> Value {
    let mut names = dice.some(&["main", "side"]);
    if names.is_empty() {
        names.push("main");
    }
    let containers: Vec<Value> = names.into_iter().map(|name| container(dice, name)).collect();
    let mut pod = json!({ "containers": containers });
    if dice.chance(40) {
        pod["nodeSelector"] = dice.texts(&["pool", "disk"]);
    }
    if dice.chance(30) {
        pod["tolerations"] = json!([{ "key": dice.one(&["a", "b"]), "operator": "Exists" }]);
    }
    if dice.chance(30) {
        pod["volumes"] = json!([{ "name": "tmp", "emptyDir": {} }]);
    }
    // No pods: others have to be served too.
    json!({ "spec": { "replicas": 0, "paused": true, "selector": { "matchLabels": { "app": "a" } },
        "template": { "metadata": { "labels": { "app": "a" } }, "spec": pod } } })
}

fn resource_quota(dice: &mut Dice) -> Value {
    let mut spec =
        json!({ "hard": dice.quantities(&["pods", "requests.cpu", "requests.memory", "requests.nvidia.com/gpu"]) });
    if dice.chance(15) {
        spec["scopes"] = json!(["NotTerminating"]);
    }
    json!({ "spec": spec })
}

fn limit_range(dice: &mut Dice) -> Value {
    let mut one = json!({ "type": "Container" });
    for part in ["default", "defaultRequest", "max"] {
        if dice.chance(50) {
            let text = if part == "defaultRequest" { ["1", "500m"] } else { ["2", "4"] };
            one[part] = json!({ "cpu": dice.one(&text) });
        }
    }
    json!({ "spec": { "limits": [one] } })
}

fn network_policy(dice: &mut Dice) -> Value {
    let mut spec = json!({ "podSelector": {} });
    if dice.chance(50) {
        spec["podSelector"] = json!({ "matchLabels": dice.texts(&["app", "tier"]) });
    }
    if dice.chance(60) {
        spec["policyTypes"] = json!(dice.some(&["Ingress", "Egress"]));
    }
    for (rules, peers) in [("ingress", "from"), ("egress", "to")] {
        if dice.chance(50) {
            let mut rule = json!({});
            if dice.chance(60) {
                rule[peers] = json!([{ "ipBlock": { "cidr": dice.one(&["10.0.0.0/8", "192.0.2.0/24"]) } }]);
            }
            if dice.chance(60) {
                let port = json!({ "port": 53 });
                let full = json!({ "port": 53, "protocol": dice.one(&["UDP", "TCP"]) });
                rule["ports"] = json!([if dice.chance(30) { port } else { full }]);
            }
            spec[rules] = json!([rule]);
        }
    }
    json!({ "spec": spec })
}

fn role(dice: &mut Dice) -> Value {
    let rule = |dice: &mut Dice| json!({ "apiGroups": [""], "resources": ["pods"], "verbs": dice.some(&["get", "list", "watch"]) });
    let mut rules = Vec::new();
    for _ in 0..dice.roll(3) {
        let mut rule = rule(dice);
        if rule["verbs"] == json!([]) {
            rule["verbs"] = json!(["get"]);
        }
        rules.push(rule);
    }
    json!({ "rules": rules })
}

fn role_binding(dice: &mut Dice) -> Value {
    let subjects = ["anna", "bo", "cai"]
        .map(|name| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name }));
    json!({ "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": dice.one(&["view", "view", "edit"]) },
        "subjects": dice.some(&subjects) })
}

fn claim(dice: &mut Dice) -> Value {
    let mut spec = json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": dice.one(&["1Gi", "1Gi", "2Gi"]) } } });
    if dice.chance(30) {
        spec["selector"] = json!({ "matchLabels": { "disk": "fast" } });
    }
    if dice.chance(30) {
        spec["storageClassName"] = json!("slow");
    }
    json!({ "spec": spec })
}

fn autoscaler(dice: &mut Dice) -> Value {
    let metric = |name: &str, dice: &mut Dice| {
        json!({ "type": "Resource", "resource": { "name": name,
        "target": { "type": "Utilization", "averageUtilization": 50 + dice.roll(2) } } })
    };
    let mut spec = json!({ "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": dice.one(&["a", "b"]) },
        "maxReplicas": 3 + dice.roll(2) });
    if dice.chance(50) {
        spec["minReplicas"] = json!(1 + dice.roll(2));
    }
    if dice.chance(60) {
        let names = dice.some(&["cpu", "memory"]);
        spec["metrics"] = names.into_iter().map(|name| metric(name, dice)).collect();
    }
    json!({ "spec": spec })
}

fn ingress(dice: &mut Dice) -> Value {
    let backend = |dice: &mut Dice| json!({ "service": { "name": dice.one(&["a", "b"]), "port": { "number": 80 + dice.roll(2) } } });
    let mut spec = json!({ "defaultBackend": backend(dice) });
    if dice.chance(70) {
        let hosts = dice.some(&["a.example", "b.example"]);
        spec["rules"] = hosts
            .into_iter()
            .map(|host| json!({ "host": host, "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend(dice) }] } }))
            .collect();
    }
    if dice.chance(40) {
        spec["tls"] = json!([{ "hosts": dice.some(&["a.example", "b.example"]), "secretName": "tls" }]);
    }
    json!({ "spec": spec })
}

/// Quantities of the kinds of Kueue are kept as they are written, also bare numbers.
fn kueue_quantity(dice: &mut Dice) -> Value {
    if !dice.careful && dice.chance(10) { json!(9) } else { dice.quantity() }
}

fn groups(dice: &mut Dice) -> Value {
    let resource = |name: &str, dice: &mut Dice| {
        let mut one = json!({ "name": name, "nominalQuota": kueue_quantity(dice) });
        if dice.chance(30) {
            one["borrowingLimit"] = kueue_quantity(dice);
        }
        one
    };
    let flavors: Vec<Value> = ["a", "b"][..=dice.roll(2)]
        .iter()
        .map(|name| json!({ "name": name, "resources": [resource("cpu", dice), resource("memory", dice)] }))
        .collect();
    json!([{ "coveredResources": ["cpu", "memory"], "flavors": flavors }])
}

fn cluster_queue(dice: &mut Dice) -> Value {
    let mut spec = json!({ "namespaceSelector": {} });
    if dice.chance(60) {
        spec["namespaceSelector"] = json!({ "matchLabels": dice.texts(&["queue", "tier"]) });
    }
    if dice.chance(80) {
        spec["resourceGroups"] = groups(dice);
    }
    if dice.chance(70) {
        spec["cohortName"] = json!(dice.one(&["site", "other"]));
    }
    if dice.chance(40) {
        spec["preemption"] = json!({ "withinClusterQueue": dice.one(&["Never", "LowerPriority"]) });
    }
    if dice.chance(30) {
        spec["queueingStrategy"] = json!(dice.one(&["BestEffortFIFO", "StrictFIFO"]));
    }
    if dice.chance(20) {
        spec["stopPolicy"] = json!(dice.one(&["None", "Hold"]));
    }
    if dice.chance(30) {
        spec["fairSharing"] = json!({ "weight": kueue_quantity(dice) });
    }
    json!({ "spec": spec })
}

fn local_queue(dice: &mut Dice) -> Value {
    let mut spec = json!({ "clusterQueue": "a" });
    if dice.chance(40) {
        spec["stopPolicy"] = json!(dice.one(&["None", "Hold"]));
    }
    json!({ "spec": spec })
}

fn flavor(dice: &mut Dice) -> Value {
    let mut spec = json!({});
    if dice.chance(70) {
        spec["nodeLabels"] = dice.texts(&["pool", "disk"]);
    }
    if dice.chance(40) {
        spec["nodeTaints"] = json!([{ "key": "gpu", "value": dice.one(&["a", "b"]), "effect": "NoSchedule" }]);
    }
    if dice.chance(40) {
        spec["tolerations"] = json!([{ "key": dice.one(&["a", "b"]), "operator": "Exists" }]);
    }
    json!({ "spec": spec })
}

fn cohort(dice: &mut Dice) -> Value {
    let mut spec = json!({});
    if dice.chance(40) {
        spec["parentName"] = json!(dice.one(&["site", "other"]));
    }
    if dice.chance(60) {
        spec["resourceGroups"] = groups(dice);
    }
    json!({ "spec": spec })
}

fn topology(dice: &mut Dice) -> Value {
    let block = json!({ "nodeLabel": dice.one(&["block", "rack"]) });
    json!({ "spec": { "levels": [block, { "nodeLabel": "kubernetes.io/hostname" }] } })
}

fn priority(dice: &mut Dice) -> Value {
    let mut object = json!({ "value": 100 + dice.roll(2) });
    if dice.chance(50) {
        object["description"] = json!(dice.one(&["one", "two"]));
    }
    object
}

/// A definition with each way to merge there is.
pub fn definition() -> Value {
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "object", "additionalProperties": text });
    let keyed = |keys: Value| {
        json!({ "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys,
            "items": { "type": "object", "required": ["name"], "properties": { "name": text, "value": text,
                "protocol": { "type": "string", "default": "TCP" }, "tags": { "type": "array", "x-kubernetes-list-type": "set", "items": text },
                "more": texts } } })
    };
    let spec = json!({ "type": "object", "properties": {
        "set": { "type": "array", "x-kubernetes-list-type": "set", "items": text },
        "numbers": { "type": "array", "x-kubernetes-list-type": "set", "items": { "type": "number" } },
        "keyed": keyed(json!(["name"])),
        "twice": keyed(json!(["name", "protocol"])),
        "atomic": { "type": "array", "items": { "type": "object", "properties": { "a": text, "b": { "type": "string", "default": "x" } } } },
        "whole": { "type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": text },
        "map": texts,
        "maps": { "type": "object", "additionalProperties": texts },
        "free": { "type": "object", "x-kubernetes-preserve-unknown-fields": true },
        "number": { "type": "number" },
        "amount": { "x-kubernetes-int-or-string": true },
        "maybe": { "type": "string", "nullable": true },
        "filled": { "type": "string", "default": "x" },
        "within": { "type": "object", "properties": { "a": text, "b": texts } },
    } });
    json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "things.triples.example" },
        "spec": { "group": "triples.example", "scope": "Namespaced",
            "names": { "kind": "Thing", "listKind": "ThingList", "plural": "things", "singular": "thing" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "subresources": { "status": {} },
                "schema": { "openAPIV3Schema": { "type": "object", "properties": { "spec": spec,
                    "status": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } } } }] } })
}

fn thing(dice: &mut Dice) -> Value {
    let items = |dice: &mut Dice, protocol: bool| -> Value {
        let names = dice.some(&["a", "b", "c"]);
        names
            .into_iter()
            .map(|name| {
                let mut item = json!({ "name": name });
                if dice.chance(50) {
                    item["value"] = json!(dice.one(&["1", "2"]));
                }
                if protocol && dice.chance(50) {
                    item["protocol"] = json!(dice.one(&["TCP", "UDP"]));
                }
                if dice.chance(30) {
                    item["tags"] = json!(dice.some(&["x", "y", "z"]));
                }
                if dice.chance(30) {
                    item["more"] = dice.texts(&["k", "l"]);
                }
                item
            })
            .collect()
    };
    let mut spec = Map::new();
    for field in [
        "set", "numbers", "keyed", "twice", "atomic", "whole", "map", "maps", "free", "number", "amount", "maybe",
        "filled", "within",
    ] {
        if !dice.chance(40) {
            continue;
        }
        let value = match field {
            "set" => json!(dice.some(&["x", "y", "z"])),
            "numbers" => dice.some(&[json!(1), json!(1.0), json!(1.5), json!(2)]).into(),
            "keyed" => items(dice, false),
            "twice" => items(dice, true),
            "atomic" => (0..dice.roll(3)).map(|_| dice.texts(&["a", "b"])).collect(),
            "whole" | "map" => dice.texts(&["k", "l", "m"]),
            "maps" => json!({ "o": dice.texts(&["k", "l"]), "p": dice.texts(&["k"]) }),
            "free" => match dice.roll(4) {
                0 => json!({}),
                1 => json!({ "list": dice.some(&[json!({ "a": 1 }), json!(2)]), "map": dice.texts(&["k", "l"]) }),
                2 => json!({ "map": {}, "text": "1" }),
                _ => json!({ "map": { "deep": dice.texts(&["k"]) } }),
            },
            "number" => [json!(1), json!(1.0), json!(2.5)][dice.roll(3)].clone(),
            "amount" => [json!(1), json!("1"), json!("1000m")][dice.roll(3)].clone(),
            "maybe" => [json!("1"), Value::Null][dice.roll(2)].clone(),
            "filled" => json!(dice.one(&["x", "y"])),
            _ => json!({ "a": "1", "b": dice.texts(&["k", "l"]) }),
        };
        spec.insert(field.to_owned(), value);
    }
    json!({ "spec": spec })
}

/// Fields by which items of lists are told apart: without them a part of an object is refused.
const KEYS: &[&str] = &["apiVersion", "kind", "name", "port", "protocol", "containerPort", "type", "host", "ip", "key"];

/// A part of an object, as another manager could want it.
pub fn part(value: &Value, keep: usize, dice: &mut Dice) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| KEYS.contains(&key.as_str()) || dice.chance(keep))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect::<Vec<_>>()
            .into_iter()
            .map(|(key, value)| (key, part(&value, keep, dice)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => {
            let kept: Vec<&Value> = items.iter().filter(|_| dice.chance(keep)).collect();
            kept.into_iter().map(|item| part(item, keep.max(80), dice)).collect()
        }
        other => other.clone(),
    }
}

/// The same with the items of some lists in another order.
pub fn reordered(value: &Value, dice: &mut Dice) -> Value {
    match value {
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), reordered(value, dice))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => {
            let mut items = items.clone();
            dice.shuffle(&mut items);
            items.into()
        }
        other => other.clone(),
    }
}
