//! A saved plan is refused after a touched resource moved, and goes through after an untouched one did.

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::small;

/// Saves a plan that changes one of each kind.
fn saved(rig: &Rig) {
    rig.write("site.yaml", &small(rig));
    rig.apply(&[]).expect(0);
    let changed = small(rig)
        .replace("priority: 50", "priority: 60")
        .replace("gpuHours: 4000", "gpuHours: 5000")
        .replace("{ user: bo }", "{ user: bo, limits: { runningJobs: 3 } }")
        .replace("wallTime: 2d", "wallTime: 3d")
        .replace("memory: 32GB", "memory: 32GB\n      weight: 5");
    rig.write("site.yaml", &changed);
    let planned = rig.plan(&["--out", "plan.json"]).expect(0);
    assert!(planned.out.contains("sitewright apply plan.json"), "{}", planned.out);
}

fn refused_after_a_touched_one_moved(release: &'static str) {
    let rig = Rig::new(release);
    saved(&rig);
    let edit = |from: &str, to: &str| {
        let path = rig.conf("sitewright.conf");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    };
    let modify = |words: &[&str]| {
        let all: Vec<&str> = ["sacctmgr", "-i", "modify"].into_iter().chain(words.iter().copied()).collect();
        rig.slurm(&all).expect(0);
    };
    let refused = |what: &str| {
        let ran = rig.tool(&["apply", "plan.json", "--yes"]);
        assert_eq!(ran.code, 3, "{what}: {}", ran.all());
        assert!(ran.error.contains("stale-plan") && ran.error.contains(what), "{what}: {}", ran.error);
    };
    modify(&["qos", "where", "name=playground", "set", "Priority=70"]);
    refused("compute/qos/playground");
    modify(&["qos", "where", "name=playground", "set", "Priority=50"]);
    modify(&["account", "where", "name=medix", "set", "GrpTRESMins=gres/gpu=7"]);
    refused("compute/account/medix");
    modify(&["account", "where", "name=medix", "set", "GrpTRESMins=gres/gpu=240000"]);
    modify(&["user", "where", "name=bo", "account=medix", "set", "MaxJobs=9"]);
    refused("compute/association/medix/bo");
    modify(&["user", "where", "name=bo", "account=medix", "set", "MaxJobs=-1"]);
    edit("MaxTime=2-00:00:00", "MaxTime=1-00:00:00");
    refused("compute/partition/booster");
    edit("MaxTime=1-00:00:00", "MaxTime=2-00:00:00");
    edit("RealMemory=32768", "RealMemory=30000");
    refused("compute/node/gpu001");
    edit("RealMemory=30000", "RealMemory=32768");
    // All back as the plan saw it: it goes through.
    rig.tool(&["apply", "plan.json", "--yes"]).expect(0);
    rig.assert_settled();
    // A second time there is nothing left to which it would fit.
    rig.tool(&["apply", "plan.json", "--yes"]).expect(3);
}

fn goes_through_after_an_untouched_one_moved(release: &'static str) {
    let rig = Rig::new(release);
    saved(&rig);
    let sacctmgr = |words: &[&str]| {
        let all: Vec<&str> = ["sacctmgr", "-i"].into_iter().chain(words.iter().copied()).collect();
        rig.slurm(&all).expect(0);
    };
    sacctmgr(&["modify", "qos", "where", "name=fast-lane", "set", "Priority=999"]);
    sacctmgr(&["modify", "user", "where", "name=anna", "account=medix", "set", "MaxJobs=9"]);
    sacctmgr(&["add", "account", "name=other"]);
    sacctmgr(&["add", "qos", "name=other"]);
    rig.slurm(&["scontrol", "update", "partition=legacy", "MaxTime=60"]).expect(0);
    rig.tool(&["apply", "plan.json", "--yes"]).expect(0);
    assert_eq!(rig.accounting(&["show", "qos", "fast-lane", "format=priority"]), "999", "not in the plan, not touched");
    assert_eq!(rig.accounting(&["show", "qos", "playground", "format=priority"]), "60");
    rig.apply(&[]).expect(0);
    rig.assert_settled();
}

fn refused_after_the_manifests_changed(release: &'static str) {
    let rig = Rig::new(release);
    saved(&rig);
    rig.write("more.yaml", "apiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: new }\nspec: {}\n");
    let ran = rig.tool(&["apply", "plan.json", "--yes"]).expect(3);
    assert!(ran.error.contains("manifests-changed"), "{}", ran.error);
}

on_each_release!(
    refused_after_a_touched_one_moved,
    goes_through_after_an_untouched_one_moved,
    refused_after_the_manifests_changed
);
