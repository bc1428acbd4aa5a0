//! What an observation says of each declared object: a local proof where one can be had, what the server has said before,
//! or a question.

use std::collections::BTreeSet;

use rayon::prelude::*;
use serde_json::Value;

use crate::kubernetes::{applyset, atomic, kinds, proof};
use crate::live::kubernetes::{Failure, FailureKind, Found, KubernetesFacts, MANAGER, Verdict, sent};
use crate::live::{Observation, Question};
use crate::resource::{Digest, Resource};

const DEFINITION: &str = "CustomResourceDefinition.apiextensions.k8s.io";

/// Notes a verdict for each declared object, and gives the questions that stay open.
pub(super) fn judge(desired: &[Resource], observation: &mut Observation) -> Vec<Question> {
    let Some(facts) = observation.kubernetes_mut() else { return Vec::new() };
    facts.verdicts.clear();
    let (mut verdicts, mut questions) = (Vec::new(), Vec::new());
    let proofs: Vec<bool> = desired
        .par_iter()
        .map(|resource| facts.object(&resource.address).is_some_and(|live| proved(resource, &facts.set.id, live)))
        .collect();
    let coming = desired.iter().filter(|one| one.address.kind == "Namespace");
    let coming: BTreeSet<&str> = coming.map(|one| one.address.name.as_str()).collect();
    let judge = Judge { facts, desired, coming };
    for (resource, proof) in desired.iter().zip(proofs) {
        let address = &resource.address;
        if proof {
            verdicts.push((address.clone(), Verdict::Proved));
            continue;
        }
        if let Some(verdict) = judge.locally(resource) {
            verdicts.push((address.clone(), verdict));
            continue;
        }
        let object = sent(resource, &facts.set.id, facts.object(address));
        match facts.confirmations.get(address) {
            Some(answer) if answer.asked == Digest::of_json(&object) => {
                verdicts.push((address.clone(), answer.verdict.clone()));
            }
            _ => questions.push(Question { address: address.clone(), object }),
        }
    }
    facts.verdicts.extend(verdicts);
    questions
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

/// What judging rests on.
struct Judge<'a> {
    facts: &'a KubernetesFacts,
    desired: &'a [Resource],
    /// The declared namespaces.
    coming: BTreeSet<&'a str>,
}

impl Judge<'_> {
    /// What can be said without the server's word on this object; `None` where the server has to be asked.
    fn locally(&self, resource: &Resource) -> Option<Verdict> {
        let kind = &resource.address.kind;
        let version = resource.body.get("apiVersion").and_then(Value::as_str);
        let blocked = |kind, said: String| Some(Verdict::Blocked(Failure::new(kind, said)));
        let served = match self.facts.discovery.find(kind, version) {
            Found::Served(served) => served,
            Found::OtherVersions(_) | Found::Missing if self.comes_with_the_plan(kind) => {
                return Some(Verdict::Predicted("its kind comes with the same plan".to_owned()));
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
        if kinds::is_partial(kind) && !self.facts.objects.contains_key(&resource.address) {
            let name = text(resource, "name").unwrap_or_default();
            return blocked(FailureKind::Missing, format!("there is no {} `{name}`", kind.to_lowercase()));
        }
        if let Some(namespace) = namespace.filter(|one| !self.facts.namespaces.contains(*one)) {
            if self.coming.contains(namespace) || namespace == self.facts.set.namespace {
                return Some(Verdict::Predicted("its namespace is created by the same plan".to_owned()));
            }
            let kind = FailureKind::NamespaceMissing { namespace: namespace.to_owned() };
            return blocked(kind, format!("namespaces \"{namespace}\" not found"));
        }
        None
    }

    fn comes_with_the_plan(&self, kind: &str) -> bool {
        let (kind, group) = kinds::kind_and_group(kind);
        self.desired.iter().filter(|one| one.address.kind == DEFINITION).any(|one| {
            let spec = one.body.get("spec");
            let text = |pointer: &str| spec.and_then(|spec| spec.pointer(pointer)).and_then(Value::as_str);
            text("/names/kind") == Some(kind) && text("/group") == Some(group)
        })
    }
}
