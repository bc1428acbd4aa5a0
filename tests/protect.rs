//! `protect: true` on a partition: the mark is kept with what the manifest makes, and outlives the manifest.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::{Value, json};
use sitewright::desired::slurm::files::{gres_include, slurm_include};
use sitewright::diagnostics::Diagnostics;
use sitewright::diff::ChangeClass;
use sitewright::live::slurm::{Controller, SlurmFacts};
use sitewright::live::{Facts, Jobs, Live, Observation, Owner, Reads};
use sitewright::plan::slurm::{How, Step};
use sitewright::plan::{Guards, Plan, Request, build};
use sitewright::resource::{Address, Body, Digest, Resource, is_protected, protect};
use sitewright::slurm::release::Release;

/// A folder of manifests whose target is a twin.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(partitions: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write(
            "factory.yaml",
            "apiVersion: sitewright.io/v1alpha1\nkind: Factory\nmetadata: { name: nordlys }\nspec: { host: { entity: CSC, country: FI } }\n",
        );
        folder.write("partitions.yaml", partitions);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn run(&self, words: &[&str], code: i32) -> String {
        let output =
            Command::new(env!("CARGO_BIN_EXE_sitewright")).args(words).current_dir(self.0.path()).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{words:?}: {text}");
        text
    }

    fn apply(&self, code: i32) -> String {
        self.run(&["apply", "--yes", "--allow-deletes", "99", "--allow-delete-share", "100"], code)
    }

    fn plan(&self, code: i32) -> Value {
        let output =
            self.run(&["plan", "--format", "json", "--allow-deletes", "99", "--allow-delete-share", "100"], code);
        serde_json::from_str(&output).unwrap()
    }

    /// Addresses that the plan refuses to delete.
    fn refused(&self) -> Vec<String> {
        let plan = self.plan(3);
        let refusals = plan["refusals"].as_array().unwrap();
        let protected = refusals.iter().find(|refusal| refusal["code"] == "protected").unwrap();
        protected["addresses"].as_array().unwrap().iter().map(|address| address.as_str().unwrap().to_owned()).collect()
    }

    fn assert_settled(&self) {
        self.run(&["plan", "--detailed-exitcode"], 0);
    }
}

/// A partition with nodes `HOSTS[1-2]` of one gres each, and a node set.
fn partition(name: &str, hosts: &str, more: &str) -> String {
    format!(
        "apiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: {{ name: {name} }}\nspec:\n  nodes:\n    - {{ hosts: \"{hosts}[1-2]\", cpus: 8, memory: 16GB, features: [{hosts}], gres: [{{ name: fpga, count: 1 }}] }}\n  nodeSets: [{{ name: all-{hosts}, feature: {hosts} }}]\n{more}---\n"
    )
}

const PROTECT: &str = "  protect: true\n";

#[test]
fn a_protected_partition_is_neither_renamed_nor_lost_with_its_file() {
    let folder = Folder::new(&partition("booster", "gpu", PROTECT));
    folder.apply(0);
    folder.assert_settled();
    folder.write("partitions.yaml", &partition("b9", "gpu", PROTECT));
    let refused = folder.apply(3);
    assert!(refused.contains("refused[protected]") && refused.contains("compute/partition/booster"), "{refused}");
    std::fs::remove_file(folder.0.path().join("partitions.yaml")).unwrap();
    folder.apply(3);
    let everything = [
        "compute/gres/gpu1/fpga",
        "compute/gres/gpu2/fpga",
        "compute/node/gpu1",
        "compute/node/gpu2",
        "compute/nodeset/all-gpu",
        "compute/partition/booster",
    ];
    assert_eq!(folder.refused(), everything);
    // Nothing was deleted meanwhile.
    folder.write("partitions.yaml", &partition("booster", "gpu", PROTECT));
    folder.assert_settled();
}

#[test]
fn a_node_of_a_protected_partition_is_not_deleted() {
    let folder = Folder::new(&partition("booster", "gpu", PROTECT));
    folder.apply(0);
    folder.write("partitions.yaml", &partition("booster", "gpu", PROTECT).replace("gpu[1-2]", "gpu1"));
    assert_eq!(folder.refused(), ["compute/gres/gpu2/fpga", "compute/node/gpu2"]);
    // Not even where the same step takes the mark away.
    folder.write("partitions.yaml", &partition("booster", "gpu", "").replace("gpu[1-2]", "gpu1"));
    assert_eq!(folder.refused(), ["compute/gres/gpu2/fpga", "compute/node/gpu2"]);
}

#[test]
fn unprotecting_takes_two_steps() {
    let folder = Folder::new(&partition("booster", "gpu", ""));
    folder.apply(0);
    // A mark alone is a change.
    folder.write("partitions.yaml", &partition("booster", "gpu", PROTECT));
    let plan = folder.plan(0);
    assert_eq!(plan["changes"].as_array().unwrap().len(), 6, "{plan}");
    for change in plan["changes"].as_array().unwrap() {
        assert_eq!(change["fields"][0]["field"], "Protect", "{change}");
        assert_eq!(change["class"], "live", "{change}");
    }
    folder.apply(0);
    folder.assert_settled();
    folder.write("partitions.yaml", &partition("booster", "gpu", ""));
    folder.apply(0);
    folder.assert_settled();
    folder.write("partitions.yaml", "");
    folder.apply(0);
    folder.assert_settled();
}

#[test]
fn nodes_that_a_protected_partition_names_are_protected() {
    // `fast` defines nothing; it names a node, and another by a node set, of the unprotected partitions.
    let own = [partition("cpu", "cpu", ""), partition("gpu", "gpu", "")].concat();
    let fast = "apiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: { name: fast }\nspec: { hosts: [cpu1, all-gpu], protect: true }\n";
    let folder = Folder::new(&format!("{own}{fast}"));
    folder.apply(0);
    folder.assert_settled();
    folder.write("partitions.yaml", "");
    let expected = [
        "compute/gres/cpu1/fpga",
        "compute/gres/gpu1/fpga",
        "compute/gres/gpu2/fpga",
        "compute/node/cpu1",
        "compute/node/gpu1",
        "compute/node/gpu2",
        "compute/nodeset/all-gpu",
        "compute/partition/fast",
    ];
    assert_eq!(folder.refused(), expected);
}

#[test]
fn destroy_is_refused() {
    let folder = Folder::new(&partition("booster", "gpu", PROTECT));
    folder.apply(0);
    folder.write("partitions.yaml", "");
    let refused = folder.run(&["destroy", "--confirm", "nordlys"], 3);
    assert!(refused.contains("refused[protected]"), "{refused}");
    folder.write("partitions.yaml", &partition("booster", "gpu", ""));
    folder.run(&["destroy", "--confirm", "nordlys"], 3);
    folder.apply(0);
    folder.run(&["destroy", "--confirm", "nordlys"], 0);
}

/// A Slurm target with one partition, its node and gres, as the plan sees it.
struct Slurm {
    bodies: BTreeMap<Address, Body>,
    observation: Observation,
}

impl Slurm {
    fn new(protected: bool) -> Self {
        let body = |kind: &str, name: &str, fields: &[(&str, Value)]| {
            let mut body: Body = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
            protect(&mut body, protected);
            (Address::new("compute", kind, name), body)
        };
        let bodies = BTreeMap::from([
            body("node", "n1", &[("CPUs", json!(4)), ("Gres", json!({"fpga": 1}))]),
            body("gres", "n1/fpga", &[("Count", json!(1))]),
            body("partition", "booster", &[("Nodes", json!("n1")), ("MaxTime", json!(60))]),
        ]);
        let ours = |body: &Body| Live { body: body.clone().into(), owner: Owner::Ours };
        let without = |body: &Body| {
            body.iter().filter(|(key, _)| *key != "Protect").map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let files = [
            ("/e/slurm.conf", "ClusterName=c\nSlurmctldHost=h\nGresTypes=fpga\nNodeName=old1\nPartitionName=legacy Nodes=old1\nInclude ours.conf\n".to_owned()),
            ("/e/gres.conf", "Include ours-gres.conf\n".to_owned()),
            ("/e/ours.conf", slurm_include(&bodies).unwrap()),
            ("/e/ours-gres.conf", gres_include(&bodies).unwrap()),
        ];
        let observation = Observation {
            target: "compute".to_owned(),
            title: "slurm".to_owned(),
            resources: bodies.iter().map(|(address, body)| (address.clone(), ours(body))).collect(),
            running: bodies
                .iter()
                .filter(|(address, _)| address.kind != "gres")
                .map(|(address, body)| (address.clone(), without(body)))
                .collect(),
            jobs: Jobs::Known(Vec::new()),
            reads: Reads::default(),
            findings: Diagnostics::new(),
            salt: None,
            facts: Facts::Slurm(SlurmFacts {
                release: Release::new(22, 5),
                cluster: "c".to_owned(),
                controller: Controller::Up,
                conf_dir: "/e".to_owned(),
                slurm_conf: "/e/slurm.conf".to_owned(),
                gres_conf: "/e/gres.conf".to_owned(),
                include: "/e/ours.conf".to_owned(),
                gres_include: "/e/ours-gres.conf".to_owned(),
                files: files.map(|(path, text)| (path.to_owned(), text)).into(),
                settings: BTreeMap::new(),
                tres: BTreeSet::new(),
                accounting: false,
                default_accounts: BTreeMap::new(),
                single_cluster: true,
                bare_accounts: BTreeSet::new(),
                foreign_hosts: BTreeSet::new(),
                edited_files: BTreeSet::new(),
                include_lines: ["/e/ours.conf", "/e/ours-gres.conf"].map(ToOwned::to_owned).into(),
            }),
        };
        Self { bodies, observation }
    }

    fn facts(&mut self) -> &mut SlurmFacts {
        self.observation.slurm_mut().unwrap()
    }

    /// The plan for the same bodies with a mark or without one.
    fn plan(&self, protected: bool, change: impl Fn(&Address, &mut Body)) -> Plan {
        let mut desired = Vec::new();
        for (address, body) in &self.bodies {
            let mut body = body.clone();
            protect(&mut body, protected);
            change(address, &mut body);
            desired.push(Resource {
                address: address.clone(),
                protect: is_protected(&body),
                body,
                place: None,
                places: BTreeMap::new(),
                reasons: BTreeMap::new(),
                summary: String::new(),
            });
        }
        self.plan_for(&desired)
    }

    fn plan_for(&self, desired: &[Resource]) -> Plan {
        let request = Request {
            factory: "nordlys".to_owned(),
            environment: "live".to_owned(),
            at: "2026-11-21".to_owned(),
            manifests: Digest::of(""),
            wishes: sitewright::diff::Wishes::default(),
            guards: Guards { delete_share: 100, ..Guards::default() },
            destroying: false,
            only: None,
            restart: BTreeMap::new(),
        };
        build(&request, desired, std::slice::from_ref(&self.observation), &|_| None).unwrap()
    }
}

/// The one action of a plan: class, how the controller takes it up, and what is written by path.
fn configured(plan: &Plan) -> (ChangeClass, How, BTreeMap<String, String>) {
    assert_eq!(plan.actions.len(), 1, "{plan:?}");
    let sitewright::plan::Step::Slurm(Step::Configure { files, how }) = &plan.actions[0].step else {
        panic!("{plan:?}")
    };
    let written = files.iter().map(|file| (file.path.clone(), file.after.clone())).collect();
    (plan.actions[0].class, how.clone(), written)
}

#[test]
fn on_slurm_a_mark_alone_is_written_and_the_controller_left_alone() {
    let slurm = Slurm::new(false);
    assert!(slurm.plan(false, |_, _| ()).is_empty());
    let plan = slurm.plan(true, |_, _| ());
    assert_eq!(plan.refusals, [], "a reconfigure of this release would be refused");
    let (class, how, written) = configured(&plan);
    assert_eq!((class, how), (ChangeClass::Live, How::Nothing));
    let ours = &written["/e/ours.conf"];
    assert!(ours.contains("# sitewright: protect\nNodeName=n1 "), "{ours}");
    assert!(ours.contains("# sitewright: protect\nPartitionName=booster "), "{ours}");
    assert!(written["/e/ours-gres.conf"].contains("# sitewright: protect\nNodeName=n1 Name=fpga"), "{written:?}");
    let shown = sitewright::report::plan(
        &plan,
        sitewright::report::Show { commands: true, ..Default::default() },
        sitewright::report::Style::PLAIN,
    );
    assert!(shown.contains("write /e/ours.conf") && !shown.contains("reconfigure"), "{shown}");
    // And back.
    let slurm = Slurm::new(true);
    assert!(slurm.plan(true, |_, _| ()).is_empty());
    let (class, how, written) = configured(&slurm.plan(false, |_, _| ()));
    assert_eq!((class, how), (ChangeClass::Live, How::Nothing));
    assert!(written.values().all(|text| !text.contains("sitewright: protect")), "{written:?}");
}

#[test]
fn on_slurm_what_changes_beside_the_mark_is_taken_up() {
    let longer = |address: &Address, body: &mut Body| {
        if address.kind == "partition" {
            body.insert("MaxTime".to_owned(), json!(120));
        }
    };
    let mut slurm = Slurm::new(false);
    let (class, how, _) = configured(&slurm.plan(true, longer));
    assert_eq!((class, how), (ChangeClass::Reconfigure, How::Reconfigure));
    // What the controller was given by `scontrol update` is put right with it.
    let partition = Address::new("compute", "partition", "booster");
    slurm.observation.running.get_mut(&partition).unwrap().insert("MaxTime".to_owned(), json!(1));
    let (_, how, _) = configured(&slurm.plan(true, |_, _| ()));
    assert_eq!(how, How::Reconfigure);
    // Nobody knows what else another hand has written.
    let mut slurm = Slurm::new(false);
    slurm.facts().edited_files.insert("/e/ours.conf".to_owned());
    let (_, how, _) = configured(&slurm.plan(true, |_, _| ()));
    assert_eq!(how, How::Reconfigure);
    // A controller that is down takes up all of it at its start.
    let mut slurm = Slurm::new(false);
    slurm.facts().controller = Controller::Down("refused".to_owned());
    let (_, how, _) = configured(&slurm.plan(true, |_, _| ()));
    assert!(matches!(how, How::ByHand(_)), "{how:?}");
}

#[test]
fn on_slurm_the_mark_outlives_the_manifest() {
    let refused = |slurm: &Slurm| {
        let plan = slurm.plan_for(&[]);
        plan.refusals.iter().any(|refusal| refusal.code == "protected" && refusal.addresses.len() == 3)
    };
    assert!(refused(&Slurm::new(true)));
    assert!(!refused(&Slurm::new(false)));
}
