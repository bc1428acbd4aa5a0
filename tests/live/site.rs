//! The first thing that must work, whole: a site is applied, planned again with nothing left, and enforced.

use std::fmt::Write;

use crate::on_each_release;
use crate::rig::Rig;

/// A small site with one partition of GPU nodes.
pub fn small(rig: &Rig) -> String {
    format!(
        r"apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: {{ name: nordlys }}
spec: {{ host: {{ entity: CSC, country: FI }} }}
---
{}---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: {{ name: playground }}
spec: {{ perJob: {{ gpus: 4, wallTime: 12h }}, perUser: {{ runningJobs: 2 }}, flags: [deny-on-limit], priority: 50 }}
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: {{ name: fast-lane }}
spec: {{ perJob: {{ wallTime: 24h }}, priority: 200, preempts: [playground] }}
---
apiVersion: sitewright.io/v1alpha1
kind: Project
metadata: {{ name: medix }}
spec:
  organisation: {{ name: Medix Oy, country: FI, category: sme }}
  members: [{{ user: anna, role: lead, default: true }}, {{ user: bo }}]
  modes: [playground]
  allocations: [{{ partition: booster, mode: fast-lane, gpuHours: 4000, from: 2026-10-01, until: 2027-03-31 }}]
",
        partition(rig, "booster", "gpu", 1, 2, "")
    )
}

/// A partition document with nodes `NAME[first-last]`.
pub fn partition(rig: &Rig, name: &str, hosts: &str, first: u32, last: u32, more: &str) -> String {
    let base = if hosts == "gpu" { 18_000 } else { 18_100 };
    let gpus = if hosts == "gpu" {
        format!("      accelerators: {{ model: h100, count: 4, files: \"{}/nvidia[0-3]\" }}\n", rig.get("GPU_DIR"))
    } else {
        String::new()
    };
    format!(
        "apiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: {{ name: {name} }}\nspec:\n  nodes:\n    - hosts: \"{hosts}[{first:03}-{last:03}]\"\n      hostNames: localhost\n      port: \"[{}-{}]\"\n      sockets: 2\n      coresPerSocket: 4\n      memory: 32GB\n{gpus}  limits: {{ wallTime: 2d, defaultWallTime: 1h }}\n{more}",
        rig.port(base + first),
        rig.port(base + last),
    )
}

fn big(rig: &Rig) -> String {
    let mut text = String::from(
        "apiVersion: sitewright.io/v1alpha1\nkind: Factory\nmetadata: { name: nordlys }\nspec:\n  host: { entity: CSC, country: FI }\n  accounts: [{ name: industry, fairshare: 40 }, { name: research, fairshare: 60 }]\n  administrators: [{ user: operator, level: operator }]\n---\n",
    );
    text.push_str(&partition(rig, "booster", "gpu", 1, 4, "  modes: [playground, fast-lane, large-scale, debug]\n"));
    text.push_str("---\n");
    text.push_str(&partition(rig, "cpu", "cpu", 1, 2, "  modes: [batch, debug]\n"));
    text.push_str("---\napiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: debug }\nspec: { hosts: [\"gpu001\"], limits: { wallTime: 30m }, qos: debug-limits, priority: { tier: 10 } }\n");
    for (index, mode) in ["playground", "fast-lane", "large-scale", "debug", "batch", "debug-limits"].iter().enumerate()
    {
        let _ = write!(
            text,
            "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: {mode} }}\nspec: {{ description: Mode {index}, priority: {}, perJob: {{ wallTime: 30m }}, perUser: {{ gpus: {} }} }}\n",
            index * 10,
            index + 1
        );
    }
    for index in 0..40 {
        let parent = if index % 2 == 0 { "industry" } else { "research" };
        let _ = write!(
            text,
            "---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: p{index:02} }}\nspec:\n  organisation: {{ name: Company {index}, country: NO, category: sme }}\n  parent: {parent}\n  members: [{{ user: u{index:02}a, role: {} }}, {{ user: u{index:02}b }}, {{ user: shared, fairshare: {} }}]\n  allocations: [{{ partition: booster, mode: fast-lane, gpuHours: {}, from: 2026-01-01, until: 2027-12-31 }}]\n",
            if index % 8 == 7 { "lead" } else { "member" },
            index + 1,
            100 + index
        );
    }
    text
}

fn whole(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &big(&rig));
    let applied = rig.apply(&[]).expect(0);
    assert!(applied.out.contains("Applied:"), "{}", applied.out);
    rig.assert_settled();
    assert_eq!(rig.accounting(&["show", "account", "p07", "format=organization"]), "company 7 sitewright-nordlys");
    assert_eq!(rig.accounting(&["show", "user", "operator", "format=adminlevel"]), "Operator");
    assert!(rig.accounting(&["show", "account", "p07", "WithCoord", "format=coordinators"]).contains("u07a"));
    let again = rig.apply(&[]).expect(0);
    assert!(again.out.contains("No changes."), "a second apply writes nothing: {}", again.out);
    let foreign = rig.slurm(&["scontrol", "-o", "show", "partition", "legacy"]).expect(0);
    assert!(foreign.out.contains("Nodes=old[001-002]"));
    // And back to nothing, without touching what is not ours.
    let asked = rig.tool(&["destroy", "--env", "live"]);
    assert_eq!(asked.code, 3, "{}", asked.all());
    rig.tool(&["destroy", "--env", "live", "--confirm", "nordlys"]).expect(0);
    assert_eq!(rig.accounting(&["show", "account", "format=account"]), "root");
    assert_eq!(rig.accounting(&["show", "qos", "format=name"]), "normal");
    rig.slurm(&["scontrol", "-o", "show", "partition", "legacy"]).expect(0);
    assert_ne!(rig.slurm(&["scontrol", "-o", "show", "partition", "booster"]).code, 0);
}

/// Limits that are declared hold for real jobs of ordinary users.
fn enforced(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    rig.script("slurmd", &["start", "gpu001", "gpu002"]).expect(0);
    let too_long = rig.user(
        "anna",
        &["sbatch", "-p", "booster", "-q", "playground", "-t", "13:00:00", "--gres=gpu:1", "--wrap", "true"],
    );
    assert_ne!(too_long.code, 0, "{}", too_long.out);
    let stranger = rig.user("dan", &["sbatch", "-p", "booster", "--wrap", "true"]);
    assert_ne!(stranger.code, 0, "dan has no account: {}", stranger.out);
    let job = rig.job("anna", &["-p", "booster", "-q", "playground", "-t", "60", "--gres=gpu:1"]);
    assert_eq!(rig.slurm(&["squeue", "-h", "-j", &job, "-o", "%a"]).out.trim(), "medix", "the default account");
    rig.assert_settled();
}

/// A project that was given cores alone runs jobs without GPUs, and none with one.
fn cores_without_gpus(release: &'static str) {
    let rig = Rig::new(release);
    let site = small(&rig).replace("gpuHours: 4000", "gpuHours: 0").replace("partition: booster", "partition: cores");
    rig.write("site.yaml", &format!("{site}---\n{}", partition(&rig, "cores", "cpu", 1, 1, "")));
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    let stored = ["sacctmgr", "-nP", "show", "assoc", "WOPLimits", "account=medix", "user=", "format=grptresmins"];
    assert_eq!(rig.slurm(&stored).out.trim(), "gres/gpu=0");
    rig.script("slurmd", &["start", "cpu001", "gpu001"]).expect(0);
    rig.job("anna", &["-p", "cores", "-q", "fast-lane", "-t", "10"]);
    let with_gpu =
        ["sbatch", "--parsable", "-p", "booster", "-q", "fast-lane", "-t", "10", "--gres=gpu:1", "--wrap", "true"];
    let ran = rig.user("anna", &with_gpu);
    if ran.code == 0 {
        let id = ran.out.trim().to_owned();
        let reason = || rig.slurm(&["squeue", "-h", "-j", &id, "-o", "%T %r"]).out.trim().to_owned();
        rig.wait("the job has a reason to wait", || reason().contains("AssocGrpGRESMinutes"));
        assert!(reason().starts_with("PENDING"), "{}", reason());
        rig.cancel(&id);
    }
}

/// A site whose controller has never run comes up from the manifests.
fn from_nothing(release: &'static str) {
    let rig = Rig::empty(release);
    rig.write("site.yaml", &small(&rig));
    assert!(!rig.controller_is_up());
    let planned = rig.plan(&[]).expect(0);
    assert!(planned.out.contains("will run on compute:"), "{}", planned.out);
    rig.apply(&[]).expect(0);
    assert!(rig.controller_is_up());
    rig.assert_settled();
    assert_eq!(rig.accounting(&["show", "qos", "playground", "format=maxtres"]), "gres/gpu=4");
}

/// What exists without our marker is not touched, and is taken over only on request.
fn adoption(release: &'static str) {
    let rig = Rig::new(release);
    rig.slurm(&["sacctmgr", "-i", "add", "qos", "name=playground", "Priority=7", "MaxJobsPerUser=9"]).expect(0);
    rig.slurm(&["sacctmgr", "-i", "add", "account", "name=theirs", "Description=hands off"]).expect(0);
    rig.write("site.yaml", &small(&rig));
    let refused = rig.plan(&[]).expect(3);
    assert!(refused.out.contains("--adopt compute/qos/playground"), "{}", refused.out);
    rig.apply(&[]).expect(3);
    assert_eq!(rig.accounting(&["show", "qos", "playground", "format=priority"]), "7");
    rig.apply(&["--adopt", "compute/qos/playground"]).expect(0);
    assert_eq!(rig.accounting(&["show", "qos", "playground", "format=priority,maxjobspu"]), "50|2");
    rig.assert_settled();
    assert_eq!(rig.accounting(&["show", "account", "theirs", "format=description"]), "hands off");
    // A partition of the site's own file cannot be taken over.
    rig.write(
        "more.yaml",
        "apiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: legacy }\nspec: { hosts: [old001] }\n",
    );
    let refused = rig.apply(&[]).expect(3);
    assert!(refused.all().contains("the site's own files"), "{}", refused.all());
}

on_each_release!(cores_without_gpus, whole, enforced, from_nothing, adoption);
