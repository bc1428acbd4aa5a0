//! Guards: what a plan may not do unless somebody asked for it.

use std::collections::{BTreeMap, BTreeSet};

use super::targets::TARGETS;
use crate::diagnostics::codes::command;
use crate::diff::{Change, Effect, Operation};
use crate::live::{Observation, Owner};
use crate::plan::Action;
use crate::plan::{Guards, Refusal};
use crate::resource::Address;

/// Refusals over all targets' changes.
pub(super) fn refusals(
    changes: &[Change],
    actions: &[Action],
    observations: &[Observation],
    guards: &Guards,
    protected: &BTreeSet<Address>,
    restart: &BTreeMap<String, Vec<String>>,
    destroying: bool,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let goes = |change: &&Change| matches!(change.operation, Operation::Delete | Operation::Recreate);
    let deletes: Vec<&Change> = changes.iter().filter(goes).collect();
    if !destroying {
        too_many_deletes(&deletes, observations, guards, &mut refusals);
    }
    let kept: Vec<Address> =
        deletes.iter().map(|change| &change.address).filter(|address| protected.contains(address)).cloned().collect();
    if !kept.is_empty() {
        refusals.push(Refusal {
            code: command::PROTECTED.name.to_owned(),
            message: format!(
                "{} protected by `protect: true` would be deleted: {}",
                count(kept.len(), "resource"),
                list(&kept)
            ),
            hint: "say `protect: false`, apply, and then take the manifest out".to_owned(),
            flag: String::new(),
            addresses: kept,
        });
    }
    jobs_in_the_way(changes, guards, &mut refusals);
    for action in actions {
        let observation = observations.iter().find(|observation| observation.target == action.target);
        let (Some(target), Some(observation)) = (action.step.of_kind(TARGETS), observation) else { continue };
        let restart = restart.get(&action.target).map(Vec::as_slice);
        refusals.extend(target.refused(action, observation, guards, restart));
    }
    refusals
}

fn too_many_deletes(deletes: &[&Change], observations: &[Observation], guards: &Guards, refusals: &mut Vec<Refusal>) {
    let addresses = || deletes.iter().map(|change| change.address.clone()).collect();
    if deletes.len() > guards.deletes {
        refusals.push(Refusal {
            code: command::TOO_MANY_DELETES.name.to_owned(),
            message: format!(
                "{} would be deleted, more than the {} allowed",
                count(deletes.len(), "resource"),
                guards.deletes
            ),
            hint: "look whether a manifest is missing".to_owned(),
            flag: format!("--allow-deletes {}", deletes.len()),
            addresses: addresses(),
        });
    }
    for observation in observations {
        let ours = observation.resources.values().filter(|live| live.owner == Owner::Ours).count();
        let going = deletes.iter().filter(|change| change.address.target == observation.target).count();
        // One or two objects are no share.
        if going > 2 && going * 100 > ours * usize::from(guards.delete_share) {
            let share = (going * 100).div_ceil(ours.max(1));
            refusals.push(Refusal {
                code: command::TOO_MANY_DELETES.name.to_owned(),
                message: format!(
                    "{going} of the {ours} resources of `{}` would be deleted ({share} %), more than the {} % allowed",
                    observation.target, guards.delete_share
                ),
                hint: "look whether a manifest is missing".to_owned(),
                flag: format!("--allow-delete-share {share}"),
                addresses: addresses(),
            });
        }
    }
}

fn jobs_in_the_way(changes: &[Change], guards: &Guards, refusals: &mut Vec<Refusal>) {
    let blocked: Vec<&Change> = changes
        .iter()
        .filter(|change| change.impact.jobs.iter().any(|job| job.effect == Effect::BlocksRemoval))
        .collect();
    if !blocked.is_empty() {
        let jobs: Vec<String> = blocked
            .iter()
            .flat_map(|change| &change.impact.jobs)
            .filter(|job| job.effect == Effect::BlocksRemoval)
            .map(|job| format!("{} ({})", job.id, job.user))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        refusals.push(Refusal {
            code: command::JOBS_IN_THE_WAY.name.to_owned(),
            message: format!("Slurm refuses the removal while jobs are in the queue: {}", jobs.join(", ")),
            hint: "wait until they have ended, or cancel them".to_owned(),
            flag: String::new(),
            addresses: blocked.iter().map(|change| change.address.clone()).collect(),
        });
    }
    let mut hit: Vec<(String, &Address)> = Vec::new();
    for change in changes {
        for job in change.impact.jobs.iter().filter(|job| job.running && job.effect != Effect::BlocksRemoval) {
            hit.push((format!("{} ({})", job.id, job.user), &change.address));
        }
    }
    let names: BTreeSet<&String> = hit.iter().map(|(name, _)| name).collect();
    if names.len() > guards.jobs {
        let shown: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
        refusals.push(Refusal {
            code: command::JOBS_IN_THE_WAY.name.to_owned(),
            message: format!("{} would be hit: {}", count(names.len(), "running job"), shown.join(", ")),
            hint: "wait until they have ended, or cancel them".to_owned(),
            flag: format!("--allow-jobs {}", names.len()),
            addresses: hit.iter().map(|(_, address)| (*address).clone()).collect(),
        });
    }
    let unseen: Vec<&Change> = changes.iter().filter(|change| change.impact.unknown.is_some()).collect();
    if let Some(reason) = unseen.first().and_then(|change| change.impact.unknown.as_ref())
        && !guards.unseen_jobs
    {
        refusals.push(Refusal {
            code: command::JOBS_UNKNOWN.name.to_owned(),
            message: format!("the job queue cannot be read ({reason}), so it is unknown which jobs would be hit"),
            hint: "start the controller and plan again".to_owned(),
            flag: "--allow-unseen-jobs".to_owned(),
            addresses: unseen.iter().map(|change| change.address.clone()).collect(),
        });
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn list(addresses: &[Address]) -> String {
    let shown: Vec<String> = addresses.iter().take(5).map(|address| format!("`{address}`")).collect();
    let more = addresses.len().saturating_sub(5);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
