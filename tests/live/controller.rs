//! Ways in which reading and changing what the controller runs goes wrong: texts that look like fields, what people do by
//! hand, jobs that hide, files that others write.

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::{partition, small};

const FACTORY: &str = "apiVersion: sitewright.io/v1alpha1\nkind: Factory\nmetadata: { name: nordlys }\nspec: { host: { entity: CSC, country: FI } }\n";

fn mode(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: {name} }}\nspec: {{ {spec} }}\n"
    )
}

fn scontrol(rig: &Rig, words: &[&str]) {
    rig.slurm(&[&["scontrol"], words].concat()).expect(0);
}

fn our_file(rig: &Rig) -> String {
    std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap()
}

/// Texts of people stay texts, whatever they look like, and what people do to nodes stays as they left it.
fn texts_and_drains_of_people_are_left_alone(release: &'static str) {
    let rig = Rig::new(release);
    let site = |hours: u64| {
        format!(
            "{FACTORY}---\n{}",
            partition(&rig, "booster", "gpu", 1, 2, "").replace("wallTime: 2d", &format!("wallTime: {hours}h"))
        )
    };
    rig.write("site.yaml", &site(48));
    rig.apply(&[]).expect(0);
    scontrol(&rig, &["update", "node=gpu001", "state=drain", "reason=Weight=7 State=UP NodeName=x | by 'hand'"]);
    scontrol(&rig, &["update", "node=gpu001", "comment=Gres=gpu:9 RealMemory=1 Partitions=none"]);
    scontrol(&rig, &["update", "node=gpu002", "extra=Weight=3 PartitionName=y"]);
    rig.slurm(&["sacctmgr", "-i", "add", "qos", "name=theirs", "description=a|b| sitewright-nordlys|c"]).expect(0);
    // A partition that only the controller has heard of is none of ours, and gone with its next look at the files.
    scontrol(&rig, &["create", "partitionname=fleeting", "nodes=old001"]);
    rig.assert_settled();
    rig.write("site.yaml", &site(24));
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    let node = rig.slurm(&["scontrol", "-o", "show", "node", "gpu001"]).out;
    assert!(node.contains("DRAIN") && node.contains("Reason=Weight=7 State=UP NodeName=x | by 'hand'"), "{node}");
    assert_ne!(rig.slurm(&["scontrol", "show", "partition", "fleeting"]).code, 0);
    // A line break tears its row in two: no plan is made from that, and nobody is told that nothing is left to do.
    let torn = |what: &str| {
        let ran = rig.plan(&["--detailed-exitcode"]).expect(1);
        assert!(
            ran.out.is_empty() && ran.error.contains("error[reading-incomplete]") && ran.error.contains(what),
            "{}",
            ran.all()
        );
    };
    scontrol(&rig, &["update", "node=gpu001", "comment=one\nNodeName=gpu009 State=IDLE"]);
    torn("scontrol show node");
    scontrol(&rig, &["update", "node=gpu001", "comment="]);
    rig.slurm(&["sacctmgr", "-i", "modify", "qos", "where", "name=theirs", "set", "description=one\ntwo"]).expect(0);
    torn("sacctmgr show qos");
}

/// Jobs that a look at the queue could miss: suspended, of an array, in a hidden partition of another group; and pending
/// ones, which nobody kills and which vanish or wait for ever.
fn jobs_do_not_hide(release: &'static str) {
    let rig = Rig::new(release);
    let debug = |more: &str| partition(&rig, "debug", "cpu", 1, 1, more);
    let site = |debug: &str| {
        format!(
            "{FACTORY}---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: medix }}\nspec:\n  organisation: {{ name: Medix, country: FI, category: sme }}\n  members: [{{ user: anna }}, {{ user: bo }}]\n---\n{debug}"
        )
    };
    rig.write("site.yaml", &site(&debug("")));
    rig.apply(&[]).expect(0);
    rig.script("slurmd", &["start", "cpu001"]).expect(0);
    let suspended = rig.job("anna", &["-p", "debug", "-t", "60", "-c", "1", "--mem=10"]);
    scontrol(&rig, &["suspend", &suspended]);
    rig.wait("the job is suspended", || rig.state_of(&suspended) == "SUSPENDED");
    let array = rig
        .user(
            "bo",
            &[
                "sbatch",
                "--parsable",
                "-p",
                "legacy,debug",
                "-t",
                "60",
                "--array=1-3",
                "--begin=now+1hour",
                "--wrap",
                "true",
            ],
        )
        .expect(0);
    let array = array.out.trim().to_owned();
    // The longest job becomes shorter than what waits, and the partition is shown to root alone.
    let hidden =
        debug("  hidden: true\n  groups: [root]\n").replace("wallTime: 2d, defaultWallTime: 1h", "wallTime: 30m");
    rig.write("site.yaml", &site(&hidden));
    let planned = rig.plan(&[]).expect(0);
    let words = planned.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for task in 1..=3 {
        assert!(words.contains(&format!("{array}_{task} bo (pending)")), "{}", planned.out);
    }
    assert!(planned.out.contains("could no longer start"), "{}", planned.out);
    rig.apply(&[]).expect(0);
    // Whoever may not use it reads it too, and sees whose job is in the way.
    rig.write("site.yaml", &site("").replace("---\n---\n", "---\n"));
    rig.bind(&format!("    as-dan: {{ slurm: {{ over: local, prefix: [{}] }} }}\n", rig.prefix_as("dan").join(", ")));
    let planned = rig.tool(&["plan", "--env", "as-dan", "--at", "2026-11-21", "--yes-reconfigure"]);
    assert_eq!(planned.code, 3, "{}", planned.all());
    assert!(
        planned.all().contains(&format!("{suspended} (anna)")) && planned.out.contains("vanish"),
        "{}",
        planned.all()
    );
    let refused = rig.apply(&[]).expect(3);
    assert!(refused.all().contains(&format!("{suspended} (anna)")), "{}", refused.all());
    assert_eq!(rig.state_of(&suspended), "SUSPENDED");
}

/// Files that are empty, broken, or written by another hand while an apply is under way.
fn files_of_another_hand(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    let (file, ours) = (rig.conf("sitewright.conf"), our_file(&rig));
    // What stands in accounting alone leaves file and controller alone.
    rig.write("site.yaml", &small(&rig).replace("priority: 50", "priority: 60"));
    let planned = rig.plan(&["--show", "commands"]).expect(0);
    assert!(planned.out.contains("modify qos") && !planned.out.contains("reconfigure"), "{}", planned.out);
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    rig.apply(&[]).expect(0);
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), written);
    // Written in between by somebody else: theirs stays.
    let change = small(&rig).replace("priority: 50", "priority: 70").replace("wallTime: 2d", "wallTime: 1d");
    rig.write("site.yaml", &change);
    rig.slip(&format!("case \"$*\" in *'modify qos'*) echo '# by hand' >> {};; esac", file.display()));
    let ran = rig.tool(&["apply", "--env", "slip", "--at", "2026-11-21", "--yes"]).expect(4);
    assert!(ran.all().contains("changed since it was read"), "{}", ran.all());
    assert_eq!(our_file(&rig), format!("{ours}# by hand\n"));
    let ran = rig.apply(&["--show", "files"]).expect(0);
    rig.assert_settled();
    assert!(!our_file(&rig).contains("# by hand"), "{}\n{}", ran.all(), our_file(&rig));
    // An empty file makes every program say so, and is still read: all of it is missing.
    let ours = our_file(&rig);
    assert!(ours.starts_with('#'), "ours is never empty: {ours}");
    std::fs::write(&file, "").unwrap();
    assert!(rig.slurm(&["scontrol", "ping"]).error.contains("is empty"));
    let planned = rig.plan(&["--detailed-exitcode"]).expect(2);
    assert!(planned.out.contains("+ compute/partition/booster"), "{}", planned.out);
    std::fs::write(&file, &ours).unwrap();
    rig.assert_settled();
    // One unknown key, and no program of Slurm starts any more.
    let site = std::fs::read_to_string(rig.conf("slurm.conf")).unwrap();
    std::fs::write(rig.conf("slurm.conf"), format!("{site}MaxJobCuont=1\n")).unwrap();
    for words in [&["plan"][..], &["apply", "--yes"], &["doctor"]] {
        let ran = rig.tool(&[words, &["--env", "live"]].concat()).expect(1);
        assert!(
            ran.error.contains("error[configuration-broken]") && ran.error.contains("MaxJobCuont"),
            "{}",
            ran.all()
        );
    }
    std::fs::write(rig.conf("slurm.conf"), site).unwrap();
    rig.assert_settled();
}

/// A controller does not start with a partition whose QOS is gone: the file ceases to name it before it goes.
fn the_file_goes_before_the_qos(release: &'static str) {
    let rig = Rig::new(release);
    let booster = |more: &str| partition(&rig, "booster", "gpu", 1, 1, more);
    rig.write(
        "site.yaml",
        &format!(
            "{FACTORY}{}{}---\n{}",
            mode("first", ""),
            mode("roof", "perUser: { gpus: 2 }"),
            booster("  qos: roof\n  modes: [first, roof]\n")
        ),
    );
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    let medix = |modes: &str| {
        format!(
            "---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: medix }}\nspec:\n  organisation: {{ name: Medix, country: FI, category: sme }}\n  modes: [{modes}]\n  members: [{{ user: bo }}]\n"
        )
    };
    let both = mode("first", "") + &mode("second", "") + &medix("first, second");
    rig.write("site.yaml", &format!("{FACTORY}{both}---\n{}", booster("  qos: second\n  modes: [second]\n")));
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    // It starts with what it has been given.
    rig.script("slurmctld", &["restart"]).expect(0);
    rig.wait("the controller answers", || rig.controller_is_up());
    rig.assert_settled();
    // A job in the queue under a mode that goes.
    let job = rig.user(
        "bo",
        &["sbatch", "--parsable", "-p", "booster", "-q", "second", "-t", "5", "--begin=now+1hour", "--wrap", "true"],
    );
    assert_eq!(job.code, 0, "{}", job.all());
    rig.write("site.yaml", &format!("{FACTORY}{}{}---\n{}", mode("first", ""), medix("first"), booster("")));
    let planned = rig.plan(&[]).expect(0);
    assert!(planned.out.contains("could no longer start") && planned.out.contains(job.out.trim()), "{}", planned.out);
}

/// 22.05 does not start without any partition; 24.11 does.
fn the_last_partition(release: &'static str) {
    let rig = Rig::empty(release);
    rig.write(
        "site.yaml",
        &format!("{FACTORY}{}---\n{}", mode("one", "perJob: { gpus: 1 }"), partition(&rig, "booster", "gpu", 1, 1, "")),
    );
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    let before = our_file(&rig);
    let ran = rig.tool(&["destroy", "--env", "live", "--confirm", "nordlys"]);
    if release == "22.05" {
        assert_eq!(ran.code, 1, "{}", ran.all());
        assert!(ran.error.contains("error[no-partition]"), "{}", ran.error);
        assert_eq!(our_file(&rig), before);
    } else {
        assert_eq!(ran.code, 0, "{}", ran.all());
        assert!(our_file(&rig).starts_with('#') && !our_file(&rig).contains("PartitionName="), "{}", our_file(&rig));
    }
    rig.script("slurmctld", &["restart"]).expect(0);
    rig.wait("the controller answers", || rig.controller_is_up());
}

on_each_release!(
    texts_and_drains_of_people_are_left_alone,
    jobs_do_not_hide,
    files_of_another_hand,
    the_file_goes_before_the_qos,
    the_last_partition,
);
