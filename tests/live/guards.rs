//! Jobs in the way, too many deletions, protection, locks.

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::{partition, small};

fn with_debug(rig: &Rig) -> String {
    let modes = "  modes: [playground]\n";
    format!("{}---\n{}", small(rig), partition(rig, "debug", "cpu", 1, 1, modes))
}

/// Removing a partition or an account with a running job refuses and names the job; after the job it goes through.
fn running_jobs_refuse_a_removal(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &with_debug(&rig));
    rig.apply(&[]).expect(0);
    rig.script("slurmd", &["start", "cpu001", "gpu001"]).expect(0);
    let job = rig.job("anna", &["-p", "debug", "-q", "playground", "-t", "60"]);
    let elsewhere = rig.job("bo", &["-p", "booster", "-q", "playground", "-t", "60", "--gres=gpu:1"]);
    rig.write("site.yaml", &small(&rig));
    let refused = rig.apply(&["--allow-deletes", "99", "--allow-delete-share", "100"]).expect(3);
    assert!(refused.all().contains(&job), "the job is named: {}", refused.all());
    assert_eq!(rig.state_of(&job), "RUNNING");
    rig.cancel(&job);
    rig.apply(&["--allow-deletes", "99", "--allow-delete-share", "100"]).expect(0);
    assert_ne!(rig.slurm(&["scontrol", "show", "partition", "debug"]).code, 0);
    assert_eq!(rig.state_of(&elsewhere), "RUNNING", "jobs elsewhere run on");
    rig.assert_settled();
    // The account of a running job.
    let without = small(&rig).split("---\n").take(4).collect::<Vec<_>>().join("---\n");
    rig.write("site.yaml", &without);
    let refused = rig.apply(&["--allow-deletes", "99", "--allow-delete-share", "100"]).expect(3);
    assert!(refused.all().contains(&elsewhere), "{}", refused.all());
    rig.cancel(&elsewhere);
    rig.apply(&["--allow-deletes", "99", "--allow-delete-share", "100"]).expect(0);
    rig.assert_settled();
}

fn many_deletions_need_a_word(release: &'static str) {
    let rig = Rig::new(release);
    let mut text = small(&rig);
    for index in 0..12 {
        text.push_str(&format!(
            "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: m{index} }}\nspec: {{}}\n"
        ));
    }
    rig.write("site.yaml", &text);
    rig.apply(&[]).expect(0);
    rig.write("site.yaml", &small(&rig));
    let refused = rig.apply(&[]).expect(3);
    assert!(refused.all().contains("--allow-deletes 12"), "{}", refused.all());
    rig.apply(&["--allow-deletes", "12", "--allow-delete-share", "100"]).expect(0);
    rig.assert_settled();
}

/// The wish not to be deleted outlives its manifest.
fn protection_is_kept_with_the_object(release: &'static str) {
    let rig = Rig::new(release);
    let protected = small(&rig)
        .replace("  modes: [playground]\n  allocations", "  protect: true\n  modes: [playground]\n  allocations");
    rig.write("site.yaml", &protected);
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    let without = small(&rig).split("---\n").take(4).collect::<Vec<_>>().join("---\n");
    rig.write("site.yaml", &without);
    let refused = rig.apply(&["--allow-deletes", "99", "--allow-delete-share", "100"]).expect(3);
    assert!(refused.all().contains("protected"), "{}", refused.all());
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    rig.write("site.yaml", &without);
    rig.apply(&["--allow-deletes", "99", "--allow-delete-share", "100"]).expect(0);
}

/// A partition keeps the wish with its nodes and gres in our include files, and no controller is asked to look at it.
fn protection_is_kept_in_our_files(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &with_debug(&rig));
    rig.apply(&[]).expect(0);
    let protected = with_debug(&rig)
        .replace("metadata: { name: debug }\nspec:\n", "metadata: { name: debug }\nspec:\n  protect: true\n");
    assert_ne!(protected, with_debug(&rig));
    rig.write("site.yaml", &protected);
    let planned = rig.plan(&["--show", "commands"]).expect(0);
    assert!(planned.out.contains("Protect") && !planned.out.contains("reconfigure"), "{}", planned.out);
    // Not even the release that a reconfigure endangers asks for a flag or for a restart command.
    let tool = |words: &[&str]| rig.tool(&[words, &["--env", "bare", "--at", "2026-11-21"]].concat());
    tool(&["apply", "--yes"]).expect(0);
    rig.assert_settled();
    let file = std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap();
    assert!(file.contains("# sitewright: protect\nPartitionName=debug "), "{file}");
    assert!(file.contains("# sitewright: protect\nNodeName=cpu001 "), "{file}");
    assert_eq!(file.matches("sitewright: protect").count(), 2, "{file}");
    // The controller takes such a file up at any later time.
    rig.slurm(&["scontrol", "reconfigure"]).expect(0);
    rig.wait("the controller answers", || rig.controller_is_up());
    rig.assert_settled();
    let renamed = protected.replace("name: debug }", "name: d9 }");
    rig.write("site.yaml", &renamed);
    let refused = rig.apply(&["--allow-deletes", "99"]).expect(3);
    assert!(
        refused.all().contains("refused[protected]") && refused.all().contains("compute/partition/debug"),
        "{}",
        refused.all()
    );
    rig.write("site.yaml", &small(&rig));
    let refused = rig.apply(&["--allow-deletes", "99"]).expect(3);
    assert!(refused.all().contains("compute/node/cpu001"), "{}", refused.all());
    assert_eq!(rig.slurm(&["scontrol", "show", "partition", "debug"]).code, 0);
    assert_eq!(std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap(), file);
    // The mark goes in one step, what it protected in the next.
    rig.write("site.yaml", &with_debug(&rig));
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    assert!(!std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap().contains("sitewright: protect"));
    rig.write("site.yaml", &small(&rig));
    rig.apply(&["--allow-deletes", "99"]).expect(0);
    rig.assert_settled();
    assert_ne!(rig.slurm(&["scontrol", "show", "partition", "debug"]).code, 0);
}

/// One apply at a time.
fn a_second_apply_is_told_who_holds_the_target(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    let lock = rig.conf(".sitewright.lock");
    std::fs::create_dir(&lock).unwrap();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    // Process 1 lives as long as this machine; its start is field 22 of its stat.
    let stat = std::fs::read_to_string("/proc/1/stat").unwrap();
    let started = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().to_owned();
    let holder = format!(r#"{{"host":"{}","process":1,"started":{started},"user":"anna","since":0}}"#, host.trim());
    std::fs::write(lock.join("holder"), &holder).unwrap();
    let refused = rig.apply(&[]).expect(3);
    assert!(refused.error.contains("anna@"), "{}", refused.error);
    // One whose process is gone is taken over.
    std::fs::write(lock.join("holder"), holder.replace(&format!("\"started\":{started}"), "\"started\":99999999999"))
        .unwrap();
    rig.apply(&[]).expect(0);
    assert!(!lock.exists(), "given back");
}

on_each_release!(
    running_jobs_refuse_a_removal,
    many_deletions_need_a_word,
    protection_is_kept_with_the_object,
    protection_is_kept_in_our_files,
    a_second_apply_is_told_who_holds_the_target,
);
