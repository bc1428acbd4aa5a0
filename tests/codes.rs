//! Every code of readings and of commands is printed by a run of the tool, and a run beside it goes without.
//!
//! Clusters are a stand-in (`tests/fake`) that answers what a case says: garbled, filtered, or not at all.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]
#![expect(unreachable_pub, reason = "a test program has no outside")]

use std::collections::BTreeSet;

use fake::{Fake, Ran, SITE};
use serde_json::json;
use sitewright::diagnostics::Code;
use sitewright::diagnostics::codes::{command, manifest, reading};

#[path = "fake/api.rs"]
mod api;
mod fake;

/// One code: what yields it with which exit, and the same put right.
struct Case {
    code: &'static Code,
    exit: i32,
    failing: fn(&Fake) -> Ran,
    passing: fn(&Fake) -> Ran,
}

const PLAN: [&str; 3] = ["plan", "--env", "cluster"];
const DOCTOR: [&str; 3] = ["doctor", "--env", "cluster"];
/// A plan of the environment that an API server is bound to.
const KUBE: [&str; 3] = ["plan", "--env", "kube"];
/// The twin.
const APPLY: [&str; 2] = ["apply", "--yes"];

/// Another mode, which the cluster does not have.
const FAST_LANE: &str = "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: fast-lane }\nspec: { priority: 200 }\n";
/// A partition on a node of the site's own file.
const DEBUG: &str =
    "---\napiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: debug }\nspec: { hosts: [old1] }\n";

/// A project whose account has a comment, which Slurm keeps from 23.02 on.
const PROJECT: &str = "---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: { name: medix }\nspec: { organisation: { name: Medix, country: FI, category: sme }, comment: ministry }\n";

fn plan(fake: &Fake, words: &[&str]) -> Ran {
    fake.tool(&[&PLAN, words].concat())
}

fn apply(fake: &Fake, words: &[&str]) -> Ran {
    fake.tool(&[&APPLY, words].concat())
}

fn doctor(fake: &Fake) -> Ran {
    fake.tool(&DOCTOR)
}

/// Puts more documents behind those of the site.
fn declare(fake: &Fake, more: &str) {
    fake.write("site.yaml", &format!("{SITE}{more}"));
}

/// Changes what a program answers, or a file of the cluster.
fn change(fake: &Fake, name: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(fake.path(name)).unwrap();
    assert!(text.contains(from), "{name} has no `{from}`: {text}");
    fake.write(name, &text.replace(from, to));
}

fn add(fake: &Fake, name: &str, more: &str) {
    let text = std::fs::read_to_string(fake.path(name)).unwrap();
    fake.write(name, &format!("{text}{more}"));
}

/// The controller does not answer.
fn stop_the_controller(fake: &Fake) {
    fake.bind(&format!(", confDir: \"{}\"", fake.path("etc").display()));
    fake.write("answers/config.code", "1");
    fake.write("answers/config.raw", "");
    fake.write(
        "answers/config.said",
        "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n",
    );
    fake.write("answers/version", "slurm 24.11.5\n");
    fake.write("answers/tres", "type=cpu\ntype=gres|name=gpu\n");
}

/// Our include file has a partition that runs, and that nobody declares.
fn leave_debug_behind(fake: &Fake) {
    fake.write("etc/sitewright.conf", "PartitionName=debug Nodes=old1\n");
    add(fake, "answers/partition", "PartitionName=debug Default=NO MaxTime=UNLIMITED State=UP Nodes=old1\n");
    change(fake, "answers/node", "Partitions=legacy", "Partitions=legacy,debug");
}

/// A twin with more than ten modes, which are no longer declared.
fn lose_many(fake: &Fake) {
    let many: Vec<String> = (0..12).map(|number| FAST_LANE.replace("fast-lane", &format!("m{number}"))).collect();
    declare(fake, &many.concat());
    apply(fake, &[]).expect(0);
    declare(fake, "");
}

fn save(fake: &Fake) {
    fake.tool(&["plan", "--out", "plan.json"]).expect(0);
}

/// Takes all but the first action, and what it is for, out of a saved plan.
fn shorten(fake: &Fake) {
    let mut plan = sitewright::plan::from_text(&std::fs::read_to_string(fake.path("plan.json")).unwrap()).unwrap();
    plan.actions.truncate(1);
    let kept = plan.actions[0].addresses.clone();
    plan.changes.retain(|change| kept.contains(&change.address));
    fake.write("plan.json", &sitewright::plan::to_text(&plan));
}

/// A cluster of a release, and an account with a comment.
fn declare_a_new_field(fake: &Fake, release: &str) {
    change(fake, "answers/config", "24.11.5", release);
    declare(fake, PROJECT);
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case {
        code: &reading::CONFIGURATION_BROKEN,
        exit: 1,
        failing: |fake| {
            fake.write("answers/config.raw", "");
            fake.write("answers/config.code", "1");
            fake.write("answers/config.said", "scontrol: error: _parse_next_key: Parsing error at unrecognized key: MaxJobCuont\nscontrol: fatal: Unable to process configuration file\n");
            plan(fake, &[])
        },
        passing: |fake| plan(fake, &[]),
    },
    Case {
        code: &reading::DAMAGED_TWIN,
        exit: 1,
        failing: |fake| {
            apply(fake, &[]).expect(0);
            let path = fake.path(".sitewright/default-compute.twin");
            let length = std::fs::metadata(&path).unwrap().len();
            std::fs::File::options().write(true).open(&path).unwrap().set_len(length - 1).unwrap();
            fake.tool(&["plan"])
        },
        passing: |fake| {
            apply(fake, &[]).expect(0);
            std::fs::remove_file(fake.path(".sitewright/default-compute.twin")).unwrap();
            apply(fake, &[])
        },
    },
    Case {
        code: &reading::FOREIGN_APPLYSET,
        exit: 1,
        failing: |fake| {
            let parent = json!({"metadata": {"name": "sitewright-nordlys", "annotations": {"applyset.kubernetes.io/tooling": "kubectl/v1.36"}}});
            api::serve(fake, &[(api::PARENT, 200, parent)]);
            fake.tool(&KUBE)
        },
        passing: |fake| { api::serve(fake, &[]); fake.tool(&KUBE) },
    },
    Case {
        code: &reading::INCLUDE_LINE_MISSING,
        exit: 1,
        failing: |fake| { change(fake, "etc/slurm.conf", "Include sitewright.conf\n", ""); doctor(fake) },
        passing: doctor,
    },
    Case {
        code: &reading::NOT_ENFORCED,
        exit: 0,
        failing: |fake| { change(fake, "answers/config", "associations,limits,qos,safe", "none"); doctor(fake) },
        passing: doctor,
    },
    Case {
        code: &reading::READING_FAILED,
        exit: 1,
        failing: |fake| {
            fake.write("answers/assoc.raw", "");
            fake.write("answers/assoc.code", "1");
            fake.write("answers/assoc.said", "sacctmgr: error: Sending PersistInit msg: Connection refused\n");
            plan(fake, &[])
        },
        passing: |fake| plan(fake, &[]),
    },
    Case {
        code: &reading::READING_FILTERED,
        exit: 1,
        failing: |fake| {
            fake.write("answers/configuration", "PrivateData = none\nPrivateData = jobs,users\n");
            fake.write("answers/whoami", "anna\n");
            plan(fake, &[])
        },
        passing: |fake| {
            fake.write("answers/configuration", "PrivateData = none\nPrivateData = jobs,users\n");
            fake.write("answers/whoami", "anna\n");
            add(fake, "answers/user", "user=anna|adminlevel=Operator\n");
            plan(fake, &[])
        },
    },
    Case {
        code: &reading::READING_FORBIDDEN,
        exit: 1,
        failing: |fake| {
            let said = "configmaps \"sitewright-nordlys\" is forbidden: User \"olga\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"sitewright\"";
            api::serve(fake, &[(api::PARENT, 403, api::status(403, "Forbidden", said))]);
            fake.tool(&KUBE)
        },
        passing: |fake| { api::serve(fake, &[]); fake.tool(&KUBE) },
    },
    Case {
        code: &reading::READING_INCOMPLETE,
        exit: 1,
        failing: |fake| { fake.write("answers/qos.raw", "Name|Prio\n\u{1}\u{2}"); plan(fake, &[]) },
        passing: |fake| plan(fake, &[]),
    },
    Case {
        code: &reading::UNKNOWN_FORM,
        exit: 0,
        failing: |fake| { change(fake, "answers/node", "State=IDLE", "State=IDLE Weight=heavy"); doctor(fake) },
        passing: |fake| { change(fake, "answers/node", "State=IDLE", "State=IDLE Weight=10"); doctor(fake) },
    },
    Case {
        code: &reading::UNSUPPORTED_RELEASE,
        exit: 1,
        failing: |fake| { change(fake, "answers/config", "24.11.5", "20.11.9"); plan(fake, &[]) },
        passing: |fake| { change(fake, "answers/config", "24.11.5", "22.05.9"); plan(fake, &[]) },
    },
    Case {
        code: &command::FOREIGN,
        exit: 3,
        failing: |fake| {
            declare(fake, FAST_LANE);
            add(fake, "answers/qos", "name=fast-lane|priority=7|description=by hand\n");
            plan(fake, &[])
        },
        passing: |fake| {
            declare(fake, FAST_LANE);
            add(fake, "answers/qos", "name=fast-lane|priority=7|description=by hand\n");
            plan(fake, &["--adopt", "compute/qos/fast-lane"])
        },
    },
    Case {
        code: &command::FRAGILE_RECONFIGURE,
        exit: 3,
        failing: |fake| { change(fake, "answers/config", "24.11.5", "22.05.9"); declare(fake, DEBUG); plan(fake, &[]) },
        passing: |fake| {
            change(fake, "answers/config", "24.11.5", "22.05.9");
            declare(fake, DEBUG);
            plan(fake, &["--yes-reconfigure"]).expect(0);
            fake.bind(", restart: [systemctl, restart, slurmctld]");
            plan(fake, &[])
        },
    },
    Case {
        code: &command::FIELD_LEFT_OUT,
        exit: 0,
        failing: |fake| { declare_a_new_field(fake, "22.05.8"); plan(fake, &[]) },
        passing: |fake| { declare_a_new_field(fake, "24.11.5"); plan(fake, &[]) },
    },
    Case {
        code: &command::NOT_IN_PLAN,
        exit: 0,
        failing: |fake| { save(fake); shorten(fake); fake.tool(&["apply", "plan.json", "--yes"]) },
        passing: |fake| { save(fake); fake.tool(&["apply", "plan.json", "--yes"]) },
    },
    Case {
        code: &command::IDLE_FLAG,
        exit: 0,
        failing: |fake| fake.tool(&["plan", "--adopt", "compute/qos/fast-lane"]),
        passing: |fake| { declare(fake, FAST_LANE); fake.tool(&["plan", "--adopt", "compute/qos/fast-lane"]) },
    },
    Case {
        code: &command::JOBS_IN_THE_WAY,
        exit: 3,
        failing: |fake| {
            leave_debug_behind(fake);
            add(fake, "answers/queue", "48213|RUNNING|debug|root|normal|anna|1|old1|1:00:00|2026-11-21T14:10:00|gres/gpu:4\n");
            plan(fake, &[])
        },
        passing: |fake| {
            leave_debug_behind(fake);
            plan(fake, &[]).expect(0);
            add(fake, "answers/queue", "48213|RUNNING|debug|root|normal|anna|1|old1|1:00:00|2026-11-21T14:10:00|gres/gpu:4\n");
            plan(fake, &["--allow-jobs", "1"])
        },
    },
    Case {
        code: &command::JOBS_UNKNOWN,
        exit: 3,
        failing: |fake| { stop_the_controller(fake); leave_debug_behind(fake); plan(fake, &[]) },
        passing: |fake| {
            leave_debug_behind(fake);
            plan(fake, &[]).expect(0);
            stop_the_controller(fake);
            plan(fake, &["--allow-unseen-jobs"])
        },
    },
    Case {
        code: &command::LOCKED,
        exit: 3,
        failing: |fake| {
            fake.write("etc/.sitewright.lock/holder", &holder(std::process::id(), 0));
            let ran = fake.tool(&["apply", "--env", "cluster", "--yes"]);
            assert!(ran.error.contains("anna@"), "{}", ran.error);
            ran
        },
        passing: |fake| {
            // No process has started that late.
            fake.write("etc/.sitewright.lock/holder", &holder(std::process::id(), 1 << 50));
            let ran = fake.tool(&["apply", "--env", "cluster", "--yes"]);
            assert!(!fake.path("etc/.sitewright.lock").exists(), "given back");
            ran
        },
    },
    Case {
        code: &command::MANIFESTS_CHANGED,
        exit: 3,
        failing: |fake| { save(fake); declare(fake, FAST_LANE); apply(fake, &["plan.json"]) },
        passing: |fake| { save(fake); apply(fake, &["plan.json"]) },
    },
    Case {
        code: &command::NOT_CONFIRMED,
        exit: 3,
        failing: |fake| fake.tool(&["apply"]),
        passing: |fake| fake.tool(&["apply", "--yes"]),
    },
    Case {
        code: &command::NOT_ITS_FOLDER,
        exit: 3,
        failing: |fake| {
            save(fake);
            fake.write("other/site.yaml", &SITE.replace("nordlys", "sudlys"));
            apply(fake, &["plan.json", "--dir", "other"])
        },
        passing: |fake| { save(fake); apply(fake, &["plan.json", "--dir", "."]) },
    },
    Case {
        code: &command::NO_ACCOUNTING,
        exit: 1,
        failing: |fake| { change(fake, "answers/config", "accounting_storage/slurmdbd", "(null)"); plan(fake, &[]) },
        passing: |fake| plan(fake, &[]),
    },
    Case {
        code: &command::PLAN_CONTRADICTED,
        exit: 3,
        failing: |fake| { save(fake); apply(fake, &["plan.json", "--env", "cluster"]) },
        passing: |fake| { save(fake); apply(fake, &["plan.json", "--env", "default"]) },
    },
    Case {
        code: &command::PLAN_FILE,
        exit: 1,
        failing: |fake| { fake.write("plan.json", "{}"); fake.tool(&["show", "plan.json"]).expect(1); apply(fake, &["plan.json"]) },
        passing: |fake| { save(fake); fake.tool(&["show", "plan.json"]).expect(0); apply(fake, &["plan.json"]) },
    },
    Case {
        code: &command::PLAN_FORMAT,
        exit: 1,
        failing: |fake| {
            save(fake);
            let saved = std::fs::read_to_string(fake.path("plan.json")).unwrap();
            fake.write("plan.json", &saved.replace("\"format\":2", "\"format\":1"));
            apply(fake, &["plan.json"])
        },
        passing: |fake| { save(fake); apply(fake, &["plan.json"]) },
    },
    Case {
        code: &command::PROTECTED,
        exit: 3,
        failing: |fake| {
            declare(fake, &FAST_LANE.replace("priority: 200", "priority: 200, protect: true"));
            apply(fake, &[]).expect(0);
            declare(fake, "");
            apply(fake, &[])
        },
        passing: |fake| {
            declare(fake, &FAST_LANE.replace("priority: 200", "priority: 200, protect: true"));
            apply(fake, &[]).expect(0);
            declare(fake, FAST_LANE);
            apply(fake, &[]).expect(0);
            declare(fake, "");
            apply(fake, &[])
        },
    },
    Case {
        code: &command::STALE_PLAN,
        exit: 3,
        failing: |fake| { save(fake); apply(fake, &[]).expect(0); apply(fake, &["plan.json"]) },
        passing: |fake| { apply(fake, &[]).expect(0); save(fake); apply(fake, &["plan.json"]) },
    },
    Case {
        code: &command::STATE_FOLDER,
        exit: 1,
        failing: |fake| { fake.write(".sitewright", "a file in its place"); apply(fake, &[]) },
        passing: |fake| { fake.write(".sitewright/README", "a folder may be there"); apply(fake, &[]) },
    },
    Case {
        code: &command::STILL_NAMED,
        exit: 1,
        failing: |fake| {
            add(fake, "answers/qos", "name=fast-lane|priority=200|description=sitewright-nordlys\n");
            change(fake, "etc/slurm.conf", "PartitionName=legacy Nodes=old1", "PartitionName=legacy Nodes=old1 QOS=fast-lane");
            plan(fake, &[])
        },
        passing: |fake| { add(fake, "answers/qos", "name=fast-lane|priority=200|description=sitewright-nordlys\n"); plan(fake, &[]) },
    },
    Case {
        code: &command::TOO_MANY_DELETES,
        exit: 3,
        failing: |fake| { lose_many(fake); apply(fake, &[]) },
        passing: |fake| { lose_many(fake); apply(fake, &["--allow-deletes", "12", "--allow-delete-share", "86"]) },
    },
    Case {
        code: &command::UNKNOWN_TRES,
        exit: 1,
        failing: |fake| {
            change(fake, "answers/config", ",gres/gpu", "");
            declare(fake, &FAST_LANE.replace("priority: 200", "perJob: { gpus: 8 }"));
            plan(fake, &[])
        },
        passing: |fake| { declare(fake, &FAST_LANE.replace("priority: 200", "perJob: { gpus: 8 }")); plan(fake, &[]) },
    },
    Case {
        code: &command::UNWRITABLE_CONFIGURATION,
        exit: 1,
        failing: |fake| {
            declare(fake, &DEBUG.replace("hosts: [old1]", "nodes: [{ hosts: n1, slurm: { Reason: \"a\\nb\" } }]"));
            let ran = plan(fake, &[]);
            assert!(ran.error.contains("`Reason=a\\nb`"), "control characters do not reach a terminal: {}", ran.error);
            ran
        },
        passing: |fake| { declare(fake, &DEBUG.replace("hosts: [old1]", "nodes: [{ hosts: n1, slurm: { Reason: \"a b\" } }]")); plan(fake, &[]) },
    },
    Case {
        code: &manifest::UNKNOWN_ENVIRONMENT,
        exit: 1,
        failing: |fake| fake.tool(&["plan", "--env", "clutser"]),
        passing: |fake| plan(fake, &[]),
    },
];

/// A lock of a process of this host.
fn holder(process: u32, later: u64) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let started: u64 = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap();
    format!(r#"{{"host":"{}","process":{process},"started":{},"user":"anna","since":0}}"#, host.trim(), started + later)
}

#[test]
fn every_code_has_its_case() {
    let cases: Vec<&str> = CASES.iter().map(|case| case.code.name).collect();
    let known = reading::ALL.iter().chain(command::ALL).copied().chain([&manifest::UNKNOWN_ENVIRONMENT]);
    let known: BTreeSet<&str> = known.map(|code| code.name).collect();
    assert_eq!(cases.iter().copied().collect::<BTreeSet<_>>(), known);
    assert_eq!(cases.len(), known.len(), "one case each");
}

#[test]
fn failing_runs_print_their_code_and_a_way_out() {
    let mut wrong = Vec::new();
    for case in CASES {
        let ran = (case.failing)(&Fake::new());
        let mark = format!("{}[{}]: ", if case.exit == 3 { "" } else { case.code.severity.word() }, case.code.name);
        let way_out = ran.all().contains("  hint: ") && ran.all().contains("  more: sitewright explain ");
        if ran.code != case.exit || !ran.all().contains(&mark) || !way_out {
            wrong.push(format!("{}: exit {}\n{}", case.code.name, ran.code, ran.all()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_weight_of_an_untracked_tres_is_refused_by_the_plan() {
    let weighing = |weight: &str| {
        let fake = Fake::new();
        declare(
            &fake,
            &DEBUG.replace("hosts: [old1]", &format!("hosts: [old1], billing: {{ cpu: 1.0, {weight}: 8.0 }}")),
        );
        add(
            &fake,
            "etc/slurm.conf",
            "AccountingStorageType=accounting_storage/slurmdbd\nAccountingStorageTRES=gres/gpu\n",
        );
        plan(&fake, &[])
    };
    weighing("gres/gpu").expect(0);
    for untracked in ["\"gres/gpu:h100\"", "license/matlab"] {
        let ran = weighing(untracked).expect(1);
        assert!(ran.all().contains("error[unknown-tres]: TRESBillingWeights weighs"), "{}", ran.all());
    }
}

/// A cluster on which nothing is ours yet, with these settings in place of those that it has.
fn untouched(settings: &[(&str, &str)]) -> Fake {
    let fake = Fake::new();
    fake.write("answers/qos", "name=normal|description=Normal QOS default\n");
    fake.write("answers/account", "account=root|organization=root|description=default root account\n");
    fake.write("answers/assoc", "cluster=nordlys|account=root|fairshare=1|qos=normal\ncluster=nordlys|account=root|user=root|fairshare=1|qos=normal\n");
    for (from, to) in settings {
        change(&fake, "answers/config", from, to);
    }
    fake
}

/// Messages of `not-enforced` that `doctor` finds, of which the first plan says each too.
#[track_caller]
fn unkept(fake: &Fake) -> Vec<String> {
    let ran = fake.tool(&[&DOCTOR[..], &["--format", "json"]].concat()).expect(0);
    let found: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let found = found["findings"].as_array().unwrap().iter();
    let found = found.filter(|one| one["code"] == "not-enforced");
    let found: Vec<String> = found.map(|one| one["message"].as_str().unwrap().to_owned()).collect();
    let planned = plan(fake, &["--format", "json"]).expect(0);
    let planned: serde_json::Value = serde_json::from_str(&planned.out).unwrap();
    let planned = planned["warnings"].as_array().unwrap().iter().filter(|one| one["code"] == "not-enforced");
    let planned: Vec<String> = planned.map(|one| one["message"].as_str().unwrap().to_owned()).collect();
    assert_eq!(planned, found, "plan and doctor say the same");
    found
}

#[test]
fn enforcement_is_judged_by_what_is_declared() {
    let enforce = "associations,limits,qos,safe";
    assert_eq!(unkept(&untouched(&[])), [""; 0]);
    assert_eq!(
        unkept(&untouched(&[(enforce, "associations")])),
        ["AccountingStorageEnforce lacks limits, qos, safe: declared limits are stored, not enforced"]
    );
    assert_eq!(
        unkept(&untouched(&[(enforce, "associations,limits,qos")])),
        [
            "AccountingStorageEnforce lacks safe: a job starts even if the minutes that are left of its limits end before it does"
        ]
    );
    assert_eq!(
        unkept(&untouched(&[("priority/multifactor", "priority/basic")])),
        ["PriorityType is priority/basic: priorities and shares have no effect"]
    );
    let modes = FAST_LANE.replace("priority: 200", "preempts: [playground]");
    let fake = untouched(&[("preempt/qos", "preempt/none")]);
    assert_eq!(unkept(&fake), [""; 0], "nothing preempts");
    declare(&fake, &modes);
    assert_eq!(unkept(&fake), ["access modes preempt each other, and PreemptType is not preempt/qos"]);
    declare(&fake, &DEBUG.replace("hosts: [old1]", "hosts: [old1], preemption: [requeue], priority: { tier: 2 }"));
    assert_eq!(unkept(&fake), ["partitions preempt each other, and PreemptType is not preempt/partition_prio"]);
    let fake = untouched(&[("preempt/qos", "preempt/partition_prio")]);
    declare(&fake, &DEBUG.replace("hosts: [old1]", "hosts: [old1], preemption: [requeue], priority: { tier: 2 }"));
    assert_eq!(unkept(&fake), [""; 0]);
}

#[test]
fn hours_are_no_budget_where_usage_is_forgotten() {
    let site = |fake: &Fake, flags: &str| {
        let mode = FAST_LANE.replace("priority: 200", &format!("total: {{ gpuHours: 100 }}{flags}"));
        let project = PROJECT.replace("comment: ministry", "limits: { gpuHours: 40 }");
        declare(fake, &format!("{mode}{project}"));
    };
    let settings = |more: &str| {
        let fake = untouched(&[("PriorityType ", &format!("{more}PriorityType "))]);
        site(&fake, "");
        fake
    };
    assert_eq!(unkept(&settings("")), [""; 0]);
    let kept = "PriorityDecayHalfLife = 00:00:00\nPriorityUsageResetPeriod = NONE\n";
    assert_eq!(unkept(&settings(kept)), [""; 0]);
    let fake = settings("PriorityDecayHalfLife = 7-00:00:00\nPriorityUsageResetPeriod = NONE\n");
    let decays = "usage decays (PriorityDecayHalfLife=7-00:00:00), so the GPU-hours of 1";
    assert_eq!(
        unkept(&fake),
        [format!("{decays} project are no budget"), format!("{decays} access mode are no budget")]
    );
    site(&fake, ", flags: [no-decay]");
    assert_eq!(unkept(&fake), [format!("{decays} project are no budget")]);
    let reset = unkept(&settings("PriorityUsageResetPeriod = MONTHLY\n"));
    assert!(reset[0].starts_with("usage is reset (PriorityUsageResetPeriod=MONTHLY), so the GPU-hours"), "{reset:?}");
}

#[test]
fn passing_runs_do_not() {
    let mut wrong = Vec::new();
    for case in CASES {
        let ran = (case.passing)(&Fake::new());
        if ran.code != 0 || ran.all().contains(&format!("[{}]", case.code.name)) {
            wrong.push(format!("{}: exit {}\n{}", case.code.name, ran.code, ran.all()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The stand-in is settled: what a case sees, it made itself.
#[test]
fn the_stand_in_is_as_declared() {
    let ran = plan(&Fake::new(), &["--detailed-exitcode"]).expect(0);
    assert!(ran.out.contains("No changes. nordlys is as declared"), "{}", ran.out);
    let ran = doctor(&Fake::new()).expect(0);
    assert!(ran.out.contains("No findings"), "{}", ran.out);
}

/// Whichever answer is empty, cut or garbled: an error, and never a plan.
#[test]
fn no_broken_answer_becomes_a_plan() {
    let answers = [
        "config",
        "partition",
        "node",
        "queue",
        "configuration",
        "qos",
        "account",
        "assoc",
        "user",
        "cluster",
        "defaults",
    ];
    let mut wrong = Vec::new();
    for name in answers {
        for raw in ["", "Cluster|Acc", "%%%%\u{1}|%%\n", "sacctmgr: error: something went wrong\n"] {
            let fake = Fake::new();
            fake.write(&format!("answers/{name}.raw"), raw);
            let ran = plan(&fake, &[]);
            if ran.code != 1 || !ran.out.is_empty() || !ran.error.starts_with("error[reading-incomplete]: ") {
                wrong.push(format!("{name} {raw:?}: exit {}\n{}", ran.code, ran.all()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
