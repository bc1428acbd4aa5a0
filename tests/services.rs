//! What services become: canonical objects with their places, folders passed through, and no secret anywhere.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value, json};
use sitewright::diagnostics::Diagnostics;
use sitewright::kubernetes::places::{Places, spot};
use sitewright::kubernetes::{kinds, object, quantity};
use sitewright::manifest::{Loaded, Schemas, load_texts};
use sitewright::report::{self, Style};
use sitewright::resource::{Resource, is_protected};
use sitewright::{desired, model, rules};

const EVERYTHING: &str = include_str!("services.yaml");
/// A day on which all allocations are in force.
const MAY: Date = date(2026, 5, 15);

const PASSED: &str = r"apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: { name: web, creationTimestamp: null }
    status: {}
    spec:
      template:
        spec:
          securityContext: { runAsNonRoot: true }
          containers:
            - name: web
              image: r.example/web:1
              ports: [{ containerPort: 80 }]
              resources: { limits: { cpu: 1000m, memory: 1024Mi } }
  - apiVersion: example.org/v1
    kind: Board
    metadata: { name: main, namespace: elsewhere }
    spec: { quota: 1000m }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader, namespace: ignored }
";

fn load(files: &[(&str, &str)]) -> (Loaded, model::Site, Diagnostics) {
    let texts = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let mut loaded = load_texts(texts, &Schemas::new().unwrap());
    let (site, found) = model::resolve(&loaded);
    let mut all = std::mem::take(&mut loaded.diagnostics);
    all.extend(found);
    all.extend(rules::check(&site));
    (loaded, site, all)
}

fn everything() -> Vec<(&'static str, &'static str)> {
    vec![("site.yaml", EVERYTHING), ("board/all.yaml", PASSED)]
}

fn on_kubernetes(site: &model::Site, day: Date) -> Vec<Resource> {
    let services = desired::compile(site, day).into_iter().filter(|one| one.address.target == "services");
    services.collect()
}

fn whole(resource: &Resource) -> Value {
    Value::Object(resource.body.clone().into_iter().collect())
}

fn one(resources: &[Resource], address: &str) -> Value {
    let found = resources.iter().find(|one| one.address.to_string() == address);
    whole(found.unwrap_or_else(|| panic!("no {address}")))
}

#[test]
fn everything_becomes_objects() {
    let (_, site, found) = load(&everything());
    let messages: Vec<String> = found.0.iter().map(|one| format!("{}: {}", one.code.name, one.message)).collect();
    assert_eq!(messages, Vec::<String>::new());
    let mut text = String::new();
    for resource in desired::compile(&site, MAY).into_iter().filter(|one| one.address.to_string().contains("svc-")) {
        text.push_str(&format!("--- # {} · {}\n", resource.address, resource.summary));
        text.push_str(&serde_yaml::to_string(&whole(&resource)).unwrap());
    }
    insta::assert_snapshot!("service_objects", text);
}

#[test]
fn audiences_follow_allocations() {
    let (_, site, _) = load(&everything());
    let callers = |day: Date| {
        let policy = one(&on_kubernetes(&site, day), "services/NetworkPolicy.networking.k8s.io/svc-llm/llm");
        policy["spec"]["ingress"][0]["from"][1]["namespaceSelector"]["matchExpressions"][0]["values"].clone()
    };
    assert_eq!(callers(MAY), json!(["gateways", "medix"]));
    assert_eq!(callers(date(2027, 1, 1)), json!(["gateways"]), "the allocation has ended");
}

#[test]
fn folders_are_passed_through() {
    let (loaded, site, _) = load(&everything());
    let resources = on_kubernetes(&site, MAY);
    let web = one(&resources, "services/Deployment.apps/svc-board/web");
    let container = &web["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["resources"]["limits"], json!({"cpu": "1", "memory": "1Gi"}));
    assert_eq!(container["ports"], json!([{"containerPort": 80, "protocol": "TCP"}]));
    assert_eq!(web["metadata"], json!({"name": "web", "namespace": "svc-board"}));
    assert!(web.get("status").is_none());
    let board = one(&resources, "services/Board.example.org/elsewhere/main");
    assert_eq!(board["spec"], json!({"quota": "1000m"}), "nobody here knows what this kind means");
    assert_eq!(
        one(&resources, "services/ClusterRole.rbac.authorization.k8s.io/reader")["metadata"],
        json!({"name": "reader"})
    );
    let namespace = one(&resources, "services/Namespace/svc-board");
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "baseline");
    let found = resources.iter().find(|one| one.address.name == "svc-board/web").unwrap();
    let name = ".spec.template.spec.containers[name=\"web\"].resources.limits.memory";
    let (place, _) = Places::new(&web, &found.places).place(&spot(&web, name)).unwrap();
    let located = loaded.sources.locate(&place).unwrap();
    assert_eq!((located.file.as_str(), located.line), ("board/all.yaml", 16));
}

#[test]
fn slurm_services_have_accounts() {
    let (_, site, _) = load(&everything());
    let resources = desired::compile(&site, MAY);
    let qos = one(&resources, "compute/qos/svc-aitta");
    assert_eq!(qos, json!({"GrpTRES": {"gres/gpu": 8}, "MaxWall": 240, "Priority": 500}));
    let account = one(&resources, "compute/account/svc-aitta");
    assert_eq!(account, json!({"DefaultQOS": "svc-aitta", "Parent": "nordlys", "QOS": ["svc-aitta"]}));
    one(&resources, "compute/association/svc-aitta/aitta");
}

#[test]
fn places_lead_somewhere() {
    let (loaded, site, _) = load(&everything());
    for resource in on_kubernetes(&site, MAY) {
        for (path, place) in &resource.places {
            assert!(path.is_empty() || path.starts_with('.'), "{path}");
            assert!(loaded.sources.locate(place).is_some(), "{}: {path} is nowhere", resource.address);
        }
    }
    let line = |address: &str, path: &str| {
        let resources = on_kubernetes(&site, MAY);
        let found = resources.iter().find(|one| one.address.to_string() == address).unwrap();
        let located = loaded.sources.locate(found.places.get(path).unwrap_or_else(|| panic!("{path}"))).unwrap();
        EVERYTHING.lines().nth(located.line - 1).unwrap().trim().to_owned()
    };
    let llm = "services/Deployment.apps/svc-llm/llm";
    let container = ".spec.template.spec.containers[name=\"llm\"]";
    assert!(line(llm, &format!("{container}.image")).starts_with("image: "));
    assert!(line(llm, &format!("{container}.env[name=\"HF_TOKEN\"]")).starts_with("- { name: HF_TOKEN"));
    assert!(line(llm, &format!("{container}.resources.limits.nvidia.com/gpu")).starts_with("resources: "));
    assert!(
        line("services/PersistentVolumeClaim/svc-llm/llm-models", ".spec.resources.requests.storage").contains("4TB")
    );
}

/// However a server names a field, it is what the manifest says of it.
#[test]
fn fields_that_a_server_names_lead_to_what_says_them() {
    let (loaded, site, _) = load(&everything());
    let resources = on_kubernetes(&site, MAY);
    let text = |address: &str, name: &str| {
        let found =
            resources.iter().find(|one| one.address.to_string() == address).unwrap_or_else(|| panic!("{address}"));
        let body = whole(found);
        let places = Places::new(&body, &found.places);
        let (place, _) = places.place(&spot(&body, name)).unwrap_or_else(|| panic!("{name}"));
        let located = loaded.sources.locate(&place).unwrap();
        let text = loaded.sources.text(&located.file).unwrap();
        text[located.offset..located.offset + located.length].to_owned()
    };
    let llm = "services/Deployment.apps/svc-llm/llm";
    for (address, name, wanted) in [
        (llm, "spec.template.spec.containers[0].image", "registry.nordlys.example/vllm:0.11"),
        (llm, "spec.template.spec.containers[0].ports[1].containerPort", "9000"),
        (llm, "spec.template.spec.containers[0].ports[1].name", "metrics"),
        (
            llm,
            ".spec.template.spec.containers[name=\"llm\"].ports[containerPort=9000,protocol=\"UDP\"].protocol",
            "UDP",
        ),
        (llm, "spec.template.spec.containers[0].env[0].value", "/models"),
        (llm, "spec.template.spec.containers[0].env[2].valueFrom.secretKeyRef.key", "token"),
        (llm, "spec.template.spec.containers[0].volumeMounts[1].mountPath", "/cache"),
        (llm, "spec.template.spec.containers[0].resources.requests[memory]", "128GB"),
        ("services/Service/svc-llm/llm", "spec.ports[1].name", "metrics"),
        ("services/HTTPRoute.gateway.networking.k8s.io/svc-llm/llm", "spec.parentRefs[0].namespace", "gateways"),
        ("services/HTTPRoute.gateway.networking.k8s.io/svc-llm/llm", "spec.rules[0].matches[0].path.value", "/v1"),
        ("services/Ingress.networking.k8s.io/svc-shared/notebooks", "spec.tls[0].secretName", "hub"),
        ("services/Ingress.networking.k8s.io/svc-shared/notebooks", "spec.tls[0].hosts[0]", "hub.nordlys.example"),
        ("services/Deployment.apps/svc-board/web", "spec.template.spec.containers[0].image", "r.example/web:1"),
        ("services/Deployment.apps/svc-board/web", "spec.template.spec.containers[0].ports[0].containerPort", "80"),
        ("services/Deployment.apps/svc-board/web", "kind", "Deployment"),
        ("services/Board.example.org/elsewhere/main", "apiVersion", "example.org/v1"),
        ("services/Board.example.org/elsewhere/main", "metadata.namespace", "elsewhere"),
    ] {
        assert_eq!(text(address, name), wanted, "{address} {name}");
    }
    // What asks for a kind that the server may not have.
    assert_eq!(text("services/HTTPRoute.gateway.networking.k8s.io/svc-llm/llm", "kind"), "route");
    assert_eq!(text("services/LocalQueue.kueue.x-k8s.io/svc-llm/booster-fast-lane", "kind"), "queue");
}

/// What must hold of every object: canonical quantities, keys of lists written out, nothing null, keys sorted.
fn canonical(resource: &Resource) -> Result<(), TestCaseError> {
    fn walk(path: &str, value: &Value) -> Result<(), TestCaseError> {
        match value {
            Value::Null => prop_assert!(false, "{path} is null"),
            Value::Object(map) => {
                prop_assert!(!map.is_empty() || path.ends_with("podSelector"), "{path} is empty");
                let keys: Vec<&String> = map.keys().collect();
                prop_assert!(keys.is_sorted(), "{path}: {keys:?}");
                if path.ends_with("ports[]") {
                    prop_assert!(map.contains_key("protocol"), "{path}");
                }
                map.iter().try_for_each(|(key, value)| walk(&format!("{path}.{key}"), value))?;
            }
            Value::Array(items) => {
                prop_assert!(!items.is_empty(), "{path} is empty");
                items.iter().try_for_each(|item| walk(&format!("{path}[]"), item))?;
            }
            Value::String(text) if [".requests.", ".limits.", ".hard."].iter().any(|part| path.contains(part)) => {
                prop_assert_eq!(quantity::canonical(text), Ok(text.clone()), "{}", path);
            }
            _ => {}
        }
        Ok(())
    }
    let object = whole(resource);
    walk("", &object)?;
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    prop_assert_eq!(kinds::address_kind(text("apiVersion"), text("kind")), resource.address.kind.clone());
    prop_assert_eq!(kinds::address_name(&object), resource.address.name.clone());
    prop_assert_eq!(is_protected(&resource.body), resource.protect);
    let mut again = object.clone();
    prop_assert!(object::canonicalize(&mut again).is_empty());
    prop_assert_eq!(again, object);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn services_compile_to_canonical_objects(
        name in "[a-z][a-z0-9-]{0,20}[a-z0-9]",
        gpus in 0_u64..9,
        cpus in prop::sample::select(vec!["1", "0.5", "1500m", "1000m", "16", "2.0"]),
        memory in prop::sample::select(vec!["512MB", "1024MB", "1.5GB", "2TB", "3000MB"]),
        replicas in 0_u64..5,
        scaled in any::<bool>(),
        storage in prop::collection::vec((prop::sample::select(vec!["/a", "/b/c", "/srv/Data_1"]), any::<bool>()), 0..3),
        ports in prop::collection::vec(1_u64..65_536, 0..3),
        protect in any::<bool>(),
        public in any::<bool>(),
    ) {
        let mut text = format!(
            "---\napiVersion: sitewright.io/v1alpha1\nkind: SupportService\nmetadata: {{ name: {name} }}\nspec:\n  category: inference\n  protect: {protect}\n  audience: {{ public: {public}, modes: [fast-lane] }}\n  kubernetes:\n    image: r.example/a:1\n    resources: {{ gpus: {gpus}, cpus: {cpus}, memory: {memory} }}\n    quota: {{ cpus: 1000, memory: 1PB, pods: 1000 }}\n"
        );
        text += &if scaled { "    scale: { min: 2, max: 4, cpu: 70% }\n".to_owned() } else { format!("    replicas: {replicas}\n") };
        let ports: Vec<String> = ports.iter().enumerate().map(|(index, port)| format!("{{ name: p{index}, port: {port} }}")).collect();
        text += &format!("    ports: [{}]\n", ports.join(", "));
        let storage: Vec<String> = storage.iter().enumerate().map(|(index, (mount, one))| {
            format!("{{ name: v{index}, mount: {mount}, size: {memory}, writers: {} }}", if *one { "one" } else { "many" })
        }).collect();
        text += &format!("    storage: [{}]\n", storage.join(", "));
        let site = EVERYTHING.split("---\n").take(4).collect::<Vec<_>>().join("---\n");
        let (_, site, _) = load(&[("site.yaml", &(site + &text))]);
        let resources = on_kubernetes(&site, MAY);
        for resource in &resources {
            canonical(resource)?;
        }
        let bodies = |resources: &[Resource]| -> BTreeMap<String, Value> {
            resources.iter().map(|one| (one.address.to_string(), whole(one))).collect()
        };
        prop_assert_eq!(bodies(&resources), bodies(&on_kubernetes(&site, MAY)));
        let workload = resources.iter().find(|one| ["Deployment.apps", "StatefulSet.apps"].contains(&one.address.kind.as_str()));
        let workload = whole(workload.unwrap());
        prop_assert_eq!(workload["spec"].get("replicas").is_none(), scaled, "an autoscaler owns the number");
        let pod = &workload["spec"]["template"]["spec"];
        prop_assert_eq!(&pod["securityContext"]["runAsNonRoot"], &json!(true));
        prop_assert_eq!(&pod["securityContext"]["seccompProfile"]["type"], &json!("RuntimeDefault"));
        let container = &pod["containers"][0]["securityContext"];
        prop_assert_eq!(container, &json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}));
    }
}

/// Planted values are in no finding, excerpt or JSON, whatever is wrong around them.
#[test]
fn secrets_are_shown_nowhere() {
    let site = EVERYTHING.split("---\n").next().unwrap().to_owned();
    let service = |kubernetes: &str| {
        format!(
            "{site}---\napiVersion: sitewright.io/v1alpha1\nkind: SupportService\nmetadata: {{ name: a }}\nspec:\n  category: helpdesk\n{kubernetes}"
        )
    };
    let variable = service(
        "  kubernetes:\n    image: r.example/a:1\n    replicas: many\n    env:\n      - name: HF_TOKEN\n        value: planted-one\n      - { name: DB, value: \"postgres://u:planted-two@db/x\" }\n",
    );
    let folder = service("  manifests: { folder: f }\n");
    for (site, passed) in [
        (variable, "apiVersion: v1\n"),
        (
            folder.clone(),
            "apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData:\n  token: planted-three\ntype: Opaque\n",
        ),
        (
            folder.clone(),
            "apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData: { token: planted-four, : [ }\n",
        ),
        (
            folder.clone(),
            "apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData:\n  token: |\n    planted-five\n    planted-six\n  token: NO\n",
        ),
        (folder, "kind: Pod\nspec:\n  containers:\n    - env:\n        - { name: PASSWORD, value: planted-seven }\n"),
    ] {
        let (loaded, _, found) = load(&[("site.yaml", &site), ("f/a.yaml", passed)]);
        assert!(!found.is_empty());
        let style = Style { colour: false, width: 100 };
        let human = report::findings(&found, &loaded.sources, style);
        let json = report::findings_json(&found, &loaded.sources).to_string();
        for text in [&human, &json, &format!("{:?}", found.0)] {
            assert!(!text.contains("planted"), "{text}");
        }
    }
}

/// What a newcomer writes first: each mistake once, with the way out.
#[test]
fn mistakes_of_newcomers() {
    let site = "apiVersion: sitewright.io/v1alpha1
kind: Service
metadata: { name: portal }
spec: {}
---
apiVersion: sitewright.io/v1alpha1
kind: SupportService
metadata: { name: Hub_1 }
spec:
  category: model-hub
  kubernetes:
    image: registry.example/hub:1
    ports: [8000]
    resources: { cpus: 2, memory: 16GB }
    storage: [{ mount: /data, size: 10GB }]
    probes: { readiness: { path: /health } }
    route: { host: \"https://hub.example/v1\", gateway: { name: public, namespace: gateways } }
";
    let (_, _, found) = load(&[("site.yaml", site)]);
    let told: Vec<(&str, &str)> = found
        .0
        .iter()
        .filter(|one| ["unknown-kind", "bad-name", "wrong-type", "unknown-port"].contains(&one.code.name))
        .map(|one| (one.code.name, one.hint.as_deref().unwrap_or_default()))
        .collect();
    let wanted = [
        ("bad-name", "write `hub-1`"),
        ("bad-name", "write the host alone: `hub.example`"),
        (
            "unknown-kind",
            "did you mean `SupportService`? Kubernetes' own manifests stand in a folder that one names: `manifests: { folder: … }`",
        ),
        ("wrong-type", "write its fields: `{ port: … }`"),
    ];
    let mut sorted = told.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, wanted);
}

/// Pods have user numbers of 31 bits; the server refuses any other.
#[test]
fn user_numbers_have_31_bits() {
    let told = |user: &str| -> Vec<String> {
        let text = EVERYTHING.replace("runAsUser: 10001", &format!("runAsUser: {user}"));
        assert!(text.contains(user), "{user}");
        let (_, _, found) = load(&[("site.yaml", &text), ("board/all.yaml", PASSED)]);
        found.0.iter().map(|one| format!("{}: {}", one.code.name, one.message)).collect()
    };
    assert_eq!(told("2147483647"), Vec::<String>::new());
    assert_eq!(told("2147483648"), ["bad-quantity: `2147483648` cannot be meant here"]);
    assert_eq!(told("18446744073709551615"), ["bad-quantity: `18446744073709551615` cannot be meant here"]);
}

/// Values that break things: too large, empty, of other shapes, of other places.
const NASTY: &[&str] = &[
    "",
    "0",
    "18446744073709551615",
    "-1",
    "\"\"",
    "[]",
    "{}",
    "[[]]",
    "../..",
    "/",
    "1000000PB",
    "1e400",
    "0%",
    "99999999w",
    "é",
    "\"\\u0000\"",
    "kube-system",
    "medix",
    "&a [*a]",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_value_panics(changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(NASTY)), 1..4), passed in any::<bool>()) {
        let mut files = everything().into_iter().map(|(name, text)| (name, text.to_owned())).collect::<Vec<_>>();
        let (_, text) = &mut files[usize::from(passed)];
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (index, value) in changes {
            let index = index.index(lines.len());
            if let Some((key, _)) = lines[index].clone().rsplit_once(": ") {
                let closing: String = lines[index].chars().rev().take_while(|letter| " ]}".contains(*letter)).collect();
                lines[index] = format!("{key}: {value}{}", closing.chars().rev().collect::<String>());
            }
        }
        *text = lines.join("\n");
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let (_, site, _) = load(&files);
        let _ = desired::compile(&site, MAY);
    }
}
