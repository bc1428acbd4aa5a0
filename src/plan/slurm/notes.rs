//! What a plan says of changes on a Slurm target besides their fields.

use crate::diagnostics::codes::command;
use crate::diff::slurm::class::is_hardware;
use crate::diff::{Change, Conflict, Note, Operation, Topic};
use crate::live::Observation;
use crate::live::slurm::SlurmFacts;
use crate::plan::{Action, Guards, Refusal};

use super::step::{How, Step};

/// Things to know that the fields do not say.
pub(super) fn note(change: &mut Change, observation: &Observation, facts: &SlurmFacts) {
    let limits = ["GrpTRESMins", "GrpWall"];
    let lowered = change.operation == Operation::Update
        && change.fields.iter().any(|field| {
            let number = |value: &Option<serde_json::Value>| value.as_ref().and_then(serde_json::Value::as_u64);
            limits.contains(&field.field.as_str())
                && match (number(&field.before), number(&field.after)) {
                    (Some(before), Some(after)) => after < before,
                    (None, Some(_)) => true,
                    _ => false,
                }
        });
    let safe = facts.settings.get("AccountingStorageEnforce").is_some_and(|text| text.to_lowercase().contains("safe"));
    if lowered && !safe {
        let message =
            "running jobs are killed where usage already exceeds the new limit: AccountingStorageEnforce lacks `safe`";
        change.notes.push(Note::new(Topic::LimitKills, message));
    }
    if change.operation == Operation::Delete && change.address.kind == "association" {
        let user = change.address.name.split('/').nth(1).unwrap_or_default();
        let others = observation.resources.keys().any(|address| {
            address.kind == "association" && address != &change.address && address.name.split('/').nth(1) == Some(user)
        });
        if !others {
            let message = format!("the last association of `{user}`: Slurm deletes the user with it");
            change.notes.push(Note::new(Topic::LastAssociation, message));
        }
    }
    let hardware = change.address.kind == "node"
        && change.operation == Operation::Update
        && change.fields.iter().any(|field| is_hardware(&field.field));
    if hardware {
        let message = "restart slurmd on this node afterwards, so that it registers the new hardware";
        change.notes.push(Note::new(Topic::RestartNode, message));
    }
}

/// A resource that the site's own files define.
pub(super) fn in_site_files(conflict: &Conflict) -> Option<Refusal> {
    let address = &conflict.address;
    let place = conflict.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
    super::configure::in_files(&address.kind).then(|| Refusal {
        code: command::FOREIGN.name.to_owned(),
        message: format!("`{address}`{place} is defined in the site's own files"),
        hint: "take its line out of them, or rename yours".to_owned(),
        flag: String::new(),
        addresses: vec![address.clone()],
    })
}

/// Before 23.11 a refused file kills the controller, and without the site's restart command nobody can bring it back.
pub(super) fn fragile_reconfigure(
    step: &Step,
    action: &Action,
    facts: &SlurmFacts,
    guards: &Guards,
    restart: Option<&[String]>,
) -> Option<Refusal> {
    let Step::Configure { how: How::Reconfigure, .. } = step else { return None };
    let fragile = facts.release.bad_file_kills_controller_on_reconfigure() && restart.is_none();
    (fragile && !guards.reconfigure).then(|| Refusal {
        code: command::FRAGILE_RECONFIGURE.name.to_owned(),
        message: format!(
            "Slurm {} ends its controller when a file is refused at reconfigure, and `{}` declares no `restart` command to start it again",
            facts.release, action.target
        ),
        hint: "declare one in sitewright.yaml, e.g. `restart: [systemctl, restart, slurmctld]`".to_owned(),
        flag: "--yes-reconfigure".to_owned(),
        addresses: action.addresses.clone(),
    })
}
