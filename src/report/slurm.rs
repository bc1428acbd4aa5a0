//! Slurm's words in plans.

use serde_json::Value;

use super::printable::printable;
use super::target::{File, Target, shortened};
use crate::diff::{Change, ChangeClass, FieldChange};
use crate::live::Observation;
use crate::live::slurm::Controller;
use crate::live::transport::quote;
use crate::plan::Action;
use crate::plan::slurm::{How, Step};
use crate::resource::hostlist::HostSet;
use crate::resource::{Address, grouped};

pub(super) const TARGET: &dyn Target = &Slurm;

struct Slurm;

/// Fields that count minutes of each TRES.
const GPU_MINUTES: [&str; 5] =
    ["GrpTRESMins", "GrpTRESRunMins", "MaxTRESMinsPerJob", "MaxTRESRunMinsPerAccount", "MaxTRESRunMinsPerUser"];

impl Target for Slurm {
    fn described(&self, observation: &Observation) -> String {
        let Some(facts) = observation.slurm() else { return String::new() };
        let controller = match &facts.controller {
            Controller::Up => "answers".to_owned(),
            Controller::Down(said) => format!("does not answer: {}", printable(said)),
        };
        format!(
            "  slurmctld {controller}\n  configuration {}\n  read whole in {} processes\n",
            printable(&facts.slurm_conf),
            observation.reads.requests
        )
    }

    fn folds(&self, change: &Change) -> Option<String> {
        match change.address.kind.as_str() {
            // Per account.
            "association" | "coordinator" => Some(account(&change.address).to_owned()),
            "node" | "gres" => Some(String::new()),
            "account" | "qos" | "user" if change.fields.len() < 2 => Some(String::new()),
            _ => None,
        }
    }

    fn differs(&self, kind: &str, field: &str) -> bool {
        kind == "node" && ["Port", "NodeAddr", "BcastAddr"].contains(&field)
    }

    fn names(&self, addresses: &[&Address]) -> Option<String> {
        let first = addresses.first()?;
        let (target, kind) = (&first.target, first.kind.as_str());
        Some(match kind {
            "node" => {
                let set: HostSet = addresses.iter().map(|address| address.name.clone()).collect();
                format!("{target}/node/{set}")
            }
            "gres" => {
                let set: HostSet =
                    addresses.iter().filter_map(|address| Some(address.name.split_once('/')?.0.to_owned())).collect();
                let gres = first.name.split_once('/').map_or("", |(_, gres)| gres);
                format!("{target}/gres/{set}/{gres}")
            }
            "association" | "coordinator" => {
                let users = shortened(addresses, |name| name.split_once('/').map_or(name, |(_, user)| user));
                format!("{target}/{kind}/{}/  {users}", account(first))
            }
            _ => return None,
        })
    }

    fn class_text(&self, class: ChangeClass) -> Option<&'static str> {
        match class {
            ChangeClass::Reconfigure => Some("scontrol reconfigure"),
            ChangeClass::Restart => Some("restart of slurmctld"),
            ChangeClass::Live => None,
        }
    }

    /// GPU-minutes as GPU-hours.
    fn aside(&self, field: &FieldChange) -> Option<String> {
        let is_gpu_minutes = GPU_MINUTES.contains(&field.field.as_str()) && field.entry.as_deref() == Some("gres/gpu");
        let minutes = |value: &Option<Value>| value.as_ref().and_then(Value::as_u64).filter(|_| is_gpu_minutes);
        // Not all minutes are whole hours; half an hour more or less is none.
        let hours = |value: &Option<Value>| minutes(value).map(|minutes| grouped(minutes.saturating_add(30) / 60));
        match (hours(&field.before), hours(&field.after)) {
            (None, None) => None,
            (Some(before), Some(after)) => Some(format!("{before} → {after} GPU-hours")),
            (one, other) => one.or(other).map(|hours| format!("{hours} GPU-hours")),
        }
    }

    fn site_command(&self, action: &Action) -> Option<String> {
        let crate::plan::Step::Slurm(Step::Configure { how, .. }) = &action.step else { return None };
        match how {
            How::Restart(command) => Some(format!("\nwill run on {}: {}\n", action.target, command.join(" "))),
            How::ByHand(command) => Some(format!(
                "\nto run by hand on {}: {command}\n  (no `restart` command is declared; apply writes the files, and goes on after it)\n",
                action.target
            )),
            How::Nothing | How::Reconfigure => None,
        }
    }

    fn files<'a>(&self, step: &'a crate::plan::Step) -> Vec<File<'a>> {
        let crate::plan::Step::Slurm(Step::Configure { files, .. }) = step else { return Vec::new() };
        let file = |file: &'a crate::plan::slurm::FileWrite| File {
            path: &file.path,
            before: file.before.as_deref().unwrap_or_default(),
            after: &file.after,
        };
        files.iter().map(file).collect()
    }

    fn commands(&self, action: &Action) -> String {
        let crate::plan::Step::Slurm(step) = &action.step else { return String::new() };
        match step {
            Step::Accounting { argv } => {
                let words: Vec<String> = argv.iter().map(|word| quote(word)).collect();
                format!("  {:>3}  {}\n", action.id, words.join(" "))
            }
            Step::Configure { files, how } => {
                let mut text = String::new();
                for file in files {
                    text.push_str(&format!("  {:>3}  write {}\n", action.id, file.path));
                }
                let command = match how {
                    How::Nothing => return text,
                    How::Reconfigure => "scontrol reconfigure".to_owned(),
                    How::Restart(command) => command.join(" "),
                    How::ByHand(command) => format!("by hand: {command}"),
                };
                text.push_str(&format!("  {:>3}  {command}\n", action.id));
                text
            }
        }
    }
}

fn account(address: &Address) -> &str {
    address.name.split('/').next().unwrap_or_default()
}
