//! Forms that Slurm prints and nobody here has seen: errors where they are ours or compared, else kept and reported.

use super::fake::Fake;

const PLAN: [&str; 3] = ["plan", "--env", "cluster"];

/// Replaces a text in a file of the stand-in.
fn change(fake: &Fake, name: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(fake.path(name)).unwrap();
    assert!(text.contains(from), "{name} has no `{from}`: {text}");
    fake.write(name, &text.replace(from, to));
}

#[test]
fn restricted_cores_of_a_foreign_node_are_read() {
    for text in ["1((null))", "2(0-1,64-65)", "0"] {
        let fake = Fake::new();
        change(&fake, "answers/node", "State=IDLE", &format!("RestrictedCoresPerGPU={text} State=IDLE"));
        let ran = fake.tool(&PLAN).expect(0);
        assert!(ran.out.contains("No changes.") && !ran.out.contains("RestrictedCoresPerGPU"), "{text}: {}", ran.all());
    }
}

#[test]
fn what_others_have_may_look_as_it_likes() {
    for (file, from, to) in [
        ("answers/node", "State=IDLE", "Weight=heavy State=IDLE"),
        ("answers/node", "State=IDLE", "CoreSpecCount=1(x) State=IDLE"),
        ("answers/partition", "MaxTime=UNLIMITED", "MaxTime=soon"),
        ("answers/partition", "MaxTime=UNLIMITED", "LLN=PERHAPS MaxTime=UNLIMITED"),
        ("answers/qos", "name=normal|", "name=normal|priority=high|"),
        ("answers/qos", "name=normal|", "name=theirs|grptres=gpu:4|description=x\nname=normal|"),
        ("answers/assoc", "account=root|user=root|fairshare=1", "account=root|user=root|fairshare=some"),
        ("answers/assoc", "account=root|fairshare=1", "account=root|fairshare=1|maxwall=tomorrow"),
    ] {
        let fake = Fake::new();
        change(&fake, file, from, to);
        let ran = fake.tool(&PLAN).expect(0);
        let all: String = ran.all().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(all.contains("No changes."), "{to}: {}", ran.all());
        assert!(all.contains("in a form that is not known here"), "{to}: {}", ran.all());
        let ran = fake.tool(&["doctor", "--env", "cluster"]);
        assert!(ran.all().contains("warning[unknown-form]: "), "{to}: {}", ran.all());
    }
}

#[test]
fn what_is_ours_has_to_be_understood() {
    for (file, from, to) in [
        ("answers/qos", "name=playground|priority=50", "name=playground|priority=fifty"),
        (
            "answers/assoc",
            "account=nordlys|parentname=root|fairshare=1",
            "account=nordlys|parentname=root|fairshare=some",
        ),
    ] {
        let fake = Fake::new();
        change(&fake, file, from, to);
        let ran = fake.tool(&PLAN).expect(1);
        assert!(ran.error.contains("error[reading-incomplete]: "), "{to}: {}", ran.error);
    }
    let fake = Fake::new();
    fake.write("etc/sitewright.conf", "NodeName=new1 CPUs=4 Weight=7\nPartitionName=debug Nodes=new1\n");
    change(
        &fake,
        "answers/node",
        "NodeName=old1",
        "NodeName=new1 CPUTot=4 Weight=heavy RealMemory=1 State=IDLE\nNodeName=old1",
    );
    let ran = fake.tool(&PLAN).expect(1);
    assert!(ran.error.contains("error[reading-incomplete]: ") && ran.error.contains("`new1`"), "{}", ran.error);
}
