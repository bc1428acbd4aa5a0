//! Plans over objects of a Kubernetes cluster, from facts made by hand: what a server would say stands in the verdicts.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(clippy::needless_pass_by_value, reason = "literals are handed over")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use insta::assert_snapshot;
use serde_json::{Value, json};
use sitewright::diagnostics::codes::kubernetes_objects::KEPT_OBJECT;
use sitewright::diagnostics::{Diagnostics, DocumentId, Place};
use sitewright::diff::Wishes;
use sitewright::kubernetes::kinds::{address_kind, address_name};
use sitewright::live::kubernetes::{
    Answer, ApplySet, Cause, Discovery, Failure, FailureKind, FieldConflict, KubernetesFacts, Served, Verdict,
};
use sitewright::live::{Facts, Jobs, Live, Observation, Owner, Reads};
use sitewright::plan::kubernetes::Step;
use sitewright::plan::{Guards, Plan, Request, build, from_text, to_text};
use sitewright::report::{self, Show, Style};
use sitewright::resource::{Address, Body, Digest, FieldPath, Resource};

const SET: &str = "applyset-x-v1";

fn body(object: &Value) -> Body {
    object.as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn address(object: &Value) -> Address {
    let text = |key: &str| object[key].as_str().unwrap();
    Address::new("services", address_kind(text("apiVersion"), text("kind")), address_name(object))
}

fn resource(object: Value) -> Resource {
    Resource {
        address: address(&object),
        body: body(&object),
        place: Some(Place::File("access.yaml:10".to_owned())),
        places: BTreeMap::from([(".spec".to_owned(), Place::File("access.yaml:12".to_owned()))]),
        reasons: BTreeMap::new(),
        protect: false,
        summary: "declared".to_owned(),
    }
}

/// What a target holds and a server says.
struct Rig {
    observation: Observation,
    wanted: Vec<Resource>,
    request: Request,
}

impl Rig {
    fn new() -> Self {
        let served = [("v1", "Namespace", "namespaces", false), ("v1", "ResourceQuota", "resourcequotas", true)]
            .into_iter()
            .chain([("v1", "Node", "nodes", false), ("apps/v1", "Deployment", "deployments", true)])
            .chain([("kueue.x-k8s.io/v1beta2", "LocalQueue", "localqueues", true)])
            .chain([("kueue.x-k8s.io/v1beta2", "ClusterQueue", "clusterqueues", false)])
            .map(|(version, kind, plural, namespaced)| {
                let (api_version, kind, plural) = (version.to_owned(), kind.to_owned(), plural.to_owned());
                (address_kind(version, &kind), Served { api_version, kind, plural, namespaced })
            })
            .collect();
        let set = ApplySet {
            id: SET.to_owned(),
            namespace: "sitewright".to_owned(),
            name: "sitewright-nordlys".to_owned(),
            parent: None,
        };
        Self {
            observation: Observation {
                target: "services".to_owned(),
                title: "kubernetes 1.36 (nordlys)".to_owned(),
                resources: BTreeMap::new(),
                running: BTreeMap::new(),
                salt: None,
                jobs: Jobs::Known(Vec::new()),
                reads: Reads { requests: 7, bytes: 1000, milliseconds: 120 },
                findings: Diagnostics::new(),
                facts: Facts::Kubernetes(KubernetesFacts {
                    version: "1.36.3".to_owned(),
                    server: "https://x".to_owned(),
                    set,
                    served,
                    objects: BTreeMap::new(),
                    discovery: Discovery::default(),
                    namespaces: BTreeSet::new(),
                    confirmations: BTreeMap::new(),
                    verdicts: BTreeMap::new(),
                }),
            },
            wanted: Vec::new(),
            request: Request {
                factory: "nordlys".to_owned(),
                environment: "production".to_owned(),
                at: "2026-11-21".to_owned(),
                manifests: Digest::of(""),
                wishes: Wishes::default(),
                guards: Guards::default(),
                destroying: false,
                only: None,
                restart: BTreeMap::new(),
            },
        }
    }

    fn facts(&mut self) -> &mut KubernetesFacts {
        self.observation.kubernetes_mut().unwrap()
    }

    /// Declares an object.
    fn wants(mut self, object: Value, verdict: Verdict) -> Self {
        let resource = resource(object);
        self.facts().verdicts.insert(resource.address.clone(), verdict);
        self.wanted.push(resource);
        self
    }

    /// Puts an object there.
    fn has(mut self, mut object: Value, owner: Owner) -> Self {
        object["metadata"]["uid"] = format!("uid-{}", object["metadata"]["name"].as_str().unwrap()).into();
        let address = address(&object);
        let live = Live { body: body(&object).into(), owner };
        self.observation.resources.insert(address.clone(), live);
        self.facts().objects.insert(address, Arc::new(object));
        self
    }

    fn plan(&self) -> Result<Plan, Diagnostics> {
        let locate = |place: &Place| match place {
            Place::File(text) => Some(text.clone()),
            Place::Field { path, .. } => Some(path.to_string()),
            Place::Text { .. } => None,
        };
        build(&self.request, &self.wanted, std::slice::from_ref(&self.observation), &locate)
    }

    fn text(&self) -> String {
        let show = Show { commands: true, stats: true, ..Show::default() };
        let plan = self.plan().unwrap();
        assert_eq!(from_text(&to_text(&plan)).unwrap(), plan, "it reads back");
        report::plan(&plan, show, Style { colour: false, width: 100 })
    }
}

fn quota(gpus: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "quota", "namespace": "medix"},
        "spec": {"hard": {"requests.nvidia.com/gpu": gpus}}})
}

/// As it is on a server, with our label and our trie.
fn ours(mut object: Value, trie: Value) -> Value {
    object["metadata"]["labels"]["applyset.kubernetes.io/part-of"] = SET.into();
    let mut fields = trie;
    fields["f:metadata"] = json!({"f:labels": {"f:applyset.kubernetes.io/part-of": {}}});
    object["metadata"]["managedFields"] = json!([{"manager": "sitewright", "operation": "Apply", "fieldsType": "FieldsV1",
        "apiVersion": object["apiVersion"], "fieldsV1": fields}]);
    object
}

fn quota_there(gpus: &str) -> Value {
    ours(quota(gpus), json!({"f:spec": {"f:hard": {"f:requests.nvidia.com/gpu": {}}}}))
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

fn answer(object: Value) -> Verdict {
    Verdict::Confirmed(Answer { object, conflicts: Vec::new() })
}

fn predicted() -> Verdict {
    Verdict::Predicted("its namespace is created by the same plan".to_owned())
}

#[test]
fn a_namespace_comes_before_what_is_in_it() {
    let rig = Rig::new().wants(quota("8"), predicted()).wants(namespace("medix"), answer(namespace("medix")));
    assert_snapshot!(rig.text());
    let plan = rig.plan().unwrap();
    let sitewright::plan::Step::Kubernetes(Step::Objects { writes }) = &plan.actions.last().unwrap().step else {
        panic!()
    };
    assert_eq!(writes[0].needs, BTreeSet::from([Address::new("services", "Namespace", "medix")]));
    let labels = &writes[0].object.as_ref().unwrap()["metadata"]["labels"];
    assert_eq!(labels["applyset.kubernetes.io/part-of"], SET);
}

#[test]
fn what_is_proved_needs_nothing() {
    let mut rig = Rig::new().wants(quota("8"), Verdict::Proved).has(quota_there("8"), Owner::Ours);
    let parent = |kinds: &str| {
        json!({"metadata": {"uid": "p", "labels": {"applyset.kubernetes.io/id": SET}, "annotations": {
            "applyset.kubernetes.io/tooling": "sitewright/0.0.1",
            "applyset.kubernetes.io/contains-group-kinds": kinds,
            "applyset.kubernetes.io/additional-namespaces": "medix"}}})
    };
    rig.facts().set.parent = Some(parent("ResourceQuota"));
    let plan = rig.plan().unwrap();
    assert!(plan.is_empty(), "{plan:?}");
    assert_eq!(plan.targets[0].unchanged, 1);
    // An apply that was killed has left the parent too wide: the next change makes it exact.
    rig.facts().set.parent = Some(parent("Namespace,ResourceQuota"));
    assert!(rig.plan().unwrap().is_empty());
    // Somebody has cut it: what it no longer names would be lost from sight.
    rig.facts().set.parent = Some(parent(""));
    let plan = rig.plan().unwrap();
    assert_eq!(plan.actions.len(), 1);
    let told: Vec<(&str, &str)> = plan.warnings.iter().map(|one| (one.code.as_str(), one.message.as_str())).collect();
    let message = "on `services` nothing changes but our own mark: mark what is nordlys's";
    assert_eq!(told, [("marks-only", message)]);
}

#[test]
fn a_value_that_the_server_would_change() {
    let rig = Rig::new().wants(quota("4"), answer(quota_there("4"))).has(quota_there("8"), Owner::Ours);
    assert_snapshot!(rig.text());
}

#[test]
fn what_others_add_is_no_change_and_what_we_drop_is() {
    let mut there = quota_there("8");
    there["spec"]["hard"]["cpu"] = "64".into();
    there["metadata"]["managedFields"][0]["fieldsV1"]["f:spec"]["f:hard"]["f:cpu"] = json!({});
    there["spec"]["hard"]["pods"] = "9".into();
    let rig = Rig::new().wants(quota("8"), predicted()).has(there, Owner::Ours);
    let plan = rig.plan().unwrap();
    let fields: Vec<&str> = plan.changes[0].fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, [".spec.hard.cpu"]);
    assert_eq!(plan.changes[0].fields[0].after, None);
}

#[test]
fn fields_of_others_are_taken_one_by_one() {
    let web = |replicas: u32| {
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "medix"},
            "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "web", "image": "x:1"}]}}}})
    };
    let conflicts = vec![FieldConflict {
        path: ".spec.replicas".to_owned(),
        manager: "autoscaler".to_owned(),
        version: "apps/v1".to_owned(),
    }];
    let verdict = Verdict::Confirmed(Answer { object: web(2), conflicts });
    let mut rig = Rig::new().wants(web(2), verdict).has(web(5), Owner::Ours);
    assert_snapshot!(rig.text());
    let web = Address::new("services", "Deployment.apps", "medix/web");
    rig.request.wishes.take.insert((web, ".spec.replicas".to_owned()));
    let plan = rig.plan().unwrap();
    assert!(plan.refusals.is_empty(), "{:?}", plan.refusals);
    let forced = plan.actions.iter().any(|action| match &action.step {
        sitewright::plan::Step::Kubernetes(Step::Objects { writes }) => writes.iter().any(|write| write.force),
        _ => false,
    });
    assert!(forced);
}

#[test]
fn what_cannot_be_changed_is_made_anew_only_when_asked() {
    let queue = |name: &str| {
        json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "LocalQueue",
            "metadata": {"name": "fast", "namespace": "medix"}, "spec": {"clusterQueue": name}})
    };
    let failure = Failure {
        status: 422,
        causes: vec![Cause {
            reason: "FieldValueInvalid".to_owned(),
            field: "spec.clusterQueue".to_owned(),
            message: "Invalid value: \"b\": field is immutable".to_owned(),
        }],
        ..Failure::new(FailureKind::Other, "LocalQueue \"fast\" is invalid")
    };
    let trie = json!({"f:spec": {"f:clusterQueue": {}}});
    let mut rig = Rig::new().wants(queue("b"), Verdict::Blocked(failure)).has(ours(queue("a"), trie), Owner::Ours);
    assert_snapshot!(rig.text());
    let address = Address::new("services", "LocalQueue.kueue.x-k8s.io", "medix/fast");
    rig.request.wishes.recreate.insert(address);
    assert!(rig.plan().unwrap().refusals.is_empty());
}

#[test]
fn what_the_server_refuses_is_told_at_its_line() {
    let failure = Failure {
        status: 422,
        causes: vec![Cause {
            reason: "FieldValueInvalid".to_owned(),
            field: "spec.hard[requests.nvidia.com/gpu]".to_owned(),
            message: "must be an integer".to_owned(),
        }],
        ..Failure::new(FailureKind::Other, "ResourceQuota \"quota\" is invalid")
    };
    let found = Rig::new().wants(quota("8.5"), Verdict::Blocked(failure)).plan().unwrap_err();
    assert_eq!(found.0[0].code.name, "server-refuses");
    assert_eq!(found.0[0].place, Some(Place::File("access.yaml:12".to_owned())));
    assert!(found.0[0].hint.is_some());
}

/// An object of which the manifest has each field: its place is called as the field stands there.
fn written(object: Value) -> Resource {
    let places = BTreeMap::from([(String::new(), Place::value(DocumentId(0), FieldPath::root()))]);
    Resource { places, place: Some(Place::File("metadata.name".to_owned())), ..resource(object) }
}

fn web() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "medix"},
    "spec": {"template": {"spec": {"containers": [
        {"name": "side", "image": "s:1"},
        {"name": "web", "image": "x:1", "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
        ]},
    ]}}}})
}

/// The places of the one finding, where a server names these fields.
fn told_at(object: Value, kind: FailureKind, fields: &[&str]) -> Vec<Place> {
    let cause = |field: &&str| Cause {
        reason: "FieldValueInvalid".to_owned(),
        field: (*field).to_owned(),
        message: "is wrong".to_owned(),
    };
    let failure = Failure { causes: fields.iter().map(cause).collect(), ..Failure::new(kind, "no") };
    let mut rig = Rig::new().wants(object.clone(), Verdict::Blocked(failure));
    rig.wanted = vec![written(object)];
    let found = rig.plan().unwrap_err().0.remove(0);
    let all = found.place.into_iter().chain(found.related.into_iter().map(|(place, _)| place));
    let called = |place| if let Place::Field { path, .. } = place { Place::File(path.to_string()) } else { place };
    all.map(called).collect()
}

#[test]
fn what_is_inside_of_lists_is_told_at_its_own_line() {
    let container = ".spec.template.spec.containers[name=\"web\"]";
    let port = format!("{container}.ports[containerPort=53,protocol=\"TCP\"].name");
    for (field, wanted) in [
        ("spec.template.spec.containers[0].image", "spec.template.spec.containers[0].image"),
        (
            "spec.template.spec.containers[1].ports[1].containerPort",
            "spec.template.spec.containers[1].ports[1].containerPort",
        ),
        (&format!("{container}.image"), "spec.template.spec.containers[1].image"),
        (&port, "spec.template.spec.containers[1].ports[1].name"),
        ("spec.template.spec.containers[1].ports[0].hostPort", "spec.template.spec.containers[1].ports[0]"),
        ("spec.template.spec.containers[1].resources.limits[cpu]", "spec.template.spec.containers[1]"),
        ("spec.selector", "spec"),
        ("metadata.namespace", "metadata.namespace"),
        ("metadata.labels", "metadata.name"),
        ("[]", "metadata.name"),
    ] {
        assert_eq!(told_at(web(), FailureKind::Invalid, &[field]), [Place::File(wanted.to_owned())], "{field}");
    }
    let several =
        ["spec.template.spec.containers[0].image", "metadata.labels", "spec.template.spec.containers[1].image"];
    assert_eq!(
        told_at(web(), FailureKind::Invalid, &several),
        [several[0], several[2]].map(|field| Place::File(field.to_owned()))
    );
    let queue = json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": {"name": "q"}, "spec": {
        "resourceGroups": [{"coveredResources": ["cpu", "gpu"], "flavors": [{"name": "h100", "resources": [
            {"name": "cpu", "nominalQuota": "1"}, {"name": "gpu", "nominalQuota": "-1"}]}]}]}});
    for name in
        ["[0].flavors[0].resources[1].nominalQuota", "[0].flavors[name=\"h100\"].resources[name=\"gpu\"].nominalQuota"]
    {
        assert_eq!(
            told_at(queue.clone(), FailureKind::Invalid, &[&format!(".spec.resourceGroups{name}")]),
            [Place::File("spec.resourceGroups[0].flavors[0].resources[1].nominalQuota".to_owned())]
        );
    }
}

#[test]
fn a_kind_that_is_not_served_is_told_at_the_line_that_asks_for_it() {
    for (kind, wanted) in [
        (FailureKind::KindMissing, "kind"),
        (FailureKind::VersionNotServed { served: Vec::new() }, "apiVersion"),
        (FailureKind::NamespaceMissing { namespace: "medix".to_owned() }, "metadata.namespace"),
    ] {
        assert_eq!(told_at(web(), kind, &[]), [Place::File(wanted.to_owned())]);
    }
}

#[test]
fn changes_and_conflicts_inside_of_lists_have_lines_of_their_own() {
    let mut there = web();
    let spec = &mut there["spec"]["template"]["spec"];
    spec["containers"][0]["image"] = "s:0".into();
    spec["containers"][1]["ports"][1]["name"] = "domain".into();
    // In another order than it is written.
    spec["containers"].as_array_mut().unwrap().reverse();
    let image = ".spec.template.spec.containers[name=\"side\"].image";
    let conflicts =
        vec![FieldConflict { path: image.to_owned(), manager: "hands".to_owned(), version: "apps/v1".to_owned() }];
    let verdict = Verdict::Confirmed(Answer { object: web(), conflicts });
    let mut rig = Rig::new().wants(web(), verdict).has(there, Owner::Ours);
    rig.wanted = vec![written(web())];
    let mut plan = rig.plan().unwrap();
    let change = plan.changes.remove(0);
    let places: Vec<(&str, Option<&str>)> =
        change.fields.iter().map(|field| (field.field.as_str(), field.place.as_deref())).collect();
    let port = ".spec.template.spec.containers[name=\"web\"].ports";
    assert!(places.contains(&(image, Some("spec.template.spec.containers[0].image"))), "{places:?}");
    let of_ports: Vec<_> = places.iter().filter(|(field, _)| field.starts_with(port)).collect();
    assert!(
        of_ports.iter().any(|(_, place)| *place == Some("spec.template.spec.containers[1].ports[1].name")),
        "{places:?}"
    );
    assert_eq!(
        plan.refusals[0].message,
        format!(
            "in `services/Deployment.apps/medix/web` `{image}` (spec.template.spec.containers[0].image) belongs to `hands` (as apps/v1)"
        )
    );
}

#[test]
fn a_namespace_that_ends_is_told_once() {
    let refusal = || Failure {
        causes: vec![Cause {
            reason: "NamespaceTerminating".to_owned(),
            field: "metadata.namespace".to_owned(),
            message: "namespace medix is being terminated".to_owned(),
        }],
        ..Failure::new(FailureKind::NamespaceTerminating, "unable to create new content")
    };
    let mut there = namespace("medix");
    there["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z".into();
    there["status"] = json!({"conditions": [{"type": "NamespaceFinalizersRemaining", "status": "True",
        "message": "Some content in the namespace has finalizers remaining: a.example/b in 1 resource instances"}]});
    let mut held = web();
    held["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z".into();
    held["metadata"]["finalizers"] = json!(["a.example/b"]);
    let elsewhere = Failure::new(FailureKind::Quota { quota: "small".to_owned() }, "exceeded quota: small, no");
    let mut other = quota("8");
    other["metadata"]["namespace"] = "other".into();
    // The quota may not be asked for; it has to wait all the same.
    let rig = Rig::new()
        .wants(namespace("medix"), Verdict::Proved)
        .has(there, Owner::Ours)
        .wants(web(), Verdict::Proved)
        .has(held, Owner::Ours)
        .wants(quota("8"), predicted())
        .wants(other, Verdict::Blocked(elsewhere));
    let found = rig.plan().unwrap_err();
    assert_eq!(found.0.len(), 2, "{found:?}");
    assert_eq!(found.0[0].code.name, "object-terminating");
    assert_eq!(
        found.0[0].message,
        "`services/Namespace/medix` is being deleted, and 2 objects that are declared in it wait for that"
    );
    assert_eq!(
        found.0[0].why.as_deref(),
        Some(
            "Some content in the namespace has finalizers remaining: a.example/b in 1 resource instances; \
             `services/Deployment.apps/medix/web` is being deleted, waiting for the finalizer `a.example/b`"
        )
    );
    assert!(found.0[0].hint.as_ref().unwrap().contains("`kubectl wait --for=delete namespace/medix --timeout=10m`"));
    assert!(found.0[1].message.contains("the quota `small`"), "{found:?}");
    // One that is declared elsewhere, of which only the refusals tell.
    let found = Rig::new().wants(quota("8"), Verdict::Blocked(refusal())).plan().unwrap_err();
    assert_eq!(
        found.0[0].message,
        "`services/Namespace/medix` is being deleted, and an object that is declared in it waits for that"
    );
    assert_eq!(found.0[0].place, Some(Place::File("access.yaml:10".to_owned())));
}

#[test]
fn what_is_ours_and_not_declared_goes_but_for_what_holds_data() {
    let mut queue = json!({"apiVersion": "kueue.x-k8s.io/v1beta2", "kind": "ClusterQueue", "metadata": {"name": "old"},
        "spec": {"cohortName": "site"}, "status": {"reservingWorkloads": 2}});
    queue = ours(queue, json!({"f:spec": {"f:cohortName": {}}}));
    let node = ours(
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "gpu1", "labels": {"sitewright.io/partition": "old"}}}),
        json!({}),
    );
    let mut rig = Rig::new()
        .has(quota_there("8"), Owner::Ours)
        .has(ours(namespace("medix"), json!({})), Owner::Ours)
        .has(queue, Owner::Ours)
        .has(node, Owner::Ours)
        .has(namespace("kube-system"), Owner::Unmarked);
    assert_snapshot!(rig.text());
    rig.request.destroying = true;
    rig.request.wishes.prune.insert(Address::new("services", "Namespace", "medix"));
    let plan = rig.plan().unwrap();
    assert!(plan.changes.iter().any(|change| change.address.kind == "Namespace"));
    assert!(!plan.warnings.iter().any(|one| one.is(&KEPT_OBJECT)), "{:?}", plan.warnings);
    assert!(plan.targets[0].kept.is_empty());
}

#[test]
fn a_namespace_takes_no_claim_along_that_nobody_named() {
    let claim = json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
        "metadata": {"name": "data", "namespace": "medix"}, "spec": {}});
    let (home, data) = (
        Address::new("services", "Namespace", "medix"),
        Address::new("services", "PersistentVolumeClaim", "medix/data"),
    );
    let rig = || {
        let both = Rig::new().has(ours(namespace("medix"), json!({})), Owner::Ours);
        both.has(ours(claim.clone(), json!({})), Owner::Ours)
    };
    let stays = rig().plan().unwrap();
    assert!(stays.changes.is_empty() && stays.refusals.is_empty(), "{stays:?}");
    let mut alone = rig();
    alone.request.wishes.prune.insert(home.clone());
    let plan = alone.plan().unwrap();
    assert_eq!(plan.changes.len(), 2, "the claim is shown to go");
    assert!(!plan.warnings.iter().any(|one| one.message.contains("stays")), "{:?}", plan.warnings);
    assert!(plan.targets[0].kept.is_empty());
    assert_eq!(
        plan.refusals[0].message,
        "`services/PersistentVolumeClaim/medix/data` would go with its namespace, and with a claim may go its data"
    );
    assert_eq!(plan.refusals[0].flag, "--prune services/PersistentVolumeClaim/medix/data");
    alone.request.wishes.prune.insert(data);
    assert_eq!(alone.plan().unwrap().refusals, []);
    // What is declared in it keeps it.
    let quota = quota("8");
    let mut lived_in = rig().wants(quota.clone(), Verdict::Proved).has(quota_there("8"), Owner::Ours);
    lived_in.request.wishes.prune.insert(home.clone());
    assert!(lived_in.plan().unwrap().changes.iter().all(|change| change.address != home));
}

#[test]
fn what_is_there_already_is_adopted_by_name() {
    let mut there = namespace("medix");
    there["metadata"]["labels"] = json!({"app.kubernetes.io/managed-by": "Helm"});
    there["metadata"]["annotations"] = json!({"meta.helm.sh/release-name": "medix"});
    let mut wanted = namespace("medix");
    wanted["metadata"]["labels"] = json!({"team": "medix"});
    let mut rig = Rig::new().wants(wanted.clone(), answer(wanted)).has(there, Owner::Unmarked);
    let refusal = rig.plan().unwrap().refusals.remove(0);
    assert_eq!(
        refusal.message,
        "`services/Namespace/medix` (access.yaml:10) exists and is managed by Helm release `medix`"
    );
    assert_eq!(refusal.flag, "--adopt services/Namespace/medix");
    rig.request.wishes.adopt.insert(Address::new("services", "Namespace", "medix"));
    assert!(rig.plan().unwrap().refusals.is_empty());
}

#[test]
fn what_is_being_deleted_is_not_written() {
    let mut there = quota_there("8");
    there["metadata"]["deletionTimestamp"] = "2026-11-21T00:00:00Z".into();
    there["metadata"]["finalizers"] = json!(["a.example/b"]);
    let found = Rig::new().wants(quota("8"), Verdict::Proved).has(there.clone(), Owner::Ours).plan().unwrap_err();
    assert_eq!(
        found.0[0].message,
        "`services/ResourceQuota/medix/quota` is being deleted, waiting for the finalizer `a.example/b`"
    );
    let plan = Rig::new().has(there, Owner::Ours).plan().unwrap();
    assert!(plan.changes.is_empty() && plan.warnings[0].message.contains("waiting for the finalizer"));
}

#[test]
fn values_of_secrets_are_neither_planned_nor_shown() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "medix"},
        "data": {"token": "aHVudGVyMg=="}});
    let found = Rig::new().wants(secret.clone(), predicted()).plan().unwrap_err();
    assert_eq!(found.0[0].code.name, "secret-value");
    let mut wanted = secret.clone();
    wanted.as_object_mut().unwrap().remove("data");
    let there = ours(secret, json!({"f:data": {"f:token": {}}}));
    let rig = Rig::new().wants(wanted, predicted()).has(there, Owner::Ours);
    let all = format!("{}{}{}", rig.text(), to_text(&rig.plan().unwrap()), report::plan_json(&rig.plan().unwrap()));
    assert!(all.contains("(hidden)") && !all.contains("aHVudGVyMg"), "{all}");
}

#[test]
fn a_changed_plan_file_is_refused() {
    let rig = Rig::new().wants(quota("8"), predicted());
    let mut plan = rig.plan().unwrap();
    let last = plan.actions.last_mut().unwrap();
    let sitewright::plan::Step::Kubernetes(Step::Objects { writes }) = &mut last.step else { panic!() };
    writes[0].object.as_mut().unwrap().insert("kind".to_owned(), "Secret".into());
    assert!(from_text(&to_text(&plan)).unwrap_err().to_string().contains("something else than its changes say"));
}
