//! An observation of a real cluster, written to a file and read back, is the same value and gives the same plan.

use std::collections::BTreeMap;

use sitewright::diff::Wishes;
use sitewright::live::slurm::{Endpoint, ReadOptions};
use sitewright::live::transport::Transport;
use sitewright::live::{Observation, Reader, Scope};
use sitewright::manifest::{Schemas, load};
use sitewright::model::resolve;
use sitewright::plan::{Guards, Request, build, to_text};
use sitewright::resource::{Digest, Resource};
use sitewright::{desired, session};

use crate::on_each_release;
use crate::rig::Rig;
use crate::site::small;

/// Reads the cluster as the binding `bare` does.
fn observed(rig: &Rig) -> Observation {
    let endpoint = Endpoint {
        transport: Transport::new(None, rig.prefix(), Vec::new()),
        options: ReadOptions {
            include: "sitewright.conf".to_owned(),
            gres_include: "sitewright-gres.conf".to_owned(),
            root_account: "nordlys".to_owned(),
            ..ReadOptions::default()
        },
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(endpoint.observe("compute", "nordlys", &Scope::default()))
        .unwrap_or_else(|found| panic!("{found:?}"))
}

/// What the manifests of the rig's folder declare.
fn declared(rig: &Rig) -> Vec<Resource> {
    let loaded = load(rig.dir(), &Schemas::new().unwrap());
    let (site, found) = resolve(&loaded);
    assert!(!found.has_errors(), "{found:?}");
    desired::compile(&site, "2026-11-21".parse().unwrap())
}

/// A plan as it is saved.
fn plan(observation: &Observation, desired: &[Resource]) -> String {
    let request = Request {
        factory: "nordlys".to_owned(),
        environment: "bare".to_owned(),
        at: "2026-11-21".to_owned(),
        manifests: Digest::of(""),
        wishes: Wishes::default(),
        guards: Guards::default(),
        destroying: false,
        only: None,
        restart: BTreeMap::new(),
    };
    let plan = build(&request, desired, std::slice::from_ref(observation), &|_| None);
    to_text(&plan.unwrap_or_else(|found| panic!("{found:?}")))
}

/// The observation as a file, and what is read back from it.
fn by_file(rig: &Rig, observation: &Observation) -> (String, Observation) {
    let path = rig.dir().join("observation.json");
    std::fs::write(&path, serde_json::to_string(observation).unwrap()).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let read = serde_json::from_str(&text).unwrap();
    (text, read)
}

fn reads_back_to_the_same_plan(release: &'static str) {
    let rig = Rig::new(release);
    let compared = |what: &str| {
        let desired = declared(&rig);
        let seen = observed(&rig);
        let (_, read) = by_file(&rig, &seen);
        assert_eq!(read, seen.clone().masked(), "{what}");
        assert_eq!(plan(&session::replay(read, &desired), &desired), plan(&seen, &desired), "{what}");
    };
    rig.write("site.yaml", &small(&rig));
    compared("nothing of it is there");
    rig.apply(&[]).expect(0);
    compared("all of it is there");
    rig.write(
        "site.yaml",
        &small(&rig).replace("priority: 50", "priority: 60").replace("wallTime: 2d", "wallTime: 3d"),
    );
    let qos = ["sacctmgr", "-i", "modify", "qos", "where", "name=fast-lane", "set", "Priority=7"];
    rig.slurm(&qos).expect(0);
    compared("some of it differs");
}

fn shows_no_password(release: &'static str) {
    let rig = Rig::new(release);
    rig.write("site.yaml", &small(&rig));
    let path = rig.conf("slurm.conf");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        format!("{text}#AccountingStoragePass=planted-password\n#JobCompLoc=mysql://u:planted-url@db/jobs\n"),
    )
    .unwrap();
    let seen = observed(&rig);
    assert!(seen.slurm().unwrap().files.values().any(|text| text.contains("planted")), "nothing was planted");
    let (text, read) = by_file(&rig, &seen);
    assert!(!text.contains("planted"), "{text}");
    let desired = declared(&rig);
    assert_eq!(plan(&session::replay(read, &desired), &desired), plan(&seen, &desired));
}

on_each_release!(reads_back_to_the_same_plan, shows_no_password);
