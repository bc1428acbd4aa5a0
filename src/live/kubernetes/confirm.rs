//! The server's word on objects that cannot be judged from what was read: dry-runs of an apply.

use std::collections::BTreeSet;
use std::time::Instant;

use futures::future::join_all;
use serde_json::Value;

use super::discovery::Found;
use super::facts::{Answer, Confirmation, KubernetesFacts, Served, Verdict};
use super::failure::{Failure, FailureKind, Right};
use super::observe::diagnostic;
use super::{Cluster, Sending};
use crate::diagnostics::Diagnostics;
use crate::kubernetes::object::metadata;
use crate::kubernetes::{applyset, kinds};
use crate::live::{Observation, Question};
use crate::resource::{Digest, Resource};

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

/// Asks the server about each object, and records its answers. A failure that is about all of them ends it.
pub async fn confirm(
    cluster: &Cluster,
    observation: &mut Observation,
    questions: Vec<Question>,
) -> Result<(), Diagnostics> {
    let (started, before) = (Instant::now(), cluster.counts());
    let Some(facts) = observation.kubernetes_mut().filter(|_| !questions.is_empty()) else { return Ok(()) };
    let answers = match (Asking { cluster, facts }).answers(&questions).await {
        Ok(answers) => answers,
        Err(failure) => return Err(Diagnostics(vec![diagnostic(&observation.target, &failure)])),
    };
    for (question, verdict) in questions.into_iter().zip(answers) {
        let asked = Digest::of_json(&question.object);
        facts.confirmations.insert(question.address.clone(), Confirmation { asked, verdict: verdict.clone() });
        facts.verdicts.insert(question.address, verdict);
    }
    let after = cluster.counts();
    observation.reads.requests += after.0 - before.0;
    observation.reads.bytes += after.1 - before.1;
    observation.reads.milliseconds += u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(())
}

struct Asking<'a> {
    cluster: &'a Cluster,
    facts: &'a KubernetesFacts,
}

impl Asking<'_> {
    /// An answer to each question.
    async fn answers(&self, questions: &[Question]) -> Result<Vec<Verdict>, Failure> {
        let served = |question: &Question| {
            let version = question.object.get("apiVersion").and_then(Value::as_str);
            match self.facts.discovery.find(&question.address.kind, version) {
                Found::Served(served) => Ok(served),
                _ => Err(Failure::new(FailureKind::KindMissing, format!("`{}` is not served", question.address.kind))),
            }
        };
        let open: Vec<(&Question, Served)> =
            questions.iter().map(|one| Ok((one, served(one)?))).collect::<Result<_, Failure>>()?;
        // What refuses an object may repeat what it is, or was.
        self.cluster.hold(open.iter().filter_map(|(question, _)| self.facts.object(&question.address)));
        let missing = self.missing_rights(&open).await?;
        let answers = join_all(open.iter().map(async |(question, served)| {
            if let Some(right) = self.rights(question, served).into_iter().find(|right| missing.contains(right)) {
                return Ok(Verdict::Predicted(without(&right)));
            }
            self.ask(&question.object, served).await
        }))
        .await;
        answers.into_iter().collect()
    }

    /// What a dry-run needs: an apply creates what is not there.
    fn rights(&self, question: &Question, served: &Served) -> Vec<Right> {
        let verbs: &[&str] =
            if self.facts.objects.contains_key(&question.address) { &["patch"] } else { &["patch", "create"] };
        let right = |verb: &&str| Right {
            verb: (*verb).to_owned(),
            group: kinds::kind_and_group(&question.address.kind).1.to_owned(),
            resource: served.plural.clone(),
            namespace: metadata(&question.object, "namespace").and_then(Value::as_str).map(ToOwned::to_owned),
            name: None,
        };
        verbs.iter().map(right).collect()
    }

    /// Those of the needed rights that this user lacks. Asked for the whole cluster first, so that it takes a request a kind
    /// and verb, and a request a namespace only for those who have rights in some.
    async fn missing_rights(&self, open: &[(&Question, Served)]) -> Result<BTreeSet<Right>, Failure> {
        let needed: BTreeSet<Right> =
            open.iter().flat_map(|(question, served)| self.rights(question, served)).collect();
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
    async fn ask(&self, object: &Value, served: &Served) -> Result<Verdict, Failure> {
        let sending = Sending { dry_run: true, force: false };
        let failure = match self.cluster.apply(served, object, sending).await {
            Ok(object) => return Ok(Verdict::Confirmed(Answer { object, conflicts: Vec::new() })),
            Err(failure) => failure,
        };
        let FailureKind::Conflict { fields } = failure.kind.clone() else { return unclear(failure) };
        match self.cluster.apply(served, object, Sending { force: true, ..sending }).await {
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
