//! Nodes, partitions and gres: include files, reconfigure, restart, rollback.

use std::os::unix::fs::PermissionsExt;

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::{partition, small};

fn site(rig: &Rig, last: u32, change: impl Fn(String) -> String) -> String {
    let head = small(rig);
    let mut parts: Vec<String> = head.split("---\n").map(ToOwned::to_owned).collect();
    parts[1] = change(partition(rig, "booster", "gpu", 1, last, "  modes: [playground, fast-lane]\n"));
    parts.join("---\n")
}

/// Adding and removing nodes, changing GPUs, cores and memory: the running view follows, jobs elsewhere run on.
fn hardware_changes_reach_the_controller(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &site(&rig, 2, |text| text));
    rig.apply(&[]).expect(0);
    rig.script("slurmd", &["start", "gpu001"]).expect(0);
    let job = rig.job("anna", &["-p", "booster", "-q", "playground", "-t", "60", "--gres=gpu:1", "-w", "gpu001"]);
    let node = |name: &str, key: &str| {
        let text = rig.slurm(&["scontrol", "-o", "show", "node", name]).out;
        text.split_whitespace().find_map(|word| word.strip_prefix(&format!("{key}="))).unwrap_or_default().to_owned()
    };
    rig.write("site.yaml", &site(&rig, 4, |text| text));
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    assert_eq!(node("gpu004", "Gres"), "gpu:h100:4");
    assert_eq!(rig.state_of(&job), "RUNNING", "jobs elsewhere run on");
    // gpu002 alone gets more memory, fewer cores and fewer GPUs; gpu001 keeps its line and its job.
    let split = |text: String| {
        let first = partition(&rig, "booster", "gpu", 1, 1, "");
        let group = |from: u32, to: u32, memory: &str, cores: u32, gpus: u32| {
            let whole = partition(&rig, "booster", "gpu", from, to, "");
            let start = whole.find("    - hosts").unwrap();
            let end = whole.find("  limits:").unwrap();
            whole[start..end]
                .replace("32GB", memory)
                .replace("coresPerSocket: 4", &format!("coresPerSocket: {cores}"))
                .replace("count: 4", &format!("count: {gpus}"))
                .replace("[0-3]\"", &format!("[0-{}]\"", gpus - 1))
        };
        let start = first.find("    - hosts").unwrap();
        let end = text.find("  limits:").unwrap();
        let tail = &text[end..];
        format!(
            "{}{}{}{}{tail}",
            &first[..start],
            group(1, 1, "32GB", 4, 4),
            group(2, 2, "48GB", 2, 2),
            group(3, 4, "32GB", 4, 4)
        )
    };
    rig.write("site.yaml", &site(&rig, 4, split));
    let planned = rig.plan(&[]).expect(0);
    assert!(planned.out.contains("compute/node/gpu002") && planned.out.contains("48G"), "{}", planned.out);
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    assert_eq!((node("gpu002", "Gres").as_str(), node("gpu002", "RealMemory").as_str()), ("gpu:h100:2", "49152"));
    assert_eq!(node("gpu002", "CoresPerSocket"), "2");
    assert_eq!(rig.state_of(&job), "RUNNING");
    // A node goes; the one with the job refuses.
    rig.write("site.yaml", &site(&rig, 3, |text| text));
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    assert_ne!(rig.slurm(&["scontrol", "show", "node", "gpu004"]).code, 0);
    rig.write(
        "site.yaml",
        &site(&rig, 3, |text| {
            text.replace("gpu[001-003]", "gpu[002-003]")
                .replace(&format!("{}-", rig.port(18001)), &format!("{}-", rig.port(18002)))
        }),
    );
    let refused = rig.apply(&[]).expect(3);
    assert!(refused.all().contains(&job), "{}", refused.all());
    assert_eq!(rig.state_of(&job), "RUNNING");
}

/// The test breaks the site's own file between our check and the reconfigure: rolled back, controller up, jobs alive.
fn a_refused_file_is_rolled_back(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    rig.script("slurmd", &["start", "gpu001"]).expect(0);
    let job = rig.job("anna", &["-p", "booster", "-q", "playground", "-t", "60", "--gres=gpu:1"]);
    rig.wait_until_saved(&job);
    // A prefix that slips a second definition of the new partition into the site's file before a reconfigure.
    let conf = rig.conf("slurm.conf");
    let prefix = rig.prefix().join(" ");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *reconfigure*) grep -q late {0} || echo 'PartitionName=late Nodes=old001' >> {0};; esac\nexec {prefix} \"$@\"\n",
        conf.display()
    );
    let path = rig.dir().join("slip");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let restart = rig.get("RESTART").to_owned();
    rig.bind(&format!(
        "    slip: {{ slurm: {{ over: local, prefix: [\"{}\"], restart: [\"{restart}\"] }} }}\n",
        path.display()
    ));
    let late = "---\napiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: late }\nspec: { hosts: [gpu001], modes: [playground] }\n";
    rig.write("site.yaml", &format!("{}{late}", small(&rig)));
    let ran = rig.tool(&["apply", "--env", "slip", "--at", "2026-11-21", "--yes"]);
    assert_eq!(ran.code, 4, "{}", ran.all());
    assert!(ran.all().contains("previous files"), "{}", ran.all());
    assert!(rig.controller_is_up());
    assert_eq!(rig.state_of(&job), "RUNNING");
    let ours = std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap();
    assert!(!ours.contains("PartitionName=late"), "{ours}");
    assert_eq!(rig.slurm(&["scontrol", "-o", "show", "partition", "booster"]).code, 0);
    // With the site's file put right it goes through.
    let text = std::fs::read_to_string(&conf).unwrap().replace("PartitionName=late Nodes=old001\n", "");
    std::fs::write(&conf, text).unwrap();
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    assert_eq!(rig.state_of(&job), "RUNNING");
}

/// What the linter refuses never reaches the controller.
fn the_linter_stands_before_the_controller(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    let before = std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap();
    let more = "---\napiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: ghost }\nspec: { hosts: [nowhere001] }\n";
    rig.write("site.yaml", &format!("{}{more}", small(&rig)));
    let ran = rig.apply(&[]).expect(1);
    assert!(ran.error.contains("unknown-node"), "{}", ran.error);
    assert_eq!(std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap(), before);
    assert!(rig.controller_is_up());
}

/// Manifest, file and running copy: both kinds of drift are named and undone.
fn drift_has_two_names(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    rig.slurm(&["scontrol", "update", "partition=booster", "MaxTime=60", "State=DRAIN"]).expect(0);
    let planned = rig.plan(&["--detailed-exitcode"]).expect(2);
    assert!(planned.out.contains("runs something else than its file says"), "{}", planned.out);
    assert!(planned.out.contains("MaxTime") && planned.out.contains("State"), "{}", planned.out);
    rig.apply(&[]).expect(0);
    rig.assert_settled();
    let path = rig.conf("sitewright.conf");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("MaxTime=2-00:00:00", "MaxTime=5-00:00:00")).unwrap();
    let planned = rig.plan(&["--detailed-exitcode"]).expect(2);
    assert!(planned.out.contains("changed by another hand"), "{}", planned.out);
    rig.apply(&[]).expect(0);
    rig.assert_settled();
}

/// Without a restart command the plan says what to run by hand, and apply takes up after it.
fn by_hand_where_no_command_is_declared(release: &'static str) {
    let rig = Rig::empty(release);
    rig.write("site.yaml", &small(&rig));
    let bare = ["--env", "bare", "--at", "2026-11-21"];
    let planned = rig.tool(&[&["plan"], &bare[..]].concat()).expect(0);
    assert!(planned.out.contains("to run by hand"), "{}", planned.out);
    let first = rig.tool(&[&["apply", "--yes"], &bare[..]].concat());
    assert_eq!(first.code, 4, "{}", first.all());
    assert!(first.out.contains("To run by hand"), "{}", first.all());
    let restart = std::process::Command::new(rig.get("RESTART")).status().unwrap();
    assert!(restart.success());
    rig.wait("the controller answers", || rig.controller_is_up());
    rig.tool(&[&["apply", "--yes", "--yes-reconfigure"], &bare[..]].concat()).expect(0);
    rig.assert_settled();
}

/// A file that nothing includes would change nothing: refused before anything is written, with the way out.
fn a_missing_include_line_is_refused(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    let path = rig.conf("slurm.conf");
    let text = std::fs::read_to_string(&path).unwrap();
    let without = text.replace("Include sitewright.conf\n", "");
    assert_ne!(text, without);
    std::fs::write(&path, &without).unwrap();
    let refused = rig.apply(&[]).expect(1);
    assert!(refused.error.contains("include-line-missing"), "{}", refused.error);
    assert!(refused.error.contains("&& echo 'Include sitewright.conf' >>"), "{}", refused.error);
    assert_eq!(rig.accounting(&["show", "qos", "format=name"]), "normal", "nothing was changed");
    std::fs::write(&path, text).unwrap();
    rig.apply(&[]).expect(0);
    rig.assert_settled();
}

/// A client that gives up has not been refused: what the controller runs afterwards decides.
fn a_late_answer_is_no_refusal(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    rig.apply(&[]).expect(0);
    let late = "echo 'slurm_reconfigure error: Socket timed out on send/recv operation' >&2; exit 1";
    let apply = || rig.tool(&["apply", "--env", "slip", "--at", "2026-11-21", "--yes", "--yes-reconfigure"]);
    rig.write("site.yaml", &small(&rig).replace("wallTime: 2d", "wallTime: 1d"));
    rig.slip(&format!("case \"$*\" in *'scontrol reconfigure'*) real \"$@\"; {late};; esac"));
    apply().expect(0);
    rig.assert_settled();
    // Nobody heard it: the file goes back.
    let before = std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap();
    rig.write("site.yaml", &small(&rig).replace("wallTime: 2d", "wallTime: 6h"));
    rig.slip(&format!("case \"$*\" in *'scontrol reconfigure'*) [ -e once ] || {{ touch once; {late}; }};; esac"));
    let ran = apply().expect(4);
    assert!(ran.all().contains("timed out") && ran.all().contains("runs something else"), "{}", ran.all());
    assert_eq!(std::fs::read_to_string(rig.conf("sitewright.conf")).unwrap(), before);
    rig.apply(&[]).expect(0);
    rig.assert_settled();
}

on_each_release!(
    a_late_answer_is_no_refusal,
    a_missing_include_line_is_refused,
    hardware_changes_reach_the_controller,
    a_refused_file_is_rolled_back,
    the_linter_stands_before_the_controller,
    drift_has_two_names,
    by_hand_where_no_command_is_declared,
);
