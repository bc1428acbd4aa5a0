//! A saved plan is applied to what it was made from, as it was made, and to nothing else.

use super::{Folder, SITE};

/// `site/` with three environments, and `plan.json` beside it for `staging`.
fn planned() -> Folder {
    let settings = "targets:\n  compute:\n    default: { twin: {} }\n    staging: { twin: {} }\n";
    let folder = Folder::empty().with("site/site.yaml", SITE).with("site/sitewright.yaml", settings);
    folder
        .run(&["plan", "site", "--env", "staging", "--at", "2026-04-01", "--out", "plan.json"])
        .expect(0)
        .says("sitewright apply plan.json --dir site");
    folder
}

#[test]
fn a_plan_names_its_folder_and_is_refused_in_others() {
    let folder = planned()
        .with("deep/down/broken.yaml", "kind: Nonsense\n")
        .with("other/site.yaml", &SITE.replace("nordlys", "sudlys"));
    let ran = folder
        .run(&["apply", "plan.json", "--yes"])
        .expect(3)
        .says("the plan is of `nordlys`, and there are no manifests in `.`");
    ran.says("`--dir DIR`").never_says("Nonsense");
    let ran = folder.run_in("other", &["apply", "../plan.json", "--yes"]).expect(3);
    ran.says("the plan is of `nordlys`, and the manifests in `.` are of `sudlys`").says("`--dir DIR`");
    folder.write("site/more.yaml", "kind: Nonsense\n");
    let ran = folder
        .run_in("site", &["apply", "../plan.json", "--yes"])
        .expect(3)
        .says("error[manifests-changed]")
        .never_says("Nonsense");
    ran.says("plan again");
    folder.write("site/more.yaml", "");
    std::fs::remove_file(folder.path().join("site/more.yaml")).unwrap();
    folder.run(&["apply", "plan.json", "--dir", "site", "--yes"]).expect(0).says("Applied:");
}

#[test]
fn flags_cannot_say_otherwise_than_the_plan() {
    let folder = planned();
    let apply = |more: &[&str]| {
        let words: Vec<&str> =
            ["apply", "plan.json", "--dir", "site", "--yes"].into_iter().chain(more.iter().copied()).collect();
        folder.run(&words)
    };
    for (flags, of_plan) in [
        (["--env", "default"].as_slice(), "is for the environment `staging`"),
        (&["--at", "2026-05-01"], "is for 2026-04-01"),
        (&["--adopt", "compute/qos/playground"], "does not take it over"),
        (&["--allow-deletes", "99"], "allows 10 deletions"),
        (&["--allow-delete-share", "99%"], "allows 50%"),
        (&["--allow-jobs", "1"], "allows 0 running jobs"),
        (&["--allow-unseen-jobs"], "does not allow it"),
        (&["--yes-reconfigure"], "does not allow it"),
    ] {
        apply(flags).expect(3).says("error[plan-contradicted]").says(of_plan);
    }
    apply(&["--env", "staging", "--at", "2026-04-01", "--allow-deletes", "10"]).expect(0).says("Applied:");
}

#[test]
fn dir_goes_with_a_plan() {
    let folder = planned();
    folder.run(&["apply", "site", "--dir", "elsewhere", "--yes"]).expect(64).says("`site` is no saved plan");
}

#[test]
fn a_plan_is_known_by_what_it_is() {
    let folder = planned();
    std::fs::rename(folder.path().join("plan.json"), folder.path().join("reviewed")).unwrap();
    folder.run(&["apply", "reviewed", "--dir", "site", "--yes"]).expect(0).says("Applied:");
}

#[test]
fn adopting_what_nobody_declares_is_told() {
    let folder = Folder::site();
    folder
        .run(&["plan", "--adopt", "compute/account/zzz"])
        .expect(0)
        .says("warning[idle-flag]: `--adopt compute/account/zzz` matches nothing that is declared");
    folder.run(&["plan", "--adopt", "compute/qos/playgruond"]).expect(0).says("did you mean `compute/qos/playground`?");
    folder.run(&["plan", "--adopt", "compute/qos/playground"]).expect(0).never_says("matches nothing");
}

#[test]
fn destroy_has_no_flags_that_mean_nothing_to_it() {
    let folder = Folder::site();
    let ran = folder.run(&["destroy", "--help"]).expect(0).says("--allow-jobs");
    ran.never_says("--adopt").never_says("--allow-delete");
}
