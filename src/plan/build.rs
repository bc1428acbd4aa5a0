//! From desired and observed to a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::target::{Target, Work};
use super::targets::TARGETS;
use super::{Action, Guards, Identity, Plan, Refusal, TargetSummary, guards, twin};
use crate::diagnostics::{Diagnostics, codes, nearest};
use crate::diff::{Change, Conflict, Locate, Operation, Warning, Wishes, compare};
use crate::live::{Observation, Owner};
use crate::resource::{Address, Digest, Resource, is_protected, of_target};
use crate::targets::of_kind;

/// Version of the plan format.
pub const FORMAT: u32 = 2;

/// What is planned for, besides desired and observed.
#[derive(Debug, Clone)]
pub struct Request {
    /// The factory's name.
    pub factory: String,
    /// Environment of `sitewright.yaml`.
    pub environment: String,
    /// Day that allocations are evaluated on (`2026-11-21`).
    pub at: String,
    /// Digest of the manifests.
    pub manifests: Digest,
    /// What was asked for by address.
    pub wishes: Wishes,
    /// What is allowed without asking.
    pub guards: Guards,
    /// Whether everything goes (`destroy`).
    pub destroying: bool,
    /// Only these resources, as a saved plan names them.
    pub only: Option<BTreeSet<Address>>,
    /// Restart commands by target.
    pub restart: BTreeMap<String, Vec<String>>,
}

/// Builds the plan. Errors are what cannot be planned at all; what is merely not allowed becomes a refusal in the plan.
pub fn build(
    request: &Request,
    desired: &[Resource],
    observations: &[Observation],
    locate: &Locate<'_>,
) -> Result<Plan, Diagnostics> {
    let mut targets = Vec::new();
    let mut changes: Vec<Change> = Vec::new();
    let mut actions: Vec<Action> = Vec::new();
    let mut refusals = Vec::new();
    let mut warnings: Vec<Warning> = Vec::new();
    let mut errors = Diagnostics::new();
    let mut left_out = 0;
    let wanted: &[Resource] = if request.destroying { &[] } else { desired };
    for target in TARGETS {
        errors.extend(target.forbidden(wanted));
    }
    let adopt = &request.wishes.adopt;
    // What resources name on other targets is written before them.
    let mut ordered: Vec<&Observation> = observations.iter().collect();
    let names_others = |target: &dyn Target| target.names_others();
    ordered.sort_by_key(|observation| observation.facts.of_kind(TARGETS).is_some_and(names_others));
    for observation in ordered {
        let here = of_target(wanted, &observation.target);
        let mut comparison = compare(&here, observation, &request.wishes, locate);
        errors.extend(Diagnostics(comparison.blocked.drain(..).filter_map(|blocked| blocked.diagnostic).collect()));
        warnings.append(&mut comparison.warnings);
        if let Some(only) = &request.only {
            let all = comparison.changes.len();
            comparison.changes.retain(|change| only.contains(&change.address));
            left_out += all - comparison.changes.len();
        }
        for change in &mut comparison.changes {
            if let Some(target) = of_kind(TARGETS, &change.address.kind) {
                change.impact = target.impact(change, observation);
            }
        }
        for target in TARGETS {
            target.note(&mut comparison.changes, &here, observation);
        }
        refusals.extend(comparison.conflicts.iter().map(|conflict| conflict_refusal(conflict, observation)));
        targets.push(TargetSummary {
            name: observation.target.clone(),
            title: observation.title.clone(),
            identity: observation
                .facts
                .of_kind(TARGETS)
                .map_or_else(Identity::twin, |target| target.identity(observation)),
            reads: observation.reads,
            unchanged: comparison.unchanged,
            unmanaged: comparison.unmanaged,
            kept: comparison.kept,
            tiers: comparison.tiers,
        });
        for target in TARGETS {
            refusals.extend(target.of_changes(&comparison.changes, &request.wishes));
        }
        let first = u32::try_from(actions.len()).unwrap_or(u32::MAX).saturating_add(1);
        match observation.facts.of_kind(TARGETS) {
            None => actions.extend(twin::actions(observation, &here, &comparison.changes, first)),
            Some(target) => {
                let work = Work {
                    factory: &request.factory,
                    desired: &here,
                    changes: &comparison.changes,
                    observation,
                    elsewhere: &written(&changes),
                    restart: request.restart.get(&observation.target).map(Vec::as_slice),
                    first,
                };
                match target.actions(&work) {
                    Ok(more) => {
                        // Else a plan without changes would have something to do, and nobody would see what.
                        if comparison.changes.is_empty()
                            && let (Some(code), false) = (target.code_of_marks(), more.is_empty())
                        {
                            let titles: Vec<&str> = more.iter().map(|action| action.title.as_str()).collect();
                            let (target, titles) = (&observation.target, titles.join(", "));
                            let message = format!("on `{target}` nothing changes but our own mark: {titles}");
                            warnings.push(Warning::new(code, message));
                        }
                        actions.extend(more);
                    }
                    Err(found) => errors.extend(found),
                }
            }
        }
        warnings.extend(observation.findings.0.iter().map(Warning::from));
        if let Some(target) = observation.facts.of_kind(TARGETS) {
            warnings.extend(target.unkept(&here, observation).0.iter().map(Warning::from));
        }
        changes.extend(comparison.changes);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if left_out > 0 {
        let (what, is) = if left_out == 1 { ("change", "is") } else { ("changes", "are") };
        let message =
            format!("{left_out} {what} that the manifests need {is} not in the saved plan, and will be left to do");
        warnings
            .push(Warning::new(&codes::command::NOT_IN_PLAN, message).hint("see them afterwards: `sitewright plan`"));
    }
    warnings.extend(idle_adoptions(adopt, wanted));
    warnings.extend(idle_wishes(&request.wishes, &changes));
    targets.sort_by(|one: &TargetSummary, other| one.name.cmp(&other.name));
    let protected = protected(desired, observations, &changes);
    refusals.extend(guards::refusals(
        &changes,
        &actions,
        observations,
        &request.guards,
        &protected,
        &request.restart,
        request.destroying,
    ));
    changes.sort_by_key(|change| (u8::from(change.operation != Operation::Delete), change.address.clone()));
    Ok(Plan {
        format: FORMAT,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        factory: request.factory.clone(),
        environment: request.environment.clone(),
        at: request.at.clone(),
        manifests: request.manifests.clone(),
        wishes: request.wishes.clone(),
        guards: request.guards.clone(),
        destroying: request.destroying,
        targets,
        changes,
        actions,
        refusals,
        warnings,
    })
}

/// Addresses to take over that no manifest declares: nothing would come of them, and the one that was meant is refused.
fn idle_adoptions(adopt: &BTreeSet<Address>, wanted: &[Resource]) -> Vec<Warning> {
    let declared: BTreeSet<String> = wanted.iter().map(|resource| resource.address.to_string()).collect();
    let idle = adopt.iter().filter(|address| !declared.contains(&address.to_string()));
    idle.map(|address| {
        let warning = idle_flag(address, format!("`--adopt {address}` matches nothing that is declared"));
        match nearest(&address.to_string(), declared.iter().map(String::as_str)) {
            Some(near) => warning.hint(format!("did you mean `{near}`?")),
            None => warning,
        }
    })
    .collect()
}

/// What is said of a flag that comes to nothing.
fn idle_flag(address: &Address, message: String) -> Warning {
    Warning::new(&codes::command::IDLE_FLAG, message).hint("take it out of the command").about([address.clone()])
}

/// What was asked for of objects, and comes to nothing.
fn idle_wishes(wishes: &Wishes, changes: &[Change]) -> Vec<Warning> {
    let find = |address: &Address| changes.iter().find(|change| change.address == *address);
    let taken = |(address, path): &&(Address, String)| {
        find(address).is_none_or(|change| !change.takes.iter().any(|one| one.path == *path))
    };
    let take = wishes.take.iter().filter(taken).map(|(address, path)| {
        let message =
            format!("`--take {address}:{path}` takes nothing: nobody else owns a field there that would change");
        idle_flag(address, message)
    });
    let other = |address: &&Address| find(address).is_none_or(|change| change.operation != Operation::Recreate);
    let recreate = wishes.recreate.iter().filter(other).map(|address| {
        let message = format!("`--recreate {address}` does nothing: no field of it changes that cannot be changed");
        idle_flag(address, message)
    });
    let gone = |address: &&Address| find(address).is_none_or(|change| change.operation != Operation::Delete);
    let prune = wishes.prune.iter().filter(gone).map(|address| {
        let message = format!("`--prune {address}` does nothing: it is declared, or not ours, or not there");
        idle_flag(address, message)
    });
    take.chain(recreate).chain(prune).collect()
}

/// Resources that a plan writes.
fn written(changes: &[Change]) -> BTreeSet<Address> {
    let stay = changes.iter().filter(|change| change.operation != Operation::Delete);
    stay.map(|change| change.address.clone()).collect()
}

/// Resources that no plan may delete: declared so now, or marked so when they were written.
fn protected(desired: &[Resource], observations: &[Observation], changes: &[Change]) -> BTreeSet<Address> {
    let declared = desired.iter().filter(|resource| resource.protect).map(|resource| resource.address.clone());
    // Bodies of what does not change are not looked at: they need not be made.
    let changed: BTreeSet<&Address> = changes.iter().map(|change| &change.address).collect();
    let live = observations.iter().flat_map(|observation| &observation.resources);
    let live = live.filter(|(address, _)| changed.contains(address));
    let marked = live.filter(|(_, live)| is_protected(&live.body)).map(|(address, _)| address.clone());
    declared.chain(marked).collect()
}

fn conflict_refusal(conflict: &Conflict, observation: &Observation) -> Refusal {
    let own = observation.facts.of_kind(TARGETS).and_then(|target| target.conflict(conflict));
    own.unwrap_or_else(|| foreign(conflict))
}

fn foreign(conflict: &Conflict) -> Refusal {
    let address = &conflict.address;
    let whose = match &conflict.owner {
        Owner::OtherFactory(other) => format!("belongs to the factory `{other}`"),
        _ if conflict.hands.is_empty() => "exists and is not managed by sitewright".to_owned(),
        _ => format!("exists and is managed by {}", conflict.hands.join(" and ")),
    };
    let place = conflict.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    Refusal {
        code: codes::command::FOREIGN.name.to_owned(),
        message: format!("`{address}`{place} {whose}"),
        hint: "rename yours".to_owned(),
        flag: format!("--adopt {address}"),
        addresses: vec![address.clone()],
    }
}
