//! A Kubernetes cluster that can be written.

mod send;
mod verify;
mod waits;

use std::collections::BTreeSet;

use futures::future::{FutureExt, LocalBoxFuture};

use self::send::Sent;
use super::event::Outcome;
use super::lock;
use super::target::Target;
use super::writer::{Lock, Performed, Waiting, Work, Writer};
use crate::diagnostics::Diagnostics;
use crate::diff::Change;
use crate::live::Observation;
use crate::live::kubernetes::{self, Cluster};
use crate::live::transport::{Holder, LockError};
use crate::plan::kubernetes::{ObjectWrite, Step};
use crate::plan::{self, Action, Plan};
use crate::resource::{Address, Body, Resource};

/// Writes of an action.
fn writes(step: &plan::Step) -> &[ObjectWrite] {
    match step {
        plan::Step::Kubernetes(Step::Objects { writes }) => writes,
        _ => &[],
    }
}

impl Writer for Cluster {
    fn lock<'a>(
        &'a self,
        target: &'a str,
        factory: &'a str,
        here: &'a Holder,
    ) -> LocalBoxFuture<'a, Result<Lock, Diagnostics>> {
        async move {
            let namespace = &self.connection().namespace;
            let lease = kubernetes::set_of(factory, namespace).name;
            let place = format!("kubectl get lease {lease} -n {namespace} -o yaml");
            match Cluster::lock(self, &lease, here).await {
                Ok(()) => Ok(Lock::Named(lease)),
                Err(LockError::Held(holder)) => Err(lock::one(lock::held(target, &holder, &place))),
                // A server that cannot be reached is not a matter of locks.
                Err(LockError::Failed(failure)) if failure.concerns_all() => {
                    Err(lock::one(kubernetes::diagnostic(target, &failure)))
                }
                Err(LockError::Failed(failure)) => {
                    let hint = failure.hint().unwrap_or_else(|| format!("look at it: `{place}`"));
                    Err(lock::one(lock::failed(target, &failure).hint(hint)))
                }
            }
        }
        .boxed_local()
    }

    fn unlock<'a>(&'a self, lock: &'a Lock, here: &'a Holder) -> LocalBoxFuture<'a, ()> {
        async move {
            if let Lock::Named(lease) = lock {
                let _ = Cluster::unlock(self, lease, here).await;
            }
        }
        .boxed_local()
    }

    fn perform<'a>(&'a self, work: Work<'a>, waiting: &'a mut Waiting<'_>) -> LocalBoxFuture<'a, Option<Performed>> {
        async move {
            let plan::Step::Kubernetes(Step::Objects { writes }) = &work.action.step else { return None };
            let mut waiting = |what: String| waiting(work.action.id, what);
            let sent_as = waits::without(writes, work.at_end);
            // What refuses a change may repeat what was there.
            let facts = work.observation.and_then(Observation::kubernetes);
            self.hold(facts.into_iter().flat_map(|one| writes.iter().filter_map(|write| one.object(&write.address))));
            let sent = send::send(self, &sent_as, work.missing, &mut waiting, work.stop).await;
            Some(performed(sent, writes.len()))
        }
        .boxed_local()
    }

    fn settle<'a>(
        &'a self,
        actions: &'a [&'a Action],
        left: &'a dyn Fn(&Address) -> bool,
        waiting: &'a mut Waiting<'_>,
    ) -> LocalBoxFuture<'a, Vec<(Address, String)>> {
        async move {
            let of = |action: &Action| -> Vec<ObjectWrite> {
                writes(&action.step).iter().filter(|write| left(&write.address)).cloned().collect()
            };
            let Some(first) = actions.iter().find(|action| !of(action).is_empty()) else { return Vec::new() };
            let all: Vec<ObjectWrite> = actions.iter().flat_map(|action| of(action)).collect();
            let mut waiting = |what: String| waiting(first.id, what);
            send::settle(self, &all, &mut waiting).await
        }
        .boxed_local()
    }
}

/// What came of an action from what came of its writes.
fn performed(sent: Sent, writes: usize) -> Performed {
    let (failed, skipped) = (sent.failed.len() + sent.late.len(), sent.skipped.len());
    let all = sent.failed.iter().chain(&sent.late).chain(&sent.skipped);
    let first = all.map(Clone::clone).next().map(|(address, why)| format!("{address}: {why}"));
    let outcome = match (first, failed, skipped) {
        (None, ..) => Outcome::Done,
        (Some(first), 0, skipped) if skipped == writes => Outcome::Skipped(first),
        (Some(first), 1, 0) if writes == 1 => Outcome::Failed(first),
        (Some(first), failed, _) if failed == writes => Outcome::Failed(format!("all {writes}, first {first}")),
        (Some(first), failed, skipped) => {
            Outcome::Partly(format!("{failed} failed and {skipped} skipped of {writes}, first {first}"))
        }
    };
    Performed {
        failed: sent.failed,
        late: sent.late,
        skipped: sent.skipped,
        named: sent.named,
        lost: sent.lost,
        ..outcome.into()
    }
}

pub(super) const TARGET: &dyn Target = &OfKubernetes;

struct OfKubernetes;

impl Target for OfKubernetes {
    fn at_end(&self, plan: &Plan) -> BTreeSet<Address> {
        waits::at_end(plan)
    }

    fn tells_each(&self) -> bool {
        true
    }

    fn hidden(&self, action: &Action) -> Vec<Address> {
        writes(&action.step).iter().map(|write| write.address.clone()).collect()
    }

    fn compares(&self) -> bool {
        true
    }

    fn place_of<'a>(&self, change: &'a Change, resource: &Resource, named: &[String]) -> Option<&'a str> {
        verify::place_of(change, resource, named)
    }

    fn still_there(&self, address: &Address, observation: &Observation) -> String {
        verify::still_there(address, observation)
    }

    fn wrong_field(&self, change: &Change, body: &Body) -> Option<String> {
        verify::wrong_leaf(change, body)
    }
}
