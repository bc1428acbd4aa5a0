//! Changes on a Slurm target → actions.

mod accounting;
mod configure;
mod draft;
mod empty;
mod fits;
mod impact;
mod notes;
mod promises;
mod qos;
mod removals;
mod renames;
mod step;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::diff::{Change, ChangeClass, Conflict, JobImpact, Operation};
use crate::live::Observation;
use crate::live::slurm::SlurmFacts;
use crate::plan::target::{Files, Target, Work};
use crate::plan::{Action, Guards, Identity, Refusal};
use crate::resource::{Address, Resource};

use accounting::drafts;
pub use configure::missing_include;
use draft::{Context, Draft};
pub use promises::unkept;
pub use step::{FileWrite, How, Step};

/// Order of creation.
const ORDER: [&str; 9] =
    ["node", "gres", "nodeset", "qos", "account", "association", "user", "coordinator", "partition"];

pub(super) const TARGET: &dyn Target = &Slurm;

struct Slurm;

impl Target for Slurm {
    fn identity(&self, observation: &Observation) -> Identity {
        let of = |facts: &SlurmFacts| (facts.release.to_string(), facts.cluster.clone());
        let (version, name) = observation.slurm().map(of).unwrap_or_default();
        Identity { kind: "slurm".to_owned(), version, name }
    }

    fn actions(&self, work: &Work<'_>) -> Result<Vec<Action>, Diagnostics> {
        let Some(facts) = work.observation.slurm() else { return Ok(Vec::new()) };
        actions(work.factory, work.desired, work.changes, work.observation, facts, work.restart, work.first)
    }

    fn rank(&self, kind: &str) -> usize {
        ORDER.iter().position(|one| *one == kind).unwrap_or(ORDER.len())
    }

    fn impact(&self, change: &Change, observation: &Observation) -> JobImpact {
        impact::of(change, observation)
    }

    fn note(&self, changes: &mut [Change], desired: &[Resource], observation: &Observation) {
        if let Some(facts) = observation.slurm() {
            for change in changes.iter_mut() {
                notes::note(change, observation, facts);
            }
        }
        renames::note(changes, desired, observation);
    }

    fn unkept(&self, desired: &[Resource], observation: &Observation) -> Diagnostics {
        observation.slurm().map_or_else(Diagnostics::new, |facts| unkept(facts, desired))
    }

    fn conflict(&self, conflict: &Conflict) -> Option<Refusal> {
        notes::in_site_files(conflict)
    }

    fn refused(
        &self,
        action: &Action,
        observation: &Observation,
        guards: &Guards,
        restart: Option<&[String]>,
    ) -> Option<Refusal> {
        let crate::plan::Step::Slurm(step) = &action.step else { return None };
        notes::fragile_reconfigure(step, action, observation.slurm()?, guards, restart)
    }

    fn fits(&self, step: &crate::plan::Step, action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool {
        matches!(step, crate::plan::Step::Slurm(step) if fits::fits(step, action, changes))
    }

    fn without_texts(&self, step: &mut crate::plan::Step) {
        if let crate::plan::Step::Slurm(step) = step {
            step::without_texts(step);
        }
    }

    fn rendered(&self, files: &Files<'_>) -> Result<BTreeMap<String, String>, String> {
        empty::files(files)
    }
}

/// Actions of one Slurm target, numbered from `first`.
fn actions(
    factory: &str,
    desired: &[Resource],
    changes: &[Change],
    observation: &Observation,
    facts: &SlurmFacts,
    restart: Option<&[String]>,
    first: u32,
) -> Result<Vec<Action>, Diagnostics> {
    let by_address: BTreeMap<&Address, &Resource> =
        desired.iter().map(|resource| (&resource.address, resource)).collect();
    let all: Vec<&Change> = changes.iter().collect();
    let depths = accounting::depths(&by_address, observation);
    let context = Context { factory, facts, observation, desired: by_address, depths };
    refuse_impossible(&context, &all)?;
    let words = drafts(&context, &all);
    let step = configure::step(&all, &context.desired, observation, facts, restart)?;
    refuse_unknown_tres(&context, step.as_ref())?;

    let mut builder = Builder { target: observation.target.clone(), next: first, actions: Vec::new() };
    for draft in words.before_files {
        builder.accounting(draft, &BTreeSet::new());
    }
    let configured = step.map(|step| builder.configure(step, &all, &context));
    let after: BTreeSet<u32> = configured.into_iter().collect();
    for draft in words.after_files {
        builder.accounting(draft, &after);
    }
    for draft in words.removals {
        // A QOS may go only after the files no longer name it.
        let files_first = draft.addresses.iter().any(|address| matches!(address.kind.as_str(), "qos" | "account"));
        let also = if files_first { after.clone() } else { BTreeSet::new() };
        builder.accounting(draft, &also);
    }
    Ok(builder.actions)
}

struct Builder {
    target: String,
    next: u32,
    actions: Vec<Action>,
}

impl Builder {
    fn push(&mut self, title: String, addresses: Vec<Address>, step: Step, after: Vec<u32>, class: ChangeClass) -> u32 {
        let id = self.next;
        self.next += 1;
        let step = step.into();
        self.actions.push(Action { id, target: self.target.clone(), title, addresses, step, after, class });
        id
    }

    /// Earlier actions that touch any of these.
    fn touching(&self, needs: &BTreeSet<Address>) -> BTreeSet<u32> {
        self.actions
            .iter()
            .filter(|action| action.addresses.iter().any(|address| needs.contains(address)))
            .map(|action| action.id)
            .collect()
    }

    fn accounting(&mut self, draft: Draft, also: &BTreeSet<u32>) {
        let after = self.touching(&draft.needs).union(also).copied().collect();
        self.push(draft.title, draft.addresses, Step::Accounting { argv: draft.argv }, after, ChangeClass::Live);
    }

    fn configure(&mut self, step: Step, changes: &[&Change], context: &Context<'_>) -> u32 {
        let touched: Vec<&&Change> =
            changes.iter().filter(|change| configure::in_files(&change.address.kind)).collect();
        let mut needs = BTreeSet::new();
        for change in &touched {
            let Some(resource) = context.desired.get(&change.address) else { continue };
            for key in ["QOS", "AllowQos", "DenyQos"] {
                let names: Vec<&str> = match resource.body.get(key) {
                    Some(serde_json::Value::String(name)) => vec![name],
                    Some(serde_json::Value::Array(items)) => items.iter().filter_map(|item| item.as_str()).collect(),
                    _ => Vec::new(),
                };
                needs.extend(names.into_iter().map(|name| Address::new(&self.target, "qos", name)));
            }
        }
        let class = touched.iter().map(|change| change.class).max().unwrap_or(ChangeClass::Reconfigure);
        let title = match &step {
            Step::Configure { how: How::Reconfigure, .. } => "write the include files and reconfigure".to_owned(),
            Step::Configure { how: How::Restart(command), .. } => {
                format!("write the include files and run `{}`", command.join(" "))
            }
            _ => "write the include files".to_owned(),
        };
        let addresses = touched.iter().map(|change| change.address.clone()).collect();
        let after = self.touching(&needs).into_iter().collect();
        self.push(title, addresses, step, after, class)
    }
}

/// What Slurm cannot do, or what would stop its controller.
fn refuse_impossible(context: &Context<'_>, changes: &[&Change]) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::new();
    let accounting = |change: &&&Change| !configure::in_files(&change.address.kind);
    if !context.facts.accounting
        && let Some(change) = changes.iter().find(accounting)
    {
        found.push(
            Diagnostic::of_run(
                &codes::command::NO_ACCOUNTING,
                format!("`{}` needs Slurm's accounting, and this cluster has none", change.address),
            )
            .why("AccountingStorageType is not accounting_storage/slurmdbd, so there is nowhere to store it")
            .hint("set `AccountingStorageType=accounting_storage/slurmdbd` in slurm.conf, or leave access modes and projects out"),
        );
    }
    for change in changes.iter().filter(|change| change.operation == Operation::Delete && change.address.kind == "qos")
    {
        let users = context.observation.resources.iter().filter(|(address, live)| {
            let going = changes.iter().any(|other| &other.address == *address && other.operation == Operation::Delete);
            let changed = context.desired.contains_key(address);
            !going
                && !changed
                && (live.body.get("DefaultQOS").and_then(|value| value.as_str()) == Some(&change.address.name)
                    || (address.kind == "partition"
                        && live.body.get("QOS").and_then(|value| value.as_str()) == Some(&change.address.name)))
        });
        for (address, _) in users {
            found.push(
                Diagnostic::of_run(
                    &codes::command::STILL_NAMED,
                    format!("`{}` cannot be deleted: `{address}` still names it", change.address),
                )
                .why("Slurm refuses to delete a default QOS, and a partition whose QOS is gone stops slurmctld at its next start")
                .hint(format!("change `{address}` first; it is not managed by these manifests")),
            );
        }
    }
    for change in
        changes.iter().filter(|change| change.operation == Operation::Delete && change.address.kind == "account")
    {
        let below = context.observation.resources.iter().filter(|(address, live)| {
            address.kind == "account"
                && live.body.get("Parent").and_then(|value| value.as_str()) == Some(&change.address.name)
        });
        let staying = below.filter(|(address, _)| {
            !context.desired.contains_key(address) && !changes.iter().any(|other| &other.address == *address)
        });
        for (address, _) in staying {
            found.push(
                Diagnostic::of_run(
                    &codes::command::STILL_NAMED,
                    format!("`{}` cannot be deleted: `{address}` stands below it", change.address),
                )
                .why("Slurm would take away the associations of the whole tree below, and these manifests do not manage that account")
                .hint(format!("move it first: sacctmgr modify account where name={} set parent=root", address.name)),
            );
        }
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// A TRES exists only after a controller has registered with `AccountingStorageTRES`.
fn refuse_unknown_tres(context: &Context<'_>, step: Option<&Step>) -> Result<(), Diagnostics> {
    let starts = matches!(step, Some(Step::Configure { how: How::Restart(_) | How::ByHand(_), .. }));
    let tracked = context.facts.tracked_tres();
    let mut found = Diagnostics::new();
    for (tres, addresses) in accounting::unknown_tres(context) {
        if starts && tracked.contains(tres) {
            continue;
        }
        let Some(first) = addresses.first() else { continue };
        found.push(
            Diagnostic::of_run(
                &codes::command::UNKNOWN_TRES,
                format!("`{first}` limits `{tres}`, which this cluster does not account"),
            )
            .why("a TRES such as gres/gpu exists only after slurmctld has registered with it in AccountingStorageTRES")
            .hint(format!("add it in slurm.conf and restart slurmctld: AccountingStorageTRES={tres}")),
        );
    }
    if found.is_empty() { Ok(()) } else { Err(found) }
}
