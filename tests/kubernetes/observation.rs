//! An observation of a real cluster, written to a file and read back, gives the same plan, and shows no secret.

use std::collections::BTreeMap;

use serde_json::json;
use sitewright::desired;
use sitewright::diff::Wishes;
use sitewright::live::Observation;
use sitewright::manifest::{Schemas, load};
use sitewright::model::resolve;
use sitewright::plan::{Guards, Request, build, to_text};
use sitewright::resource::{Digest, Resource, of_target};
use sitewright::session;

use super::cluster::{TARGET, cluster, observed};
use super::rig::{Rig, User};
use super::site::{edit, lay, run};

/// What the manifests of the rig's folder declare on the cluster.
fn declared(rig: &Rig) -> Vec<Resource> {
    let loaded = load(&rig.dir(), &Schemas::new().unwrap());
    let (site, found) = resolve(&loaded);
    assert!(!found.has_errors(), "{found:?}");
    of_target(&desired::compile(&site, "2026-11-21".parse().unwrap()), TARGET).into_owned()
}

/// A plan as it is saved.
fn plan(observation: &Observation, desired: &[Resource]) -> String {
    let request = Request {
        factory: "nordlys".to_owned(),
        environment: "admin".to_owned(),
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

#[tokio::test]
async fn an_observation_reads_back_to_the_same_plan() {
    let rig = Rig::new();
    lay(&rig);
    let admin = cluster(&rig, User::Admin, "sitewright");
    let compared = async |what: &str| {
        let desired = declared(&rig);
        let seen = observed(&admin, "nordlys", &desired).await.unwrap_or_else(|found| panic!("{found:?}"));
        let path = rig.dir().parent().unwrap().join("observation.json");
        std::fs::write(&path, serde_json::to_string(&seen).unwrap()).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for secret in ["planted", "cGxhbnRlZ"] {
            assert!(!text.contains(secret), "{what}: {secret}");
        }
        let read: Observation = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text, "{what}: it reads back equal");
        let read = session::replay(read, &desired);
        assert_eq!(plan(&read, &desired), plan(&seen, &desired), "{what}");
    };
    compared("nothing of it is there").await;
    run(&rig, "admin", &["apply", "--yes"]).expect(0);
    compared("all of it is there").await;
    edit(&rig, "quota: { gpus: 4, cpus: 64,", "quota: { gpus: 4, cpus: 65,");
    let quota = ["resourcequota", "project-01", "project"];
    rig.patch_as("hands", quota, &json!({ "spec": { "hard": { "pods": "7" } } }), &[]).expect(0);
    let planted = json!({ "metadata": { "annotations": {
        "kubectl.kubernetes.io/last-applied-configuration": "{\"data\": \"planted-annotation\"}" } } });
    rig.patch_as("hands", quota, &planted, &[]).expect(0);
    compared("some of it differs, and others have written").await;
}
