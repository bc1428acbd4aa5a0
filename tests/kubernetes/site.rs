//! A factory of three partitions, ten projects and four services, from an empty cluster to an empty plan and back.

use serde_json::Value;

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

/// The plan as JSON.
#[track_caller]
pub fn plan(rig: &Rig, environment: &str, words: &[&str]) -> Value {
    run(rig, environment, &[&["plan", "--format", "json"], words].concat()).expect(0).json()
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

#[test]
fn an_operator_builds_the_site_with_what_doctor_asks_for() {
    let rig = Rig::new();
    lay(&rig);
    grant_what_doctor_says(&rig);
    let ran = run(&rig, "live", &["apply", "--yes"]);
    println!("{}\n{}", ran.out, ran.error);
    ran.expect(0);
    let second = run(&rig, "live", &["plan", "--stats"]);
    println!("{}\n{}", second.out, second.error);
    nothing_to_do(&rig, "live");
}
