//! Changes of nodes, node sets, partitions and gres → one action: write our include files and make the controller take
//! them up, rolled back as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::step::{FileWrite, How, Step};
use crate::desired::slurm::files;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::diff::{Change, ChangeClass, Operation};
use crate::live::slurm::{Controller, SlurmFacts};
use crate::live::{Observation, Owner};
use crate::resource::{Address, Body, Resource};
use crate::slurm::lint::{LintInput, lint};

/// Kinds that live in our include files.
pub(super) fn in_files(kind: &str) -> bool {
    matches!(kind, "node" | "nodeset" | "partition" | "gres")
}

/// The step, if anything of the files or of the running copy has to change.
pub(super) fn step(
    changes: &[&Change],
    desired: &BTreeMap<&Address, &Resource>,
    observation: &Observation,
    facts: &SlurmFacts,
    restart: Option<&[String]>,
) -> Result<Option<Step>, Diagnostics> {
    let changes: Vec<&&Change> = changes.iter().filter(|change| in_files(&change.address.kind)).collect();
    if changes.is_empty() {
        return Ok(None);
    }
    let mut bodies: BTreeMap<Address, Body> = observation
        .resources
        .iter()
        .filter(|(address, live)| in_files(&address.kind) && live.owner == Owner::Ours)
        .map(|(address, live)| (address.clone(), (*live.body).clone()))
        .collect();
    for change in &changes {
        match (change.operation, desired.get(&change.address)) {
            (Operation::Delete, _) | (_, None) => {
                bodies.remove(&change.address);
            }
            (_, Some(resource)) => {
                bodies.insert(change.address.clone(), resource.body.clone());
            }
        }
    }
    let unwritable = |error: config_error::Error| {
        let mut found = Diagnostics::new();
        found.push(
            Diagnostic::of_run(&codes::command::UNWRITABLE_CONFIGURATION, error.to_string())
                .hint(format!("take double quotes and control characters out of `{}`", error.key)),
        );
        found
    };
    let texts = [
        (&facts.include, files::slurm_include(&bodies).map_err(unwritable)?),
        (&facts.gres_include, files::gres_include(&bodies).map_err(unwritable)?),
    ];
    let mut writes = Vec::new();
    for (path, after) in texts {
        let before = facts.files.get(path).cloned();
        let gres_untouched = path == &facts.gres_include && !bodies.keys().any(|address| address.kind == "gres");
        if before.as_deref() == Some(after.as_str()) || (before.is_none() && gres_untouched) {
            continue;
        }
        // A file whose bodies already say it is left as it is: only differences are written.
        let kinds: &[&str] = if path == &facts.gres_include { &["gres"] } else { &["node", "nodeset", "partition"] };
        let touched =
            changes.iter().any(|change| kinds.contains(&change.address.kind.as_str()) && differs_from_file(change));
        if touched {
            writes.push(FileWrite { path: path.clone(), before, after });
        }
    }
    let adding = changes.iter().any(|change| change.operation != Operation::Delete);
    let mut found = Diagnostics::new();
    if adding {
        writes.iter().filter_map(|write| missing_include(facts, &write.path)).for_each(|one| found.push(one));
    }
    found.extend(check(&writes, observation, facts, desired));
    if found.has_errors() {
        return Err(found);
    }
    Ok(Some(Step::Configure { files: writes, how: how(&changes, facts, restart) }))
}

/// The finding that the site's file does not include this one of ours, with the command that mends it. The file comes
/// first: slurmctld does not start when an included file is not there.
pub fn missing_include(facts: &SlurmFacts, ours: &str) -> Option<Diagnostic> {
    let theirs = if ours == facts.gres_include { &facts.gres_conf } else { &facts.slurm_conf };
    let name = ours.rsplit('/').next().unwrap_or(ours);
    (!facts.include_lines.contains(ours)).then(|| {
        Diagnostic::of_run(&codes::reading::INCLUDE_LINE_MISSING, format!("`{theirs}` does not include `{name}`"))
            .hint(format!("`touch {ours} && echo 'Include {name}' >> {theirs}`"))
    })
}

mod config_error {
    pub(super) use crate::slurm::config::WriteError as Error;
}

/// Whether the change is one of the file, not only of the running copy.
fn differs_from_file(change: &Change) -> bool {
    change.drift != Some(crate::diff::Drift::RunningDiffersFromFile)
}

/// The merged configuration as it would be, through the linter.
fn check(
    writes: &[FileWrite],
    observation: &Observation,
    facts: &SlurmFacts,
    desired: &BTreeMap<&Address, &Resource>,
) -> Diagnostics {
    let mut merged = facts.files.clone();
    for write in writes {
        merged.insert(write.path.clone(), write.after.clone());
    }
    let names = |kind: &str| -> BTreeSet<String> {
        let live = observation.resources.keys();
        live.chain(desired.keys().copied())
            .filter(|address| address.kind == kind)
            .map(|address| address.name.clone())
            .collect()
    };
    lint(&LintInput {
        slurm_conf: facts.slurm_conf.clone(),
        gres_conf: Some(facts.gres_conf.clone()),
        files: merged,
        release: Some(facts.release),
        known_qos: facts.accounting.then(|| names("qos")),
        known_accounts: facts.accounting.then(|| names("account")),
    })
}

fn how(changes: &[&&Change], facts: &SlurmFacts, restart: Option<&[String]>) -> How {
    let down = matches!(facts.controller, Controller::Down(_));
    let needs_restart = down || changes.iter().any(|change| change.class == ChangeClass::Restart);
    if !needs_restart {
        let live = changes.iter().all(|change| change.class == ChangeClass::Live);
        return if live { How::Nothing } else { How::Reconfigure };
    }
    match restart {
        Some(command) if !command.is_empty() => How::Restart(command.to_vec()),
        _ if down => How::ByHand("systemctl start slurmctld".to_owned()),
        _ => How::ByHand("systemctl restart slurmctld".to_owned()),
    }
}
