//! From desired and observed to a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Guards, Plan, Refusal, TargetSummary, guards, impact, kubernetes, renames, slurm, twin};
use crate::diagnostics::{Diagnostics, codes, nearest};
use crate::diff::{Change, ChangeClass, Locate, Operation, Wishes, compare};
use crate::live::{Observation, Owner};
use crate::resource::{Address, Digest, Resource, is_protected, of_target};

/// Version of the plan format.
pub const FORMAT: u32 = 1;

/// What is planned for, besides desired and observed.
#[derive(Debug, Clone)]
pub struct Request {
    /// The factory's name.
    pub factory: String,
    /// Environment of `sitewright.yaml`.
    pub environment: String,
    /// The time that allocations were evaluated at (RFC 3339).
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
    let mut warnings = Vec::new();
    let mut errors = Diagnostics::new();
    let wanted: &[Resource] = if request.destroying { &[] } else { desired };
    errors.extend(kubernetes::secrets(wanted));
    let adopt = &request.wishes.adopt;
    // What objects name on other targets is written before them.
    let mut ordered: Vec<&Observation> = observations.iter().collect();
    ordered.sort_by_key(|observation| observation.kubernetes().is_some());
    for observation in ordered {
        let here = of_target(wanted, &observation.target);
        let mut comparison = compare(&here, observation, &request.wishes, locate);
        errors.extend(Diagnostics(comparison.blocked.drain(..).map(|blocked| blocked.diagnostic).collect()));
        warnings.append(&mut comparison.notes);
        if let Some(only) = &request.only {
            comparison.changes.retain(|change| only.contains(&change.address));
        }
        for change in &mut comparison.changes {
            change.impact = impact::of(change, observation);
            note(change, observation);
        }
        renames::note(&mut comparison.changes, &here, observation);
        refusals.extend(comparison.conflicts.iter().map(|conflict| conflict_refusal(conflict, observation)));
        targets.push(TargetSummary {
            name: observation.target.clone(),
            title: observation.title.clone(),
            reads: observation.reads,
            unchanged: comparison.unchanged,
            unmanaged: comparison.unmanaged,
            tiers: comparison.tiers,
        });
        refusals.extend(kubernetes::of_changes(&comparison.changes, &request.wishes));
        let first = u32::try_from(actions.len()).unwrap_or(u32::MAX).saturating_add(1);
        if let Some(facts) = observation.kubernetes() {
            let elsewhere = written(&changes);
            let about = (observation, facts);
            actions.extend(kubernetes::actions(&request.factory, &here, &comparison.changes, about, &elsewhere, first));
        } else {
            match observation.slurm() {
                None => actions.extend(twin::actions(observation, &here, &comparison.changes, first)),
                Some(facts) => {
                    let restart = request.restart.get(&observation.target).map(Vec::as_slice);
                    match slurm::actions(
                        &request.factory,
                        &here,
                        &comparison.changes,
                        observation,
                        facts,
                        restart,
                        first,
                    ) {
                        Ok(more) => actions.extend(more),
                        Err(found) => errors.extend(found),
                    }
                }
            }
        }
        warnings.extend(observation.findings.0.iter().map(|finding| finding.message.clone()));
        changes.extend(comparison.changes);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    warnings.extend(idle_adoptions(adopt, wanted));
    warnings.extend(idle_wishes(&request.wishes, &changes));
    targets.sort_by(|one: &TargetSummary, other| one.name.cmp(&other.name));
    let protected = protected(desired, observations);
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
fn idle_adoptions(adopt: &BTreeSet<Address>, wanted: &[Resource]) -> Vec<String> {
    let declared: BTreeSet<String> = wanted.iter().map(|resource| resource.address.to_string()).collect();
    let idle = adopt.iter().map(ToString::to_string).filter(|address| !declared.contains(address));
    idle.map(|address| {
        let near = nearest(&address, declared.iter().map(String::as_str));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("`--adopt {address}` matches nothing that is declared{hint}")
    })
    .collect()
}

/// What was asked for of objects, and comes to nothing.
fn idle_wishes(wishes: &Wishes, changes: &[Change]) -> Vec<String> {
    let find = |address: &Address| changes.iter().find(|change| change.address == *address);
    let taken = |(address, path): &&(Address, String)| {
        find(address).is_none_or(|change| !change.takes.iter().any(|one| one.path == *path))
    };
    let take = wishes.take.iter().filter(taken).map(|(address, path)| {
        format!("`--take {address}:{path}` takes nothing: nobody else owns a field there that would change")
    });
    let anew = |address: &&Address| find(address).is_none_or(|change| change.class != ChangeClass::Recreate);
    let recreate =
        wishes.recreate.iter().filter(anew).map(|address| {
            format!("`--recreate {address}` does nothing: no field of it changes that cannot be changed")
        });
    let gone = |address: &&Address| find(address).is_none_or(|change| change.operation != Operation::Delete);
    let prune = wishes
        .prune
        .iter()
        .filter(gone)
        .map(|address| format!("`--prune {address}` does nothing: it is declared, or not ours, or not there"));
    take.chain(recreate).chain(prune).collect()
}

/// Resources that a plan writes.
fn written(changes: &[Change]) -> BTreeSet<Address> {
    let stay = changes.iter().filter(|change| change.operation != Operation::Delete);
    stay.map(|change| change.address.clone()).collect()
}

/// Resources that no plan may delete: declared so now, or marked so when they were written.
fn protected(desired: &[Resource], observations: &[Observation]) -> BTreeSet<Address> {
    let declared = desired.iter().filter(|resource| resource.protect).map(|resource| resource.address.clone());
    let live = observations.iter().flat_map(|observation| &observation.resources);
    let marked = live.filter(|(_, live)| is_protected(&live.body)).map(|(address, _)| address.clone());
    declared.chain(marked).collect()
}

fn conflict_refusal(conflict: &crate::diff::Conflict, observation: &Observation) -> Refusal {
    let address = &conflict.address;
    let whose = match &conflict.owner {
        Owner::OtherFactory(other) => format!("belongs to the factory `{other}`"),
        _ if conflict.hands.is_empty() => "exists and is not managed by sitewright".to_owned(),
        _ => format!("exists and is managed by {}", conflict.hands.join(" and ")),
    };
    let place = conflict.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    let in_site_file =
        observation.slurm().is_some() && matches!(address.kind.as_str(), "node" | "nodeset" | "partition" | "gres");
    if in_site_file {
        return Refusal {
            code: codes::command::FOREIGN.name.to_owned(),
            message: format!("`{address}`{place} is defined in the site's own files"),
            hint: "take its line out of them, or rename yours".to_owned(),
            flag: String::new(),
            addresses: vec![address.clone()],
        };
    }
    Refusal {
        code: codes::command::FOREIGN.name.to_owned(),
        message: format!("`{address}`{place} {whose}"),
        hint: "rename yours".to_owned(),
        flag: format!("--adopt {address}"),
        addresses: vec![address.clone()],
    }
}

/// Things to know that the fields do not say.
fn note(change: &mut Change, observation: &Observation) {
    let Some(facts) = observation.slurm() else { return };
    let limits = ["GrpTRESMins", "GrpWall"];
    let lowered = change.operation == Operation::Update
        && change.fields.iter().any(|field| {
            let name = field.field.split(' ').next().unwrap_or_default();
            let number = |value: &Option<serde_json::Value>| value.as_ref().and_then(serde_json::Value::as_u64);
            limits.contains(&name)
                && match (number(&field.before), number(&field.after)) {
                    (Some(before), Some(after)) => after < before,
                    (None, Some(_)) => true,
                    _ => false,
                }
        });
    let safe = facts.settings.get("AccountingStorageEnforce").is_some_and(|text| text.to_lowercase().contains("safe"));
    if lowered && !safe {
        change.notes.push(
            "running jobs are killed where usage already exceeds the new limit: AccountingStorageEnforce lacks `safe`"
                .to_owned(),
        );
    }
    if change.operation == Operation::Delete && change.address.kind == "association" {
        let user = change.address.name.split('/').nth(1).unwrap_or_default();
        let others = observation.resources.keys().any(|address| {
            address.kind == "association" && address != &change.address && address.name.split('/').nth(1) == Some(user)
        });
        if !others {
            change.notes.push(format!("the last association of `{user}`: Slurm deletes the user with it"));
        }
    }
    let hardware = change.address.kind == "node"
        && change.operation == Operation::Update
        && change.fields.iter().any(|field| crate::diff::slurm::class::is_hardware(&field.field));
    if hardware {
        change.notes.push("restart slurmd on this node afterwards, so that it registers the new hardware".to_owned());
    }
}
