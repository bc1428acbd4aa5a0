//! Daemons of somebody else on the rig's machine are never touched.

use std::process::{Child, Command, Stdio};

use crate::on_each_release;
use crate::rig::Rig;

/// Processes in the cluster's root that are called as Slurm's daemons are. They end with this value.
struct Foreign {
    running: Vec<Child>,
    /// Folder of their programs, as seen from the host.
    folder: String,
}

impl Foreign {
    fn new(rig: &Rig) -> Self {
        let prefix = rig.prefix();
        // The last word of `chroot ROOT`, or the host's own root.
        let root = prefix.last().map_or("", String::as_str);
        let inside = format!("/tmp/rig-foreign-{}", rig.release);
        let folder = format!("{root}{inside}");
        std::fs::create_dir_all(&folder).unwrap();
        let started = ["slurmctld", "slurmdbd", "slurmd"].into_iter().map(|name| {
            std::fs::copy(format!("{root}/usr/bin/sleep"), format!("{folder}/{name}")).unwrap();
            let program = [format!("{inside}/{name}"), "3600".to_owned()];
            let words: Vec<String> = prefix.iter().cloned().chain(program).collect();
            Command::new(&words[0]).args(&words[1..]).current_dir("/").stdin(Stdio::null()).spawn().unwrap()
        });
        Self { running: started.collect(), folder }
    }

    #[track_caller]
    fn assert_alive(&mut self) {
        for child in &mut self.running {
            assert!(child.try_wait().unwrap().is_none(), "a daemon that is not the rig's was ended");
        }
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
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
    let named = format!("(process {}", foreign.running[0].id());
    assert!(refused.error.contains("that is not the rig's") && refused.error.contains(&named), "{}", refused.all());
    foreign.assert_alive();
    drop(foreign);
    rig.script("up", &[]).expect(0);
    rig.wait("the controller answers", || rig.controller_is_up());
}

on_each_release!(daemons_of_others_are_left_alone);
