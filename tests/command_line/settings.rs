//! What is told about `sitewright.yaml` is true of its fields.

use super::Folder;

#[test]
fn guards_say_what_holds_where_they_are_absent() {
    let folder = Folder::site().with("sitewright.yaml", "guards: { jobs: -1, deletes: -1 }\n");
    let ran = folder.run(&["validate"]).expect(1).never_says("no limit");
    ran.says("write the number that you mean; 0 where absent").says("write the number that you mean; 10 where absent");
}
