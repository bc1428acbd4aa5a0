//! How slurm.conf is cut into keys and values, against Slurm itself: `sacctmgr show configuration` prints a setting of the
//! file that it was started with.

use std::collections::BTreeMap;

use sitewright::slurm::config::{include_paths, merge};

use crate::on_each_release;
use crate::rig::Rig;

/// A setting that may have any text, and that nobody uses while the database answers.
const KEY: &str = "AccountingStorageBackupHost";

#[rustfmt::skip]
const TEXTS: &[(&str, &str)] = &[
    ("KEY=plain\n", "plain"),
    ("  kEY = spaced\t\n", "spaced"),
    ("KEY=\"two words\"\n", "two words"),
    ("KEY=a # b\n", "a"),
    ("KEY=\"a # b\"\n", "\"a"),
    ("KEY=a\\#b\n", "a#b"),
    ("KEY=\"a\\#b\"\n", "a#b"),
    ("KEY=a\\\\#b\n", "a\\"),
    ("KEY=a\\\nb\n", "ab"),
    ("KEY=a\\  \nb\n", "ab"),
    ("KEY=a\\bc\n", "abc"),
    ("# KEY=no \\\nKEY=a\n", "a"),
    ("KEY=no # comment \\\nKEY=a\n", "a"),
    ("KEY=a\nkEY=b\n", "b"),
    ("KEY= Foo=bar\n", "Foo=bar"),
    ("KEY+=a\n", "a"),
    ("KEY=a=b\n", "a=b"),
    ("KEY=a\"b\n", "a\"b"),
    ("KEY=\"a\"\r\n", "a"),
    ("Include part.conf\n", "included"),
    ("iNCLUDE part-%c.conf\n", "of the cluster"),
    ("Include part.conf\nKEY=after\n", "after"),
    ("KEY=before\nInclude part.conf\n", "included"),
    ("KEY=a\n  \n\t\n#\n", "a"),
];

fn settings_are_read_as_slurm_reads_them(release: &'static str) {
    let rig = Rig::new(release);
    let folder = rig.get("CONF_DIR").to_owned();
    let path = |name: &str| format!("{folder}/{name}");
    let cluster = rig.get("CLUSTER").to_owned();
    let base = std::fs::read_to_string(rig.conf("slurm.conf")).unwrap();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for (name, text) in
        [("part.conf".to_owned(), "KEY=included\n"), (format!("part-{cluster}.conf"), "KEY=\"of the cluster\"\n")]
    {
        let text = text.replace("KEY", KEY);
        std::fs::write(rig.conf(&name), &text).unwrap();
        files.insert(path(&name), text);
    }
    files.insert(path("sitewright.conf"), std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap());
    let variable = format!("SLURM_CONF={}", path("try.conf"));
    let mut wrong = Vec::new();
    for (short, wanted) in TEXTS {
        let text = format!("{base}\n{}", short.replace("kEY", &KEY.to_lowercase()).replace("KEY", KEY));
        std::fs::write(rig.conf("try.conf"), &text).unwrap();
        let ran = rig.slurm(&["env", &variable, "sacctmgr", "-n", "show", "configuration"]);
        let theirs = ran
            .out
            .lines()
            .filter_map(|line| line.split_once('='))
            .find(|(key, _)| key.trim() == KEY)
            .map(|(_, value)| value.trim().to_owned());
        files.insert(path("try.conf"), text.clone());
        let (merged, found) = merge(&path("try.conf"), &files);
        let ours = merged.settings().get(&KEY.to_lowercase()).map(|setting| setting.value.clone());
        if theirs.as_deref() != Some(*wanted) || ours != theirs || !found.is_empty() {
            wrong.push(format!(
                "{short:?}: wanted {wanted:?}, ours {ours:?} {found:?}, Slurm's {theirs:?} {}",
                ran.error
            ));
        }
        assert!(include_paths(&folder, &text, &cluster).iter().all(|one| files.contains_key(one)), "{text}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // What Slurm refuses is found by the linter.
    for (text, code) in [
        (" Include part.conf\n", "indented-include"),
        ("Include part*.conf\n", "wildcard-include"),
        ("KEY=a b\n", "stray-text"),
        ("KEY=a MessageTimeout=11\n", "two-settings-on-a-line"),
        ("KEY=\"a b # c\"\n", "cut-by-comment"),
    ] {
        std::fs::write(rig.conf("try.conf"), format!("{base}\n{}", text.replace("KEY", KEY))).unwrap();
        let ran = rig.slurm(&["env", &variable, "timeout", "2", "sacctmgr", "-n", "show", "configuration"]);
        let host = rig.conf("try.conf").display().to_string();
        let doctor = rig.tool(&["doctor", "--slurm-conf", &host, "--release", release]);
        assert!(doctor.out.contains(&format!("[{code}]")), "{text}: {}", doctor.all());
        assert_ne!(ran.code, 0, "{text}: {}", ran.all());
    }
}

on_each_release!(settings_are_read_as_slurm_reads_them);
