//! Guards against deletions: each is lifted by its own flag.

use super::{Folder, fake, mode};

#[test]
fn each_guard_has_its_flag() {
    let folder = Folder::new();
    let many: String = (0..14).map(|number| mode(&format!("m{number}"))).collect();
    folder.write("site.yaml", &format!("{}{many}", fake::SITE));
    folder.run(&["apply", "--yes"]).expect(0);
    folder.write("site.yaml", fake::SITE);
    let (number, share) = (["--allow-deletes", "14"], ["--allow-delete-share", "88"]);
    let ran = folder.run(&["apply", "--yes"]).expect(3);
    assert!(ran.out.contains("`--allow-deletes 14`") && ran.out.contains("`--allow-delete-share 88`"), "{}", ran.out);
    let ran = folder.run(&[&["apply", "--yes"], &number[..]].concat()).expect(3);
    assert!(!ran.out.contains("--allow-deletes") && ran.out.contains("`--allow-delete-share 88`"), "{}", ran.out);
    let ran = folder.run(&[&["apply", "--yes"], &share[..]].concat()).expect(3);
    assert!(ran.out.contains("`--allow-deletes 14`") && !ran.out.contains("--allow-delete-share"), "{}", ran.out);
    let ran = folder.run(&[&["apply", "--yes"], &number[..], &share[..]].concat()).expect(0);
    assert!(ran.out.contains("14 deleted"), "{}", ran.out);
}

#[test]
fn settings_lift_each_too() {
    let folder = Folder::with_site();
    let many: String = (0..14).map(|number| mode(&format!("m{number}"))).collect();
    folder.write("site.yaml", &format!("{}{many}", fake::SITE));
    folder.run(&["apply", "--yes"]).expect(0);
    folder.write("site.yaml", fake::SITE);
    for (guards, exit) in [
        ("deletes: 14", 3),
        ("deleteShare: 88%", 3),
        ("deletes: 14, deleteShare: 87%", 3),
        ("deletes: 14, deleteShare: 88%", 0),
    ] {
        folder.write("sitewright.yaml", &format!("guards: {{ {guards} }}\n"));
        folder.run(&["plan"]).expect(exit);
    }
}
