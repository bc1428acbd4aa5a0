//! Executes a plan's actions in order, journalled, and reads back what they did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::event::{Event, Outcome, Summary};
use super::journal::Journal;
use super::target::Target;
use super::targets::TARGETS;
use super::verify;
use super::writer::{Work, writer};
use crate::diff::{Comparison, Operation};
use crate::live::{Endpoint, Observation};
use crate::plan::{Action, Plan};
use crate::resource::{Address, Resource, of_target};
use crate::session;
use crate::targets::of_kind;

/// What became of single objects, where an action is about many.
#[derive(Debug, Default)]
struct Ledger {
    failed: BTreeMap<Address, String>,
    skipped: BTreeMap<Address, String>,
    /// There, and not in order.
    late: BTreeMap<Address, String>,
    /// Resources of other targets that are not there: why.
    elsewhere: BTreeMap<Address, String>,
    /// Fields that a server names in what it refuses.
    named: BTreeMap<Address, Vec<String>>,
    /// Targets that are out of reach: why.
    lost: BTreeMap<String, String>,
    /// What nothing else in the plan needs in order, and so is waited for at the end.
    at_end: BTreeSet<Address>,
}

impl Ledger {
    /// What is not there, or not as it should be.
    fn missing(&self) -> BTreeMap<Address, String> {
        self.failed
            .iter()
            .chain(&self.skipped)
            .chain(&self.elsewhere)
            .map(|(address, why)| (address.clone(), why.clone()))
            .collect()
    }
}

/// What executing needs besides the plan.
pub struct Executor<'a> {
    /// Targets by name.
    pub endpoints: &'a BTreeMap<String, Endpoint>,
    /// Restart commands that the site declares, by target.
    pub restart: &'a BTreeMap<String, Vec<String>>,
    /// What is declared: what was written is compared with it.
    pub desired: &'a [Resource],
    /// What the plan was made from; file paths and the release come from here.
    pub observations: &'a [Observation],
    /// Journal, already open.
    pub journal: &'a mut Journal,
    /// Told of everything that happens.
    pub events: &'a mut dyn FnMut(Event),
    /// Set when the user wants to stop: the action under way is finished, the rest is skipped.
    pub stop: &'a AtomicBool,
}

impl Executor<'_> {
    /// Executes. Never stops at a failure: what does not depend on it goes on.
    pub async fn execute(&mut self, plan: &Plan) -> Summary {
        let started = Instant::now();
        let mut summary = Summary::default();
        let mut outcomes: BTreeMap<u32, Outcome> = BTreeMap::new();
        let at_end = TARGETS.iter().flat_map(|target| target.at_end(plan)).collect();
        let mut ledger = Ledger { at_end, ..Ledger::default() };
        let of = u32::try_from(plan.actions.len()).unwrap_or(u32::MAX);
        self.note("start", None, &format!("{of} actions for {}", plan.factory));
        for action in &plan.actions {
            let outcome = if self.stop.load(Ordering::Relaxed) {
                summary.interrupted = true;
                Outcome::Skipped("interrupted".to_owned())
            } else if let Some(failed) = action.after.iter().find(|id| outcomes.get(id) != Some(&Outcome::Done)) {
                Outcome::Skipped(Self::reason(plan, *failed))
            } else if let Some(why) = ledger.lost.get(&action.target) {
                Outcome::Skipped(why.clone())
            } else {
                (self.events)(Event::Started { id: action.id, of, title: action.title.clone() });
                self.perform(action, &plan.factory, &mut summary, &mut ledger).await
            };
            match &outcome {
                Outcome::Done => self.note("done", Some(action), &action.title),
                Outcome::Failed(why) => self.note("failed", Some(action), why),
                Outcome::Skipped(why) => self.note("skipped", Some(action), why),
                Outcome::Partly(why) => self.note("partly", Some(action), why),
            }
            settle(action, &outcome, &mut ledger);
            (self.events)(Event::Ended { id: action.id, outcome: outcome.clone() });
            outcomes.insert(action.id, outcome);
        }
        self.wait_at_end(plan, &outcomes, &mut ledger).await;
        self.locate(plan, &mut ledger);
        self.read_back(plan, &outcomes, &ledger, &mut summary).await;
        summary.seconds = started.elapsed().as_secs_f64();
        self.note("end", None, &ending(&summary));
        summary
    }

    /// Waits for what was sent without waiting, unless the user wants to stop.
    async fn wait_at_end(&mut self, plan: &Plan, outcomes: &BTreeMap<u32, Outcome>, ledger: &mut Ledger) {
        let mut tried: BTreeMap<&str, Vec<&Action>> = BTreeMap::new();
        for action in &plan.actions {
            let done = matches!(outcomes.get(&action.id), Some(Outcome::Done | Outcome::Partly(_)));
            if done && !ledger.lost.contains_key(&action.target) {
                tried.entry(&action.target).or_default().push(action);
            }
        }
        let missing = ledger.missing();
        let at_end = std::mem::take(&mut ledger.at_end);
        let left = |address: &Address| at_end.contains(address) && !missing.contains_key(address);
        for (target, actions) in tried {
            let Some(endpoint) = self.endpoints.get(target) else { continue };
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let events = &mut *self.events;
            let mut waiting = |id: u32, what: String| events(Event::Waiting { id, what });
            ledger.late.extend(writer(endpoint).settle(&actions, &left, &mut waiting).await);
        }
    }

    /// Puts the manifest's line before what a server says of an object that it refused.
    fn locate(&self, plan: &Plan, ledger: &mut Ledger) {
        for (address, named) in &ledger.named {
            let Some(why) = ledger.failed.get_mut(address) else { continue };
            let change = plan.changes.iter().find(|change| change.address == *address);
            let resource = self.desired.iter().find(|resource| resource.address == *address);
            let target = of_kind(TARGETS, &address.kind);
            let place = change.zip(resource).zip(target);
            if let Some(place) = place.and_then(|((one, other), target)| target.place_of(one, other, named)) {
                *why = format!("{place}: {why}");
            }
        }
    }

    fn reason(plan: &Plan, failed: u32) -> String {
        let title = plan.actions.iter().find(|action| action.id == failed).map_or("", |action| action.title.as_str());
        format!("needs `{title}`")
    }

    /// A journal that cannot be written any more must not stop an apply half-way; the failure is told once by the caller
    /// that opened it.
    fn note(&mut self, what: &str, action: Option<&Action>, text: &str) {
        let id = action.map(|action| action.id);
        let target = action.map(|action| action.target.as_str());
        if let Err(error) = self.journal.write(what, id, target, text) {
            let id = id.unwrap_or_default();
            (self.events)(Event::Waiting { id, what: format!("the journal cannot be written: {error}") });
        }
    }

    async fn perform(&mut self, action: &Action, factory: &str, summary: &mut Summary, ledger: &mut Ledger) -> Outcome {
        self.note("before", Some(action), &action.title);
        let Some(endpoint) = self.endpoints.get(&action.target) else {
            return Outcome::Failed(format!("the target `{}` is not bound", action.target));
        };
        let work = Work {
            action,
            factory,
            observation: self.observations.iter().find(|observation| observation.target == action.target),
            restart: self.restart.get(&action.target).map(Vec::as_slice),
            missing: &ledger.missing(),
            at_end: &ledger.at_end,
            stop: self.stop,
        };
        let events = &mut *self.events;
        let mut waiting = |id: u32, what: String| events(Event::Waiting { id, what });
        let Some(performed) = writer(endpoint).perform(work, &mut waiting).await else {
            let target = &action.target;
            return Outcome::Failed(format!("the target `{target}` is of another kind than when the plan was made"));
        };
        ledger.failed.extend(performed.failed);
        ledger.late.extend(performed.late);
        ledger.named.extend(performed.named);
        ledger.skipped.extend(performed.skipped);
        if let Some(why) = performed.lost {
            ledger.lost.insert(action.target.clone(), why);
        }
        summary.by_hand.extend(performed.by_hand);
        if performed.rolled_back.is_some() {
            summary.rolled_back = performed.rolled_back;
        }
        performed.outcome
    }

    /// Reads every touched target again; each change is done only if it can be seen.
    async fn read_back(
        &mut self,
        plan: &Plan,
        outcomes: &BTreeMap<u32, Outcome>,
        ledger: &Ledger,
        summary: &mut Summary,
    ) {
        let mut observed: BTreeMap<&str, Result<Observation, String>> = BTreeMap::new();
        let touched: BTreeSet<&str> = plan.actions.iter().map(|action| action.target.as_str()).collect();
        for target in touched {
            let Some(endpoint) = self.endpoints.get(target) else { continue };
            let wanted = of_target(self.desired, target);
            let reading = session::read(endpoint.reader(), target, &plan.factory, &wanted).await;
            let reading = reading.map_err(|found| {
                found.0.first().map_or_else(|| "cannot be read".to_owned(), |diagnostic| diagnostic.message.clone())
            });
            observed.insert(target, reading);
        }
        let compared: BTreeMap<&str, Comparison> = observed
            .iter()
            .filter_map(|(target, reading)| Some((*target, verify::compared(reading.as_ref().ok()?, self.desired)?)))
            .collect();
        for action in plan.actions.iter().filter(|action| action.addresses.is_empty()) {
            let Some(Outcome::Failed(why)) = outcomes.get(&action.id) else { continue };
            let hidden = action.step.of_kind(TARGETS).map(|target| target.hidden(action)).unwrap_or_default();
            summary.failed.extend(hidden.into_iter().map(|address| (address, why.clone())));
        }
        let mut acts: BTreeMap<&Address, Vec<&Action>> = BTreeMap::new();
        for action in &plan.actions {
            for address in &action.addresses {
                acts.entry(address).or_default().push(action);
            }
        }
        for change in &plan.changes {
            if let Some(comparison) = compared.get(change.address.target.as_str()) {
                let reading = observed.get(change.address.target.as_str()).and_then(|reading| reading.as_ref().ok());
                let why = reading.and_then(|reading| verify::missing_object(change, reading, comparison));
                let failed = ledger.failed.get(&change.address).or(ledger.late.get(&change.address));
                match (failed, ledger.skipped.get(&change.address), why) {
                    (Some(why), ..) => summary.failed.push((change.address.clone(), why.clone())),
                    (_, Some(why), _) => summary.skipped.push((change.address.clone(), why.clone())),
                    (.., Some(why)) => summary.failed.push((change.address.clone(), why)),
                    _ => count(change.operation, &change.address, summary),
                }
                continue;
            }
            let tells_each = |target: &dyn Target| target.tells_each();
            let each = |action: &&Action| action.step.of_kind(TARGETS).is_some_and(tells_each);
            let told_each = acts.get(&change.address).is_some_and(|all| all.iter().all(each));
            if let (true, Some(Err(why))) = (told_each, observed.get(change.address.target.as_str())) {
                let failed = ledger.failed.get(&change.address).or(ledger.late.get(&change.address));
                let (list, why) = match (failed, ledger.skipped.get(&change.address)) {
                    (Some(why), _) => (&mut summary.failed, why),
                    (_, Some(why)) => (&mut summary.skipped, why),
                    // The server has answered with the object as it keeps it: that is more than nothing.
                    _ => (&mut summary.unseen, why),
                };
                list.push((change.address.clone(), why.clone()));
                continue;
            }
            let bad: Option<(&Action, &Outcome)> = acts
                .get(&change.address)
                .into_iter()
                .flatten()
                .filter_map(|action| Some((*action, outcomes.get(&action.id)?)))
                .find(|(_, outcome)| **outcome != Outcome::Done);
            let arrived = match observed.get(change.address.target.as_str()) {
                Some(Ok(observation)) => verify::missing(change, observation),
                Some(Err(why)) => Some(format!("could not be read back: {why}")),
                None => Some("internal error: the plan has no command for it".to_owned()),
            };
            let (failed, skipped) = (ledger.failed.get(&change.address), ledger.skipped.get(&change.address));
            match (bad, arrived) {
                _ if failed.is_some() => {
                    summary.failed.extend(failed.map(|why| (change.address.clone(), why.clone())));
                }
                _ if skipped.is_some() => {
                    summary.skipped.extend(skipped.map(|why| (change.address.clone(), why.clone())));
                }
                (Some((_, Outcome::Skipped(why))), _) => summary.skipped.push((change.address.clone(), why.clone())),
                (Some((_, Outcome::Failed(why))), Some(_)) => {
                    summary.failed.push((change.address.clone(), why.clone()));
                }
                // A failed command whose effect is there anyway (`Nothing modified`) is no failure; a file that was not
                // taken up is one.
                (Some((action, Outcome::Failed(why))), None) if counts_though_there(action) => {
                    summary.failed.push((change.address.clone(), why.clone()));
                }
                (None, Some(why)) => summary.failed.push((change.address.clone(), why)),
                _ => count(change.operation, &change.address, summary),
            }
        }
    }
}

fn ending(summary: &Summary) -> String {
    let unseen = match summary.unseen.len() {
        0 => String::new(),
        many => format!(", {many} not read back"),
    };
    format!("{} failed, {} skipped{unseen}", summary.failed.len(), summary.skipped.len())
}

/// Notes what others may need and is not there. Of objects that were sent each is noted already.
fn settle(action: &Action, outcome: &Outcome, ledger: &mut Ledger) {
    let tells_each = |target: &dyn Target| target.tells_each();
    let each = action.step.of_kind(TARGETS).is_some_and(tells_each);
    let (why, skipped) = match outcome {
        Outcome::Done | Outcome::Partly(_) => return,
        Outcome::Failed(why) => (why, false),
        Outcome::Skipped(why) => (why, true),
    };
    for address in &action.addresses {
        if [&ledger.failed, &ledger.skipped, &ledger.late].iter().any(|list| list.contains_key(address)) {
            continue;
        }
        let list = match (each, skipped) {
            (false, _) => &mut ledger.elsewhere,
            (true, false) => &mut ledger.failed,
            (true, true) => &mut ledger.skipped,
        };
        list.insert(address.clone(), why.clone());
    }
}

/// Whether a failure of the action is told though what it wanted is there.
fn counts_though_there(action: &Action) -> bool {
    action.step.of_kind(TARGETS).is_some_and(|target| target.counts_though_there(&action.step))
}

fn count(operation: Operation, _address: &Address, summary: &mut Summary) {
    match operation {
        Operation::Create => summary.created += 1,
        Operation::Update | Operation::Adopt | Operation::Recreate | Operation::Release => summary.changed += 1,
        Operation::Delete => summary.deleted += 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Wishes;
    use crate::live::{Facts, Jobs, Reads};
    use crate::plan::{Guards, Request, build};
    use crate::resource::{Body, Digest};

    /// A plan for a twin that makes one mode, without the action for it.
    fn plan_without_actions() -> Plan {
        let observation = Observation {
            target: "compute".to_owned(),
            title: "twin".to_owned(),
            resources: BTreeMap::new(),
            running: BTreeMap::new(),
            jobs: Jobs::Known(Vec::new()),
            reads: Reads::default(),
            findings: crate::diagnostics::Diagnostics::new(),
            facts: Facts::None,
            salt: None,
        };
        let request = Request {
            factory: "nordlys".to_owned(),
            environment: "default".to_owned(),
            at: "2026-11-21".to_owned(),
            manifests: Digest::of(""),
            wishes: Wishes::default(),
            guards: Guards::default(),
            destroying: false,
            only: None,
            restart: BTreeMap::new(),
        };
        let resource = Resource {
            address: Address::new("compute", "qos", "new"),
            body: Body::new(),
            place: None,
            places: BTreeMap::new(),
            reasons: BTreeMap::new(),
            protect: false,
            summary: String::new(),
        };
        let mut plan = build(&request, &[resource], &[observation], &|_| None).unwrap();
        assert_eq!((plan.changes.len(), plan.actions.len()), (1, 1));
        plan.actions.clear();
        plan
    }

    #[tokio::test]
    async fn a_change_without_a_command_never_counts_as_applied() {
        let folder = tempfile::tempdir().unwrap();
        let mut executor = Executor {
            endpoints: &BTreeMap::new(),
            restart: &BTreeMap::new(),
            desired: &[],
            observations: &[],
            journal: &mut Journal::open(&folder.path().join("journal")).unwrap(),
            events: &mut |_| {},
            stop: &AtomicBool::new(false),
        };
        let summary = executor.execute(&plan_without_actions()).await;
        assert_eq!((summary.created, summary.failed.len()), (0, 1));
        assert!(summary.failed[0].1.contains("internal error"), "{:?}", summary.failed);
        assert!(!summary.is_complete());
    }
}
