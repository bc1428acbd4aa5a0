//! Twins: damaged files, and who owns what is in them.

use super::{Folder, fake, mode};

const TWIN: &str = ".sitewright/default-compute.twin";

#[test]
fn nothing_is_planned_from_a_damaged_file() {
    let folder = Folder::with_site();
    let many: String = (0..80).map(|number| mode(&format!("m{number}"))).collect();
    folder.write("site.yaml", &format!("{}{many}", fake::SITE));
    folder.run(&["apply", "--yes"]).expect(0);
    let whole = std::fs::read(folder.path(TWIN)).unwrap();
    assert!(whole.len() > 4096);
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for bytes in [
        &[][..],
        &whole[..4096],
        &whole[..whole.len() - 1],
        &flipped,
        b"redb\x1a\x0a\xa9\x0d\x0a",
        &[0; 8192],
        &[0xff; 100],
    ] {
        std::fs::write(folder.path(TWIN), bytes).unwrap();
        for words in [&["plan"][..], &["apply", "--yes"], &["destroy", "--confirm", "nordlys"], &["doctor"]] {
            let ran = folder.run(words).expect(1);
            assert!(
                ran.error.starts_with("error[damaged-twin]: ") && ran.error.contains("hint: "),
                "{words:?}: {}",
                ran.error
            );
            assert!(ran.out.is_empty() && !ran.error.contains("panicked"), "{words:?}: {}", ran.all());
        }
        assert_eq!(std::fs::read(folder.path(TWIN)).unwrap(), bytes);
    }
    std::fs::write(folder.path(TWIN), whole).unwrap();
    assert!(folder.run(&["plan"]).expect(0).out.contains("No changes."));
}

/// Two folders with a factory each, and one twin.
fn neighbours() -> (Folder, Folder) {
    let (one, other) = (Folder::with_site(), Folder::with_site());
    let shared = one.path("shared.twin").display().to_string();
    for folder in [&one, &other] {
        folder.write(
            "sitewright.yaml",
            &format!("targets:\n  compute:\n    default: {{ twin: {{ file: \"{shared}\" }} }}\n"),
        );
    }
    other.write("site.yaml", &fake::SITE.replace("nordlys", "solsken").replace("playground", "fast-lane"));
    one.run(&["apply", "--yes"]).expect(0);
    (one, other)
}

#[test]
fn objects_of_another_factory_are_left_alone() {
    let (one, other) = neighbours();
    let ran = other.run(&["plan"]).expect(0);
    assert!(
        ran.out.contains("Plan: 2 to create\n") && ran.out.contains("Unmanaged and left alone: 1 account, 1 qos"),
        "{}",
        ran.out
    );
    other.run(&["apply", "--yes"]).expect(0);
    for folder in [&one, &other] {
        assert!(folder.run(&["plan"]).expect(0).out.contains("No changes."));
    }
    other.run(&["destroy", "--confirm", "solsken"]).expect(0);
    assert!(one.run(&["plan"]).expect(0).out.contains("No changes."));
}

#[test]
fn objects_of_another_factory_are_refused_or_taken_over() {
    let (one, other) = neighbours();
    other.write("site.yaml", &fake::SITE.replace("nordlys", "solsken"));
    let ran = other.run(&["apply", "--yes"]).expect(3);
    assert!(
        ran.out.contains(
            "refused[foreign-object]: `compute/qos/playground` (site.yaml:8) belongs to the factory `nordlys`"
        ),
        "{}",
        ran.out
    );
    assert!(one.run(&["plan"]).expect(0).out.contains("No changes."));
    other.run(&["apply", "--yes", "--adopt", "compute/qos/playground"]).expect(0);
    let ran = one.run(&["plan"]).expect(3);
    assert!(ran.out.contains("belongs to the factory `solsken`"), "{}", ran.out);
}

#[test]
fn users_belong_to_all_who_name_them() {
    let (one, other) = neighbours();
    let with = |site: &str, role: &str| {
        site.replace(
            "country: FI } }",
            &format!("country: FI }}, administrators: [{{ user: anna, level: {role} }}] }}"),
        )
    };
    for (folder, site) in [
        (&one, fake::SITE.to_owned()),
        (&other, fake::SITE.replace("nordlys", "solsken").replace("playground", "fast-lane")),
    ] {
        folder.write("site.yaml", &with(&site, "operator"));
        folder.run(&["apply", "--yes"]).expect(0);
    }
    for folder in [&one, &other] {
        assert!(folder.run(&["plan"]).expect(0).out.contains("No changes."));
    }
    other.run(&["destroy", "--confirm", "solsken"]).expect(0);
    let ran = one.run(&["plan"]).expect(0);
    assert!(ran.out.contains("No changes."), "{}", ran.out);
}

#[test]
fn a_factory_of_another_name_takes_nothing() {
    let folder = Folder::with_site();
    folder.run(&["apply", "--yes"]).expect(0);
    folder.write("site.yaml", &fake::SITE.replace("nordlys", "solsken"));
    let ran = folder.run(&["apply", "--yes"]).expect(3);
    assert!(ran.out.contains("refused[foreign-object]: ") && !ran.out.contains("to delete"), "{}", ran.out);
}

/// One apply at a time, in whichever folder it runs.
#[test]
fn who_shares_a_twin_shares_its_lock() {
    let (one, other) = neighbours();
    let lock = std::fs::File::options().append(true).open(one.path("shared.twin.lock")).unwrap();
    lock.lock().unwrap();
    let ran = other.run(&["apply", "--yes"]).expect(3);
    assert!(ran.error.starts_with("error[locked]: "), "{}", ran.error);
}
