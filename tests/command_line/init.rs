//! The starter is what `init` says it is, and reaches no cluster.

use super::Folder;

#[test]
fn all_files_are_named() {
    let folder = Folder::empty();
    let ran = folder.run(&["init", "mysite"]).expect(0).says("Wrote 6 files:");
    for entry in std::fs::read_dir(folder.path().join("mysite")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(ran.out.contains(&name), "{name}: {}", ran.out);
    }
    let folder = Folder::empty().with("mysite/.gitignore", "*.json\n");
    folder.run(&["init", "mysite"]).expect(0).says("Wrote 5 files:").never_says(".gitignore");
    assert_eq!(std::fs::read_to_string(folder.path().join("mysite/.gitignore")).unwrap(), "*.json\n");
}

#[test]
fn the_starter_reaches_no_cluster_and_names_no_file_that_is_not_there() {
    let folder = Folder::empty();
    folder.run(&["init", "mysite"]).expect(0);
    folder
        .run(&["plan", "mysite", "--env", "production"])
        .expect(1)
        .says("`compute` has no binding for the environment `production`");
    folder.run(&["plan", "mysite"]).expect(0).says("compute → twin");
    let factory = std::fs::read_to_string(folder.path().join("mysite/factory.yaml")).unwrap();
    assert!(factory.contains("https://mysite.example/ethics") && !factory.contains(".md"), "{factory}");
}

/// The cluster in the starter's comment is a binding once it is none.
#[test]
fn the_binding_in_the_comment_is_right() {
    let folder = Folder::empty();
    folder.run(&["init", "mysite"]).expect(0);
    let path = folder.path().join("mysite/sitewright.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, after) = text.split_once("    # production:").unwrap();
    let binding: String =
        format!("    # production:{after}").lines().map(|line| format!("{}\n", line.replacen("# ", "", 1))).collect();
    std::fs::write(&path, format!("{before}{binding}")).unwrap();
    folder.run(&["validate", "mysite"]).expect(0).says("No findings");
    assert!(std::fs::read_to_string(&path).unwrap().contains("\n    production:\n      slurm:\n"));
}
