//! Daemons of somebody else on the rig's machine are never touched.

use std::process::{Child, Command, Stdio};

use crate::on_each_release;
use crate::rig::Rig;

/// Processes in the cluster's root that are called as Slurm's daemons are. They end with this value.
struct Foreign(Vec<Child>);

impl Foreign {
    fn new(rig: &Rig) -> Self {
        let prefix = rig.prefix();
        // Where the programs of the release see it: the last word of `chroot ROOT`, or the host's own root.
        let root = prefix.last().map_or("", String::as_str);
        let started = ["slurmctld", "slurmdbd", "slurmd"].into_iter().map(|name| {
            let folder = format!("/tmp/rig-foreign-{}", rig.get("RELEASE"));
            std::fs::create_dir_all(format!("{root}{folder}")).unwrap();
            std::fs::copy(format!("{root}/usr/bin/sleep"), format!("{root}{folder}/{name}")).unwrap();
            let words: Vec<String> =
                prefix.iter().cloned().chain([format!("{folder}/{name}"), "3600".to_owned()]).collect();
            Command::new(&words[0]).args(&words[1..]).current_dir("/").stdin(Stdio::null()).spawn().unwrap()
        });
        Self(started.collect())
    }

    #[track_caller]
    fn assert_alive(&mut self) {
        for child in &mut self.0 {
            assert!(child.try_wait().unwrap().is_none(), "a daemon that is not the rig's was ended");
        }
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A reset, a stop of each daemon and `down` leave them alone; `up` refuses to start beside them, and says which.
fn daemons_of_others_are_left_alone(release: &'static str) {
    let rig = Rig::new(release);
    let mut foreign = Foreign::new(&rig);
    rig.script("slurmd", &["restart", "old001"]).expect(0);
    rig.script("slurmctld", &["restart"]).expect(0);
    rig.script("reset", &[]).expect(0);
    foreign.assert_alive();
    rig.script("down", &[]).expect(0);
    foreign.assert_alive();
    assert!(!rig.controller_is_up());
    let refused = rig.script("up", &[]).expect(1);
    let named = format!("(process {}", foreign.0[0].id());
    assert!(refused.error.contains("that is not the rig's") && refused.error.contains(&named), "{}", refused.all());
    foreign.assert_alive();
    drop(foreign);
    rig.script("up", &[]).expect(0);
    rig.wait("the controller answers", || rig.controller_is_up());
}

on_each_release!(daemons_of_others_are_left_alone);
