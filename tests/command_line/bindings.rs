//! A target is what it is bound to, and no twin by accident.

use super::{Folder, SITE};

fn bound(settings: &str) -> Folder {
    Folder::site().with("sitewright.yaml", settings)
}

#[test]
fn a_misspelt_target_is_no_twin() {
    let folder = bound("targets:\n  comput:\n    default: { twin: {} }\n    production: { twin: {} }\n");
    for words in [["validate"].as_slice(), &["apply", "--env", "production", "--yes"], &["apply", "--yes"], &["doctor"]]
    {
        let ran = folder.run(words).expect(1).says("no resource lives on `comput`").says("did you mean `compute`?");
        assert!(ran.all().contains("sitewright.yaml:2:3"), "{words:?}: {}", ran.all());
    }
    assert!(!folder.path().join(".sitewright").exists());
}

#[test]
fn a_target_that_nobody_uses_is_told() {
    let folder = bound("targets:\n  compute: { default: { twin: {} } }\n  storage: { default: { twin: {} } }\n");
    folder.run(&["validate"]).expect(0).says("warning[unused-target]: no resource lives on `storage`");
    folder.run(&["apply", "--yes"]).expect(0).says("Applied:");
}

#[test]
fn a_target_of_the_manifests_has_to_be_bound_where_others_are() {
    let folder = bound("targets:\n  compute: { default: { twin: {} } }\n");
    folder.write("more.yaml", "apiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: archive }\nspec: { target: storage }\n");
    folder
        .run(&["validate"])
        .expect(1)
        .says("`storage` is a target of the manifests and is not bound")
        .says("add `storage:");
}

#[test]
fn an_environment_has_to_be_bound() {
    let folder = bound("targets:\n  compute:\n    default: { twin: {} }\n    production: { twin: {} }\n");
    let refused = |name: &str| {
        folder
            .run(&["apply", "--env", name, "--yes"])
            .expect(1)
            .says(&format!("`compute` has no binding for the environment `{name}`"))
    };
    refused("prod").says("did you mean `--env production`?");
    refused("prodution").says("did you mean `--env production`?");
    let ran = refused("lab").says("it has default, production");
    assert!(ran.all().contains("sitewright.yaml:2:3"), "{}", ran.all());
    folder.run(&["plan", "--env", "production"]).expect(0);
}

#[test]
fn the_default_environment_has_to_be_bound_where_another_is() {
    let folder = bound("targets:\n  compute:\n    production: { twin: {} }\n");
    folder
        .run(&["apply", "--yes"])
        .expect(1)
        .says("`compute` has no binding for the environment `default`")
        .says("say `--env production`");
}

#[test]
fn without_bindings_the_default_environment_is_a_twin() {
    let folder = Folder::site();
    folder.run(&["plan"]).expect(0).says("compute → twin");
    folder
        .run(&["plan", "--env", "production"])
        .expect(1)
        .says("has no binding for the environment `production`")
        .says("bind it in sitewright.yaml");
    folder.write("sitewright.yaml", "guards: { deletes: 20 }\n");
    folder.run(&["plan"]).expect(0).says("compute → twin");
}

/// What was made on a target is not forgotten when the last manifest leaves it.
#[test]
fn a_target_that_nothing_lives_on_any_more_is_still_planned() {
    let folder = Folder::empty();
    let settings = "targets:\n  compute: { default: { twin: {} } }\n  storage: { default: { twin: {} } }\n";
    folder.write("sitewright.yaml", settings);
    let there = SITE.replace("spec: { priority: 50 }", "spec: { priority: 50, target: storage }");
    folder.write("site.yaml", &there);
    folder.run(&["apply", "--yes"]).expect(0);
    folder.write("site.yaml", SITE);
    folder.run(&["plan", "--detailed-exitcode"]).expect(2).says("- storage/qos/playground");
}
