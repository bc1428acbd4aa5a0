//! A factory of three partitions, ten projects and four services, from an empty cluster to an empty plan and back.

use serde_json::json;

use super::rig::{Ran, Rig, User};

/// Three partitions, of which one is on Slurm too, three modes, ten projects, four services.
pub const SITE: &str = include_str!("site/site.yaml");
/// What the service `board` passes through.
const BOARD: &str = include_str!("site/board.yaml");
/// A day on which all allocations are in force.
const DAY: &str = "2026-11-21";

/// Writes the site into the rig's folder, with `compute` as a twin.
pub fn lay(rig: &Rig) {
    rig.bind("  compute:\n    live: { twin: {} }\n    admin: { twin: {} }\n    reader: { twin: {} }\n");
    rig.write("site.yaml", SITE);
    std::fs::create_dir_all(rig.dir().join("board")).unwrap();
    rig.write("board/all.yaml", BOARD);
}

/// Changes the site's manifests.
#[track_caller]
pub fn edit(rig: &Rig, from: &str, to: &str) {
    let text = std::fs::read_to_string(rig.dir().join("site.yaml")).unwrap();
    assert!(text.contains(from), "the site has no {from}");
    rig.write("site.yaml", &text.replace(from, to));
}

/// Takes the document away in which a line stands.
#[track_caller]
pub fn without(rig: &Rig, line: &str) {
    let text = std::fs::read_to_string(rig.dir().join("site.yaml")).unwrap();
    let (gone, kept): (Vec<&str>, Vec<&str>) =
        text.split("\n---\n").partition(|document| document.lines().any(|one| one == line));
    assert_eq!(gone.len(), 1, "one document has the line {line}");
    rig.write("site.yaml", &kept.join("\n---\n"));
}

/// Runs a verb of the tool in an environment, on the day of the site.
pub fn run(rig: &Rig, environment: &str, words: &[&str]) -> Ran {
    let (verb, rest) = words.split_first().unwrap();
    rig.tool(&[&[*verb, "--env", environment, "--at", DAY], rest].concat())
}

/// Panics unless a plan changes nothing, and all of it is proved.
#[track_caller]
pub fn nothing_to_do(rig: &Rig, environment: &str) {
    let ran = run(rig, environment, &["plan", "--stats", "--detailed-exitcode"]).expect(0);
    assert!(ran.out.contains(" 0 confirmed by the server, 0 predicted."), "{}", ran.out);
}

/// The operator with the rights that `doctor` prints, and no others.
#[track_caller]
pub fn grant_what_doctor_says(rig: &Rig) {
    let ran = run(rig, "live", &["doctor"]);
    let (_, grant) = ran.out.split_once("with `kubectl apply -f -` and this:\n").unwrap();
    let manifests: Vec<&str> = grant.lines().take_while(|line| !line.starts_with("error")).collect();
    rig.kubectl_with(User::Admin, &["apply", "-f", "-"], &(manifests.join("\n") + "\n")).expect(0);
    rig.wait("the servers know the role", || {
        let words = ["auth", "can-i", "patch", "clusterqueues.kueue.x-k8s.io"];
        rig.kubectl(User::Operator, &words).out.trim() == "yes"
    });
}

/// The site, built by the operator with all rights.
fn built() -> Rig {
    let rig = Rig::new();
    lay(&rig);
    rig.grant_all();
    run(&rig, "live", &["apply", "--yes"]).expect(0);
    rig
}

#[test]
fn an_operator_builds_the_site_with_what_doctor_asks_for() {
    let rig = Rig::new();
    lay(&rig);
    grant_what_doctor_says(&rig);
    run(&rig, "live", &["apply", "--yes"]).expect(0);
    nothing_to_do(&rig, "live");
    // What is ours can be listed by its label, and that is all that we made, but for the nodes and the set's parent.
    let rendered = run(&rig, "live", &["render", "--only", "services"]).expect(0).out;
    let mut declared: Vec<String> = serde_yaml_documents(&rendered);
    declared.sort();
    let parent = rig.object("configmap", "sitewright", "sitewright-nordlys").unwrap();
    let id = parent["metadata"]["labels"]["applyset.kubernetes.io/id"].as_str().unwrap().to_owned();
    let kinds = parent["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"].as_str().unwrap();
    let selector = format!("applyset.kubernetes.io/part-of={id}");
    let words = ["get", &kinds.to_lowercase(), "-A", "-l", &selector, "-o", "json"];
    let listed = rig.kubectl(User::Admin, &words).expect(0).json();
    let mut members: Vec<String> = listed["items"].as_array().unwrap().iter().map(name_of).collect();
    members.sort();
    declared.retain(|one| !one.starts_with("Node "));
    assert_eq!(members, declared);
    let words = ["diff", "--server-side", "--field-manager=sitewright", "-f", "-"];
    let diff = rig.kubectl_with(User::Admin, &words, &rendered).expect(0);
    assert_eq!(diff.out, "");
}

/// `Kind namespace/name`.
fn name_of(object: &serde_json::Value) -> String {
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap();
    let kind = object["kind"].as_str().unwrap();
    metadata["namespace"].as_str().map_or_else(|| format!("{kind} {name}"), |place| format!("{kind} {place}/{name}"))
}

fn serde_yaml_documents(text: &str) -> Vec<String> {
    use serde::Deserialize as _;
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde_json::Value::deserialize(document).unwrap())
        .filter(serde_json::Value::is_object)
        .map(|document| name_of(&document))
        .collect()
}

/// Who may only read gets a plan without a write and without a dry-run, and is told what is only predicted.
#[test]
fn a_reviewer_plans_without_asking_for_anything() {
    let rig = built();
    // The twin of this environment is empty; the cluster is the same.
    let ran = run(&rig, "reader", &["plan", "--stats"]).expect(0);
    assert!(ran.out.contains("108 proved, 0 confirmed by the server, 0 predicted."), "{}", ran.out);
    edit(&rig, "quota: { gpus: 4, cpus: 64,", "quota: { gpus: 4, cpus: 65,");
    rig.mark();
    let ran = run(&rig, "reader", &["plan", "--stats"]).expect(0);
    assert!(ran.out.contains("predicted: no right to patch `resourcequotas`"), "{}", ran.out);
    let asked = rig.asked().by(User::Reader);
    assert!(asked.count() > 10, "{asked}");
    assert_eq!(asked.clone().writes().count(), 0, "{asked}");
    assert_eq!(asked.clone().dry_runs().count(), 0, "{asked}");
}

/// Whoever changes what is ours is named, and what is theirs by now is only taken where the plan is told to.
#[test]
fn others_are_named_and_their_fields_only_taken_when_asked() {
    let rig = built();
    let quota = ["resourcequota", "project-01", "project"];
    rig.patch_as("hands", quota, &json!({ "spec": { "hard": { "pods": "7" } } }), &[]).expect(0);
    let ran = run(&rig, "live", &["plan"]).expect(3);
    assert!(ran.out.contains("takes .spec.hard.pods from hands using v1"), "{}", ran.out);
    let address = "services/ResourceQuota/project-01/project";
    let refused = run(&rig, "live", &["apply", "--yes"]);
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.error);
    assert_eq!(rig.object(quota[0], quota[1], quota[2]).unwrap()["spec"]["hard"]["pods"], "7");
    let take = format!("{address}:.spec.hard.pods");
    run(&rig, "live", &["apply", "--yes", "--take", &take]).expect(0);
    assert_eq!(rig.object(quota[0], quota[1], quota[2]).unwrap()["spec"]["hard"]["pods"], "100");
    nothing_to_do(&rig, "live");
}

/// A project that is no longer declared loses all but its namespace, which goes when asked for.
#[test]
fn a_project_goes_and_its_namespace_stays() {
    let rig = built();
    without(&rig, "metadata: { name: project-03 }");
    let ran = run(&rig, "live", &["plan"]).expect(0);
    assert!(ran.out.contains("project-03"), "{}", ran.out);
    run(&rig, "live", &["apply", "--yes", "--allow-deletes", "20", "--allow-delete-share", "50"]).expect(0);
    assert!(rig.object("namespace", "", "project-03").is_some());
    assert!(rig.object("resourcequota", "project-03", "project").is_none());
    let address = "services/Namespace/project-03";
    run(&rig, "live", &["apply", "--yes", "--prune", address]).expect(0);
    rig.wait("the namespace is gone", || rig.object("namespace", "", "project-03").is_none());
    nothing_to_do(&rig, "live");
}

/// A saved plan is only applied to what it was made from.
#[test]
fn a_saved_plan_is_refused_when_what_it_touches_has_moved() {
    let rig = built();
    edit(&rig, "quota: { gpus: 4, cpus: 64,", "quota: { gpus: 4, cpus: 65,");
    run(&rig, "live", &["plan", "--out", "saved.json"]).expect(0);
    let change = json!({ "metadata": { "labels": { "touched": "yes" } } });
    rig.patch_as("hands", ["limitrange", "project-01", "project"], &change, &[]).expect(0);
    let pods = json!({ "spec": { "hard": { "pods": "7" } } });
    rig.patch_as("hands", ["resourcequota", "project-01", "project"], &pods, &[]).expect(0);
    let ran = rig.tool(&["apply", "--yes", "--env", "live", "saved.json"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.error);
    let back = json!({ "spec": { "hard": { "pods": "100" } } });
    rig.patch_as("hands", ["resourcequota", "project-01", "project"], &back, &[]).expect(0);
    run(
        &rig,
        "live",
        &["plan", "--out", "again.json", "--take", "services/ResourceQuota/project-01/project:.spec.hard.pods"],
    )
    .expect(0);
    let other = json!({ "metadata": { "labels": { "touched": "again" } } });
    rig.patch_as("hands", ["limitrange", "project-01", "project"], &other, &[]).expect(0);
    rig.tool(&["apply", "--yes", "--env", "live", "again.json"]).expect(0);
    nothing_to_do(&rig, "live");
}
