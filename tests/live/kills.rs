//! Killed at any point, the next apply ends in an empty plan.

use std::fmt::Write;
use std::time::Duration;

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::small;

/// A site whose apply takes some 200 actions: QOS that all differ, accounts and users that all differ.
fn many(rig: &Rig, round: usize) -> String {
    let mut text = small(rig);
    for index in 0..100 {
        let _ = write!(
            text,
            "---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: q{index:03} }}\nspec: {{ priority: {} }}\n",
            index + round + 1
        );
    }
    for index in 0..50 {
        let _ = write!(
            text,
            "---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: k{index:02} }}\nspec:\n  organisation: {{ name: Company {index}, country: FI, category: sme }}\n  fairshare: {}\n  members: [{{ user: w{index:02}, fairshare: {} }}]\n",
            index + round + 2,
            index + round + 3
        );
    }
    text
}

fn kills_at_random_times(release: &'static str) {
    let rig = Rig::new(release);
    // A fixed stream of numbers: a failure can be repeated.
    let mut state: u64 = 0x5eed;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut killed = 0;
    // Each change costs 22.05 half a second: twenty rounds of 200 would take an hour.
    let rounds = if release == "22.05" { 4 } else { 20 };
    for round in 0..rounds {
        rig.write("site.yaml", &many(&rig, round));
        if round == 0 {
            let planned = rig.plan(&["--format", "json"]).expect(0);
            let actions = planned.json()["actions"].as_array().unwrap().len();
            assert!(actions >= 200, "{actions} actions");
        }
        let mut child = rig
            .command(&["apply", "--env", "live", "--at", "2026-11-21", "--yes"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let longest = if release == "22.05" { 20_000 } else { 2500 };
        std::thread::sleep(Duration::from_millis(100 + next(longest)));
        if child.try_wait().unwrap().is_none() {
            killed += 1;
        }
        let _ = child.kill();
        let _ = child.wait();
        rig.apply(&[]).expect(0);
        rig.assert_settled();
    }
    assert!(killed * 4 >= rounds * 3, "only {killed} of {rounds} were hit while they worked");
}

on_each_release!(kills_at_random_times);
