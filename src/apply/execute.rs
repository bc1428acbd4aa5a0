//! Executes a plan's actions in order, journalled, and reads back what they did.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::configure::{self, Configured};
use super::event::{Event, Outcome, Summary};
use super::journal::Journal;
use super::kubernetes as objects;
use super::verify;
use super::waits;
use crate::diagnostics::Diagnostics;
use crate::diff::{Comparison, Operation};
use crate::live::Observation;
use crate::live::kubernetes::{self, Cluster};
use crate::live::slurm::{self, ReadOptions};
use crate::live::transport::Transport;
use crate::live::twin::Twin;
use crate::plan::kubernetes::{ObjectWrite, Step as OfKubernetes};
use crate::plan::slurm::Step as OfSlurm;
use crate::plan::twin::Step as OfTwin;
use crate::plan::{Action, Plan, Step};
use crate::resource::{Address, Resource, of_target};

/// Longest time for one `sacctmgr` command; a killed predecessor may roll back for as long as it ran.
const COMMAND_LIMIT: Duration = Duration::from_secs(600);
/// How often a command is tried again while another transaction holds its rows.
const LOCK_TRIES: u32 = 10;

/// A target that can be written.
#[derive(Debug)]
pub enum Backend {
    /// The embedded store.
    Twin(Twin),
    /// A Slurm cluster.
    Slurm {
        /// How its programs and files are reached.
        transport: Transport,
        /// How it is read.
        options: ReadOptions,
        /// The site's restart command, if it declares one.
        restart: Option<Vec<String>>,
    },
    /// A Kubernetes cluster.
    Kubernetes(Cluster),
}

impl Backend {
    /// Reads it whole.
    /// `wanted` is what is declared there: some targets are asked about each.
    pub async fn observe(&self, target: &str, factory: &str, wanted: &[Resource]) -> Result<Observation, Diagnostics> {
        match self {
            Self::Twin(twin) => twin.observe(target, factory).map_err(|error| error.diagnostics()),
            Self::Slurm { transport, options, .. } => slurm::observe(target, factory, transport, options).await,
            Self::Kubernetes(cluster) => kubernetes::observe(target, factory, cluster, wanted).await,
        }
    }
}

/// What became of single objects, where an action is about many.
#[derive(Debug, Default)]
struct Ledger {
    failed: BTreeMap<Address, String>,
    skipped: BTreeMap<Address, String>,
    /// There, and not in order.
    late: BTreeMap<Address, String>,
    /// Resources of other targets that are not there: why.
    elsewhere: BTreeMap<Address, String>,
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

    fn take(&mut self, target: &str, writes: usize, sent: objects::Sent) -> Outcome {
        let (failed, skipped) = (sent.failed.len() + sent.late.len(), sent.skipped.len());
        let all = sent.failed.iter().chain(&sent.late).chain(&sent.skipped);
        let first = all.map(Clone::clone).next().map(|(address, why)| format!("{address}: {why}"));
        self.failed.extend(sent.failed);
        self.late.extend(sent.late);
        self.skipped.extend(sent.skipped);
        if let Some(why) = sent.lost {
            self.lost.insert(target.to_owned(), why);
        }
        let Some(first) = first else { return Outcome::Done };
        match (failed, skipped) {
            (0, skipped) if skipped == writes => Outcome::Skipped(first),
            (1, 0) if writes == 1 => Outcome::Failed(first),
            (failed, _) if failed == writes => Outcome::Failed(format!("all {writes}, first {first}")),
            (failed, skipped) => {
                Outcome::Partly(format!("{failed} failed and {skipped} skipped of {writes}, first {first}"))
            }
        }
    }
}

/// What executing needs besides the plan.
pub struct Executor<'a> {
    /// Targets by name.
    pub backends: &'a BTreeMap<String, Backend>,
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
        let mut ledger = Ledger { at_end: waits::at_end(plan), ..Ledger::default() };
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
        self.read_back(plan, &outcomes, &ledger, &mut summary).await;
        summary.seconds = started.elapsed().as_secs_f64();
        self.note("end", None, &format!("{} failed, {} skipped", summary.failed.len(), summary.skipped.len()));
        summary
    }

    /// Waits for what was sent without waiting, unless the user wants to stop.
    async fn wait_at_end(&mut self, plan: &Plan, outcomes: &BTreeMap<u32, Outcome>, ledger: &mut Ledger) {
        let missing = ledger.missing();
        let mut left: BTreeMap<&str, (u32, Vec<ObjectWrite>)> = BTreeMap::new();
        for action in &plan.actions {
            let tried = matches!(outcomes.get(&action.id), Some(Outcome::Done | Outcome::Partly(_)));
            let Step::Kubernetes(OfKubernetes::Objects { writes }) = &action.step else { continue };
            if !tried || ledger.lost.contains_key(&action.target) {
                continue;
            }
            let sent = writes.iter().filter(|write| !missing.contains_key(&write.address));
            for write in sent.filter(|write| ledger.at_end.contains(&write.address)) {
                left.entry(&action.target).or_insert((action.id, Vec::new())).1.push(write.clone());
            }
        }
        for (target, (id, writes)) in left {
            let Some(Backend::Kubernetes(cluster)) = self.backends.get(target) else { continue };
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let events = &mut *self.events;
            let mut waiting = |what: String| events(Event::Waiting { id, what });
            ledger.late.extend(objects::settle(cluster, &writes, &mut waiting).await);
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
        let Some(backend) = self.backends.get(&action.target) else {
            return Outcome::Failed(format!("the target `{}` is not bound", action.target));
        };
        match (&action.step, backend) {
            (Step::Twin(OfTwin::Twin { put, remove }), Backend::Twin(twin)) => {
                match twin.commit(factory, put, remove) {
                    Ok(()) => Outcome::Done,
                    Err(error) => Outcome::Failed(error.to_string()),
                }
            }
            (Step::Kubernetes(OfKubernetes::Objects { writes }), Backend::Kubernetes(cluster)) => {
                let events = &mut *self.events;
                let mut waiting = |what: String| events(Event::Waiting { id: action.id, what });
                let sent_as = waits::without(writes, &ledger.at_end);
                let sent = objects::send(cluster, &sent_as, &ledger.missing(), &mut waiting, self.stop).await;
                ledger.take(&action.target, writes.len(), sent)
            }
            (Step::Slurm(OfSlurm::Accounting { argv }), Backend::Slurm { transport, .. }) => {
                let events = &mut *self.events;
                accounting(transport, argv, |what| events(Event::Waiting { id: action.id, what })).await
            }
            (Step::Slurm(OfSlurm::Configure { files, how }), Backend::Slurm { transport, options, restart }) => {
                let observed = self.observations.iter().find(|observation| observation.target == action.target);
                let Some(facts) = observed.and_then(|observation| observation.slurm()) else {
                    return Outcome::Failed("the target was not read".to_owned());
                };
                let events = &mut *self.events;
                let mut waiting = |what: String| events(Event::Waiting { id: action.id, what });
                let work =
                    configure::Work { target: &action.target, transport, options, facts, restart: restart.as_deref() };
                match configure::configure(&work, files, how, &mut waiting).await {
                    Configured::Done => Outcome::Done,
                    Configured::ByHand(command) => {
                        let why = format!("run `{command}` on the controller's host, then apply again");
                        summary.by_hand.push(command);
                        Outcome::Failed(why)
                    }
                    Configured::Refused(why) => Outcome::Failed(why),
                    Configured::RolledBack { why, log } => {
                        summary.rolled_back = Some(log);
                        Outcome::Failed(why)
                    }
                }
            }
            _ => Outcome::Failed(format!(
                "the target `{}` is of another kind than when the plan was made",
                action.target
            )),
        }
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
            let Some(backend) = self.backends.get(target) else { continue };
            let wanted = of_target(self.desired, target);
            let reading = backend.observe(target, &plan.factory, &wanted).await;
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
            let (Some(Outcome::Failed(why)), Step::Kubernetes(OfKubernetes::Objects { writes })) =
                (outcomes.get(&action.id), &action.step)
            else {
                continue;
            };
            summary.failed.extend(writes.iter().map(|write| (write.address.clone(), why.clone())));
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
            let bad: Option<(&Action, &Outcome)> = acts
                .get(&change.address)
                .into_iter()
                .flatten()
                .filter_map(|action| Some((*action, outcomes.get(&action.id)?)))
                .find(|(_, outcome)| **outcome != Outcome::Done);
            let arrived = match observed.get(change.address.target.as_str()) {
                Some(Ok(observation)) => verify::missing(change, observation),
                Some(Err(why)) => Some(format!("could not be read back: {why}")),
                None => None,
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
                (Some((action, Outcome::Failed(why))), None)
                    if matches!(action.step, Step::Slurm(OfSlurm::Configure { .. })) =>
                {
                    summary.failed.push((change.address.clone(), why.clone()));
                }
                (None, Some(why)) => summary.failed.push((change.address.clone(), why)),
                _ => count(change.operation, &change.address, summary),
            }
        }
    }
}

/// Notes what others may need and is not there. Of objects that were sent each is noted already.
fn settle(action: &Action, outcome: &Outcome, ledger: &mut Ledger) {
    let objects = matches!(action.step, Step::Kubernetes(_));
    let (why, skipped) = match outcome {
        Outcome::Done | Outcome::Partly(_) => return,
        Outcome::Failed(why) => (why, false),
        Outcome::Skipped(why) => (why, true),
    };
    for address in &action.addresses {
        if [&ledger.failed, &ledger.skipped, &ledger.late].iter().any(|list| list.contains_key(address)) {
            continue;
        }
        let list = match (objects, skipped) {
            (false, _) => &mut ledger.elsewhere,
            (true, false) => &mut ledger.failed,
            (true, true) => &mut ledger.skipped,
        };
        list.insert(address.clone(), why.clone());
    }
}

fn count(operation: Operation, _address: &Address, summary: &mut Summary) {
    match operation {
        Operation::Create => summary.created += 1,
        Operation::Update | Operation::Adopt | Operation::Release => summary.changed += 1,
        Operation::Delete => summary.deleted += 1,
    }
}

/// One `sacctmgr` command. `Nothing new added` and its like are left to the read-back; a lock is waited for.
async fn accounting(transport: &Transport, argv: &[String], mut waiting: impl FnMut(String)) -> Outcome {
    for attempt in 1..=LOCK_TRIES {
        let output = match transport.run(argv, None, COMMAND_LIMIT).await {
            Ok(output) => output,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        if output.code == Some(0) {
            return Outcome::Done;
        }
        let text = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let folded = text.to_lowercase();
        if ["deadlock", "lock wait timeout", "database is busy", "waiting for lock"]
            .iter()
            .any(|word| folded.contains(word))
        {
            waiting(format!("another transaction holds the rows; try {attempt} of {LOCK_TRIES}"));
            tokio::time::sleep(Duration::from_secs(u64::from(attempt))).await;
            continue;
        }
        if ["nothing new added", "already exist", "nothing modified", "nothing deleted"]
            .iter()
            .any(|word| folded.contains(word))
        {
            return Outcome::Done;
        }
        return Outcome::Failed(first_lines(&text));
    }
    Outcome::Failed("the database stayed locked by another transaction".to_owned())
}

/// The telling lines of a program's output, on one line.
pub(super) fn first_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(4).collect();
    lines.join("; ")
}
