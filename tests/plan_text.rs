//! What a plan says besides the fields: allocations out of force, one pool of GPU-hours, renames, and places.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

const SITE: &str = "apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec:
  host: { entity: CSC, country: FI }
  accounts:
    - name: companies
      protect: true
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata:
  name: fast-lane
spec:
  perJob: { wallTime: 12h }
  protect: true
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: { name: playground }
spec: { perJob: { wallTime: 2h } }
---
apiVersion: sitewright.io/v1alpha1
kind: Partition
metadata:
  name: booster
spec:
  nodes:
    - hosts: gpu[1-2]
      accelerators: { count: 8 }
      addresses: 10.0.0.[1-2]
  nodeSets:
    - name: fat
      hosts: gpu1
  default: true
  protect: true
---
apiVersion: sitewright.io/v1alpha1
kind: Project
metadata:
  name: medix
spec:
  organisation: { name: Medix Oy, country: FI, category: sme }
  parent: companies
  members:
    - user: anna
      default: true
  allocations:
    - { partition: booster, mode: fast-lane, gpuHours: 40_000, from: 2026-01-01, until: 2026-06-30 }
    - { partition: booster, mode: playground, gpuHours: 100, from: 2026-04-01, until: 2026-06-30 }
    - { partition: booster, mode: playground, gpuHours: 200, from: 2027-01-01, until: 2027-06-30 }
  protect: true
";

fn unprotected() -> String {
    SITE.lines().filter(|line| line.trim() != "protect: true").map(|line| format!("{line}\n")).collect()
}

/// Place of the line that begins with a text.
fn at(site: &str, start: &str) -> String {
    let line = site.lines().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}"));
    format!("site.yaml:{}", line + 1)
}

struct Folder(tempfile::TempDir, String);

impl Folder {
    fn new(text: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap(), text.to_owned());
        folder.write(text);
        folder
    }

    fn applied(text: &str, day: &str) -> Self {
        let folder = Self::new(text);
        folder.run(&["apply", "--yes", "--at", day]);
        folder
    }

    fn write(&self, text: &str) {
        std::fs::write(self.0.path().join("site.yaml"), text).unwrap();
    }

    /// Changes texts that have to be there, starting from the first site.
    fn edit(&self, changes: &[(&str, &str)]) {
        let mut text = self.1.clone();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        self.write(&text);
    }

    fn run(&self, words: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_sitewright"))
            .args(words)
            .env("COLUMNS", "120")
            .current_dir(self.0.path())
            .output()
            .unwrap();
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    /// The changes of the plan for a day.
    fn plan(&self, day: &str) -> String {
        let text = self.run(&["plan", "--at", day]);
        let lines = text.lines().filter(|line| line.starts_with("  ")).map(str::trim_end);
        lines.collect::<Vec<_>>().join("\n")
    }

    fn lines(&self, day: &str, with: &str) -> String {
        self.plan(day).lines().filter(|line| line.contains(with)).collect::<Vec<_>>().join("\n")
    }

    fn json(&self, day: &str) -> Value {
        serde_json::from_str(&self.run(&["plan", "--at", day, "--format", "json"])).unwrap()
    }
}

fn change<'a>(plan: &'a Value, address: &str) -> &'a Value {
    plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["address"] == address)
        .unwrap_or_else(|| panic!("{address}: {plan}"))
}

/// A field by its key, and by its entry where it is a map: `MaxWall`, `GrpTRESMins gres/gpu`.
fn field<'a>(plan: &'a Value, address: &str, name: &str) -> &'a Value {
    let (key, entry) = name.split_once(' ').map_or((name, Value::Null), |(key, entry)| (key, Value::from(entry)));
    change(plan, address)["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["field"] == key && field["entry"] == entry)
        .unwrap_or_else(|| panic!("{name}: {plan}"))
}

#[test]
fn a_project_out_of_force_says_so() {
    let folder = Folder::new(SITE);
    assert_snapshot!(folder.lines("2025-12-31", "account/medix"), @"  + compute/account/medix                       1 user · not in force until 2026-01-01: no jobs");
    assert_snapshot!(folder.lines("2026-07-01", "account/medix"), @"  + compute/account/medix                       1 user · not in force until 2027-01-01: no jobs");
    assert_snapshot!(folder.lines("2027-07-01", "account/medix"), @"  + compute/account/medix                       1 user · expired 2027-06-30: no jobs");
    let plan = folder.json("2027-07-01");
    assert_eq!(field(&plan, "compute/account/medix", "GrpSubmit")["reason"], "expired 2027-06-30: no jobs");
    let nothing = SITE.replace("gpuHours: 200", "gpuHours: 0");
    assert_snapshot!(Folder::new(&nothing).lines("2027-01-01", "account/medix"), @"  + compute/account/medix                       1 user · 0 GPU-hours in force: no jobs");

    let folder = Folder::applied(SITE, "2026-05-01");
    assert_snapshot!(folder.plan("2026-07-01"), @r#"
    ~ compute/account/medix                       at once
        DefaultQOS            fast-lane → unset                                                               site.yaml:41
        GrpSubmit             unset → 0 (not in force until 2027-01-01: no jobs)                              site.yaml:51
        GrpTRESMins gres/gpu  2406000 → unset (40,100 GPU-hours)                                              site.yaml:41
        QOS                   fast-lane,playground → unset                                                    site.yaml:41
    "#);
    assert_snapshot!(folder.plan("2027-07-01"), @r#"
    ~ compute/account/medix                       at once
        DefaultQOS            fast-lane → unset                                                               site.yaml:41
        GrpSubmit             unset → 0 (expired 2027-06-30: no jobs)                                         site.yaml:51
        GrpTRESMins gres/gpu  2406000 → unset (40,100 GPU-hours)                                              site.yaml:41
        QOS                   fast-lane,playground → unset                                                    site.yaml:41
    "#);
    folder.run(&["apply", "--yes", "--at", "2026-07-01"]);
    assert_snapshot!(folder.plan("2027-01-01"), @r#"
    ~ compute/account/medix                       at once
        DefaultQOS            unset → playground                                                              site.yaml:51
        GrpSubmit             0 → unset                                                                       site.yaml:41
        GrpTRESMins gres/gpu  unset → 12000 (200 GPU-hours)                                                   site.yaml:51
        QOS                   unset → playground                                                              site.yaml:51
    "#);
}

#[test]
fn projects_with_different_reasons_stand_apart() {
    let project = |name: &str, more: &str| {
        format!(
            "---\napiVersion: sitewright.io/v1alpha1\nkind: Project\nmetadata: {{ name: {name} }}\nspec:\n  organisation: {{ name: {name}, country: FI, category: sme }}\n{more}"
        )
    };
    let given = |from: &str| {
        format!(
            "  allocations: [{{ partition: booster, mode: playground, gpuHours: 1, from: {from}, until: 2027-12-31 }}]\n"
        )
    };
    let folder = Folder::applied(
        &format!("{SITE}{}{}{}", project("one", ""), project("two", ""), project("three", "")),
        "2026-05-01",
    );
    folder.write(&format!(
        "{SITE}{}{}{}",
        project("one", &given("2027-01-01")),
        project("two", &given("2027-02-01")),
        project("three", &given("2027-02-01"))
    ));
    assert_snapshot!(folder.plan("2026-05-01"), @r#"
    ~ compute/account/one                         at once
        GrpSubmit  unset → 0 (not in force until 2027-01-01: no jobs)                                         site.yaml:59
    ~ compute/account/  three, two                at once
        GrpSubmit  unset → 0 (not in force until 2027-02-01: no jobs)                                         site.yaml:73
    "#);
}

#[test]
fn gpu_hours_are_one_pool() {
    let folder = Folder::new(SITE);
    assert_snapshot!(folder.lines("2026-05-01", "account/medix"), @"  + compute/account/medix                       1 user · 40,100 GPU-hours · 2 allocations, one pool");
    let folder = Folder::applied(SITE, "2026-02-01");
    assert_snapshot!(folder.plan("2026-05-01"), @r#"
    ~ compute/account/medix                       at once
        GrpTRESMins gres/gpu  2400000 → 2406000 (40,000 → 40,100 GPU-hours; 2 allocations, one pool)          site.yaml:49
        QOS                   fast-lane → fast-lane,playground                                                site.yaml:49
    "#);
    let plan = folder.json("2026-05-01");
    let pool = field(&plan, "compute/account/medix", "GrpTRESMins gres/gpu");
    assert_eq!((pool["after"].as_u64(), pool["reason"].as_str()), (Some(2_406_000), Some("2 allocations, one pool")));
    assert!(folder.run(&["explain", "Project.spec.allocations"]).contains("one pool"));
}

#[test]
fn likely_renames_are_announced() {
    let day = "2026-05-01";
    let site = unprotected();
    let folder = Folder::applied(&site, day);
    folder.edit(&[("name: medix", "name: medix2")]);
    assert_snapshot!(folder.plan(day), @r#"
    - compute/account/medix                       at once
    - compute/association/medix/anna              at once
    ~ compute/user/anna                           at once
        DefaultAccount  medix → medix2                                                                        site.yaml:44
    + compute/account/medix2                      1 user · 40,100 GPU-hours · 2 allocations, one pool
        looks like a rename of `medix`: Slurm keeps usage with the old account; `account: medix` on the project keeps it
    + compute/association/medix2/anna
    "#);
    let plan = folder.json(day);
    assert_eq!(
        change(&plan, "compute/account/medix2")["notes"][0]["message"].as_str().unwrap().split(':').next().unwrap(),
        "looks like a rename of `medix`"
    );
    assert_eq!(change(&plan, "compute/account/medix2")["notes"][0]["topic"], "likely-rename");
    // As the note says.
    folder
        .edit(&[("name: medix\n", "name: medix2\n"), ("  parent: companies", "  parent: companies\n  account: medix")]);
    assert!(folder.run(&["plan", "--at", day]).contains("No changes."));
    folder.edit(&[
        ("fast-lane", "fast"),
        ("name: booster", "name: gpu"),
        ("partition: booster", "partition: gpu"),
        ("name: companies", "name: firms"),
        ("parent: companies", "parent: firms"),
    ]);
    assert_snapshot!(folder.lines(day, "looks like"), @r#"
    looks like a rename of `companies`: Slurm keeps usage with the old account
    looks like a rename of `booster`: to Slurm they are two partitions, and jobs of the old one do not move
    looks like a rename of `fast-lane`: Slurm keeps usage with the old QOS
    "#);
    // Other users, other hours: another project.
    folder.edit(&[("name: medix", "name: medix2"), ("user: anna", "user: bo")]);
    assert_snapshot!(folder.lines(day, "looks like"), @"");
    folder.edit(&[("name: medix", "name: medix2"), ("40_000", "50_000")]);
    assert_snapshot!(folder.lines(day, "looks like"), @"");
    // Of two that are alike nobody knows.
    folder.edit(&[("metadata: { name: playground }\nspec: { perJob: { wallTime: 2h } }", "metadata: { name: playground2 }\nspec: { perJob: { wallTime: 2h } }\n---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: { name: playground3 }\nspec: { perJob: { wallTime: 2h } }"), ("mode: playground", "mode: playground2")]);
    assert_snapshot!(folder.lines(day, "looks like"), @"");
    folder.write("apiVersion: sitewright.io/v1alpha1\nkind: Factory\nmetadata: { name: nordlys }\nspec: { host: { entity: CSC, country: FI } }\n");
    assert_snapshot!(folder.lines(day, "looks like"), @"");
}

#[test]
fn a_protected_object_that_is_renamed_is_refused_with_the_way_out() {
    let folder = Folder::applied(SITE, "2026-05-01");
    folder.edit(&[("name: medix", "name: medix2")]);
    assert_snapshot!(folder.lines("2026-05-01", "looks like"), @"      looks like a rename of `medix`: Slurm keeps usage with the old account; `account: medix` on the project keeps it");
    assert!(folder.run(&["plan", "--at", "2026-05-01"]).contains("refused[protected]"));
}

#[test]
fn a_field_that_is_set_points_at_its_line_and_one_that_is_cleared_at_the_name() {
    let day = "2026-05-01";
    let plain = unprotected()
        .replace("  parent: companies\n", "")
        .replace("      default: true\n", "")
        .replace("      addresses: 10.0.0.[1-2]\n", "")
        .replace("  default: true\n", "");
    let folder = Folder::applied(&plain, day);
    folder.write(SITE);
    let line = |start: &str| at(SITE, start);
    let at_protect: Vec<String> = SITE
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim() == "protect: true")
        .map(|(index, _)| format!("site.yaml:{}", index + 1))
        .collect();
    let plan = folder.json(day);
    for (address, name, place) in [
        ("compute/account/companies", "Protect", at_protect[0].as_str()),
        ("compute/qos/fast-lane", "Protect", &at_protect[1]),
        ("compute/partition/booster", "Protect", &at_protect[2]),
        ("compute/node/gpu1", "Protect", &at_protect[2]),
        ("compute/nodeset/fat", "Protect", &at_protect[2]),
        ("compute/account/medix", "Protect", &at_protect[3]),
        ("compute/partition/booster", "Default", &line("  default: true")),
        ("compute/node/gpu1", "NodeAddr", &line("      addresses:")),
        ("compute/account/medix", "Parent", &line("  parent: companies")),
        ("compute/user/anna", "DefaultAccount", &line("      default: true")),
    ] {
        assert_eq!(field(&plan, address, name)["place"], place, "{address} {name}");
    }
    let folder = Folder::applied(SITE, day);
    folder.write(&plain);
    let line = |start: &str| at(&plain, start);
    let plan = folder.json(day);
    for (address, name, place) in [
        ("compute/account/companies", "Protect", line("    - name: companies")),
        ("compute/qos/fast-lane", "Protect", line("  name: fast-lane")),
        ("compute/partition/booster", "Protect", line("  name: booster")),
        ("compute/partition/booster", "Default", line("  name: booster")),
        ("compute/node/gpu1", "NodeAddr", line("    - hosts: gpu[1-2]")),
        ("compute/nodeset/fat", "Protect", line("    - name: fat")),
        ("compute/account/medix", "Protect", line("  name: medix")),
    ] {
        assert_eq!(field(&plan, address, name)["place"], place.as_str(), "{address} {name}");
    }
}
