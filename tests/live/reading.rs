//! Readings that look whole and are not: filters, cut and garbled answers.

use std::os::unix::fs::PermissionsExt;

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::small;

/// An ordinary user under PrivateData gets an error that names word and level; an operator reads all.
fn private_data_is_noticed(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    let as_user = |user: &str| {
        rig.bind(&format!(
            "    as-{user}: {{ slurm: {{ over: local, prefix: [{}] }} }}\n",
            rig.prefix_as(user).join(", ")
        ));
        rig.tool(&["plan", "--env", &format!("as-{user}"), "--at", "2026-11-21", "--detailed-exitcode"])
    };
    let plain = as_user("anna");
    assert_eq!(plain.code, 0, "without PrivateData an ordinary user reads all: {}", plain.all());
    for word in ["accounts", "jobs", "nodes", "partitions", "reservations", "usage", "users", "events"] {
        rig.script("private", &["on", word]).expect(0);
        let ran = as_user("anna");
        assert_eq!(ran.code, 1, "{word}: {}", ran.all());
        assert!(ran.error.contains(&format!("`{word}`")) && ran.error.contains("AdminLevel"), "{word}: {}", ran.error);
        assert!(!ran.out.contains("Plan:"), "{word}: {}", ran.out);
    }
    rig.slurm(&["sacctmgr", "-i", "add", "user", "name=operator", "account=root", "AdminLevel=Operator"]).expect(0);
    let ran = as_user("operator");
    rig.script("private", &["off"]).expect(0);
    assert_eq!(ran.code, 0, "{}", ran.all());
}

/// Filters in the caller's environment change nothing.
fn the_callers_environment_changes_nothing(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    let mut command = rig.command(&["plan", "--env", "live", "--at", "2026-11-21", "--detailed-exitcode"]);
    for (name, value) in [
        ("SQUEUE_STATES", "COMPLETED"),
        ("SQUEUE_USERS", "nobody"),
        ("SQUEUE_PARTITION", "none"),
        ("SQUEUE_FORMAT", "%i"),
        ("SLURM_CLUSTERS", "elsewhere"),
        ("SLURM_TIME_FORMAT", "relative"),
        ("SACCTMGR_FORMAT", "x"),
        ("SLURM_CONF", "/nowhere/slurm.conf"),
        ("LC_ALL", "de_DE.UTF-8"),
    ] {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A cut, empty or garbled answer of any program is an error and no plan.
fn broken_answers_are_no_plan(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    let prefix = rig.prefix().join(" ");
    let path = rig.dir().join("spoil");
    rig.bind(&format!("    spoiled: {{ slurm: {{ over: local, prefix: [\"{}\"] }} }}\n", path.display()));
    let spoil = |pattern: &str, how: &str| {
        let script =
            format!("#!/bin/sh\ncase \"$*\" in {pattern}) {prefix} \"$@\" | {how};; *) exec {prefix} \"$@\";; esac\n");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        rig.tool(&["plan", "--env", "spoiled", "--at", "2026-11-21", "--detailed-exitcode"])
    };
    let whole = spoil("*nothing-matches*", "cat");
    assert_eq!(whole.code, 0, "{}", whole.all());
    let programs = [
        "*'show config'*",
        "*'show configuration'*",
        "*'show qos'*",
        "*'show assoc cluster'*",
        "*'show account'*",
        "*'show user'*",
        "*'show cluster'*",
        "*'show partition'*",
        "*'show node'*",
        "*squeue*",
    ];
    for program in programs {
        for how in ["head -c 0", "head -c 35", "tr 'a-zA-Z' '%%%%'", "head -c -1"] {
            let ran = spoil(program, how);
            assert_eq!(ran.code, 1, "{program} | {how}: {}", ran.all());
            assert!(!ran.out.contains("Plan:") && !ran.out.contains("No changes"), "{program} | {how}: {}", ran.out);
            assert!(ran.error.contains("error["), "{program} | {how}: {}", ran.error);
        }
    }
    // What is unknown and harmless is tolerated.
    let ran = spoil("*'show partition'*", "sed 's/ State=/ BrandNew=1 State=/'");
    assert_eq!(ran.code, 0, "{}", ran.all());
    let ran = spoil("*'show config'*", "sed 's/^ClusterName/NewSetting = 1\\nClusterName/'");
    assert_eq!(ran.code, 0, "{}", ran.all());
}

/// At most twelve processes, whatever the size.
fn twelve_processes(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    for environment in ["live", "ssh"] {
        let ran = rig
            .tool(&["plan", "--env", environment, "--at", "2026-11-21", "--format", "json", "--detailed-exitcode"])
            .expect(0);
        let requests = ran.json()["targets"][0]["reads"]["requests"].as_u64().unwrap();
        assert!(requests <= 12, "{environment}: {requests}");
    }
}

on_each_release!(
    private_data_is_noticed,
    the_callers_environment_changes_nothing,
    broken_answers_are_no_plan,
    twelve_processes
);
