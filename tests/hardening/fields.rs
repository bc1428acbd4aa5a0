//! Every accounting field that is declared is written, and every one that is read is seen as drift and cleared: over the table of
//! fields, on each release.

use sitewright::slurm::fields::{self, Field, Shape};
use sitewright::slurm::release::Release;

use super::fake::{Fake, SITE};

const PLAN: [&str; 5] = ["plan", "--env", "cluster", "--show", "commands"];

/// A value for a field, as Slurm prints it and takes it.
fn value(field: &Field) -> &'static str {
    match (field.key, field.shape) {
        ("UsageFactor" | "LimitFactor" | "UsageThreshold", _) => "0.500000",
        ("QOS" | "DefaultQOS", _) => "playground",
        ("Preempt", _) => "normal",
        ("PreemptMode", _) => "requeue",
        ("Flags", _) => "NoDecay",
        (_, Shape::Tres) => "cpu=7",
        (_, Shape::Minutes | Shape::Seconds | Shape::Clock) => "00:07:00",
        (_, Shape::Text | Shape::Word) => "seven",
        _ => "7",
    }
}

/// Fields of a kind that a release has and that can be read, without those that only the tool writes.
fn readable(fields: &'static [Field], release: Release) -> impl Iterator<Item = &'static Field> {
    fields
        .iter()
        .filter(move |field| field.exists(release) && !field.read.is_empty())
        .filter(|field| !["Organization", "Parent"].contains(&field.key))
}

fn on(release: Release) -> Fake {
    let fake = Fake::new();
    let config = std::fs::read_to_string(fake.path("answers/config")).unwrap();
    fake.write("answers/config", &config.replace("24.11.5", &format!("{release}.5")));
    fake
}

fn columns(fields: impl Iterator<Item = &'static Field>) -> String {
    fields.map(|field| format!("|{}={}", field.read, value(field))).collect()
}

/// A text on one line, without quotes.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\'', "")
}

/// Asserts that a plan changes each field of an object, with a command that names it.
fn drifts(fake: &Fake, what: &str, fields: impl Iterator<Item = &'static Field>) {
    let ran = fake.tool(&PLAN);
    let said = ran.expect(0).out;
    for field in fields {
        let shown = said.lines().any(|line| line.trim_start_matches(['~', '-', '+', ' ']).starts_with(field.key));
        assert!(shown, "{what}: {} is no drift: {said}", field.key);
        let written = format!(" {}=", field.write);
        assert!(plain(&said).contains(&written), "{what}: no command with{written}: {said}");
    }
}

#[test]
fn every_field_of_a_mode_that_another_hand_set_is_cleared() {
    for release in Release::ALL {
        let fake = on(release);
        // Its Description holds our mark.
        let all = || readable(fields::QOS, release).filter(|field| !["Description", "Priority"].contains(&field.key));
        let row = columns(all());
        fake.write(
            "answers/qos",
            &format!("name=normal|description=x\nname=playground|priority=50{row}|description=sitewright-nordlys\n"),
        );
        drifts(&fake, &format!("qos {release}"), all());
    }
}

#[test]
fn every_field_of_an_account_that_another_hand_set_is_cleared() {
    for release in Release::ALL {
        let fake = on(release);
        let (assoc, own) = (|| readable(fields::ASSOCIATION, release), || readable(fields::ACCOUNT, release));
        let text = std::fs::read_to_string(fake.path("answers/assoc")).unwrap();
        let ours = "cluster=nordlys|account=nordlys|parentname=root|fairshare=1";
        assert!(text.contains(ours));
        let row = format!("cluster=nordlys|account=nordlys|parentname=root{}", columns(assoc()));
        fake.write("answers/assoc", &text.replace(ours, &row));
        let text = std::fs::read_to_string(fake.path("answers/account")).unwrap();
        let mine = columns(own().filter(|field| field.key != "Flags")).replace("description=seven", "description=more");
        let flags = if release >= Release::new(24, 5) { "|flags=UsersAreCoords" } else { "" };
        let ours = "account=nordlys|organization=sitewright-nordlys|description=nordlys";
        assert!(text.contains(ours));
        let row = format!("account=nordlys|organization=sitewright-nordlys{flags}{mine}");
        fake.write("answers/account", &text.replace(ours, &row));
        drifts(&fake, &format!("account {release}"), assoc().chain(own()));
    }
}

#[test]
fn the_comment_of_an_account_is_written_and_read() {
    let fake = Fake::new();
    fake.write("site.yaml", &SITE.replace("country: FI } }", "country: FI }, account: { comment: Hello There } }"));
    let ran = fake.tool(&PLAN).expect(0);
    let said = plain(&ran.out);
    assert!(
        said.contains("sacctmgr -i modify account where name=nordlys cluster=nordlys set Comment=hello there"),
        "{}",
        ran.out
    );
    let text = std::fs::read_to_string(fake.path("answers/assoc")).unwrap();
    let ours = "account=nordlys|parentname=root|fairshare=1";
    fake.write("answers/assoc", &text.replace(ours, &format!("{ours}|comment=hello there")));
    assert!(fake.tool(&PLAN).expect(0).out.contains("No changes."));
}

/// A release that has no comments is told, and settles.
#[test]
fn a_field_that_the_release_lacks_is_no_change() {
    let fake = on(Release::new(22, 5));
    fake.write("site.yaml", &SITE.replace("country: FI } }", "country: FI }, account: { comment: Hello } }"));
    let ran = fake.tool(&PLAN).expect(0);
    let said: String = ran.all().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("No changes.") && said.contains("Slurm 22.05 has no `Comment` for account resources"),
        "{}",
        ran.all()
    );
}

/// Members of a flagged account coordinate it without being named: nothing is planned about them.
#[test]
fn coordinators_by_flag_are_left_alone() {
    let fake = Fake::new();
    let flagged = SITE.replace("country: FI } }", "country: FI }, account: { flags: [UsersAreCoords] } }");
    fake.write("site.yaml", &flagged);
    let text = std::fs::read_to_string(fake.path("answers/account")).unwrap();
    let ours = "account=nordlys|organization=sitewright-nordlys";
    fake.write("answers/account", &text.replace(ours, &format!("{ours}|flags=UsersAreCoords|coordinators=anna,bo")));
    let text = std::fs::read_to_string(fake.path("answers/assoc")).unwrap();
    let more = "cluster=nordlys|account=nordlys|user=anna|fairshare=1\n";
    fake.write("answers/assoc", &format!("{text}{more}"));
    fake.write(
        "answers/user",
        "user=root|adminlevel=Administrator\nuser=anna|adminlevel=Operator\nuser=bo|adminlevel=None\n",
    );
    fake.write("answers/defaults", "user=root|account=root\nuser=anna|account=nordlys\n");
    let declared = flagged.replace("account: {", "administrators: [{ user: anna, level: operator }], account: {");
    fake.write("site.yaml", &declared);
    let ran = fake.tool(&PLAN).expect(0);
    // One that is no member was named by hand, and goes.
    assert!(ran.out.contains("compute/coordinator/nordlys/bo"), "{}", ran.out);
    assert!(!ran.out.contains("coordinator/nordlys/anna") && !ran.out.contains("names=anna"), "{}", ran.out);
    // The flag goes by its own word, which every release takes.
    fake.write("site.yaml", &declared.replace("account: { flags: [UsersAreCoords] }", "account: {}"));
    let ran = fake.tool(&PLAN).expect(0);
    assert!(plain(&ran.out).contains(" set Flags=NoUsersAreCoords"), "{}", ran.out);
    assert!(!ran.out.contains("=-1"), "{}", ran.out);
}
