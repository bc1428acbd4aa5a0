//! Kinds and fields are explained by the names that people write.

use super::Folder;

#[test]
fn sitewright_yaml_is_a_kind_too() {
    let folder = Folder::empty();
    for name in ["Site", "site", "Settings"] {
        folder.run(&["explain", name]).expect(0).says("Site: mapping").says("guards: mapping");
        folder.run(&["schema", name]).expect(0).says("\"guards\"");
    }
    folder
        .run(&["explain", "Nonsense"])
        .expect(1)
        .says("kinds: Factory, Partition, AccessMode, Project, SupportService, Site");
    folder.run(&["schema", "--help"]).expect(0).says("Site");
    let folder = Folder::site().with("more.yaml", "kind: Site\ntargets: {}\n");
    folder.run(&["validate"]).expect(1).says("settings stand in `sitewright.yaml`, at the top of the folder");
}

#[test]
fn bindings_are_explained() {
    let folder = Folder::empty();
    let ran = folder.run(&["explain", "Site.targets"]).expect(0);
    let ran = ran
        .says("Site.targets: mapping of names to mappings of names to mappings")
        .says("Fields of each `Site.targets.*.*`")
        .says("slurm: mapping");
    ran.says("More: sitewright explain Site.targets.*.*.twin");
    for path in [
        "Site.targets.compute.production.slurm.host",
        "Site.targets.*.*.slurm.host",
        "Site.targets.slurm.host",
        "Settings.targets.slurm.host",
    ] {
        folder.run(&["explain", path]).expect(0).says("Site.targets.*.*.slurm.host: text");
    }
    folder.run(&["explain", "Site.targets.twin.file"]).expect(0).says("Site.targets.*.*.twin.file: text");
    folder.run(&["explain", "Site.targets.slurm.hots"]).expect(1).says("did you mean `Site.targets.*.*.slurm.host`?");
    folder.run(&["explain", "Site.guards.jobs"]).expect(0).says("0 where absent");
    folder.run(&["explain", "Site.guards.jobs.deep"]).expect(1).says("it is whole number");
}

#[test]
fn a_kind_points_to_its_spec() {
    let folder = Folder::empty();
    folder.run(&["explain", "Partition"]).expect(0).says("More: sitewright explain Partition.spec");
    folder
        .run(&["explain", "Partition.metadata"])
        .expect(0)
        .says("labels: mapping of names to texts")
        .never_says("More:");
    let ran = folder.run(&["explain", "AccessMode.spec"]).expect(0);
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
}
