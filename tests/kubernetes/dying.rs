//! A server that dies in the middle of an apply: the apply ends and says what is not there, and the next one ends the work.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::rig::{Ran, Rig, User};
use super::site::{nothing_to_do, run};

/// One partition, two projects, and no program that would have to run.
const SITE: &str = "\
apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec:
  host: { entity: CSC, country: FI }
  site: { internet: true }
  kubernetes: { cohort: nordlys }
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: { name: batch }
spec:
  priority: 10
  kubernetes: {}
---
apiVersion: sitewright.io/v1alpha1
kind: Partition
metadata: { name: booster }
spec:
  target: services
  nodes: [{ hosts: \"gpu[001-002]\", cpus: 128, memory: 1TB, accelerators: { model: h100, count: 8 } }]
  modes: [batch]
  kubernetes:
    nodes: { labels: { pool: booster } }
---
apiVersion: sitewright.io/v1alpha1
kind: Project
metadata: { name: project-01 }
spec:
  target: services
  organisation: { name: Org 1 Oy, country: FI, category: sme }
  members: [{ user: anna, role: lead }]
  allocations: [{ partition: booster, mode: batch, gpuHours: 1000, from: 2026-01-01, until: 2026-12-31 }]
  kubernetes:
    quota: { gpus: 4, cpus: 64, memory: 512GB, pods: 100 }
---
apiVersion: sitewright.io/v1alpha1
kind: Project
metadata: { name: project-02 }
spec:
  target: services
  organisation: { name: Org 2 Oy, country: FI, category: sme }
  members: [{ user: bo, role: lead }]
  allocations: [{ partition: booster, mode: batch, gpuHours: 1000, from: 2026-01-01, until: 2026-12-31 }]
  kubernetes:
    quota: { gpus: 4, cpus: 64, memory: 512GB, pods: 100 }
";
/// Two programs, of which one has something that needs it, and nothing else.
const PROGRAMS: &str = "\
apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec:
  host: { entity: CSC, country: FI }
  site: { internet: true }
---
apiVersion: sitewright.io/v1alpha1
kind: SupportService
metadata: { name: hub }
spec:
  category: model-hub
  audience: { public: true }
  kubernetes:
    image: registry.nordlys.example/hub:1
    replicas: 1
    ports: [{ port: 8080 }]
    resources: { cpus: 1, memory: 1GB }
---
apiVersion: sitewright.io/v1alpha1
kind: SupportService
metadata: { name: portal }
spec:
  category: one-stop-shop
  audience: { public: true }
  kubernetes:
    image: registry.nordlys.example/portal:2
    scale: { min: 2, max: 6, cpu: 70% }
    ports: [{ port: 8080 }]
    resources: { cpus: 0.5, memory: 512MB }
";
/// Longest time for an apply, with a dead server or with one that has come back.
const LIMIT: Duration = Duration::from_secs(300);

/// Writes of the operator in the server's audit log, which begins with each test; no dry-runs, and not the lock.
fn writes(rig: &Rig) -> usize {
    let text = std::fs::read(rig.get("AUDIT_LOG")).unwrap();
    let text = String::from_utf8_lossy(&text);
    let own = text.lines().filter(|line| line.contains("\"verb\":\"patch\",\"user\":{\"username\":\"olga\""));
    own.filter(|line| !line.contains("dryRun") && !line.contains("/leases/")).count()
}

/// A signal to a program that this test has started.
fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Waits for a program, but not for ever.
#[track_caller]
fn ended(mut child: Child, started: Instant) -> Ran {
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > LIMIT {
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            panic!("it does not end:\n{}\n{}", text(&output.stdout), text(&output.stderr));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        error: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn apply(rig: &Rig) -> Child {
    let mut command = rig.command(&["apply", "--env", "live", "--at", "2026-11-21", "--yes"]);
    command.env("COLUMNS", "1000");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_server_that_dies_leaves_a_clear_partial_result() {
    let rig = Rig::new();
    for (round, after) in [3, 15].into_iter().enumerate() {
        if round > 0 {
            rig.reset();
        }
        rig.bind("  compute: { live: { twin: {} } }\n");
        rig.write("site.yaml", SITE);
        rig.grant_all();
        let before = writes(&rig);
        let mut child = apply(&rig);
        rig.wait("some is written", || {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before");
            writes(&rig) >= before + after
        });
        // It stands still while the server dies, so that it is in the middle for certain.
        signal(&child, "-STOP");
        rig.apiserver(&["kill"]);
        signal(&child, "-CONT");
        let started = Instant::now();
        let first = ended(child, started);
        println!("killed after {after} writes: {} ms\n{}\n{}", started.elapsed().as_millis(), first.out, first.error);
        assert_eq!(first.code, 4, "{}\n{}", first.out, first.error);
        let told = first.out + &first.error;
        for words in ["Connection refused", "\nApplied: ", "Run the same command again: it goes on from here."] {
            assert!(told.contains(words), "{words}:\n{told}");
        }
        rig.apiserver(&["start"]);
        let started = Instant::now();
        let second = ended(apply(&rig), started).expect(0);
        println!("the next apply: {} ms\n{}\n{}", started.elapsed().as_millis(), second.out, second.error);
        nothing_to_do(&rig, "live");
        assert!(run(&rig, "live", &["plan"]).expect(0).out.contains("No changes"), "a plan after it is empty");
    }
}

/// Reads of a program by the operator in the server's audit log: one each time that it is looked at again.
fn looks(rig: &Rig) -> usize {
    rig.asked().by(User::Operator).verb("get").resource("deployments").count()
}

#[test]
fn a_server_that_dies_while_programs_are_waited_for() {
    let rig = Rig::new();
    rig.write("site.yaml", PROGRAMS);
    rig.grant_all();
    // No node takes a pod, so that no program gets ready.
    let taint = |words: &str| {
        rig.kubectl(User::Admin, &["taint", "nodes", "--all", words]).expect(0);
    };
    taint("wait=here:NoSchedule");
    rig.mark();
    let mut child = apply(&rig);
    rig.wait("the programs are waited for", || {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before");
        rig.names("deployments").len() == 2 && looks(&rig) >= 6
    });
    signal(&child, "-STOP");
    rig.apiserver(&["kill"]);
    signal(&child, "-CONT");
    let started = Instant::now();
    let first = ended(child, started);
    println!("killed while waiting: {} ms\n{}\n{}", started.elapsed().as_millis(), first.out, first.error);
    assert_eq!(first.code, 4, "{}\n{}", first.out, first.error);
    let told = first.out + &first.error;
    for words in [
        "Connection refused",
        "failed: services/Deployment.apps/svc-hub/hub: was accepted, and is waited for no longer: ",
        "failed: services/Deployment.apps/svc-portal/portal: was accepted, and is waited for no longer: ",
        "unseen: 10 resources, first services/HorizontalPodAutoscaler.autoscaling/svc-portal/portal: accepted, and",
        "\nApplied: 10 accepted and not read back; failed 2 resources; skipped 0 resources",
        "Run the same command again: it goes on from here.",
    ] {
        assert!(told.contains(words), "{words}:\n{told}");
    }
    rig.apiserver(&["start"]);
    taint("wait-");
    let started = Instant::now();
    let second = ended(apply(&rig), started).expect(0);
    println!("the next apply: {} ms\n{}\n{}", started.elapsed().as_millis(), second.out, second.error);
    nothing_to_do(&rig, "live");
    assert!(run(&rig, "live", &["plan"]).expect(0).out.contains("No changes"), "a plan after it is empty");
}
