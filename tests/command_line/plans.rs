//! What plans and applies say is true, and said once.

use super::{Folder, SITE};

/// A site with enough modes to make guards speak.
fn many() -> Folder {
    let folder = Folder::site();
    let modes: String = (0..12).map(|number| format!("---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: mode-{number:02} }}\nspec: {{}}\n")).collect();
    folder.write("modes.yaml", &modes);
    folder
}

#[test]
fn a_plan_that_is_applied_already_says_so_once() {
    let folder = many();
    folder.run(&["plan", "--out", "plan.json"]).expect(0);
    folder.run(&["apply", "plan.json", "--yes"]).expect(0);
    let ran = folder.run(&["apply", "plan.json", "--yes"]).expect(3).says("this plan is applied already");
    assert_eq!(ran.all().matches("error[").count(), 1, "{}", ran.all());
}

#[test]
fn equal_reasons_are_told_together() {
    let folder = many();
    folder.run(&["plan", "--out", "plan.json"]).expect(0);
    std::fs::rename(folder.path().join("modes.yaml"), folder.path().join("aside")).unwrap();
    folder.run(&["apply", "--yes"]).expect(0);
    std::fs::rename(folder.path().join("aside"), folder.path().join("modes.yaml")).unwrap();
    let ran = folder.run(&["apply", "plan.json", "--yes"]).expect(3);
    let ran = ran.says("2 resources were created meanwhile: `compute/account/nordlys`, `compute/qos/playground`");
    assert_eq!(ran.all().matches("error[").count(), 1, "{}", ran.all());
    let ran = folder.run(&["apply", "plan.json", "--yes", "--format", "json"]).expect(3);
    assert_eq!(ran.out.matches("stale-plan").count(), 2, "{}", ran.out);
}

#[test]
fn who_does_not_confirm_reads_no_summary_of_files() {
    let folder = many();
    let ran = folder.run(&["apply"]).expect(3).says("error[not-confirmed]").says("Nothing was changed.");
    assert!(!ran.all().contains(" in 2 files"), "{}", ran.all());
}

#[test]
fn each_refusal_has_a_way_out_and_a_page() {
    let folder = many();
    folder.write("site.yaml", &SITE.replace("{ priority: 50 }", "{ priority: 50, protect: true }"));
    folder.run(&["apply", "--yes"]).expect(0);
    std::fs::remove_file(folder.path().join("modes.yaml")).unwrap();
    folder.write("site.yaml", SITE.split("---").next().unwrap());
    let ran = folder.run(&["plan"]).expect(3);
    let refusals = ran.out.matches("refused[").count();
    assert_eq!(refusals, 3, "{}", ran.out);
    assert_eq!(ran.out.matches("  hint: ").count(), refusals, "{}", ran.out);
    assert_eq!(ran.out.matches("  more: sitewright explain ").count(), refusals, "{}", ran.out);
    ran.says("to do it anyway: `--allow-deletes 14`")
        .says("say `protect: false`")
        .says("Nothing was changed, and `sitewright apply` refuses this too.");
}

#[test]
fn a_plan_names_the_command_that_would_apply_it() {
    let folder = Folder::empty().with("my site/site.yaml", SITE);
    folder
        .run(&["plan", "my site", "--env", "default", "--at", "2026-04-01"])
        .expect(0)
        .says("until you run `sitewright apply 'my site' --env default --at 2026-04-01`");
    folder
        .run_in("my site", &["plan", "--allow-deletes", "12"])
        .expect(0)
        .says("until you run `sitewright apply --allow-deletes 12`");
}

#[test]
fn a_share_is_taken_with_and_without_its_sign() {
    let folder = Folder::site();
    for share in ["50", "50%", "12.5 %"] {
        folder.run(&["plan", "--allow-delete-share", share]).expect(0);
        folder.write("sitewright.yaml", &format!("guards: {{ deleteShare: {share} }}\n"));
        folder.run(&["plan"]).expect(0);
    }
    folder
        .run(&["plan", "--allow-delete-share", "half"])
        .expect(64)
        .says("`half` is not a share: write a percentage up to 100: `50` or `50%`");
    folder.write("sitewright.yaml", "guards: { deleteShare: 101% }\n");
    folder.run(&["plan"]).expect(1).says("`101%` is not a share");
}

#[test]
fn what_is_gone_is_not_called_declared() {
    let folder = many();
    folder.run(&["apply", "--yes"]).expect(0);
    folder.run(&["destroy", "--confirm", "nordlys"]).expect(0).says("14 deleted");
    folder
        .run(&["destroy", "--confirm", "nordlys"])
        .expect(0)
        .says("Nothing of nordlys is left.")
        .never_says("as declared");
}

#[test]
fn words_of_plans_explain_themselves() {
    let folder = Folder::site();
    folder.run(&["apply", "--yes"]).expect(0);
    folder.run(&["plan"]).expect(0).says("No changes. nordlys is as declared (2 resources).").never_says("1 read");
    folder.write("site.yaml", &SITE.replace("50", "60"));
    let ran = folder.run(&["plan"]).expect(0);
    assert!(
        ran.out.lines().any(|line| line.starts_with("  ~ compute/qos/playground") && line.ends_with("  at once")),
        "{}",
        ran.out
    );
}

#[test]
fn lines_for_people_end_at_the_width() {
    let folder = Folder::site().with("more.yaml", "apiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: other }\nspec: { priorty_of_all: 1 }\n");
    let too_long = |text: &str, width: usize| {
        text.lines().filter(|line| line.chars().count() > width).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let ran = folder.run(&["validate"]).expect(1).says("known here: `target`, `description`");
    assert_eq!(too_long(&ran.all(), 80), Vec::<String>::new());
    folder.write("more.yaml", "");
    let ran = folder
        .run(&["plan", "--adopt", "compute/account/zzz", "--adopt", "compute/account/a-name-that-is-rather-long"])
        .expect(0);
    // What is there to be copied stays whole.
    assert_eq!(
        too_long(&ran.all(), 80),
        ["`sitewright apply --adopt compute/account/zzz --adopt compute/account/a-name-that-is-rather-long`."]
    );
}
