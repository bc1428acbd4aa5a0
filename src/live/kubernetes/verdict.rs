//! What is known of each declared object: a local proof where one can be had, else what the server says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::join_all;
use rayon::prelude::*;
use serde_json::Value;

use super::discovery::{Discovery, Found};
use super::facts::{Answer, Served, Verdict};
use super::failure::{Failure, FailureKind, Right};
use super::{Cluster, MANAGER, Sending};
use crate::kubernetes::object::metadata;
use crate::kubernetes::{applyset, atomic, kinds, proof};
use crate::resource::{Address, Resource};

const DEFINITION: &str = "CustomResourceDefinition.apiextensions.k8s.io";

/// What judging rests on.
pub(super) struct Judge<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) discovery: &'a Discovery,
    pub(super) wanted: &'a [Resource],
    pub(super) objects: &'a BTreeMap<Address, Arc<Value>>,
    /// Namespaces that exist, as far as they were needed.
    pub(super) namespaces: &'a BTreeSet<String>,
    /// The ApplySet's id.
    pub(super) id: &'a str,
}

/// The object as it is sent: as declared, with our ApplySet's label unless it is ours in part only, and guarded by the uid of
/// the one that was read.
pub fn sent(resource: &Resource, id: &str, live: Option<&Value>) -> Value {
    let mut object = applyset::member(&resource.body, id);
    let uid = live.and_then(|live| metadata(live, "uid"));
    if let (Some(own), Some(uid)) = (object.get_mut("metadata").and_then(Value::as_object_mut), uid) {
        own.insert("uid".to_owned(), uid.clone());
    }
    object
}

/// Whether a declared object is proved to be as declared by what was read.
fn proved(resource: &Resource, id: &str, live: &Value) -> bool {
    let (kind, own) = (&resource.address.kind, applyset::member_metadata(&resource.body, id));
    let rest = resource.body.iter().filter(|(key, _)| *key != "metadata").map(|(key, value)| (key.as_str(), value));
    let all = rest.chain([("metadata", &own)]);
    proof::walk_fields(all, live, MANAGER, &|path| atomic::is_atomic(kind, path)).is_empty()
}

fn text<'a>(resource: &'a Resource, key: &str) -> Option<&'a str> {
    resource.body.get("metadata")?.get(key)?.as_str()
}

impl Judge<'_> {
    /// A verdict for each declared object; a failure that is about all of them ends the reading.
    pub(super) async fn verdicts(&self) -> Result<BTreeMap<Address, Verdict>, Failure> {
        let mut verdicts = BTreeMap::new();
        let mut open: Vec<(&Resource, Served)> = Vec::new();
        let (objects, id) = (self.objects, self.id);
        let proofs: Vec<bool> = self
            .wanted
            .par_iter()
            .map(|resource| objects.get(&resource.address).is_some_and(|live| proved(resource, id, live)))
            .collect();
        let coming = self.wanted.iter().filter(|one| one.address.kind == "Namespace");
        let coming: BTreeSet<&str> = coming.map(|one| one.address.name.as_str()).collect();
        for (resource, proof) in self.wanted.iter().zip(proofs) {
            if proof {
                verdicts.insert(resource.address.clone(), Verdict::Proved);
                continue;
            }
            match self.locally(resource, &coming) {
                Ok(served) => open.push((resource, served)),
                Err(verdict) => {
                    verdicts.insert(resource.address.clone(), verdict);
                }
            }
        }
        // What refuses an object may repeat what it is, or was.
        self.cluster.hold(open.iter().filter_map(|(resource, _)| self.objects.get(&resource.address).map(Arc::as_ref)));
        let missing = self.missing_rights(&open).await?;
        let answers = join_all(open.iter().map(async |(resource, served)| {
            if let Some(right) = self.rights(resource, served).into_iter().find(|right| missing.contains(right)) {
                return Ok(Verdict::Predicted(without(&right)));
            }
            self.ask(resource, served).await
        }))
        .await;
        for ((resource, _), answer) in open.iter().zip(answers) {
            verdicts.insert(resource.address.clone(), answer?);
        }
        Ok(verdicts)
    }

    /// What can be said without the server's word on this object; else how its kind is served. `coming` are the declared
    /// namespaces.
    fn locally(&self, resource: &Resource, coming: &BTreeSet<&str>) -> Result<Served, Verdict> {
        let kind = &resource.address.kind;
        let version = resource.body.get("apiVersion").and_then(Value::as_str);
        let blocked = |kind, said: String| Err(Verdict::Blocked(Failure::new(kind, said)));
        let served = match self.discovery.find(kind, version) {
            Found::Served(served) => served,
            Found::OtherVersions(_) | Found::Missing if self.comes_with_the_plan(kind) => {
                return Err(Verdict::Predicted("its kind comes with the same plan".to_owned()));
            }
            Found::OtherVersions(served) => {
                let said = format!("`{}` is not served", version.unwrap_or_default());
                return blocked(FailureKind::VersionNotServed { served }, said);
            }
            Found::Missing => return blocked(FailureKind::KindMissing, format!("the server does not have `{kind}`")),
            Found::Unknown => {
                let said = format!("the server of `{}` does not answer", kinds::kind_and_group(kind).1);
                return blocked(FailureKind::Unavailable, said);
            }
        };
        let namespace = text(resource, "namespace");
        match namespace {
            None if served.namespaced => {
                return blocked(FailureKind::Invalid, format!("`{kind}` lives in namespaces, and none is named"));
            }
            Some(namespace) if !served.namespaced => {
                return blocked(FailureKind::Invalid, format!("`{kind}` has no namespace, and `{namespace}` is named"));
            }
            _ => {}
        }
        if kinds::is_partial(kind) && !self.objects.contains_key(&resource.address) {
            let name = text(resource, "name").unwrap_or_default();
            return blocked(FailureKind::Missing, format!("there is no {} `{name}`", kind.to_lowercase()));
        }
        if let Some(namespace) = namespace.filter(|one| !self.namespaces.contains(*one)) {
            if coming.contains(namespace) || namespace == self.cluster.connection().namespace {
                return Err(Verdict::Predicted("its namespace is created by the same plan".to_owned()));
            }
            let kind = FailureKind::NamespaceMissing { namespace: namespace.to_owned() };
            return blocked(kind, format!("namespaces \"{namespace}\" not found"));
        }
        Ok(served)
    }

    fn comes_with_the_plan(&self, kind: &str) -> bool {
        let (kind, group) = kinds::kind_and_group(kind);
        self.wanted.iter().filter(|one| one.address.kind == DEFINITION).any(|one| {
            let spec = one.body.get("spec");
            let text = |pointer: &str| spec.and_then(|spec| spec.pointer(pointer)).and_then(Value::as_str);
            text("/names/kind") == Some(kind) && text("/group") == Some(group)
        })
    }

    /// What a dry-run needs: an apply creates what is not there.
    fn rights(&self, resource: &Resource, served: &Served) -> Vec<Right> {
        let verbs: &[&str] =
            if self.objects.contains_key(&resource.address) { &["patch"] } else { &["patch", "create"] };
        let right = |verb: &&str| Right {
            verb: (*verb).to_owned(),
            group: kinds::kind_and_group(&resource.address.kind).1.to_owned(),
            resource: served.plural.clone(),
            namespace: text(resource, "namespace").map(ToOwned::to_owned),
            name: None,
        };
        verbs.iter().map(right).collect()
    }

    /// Those of the needed rights that this user lacks. Asked for the whole cluster first, so that it takes a request a kind
    /// and verb, and a request a namespace only for those who have rights in some.
    async fn missing_rights(&self, open: &[(&Resource, Served)]) -> Result<BTreeSet<Right>, Failure> {
        let needed: BTreeSet<Right> =
            open.iter().flat_map(|(resource, served)| self.rights(resource, served)).collect();
        let everywhere: BTreeSet<Right> =
            needed.iter().map(|right| Right { namespace: None, ..right.clone() }).collect();
        let granted = self.granted(everywhere.into_iter().collect()).await?;
        let narrower: Vec<Right> =
            needed.into_iter().filter(|right| !granted.contains(&Right { namespace: None, ..right.clone() })).collect();
        let (local, global): (Vec<Right>, Vec<Right>) =
            narrower.into_iter().partition(|right| right.namespace.is_some());
        let granted = self.granted(local.clone()).await?;
        Ok(global.into_iter().chain(local.into_iter().filter(|right| !granted.contains(right))).collect())
    }

    async fn granted(&self, rights: Vec<Right>) -> Result<BTreeSet<Right>, Failure> {
        let answers = join_all(rights.iter().map(|right| self.cluster.may(right))).await;
        let mut granted = BTreeSet::new();
        for (right, answer) in rights.into_iter().zip(answers) {
            if answer? {
                granted.insert(right);
            }
        }
        Ok(granted)
    }

    /// The server's dry-run; where others own fields, a second one says what would be if all were won.
    async fn ask(&self, resource: &Resource, served: &Served) -> Result<Verdict, Failure> {
        let object = sent(resource, self.id, self.objects.get(&resource.address).map(Arc::as_ref));
        let sending = Sending { dry_run: true, force: false };
        let failure = match self.cluster.apply(served, &object, sending).await {
            Ok(object) => return Ok(Verdict::Confirmed(Answer { object, conflicts: Vec::new() })),
            Err(failure) => failure,
        };
        let FailureKind::Conflict { fields } = failure.kind.clone() else { return unclear(failure) };
        match self.cluster.apply(served, &object, Sending { force: true, ..sending }).await {
            Ok(object) => Ok(Verdict::Confirmed(Answer { object, conflicts: fields })),
            Err(failure) => unclear(failure),
        }
    }
}

/// What a refused dry-run says of the apply.
fn unclear(failure: Failure) -> Result<Verdict, Failure> {
    match &failure.kind {
        FailureKind::DryRunUnsupported => Ok(Verdict::Predicted(failure.message)),
        FailureKind::Forbidden { right, .. } => Ok(Verdict::Predicted(without(right))),
        _ if failure.concerns_all() => Err(failure),
        _ => Ok(Verdict::Blocked(failure)),
    }
}

fn without(right: &Right) -> String {
    let place = right.namespace.as_ref().map_or_else(String::new, |one| format!(" in `{one}`"));
    format!("no right to {} `{}`{place}", right.verb, right.spelled())
}
