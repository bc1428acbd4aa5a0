//! Flags that several verbs share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::diff::Wishes;
use crate::plan::Guards;
use crate::report::Show;
use crate::resource::Address;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Human,
    /// One versioned JSON document.
    Json,
}

/// Which site, and where it lives.
#[derive(Debug, Clone, Args)]
pub(super) struct SiteArgs {
    /// Environment of sitewright.yaml [default: default]
    #[arg(long, value_name = "NAME", help_heading = "Site")]
    pub(super) env: Option<String>,
    /// Read the targets' bindings from FILE instead of sitewright.yaml
    #[arg(long, value_name = "FILE", help_heading = "Site")]
    pub(super) targets: Option<PathBuf>,
    /// Evaluate allocations as of DAY (2026-04-01) [default: today]
    #[arg(long, value_name = "DAY", help_heading = "Site")]
    pub(super) at: Option<jiff::civil::Date>,
}

impl SiteArgs {
    /// The environment that is meant.
    pub(super) fn environment(&self) -> &str {
        self.env.as_deref().unwrap_or("default")
    }

    /// The flags as they were given.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend(self.env.iter().flat_map(|name| ["--env".to_owned(), name.clone()]));
        words.extend(self.targets.iter().flat_map(|path| ["--targets".to_owned(), path.display().to_string()]));
        words.extend(self.at.iter().flat_map(|day| ["--at".to_owned(), day.to_string()]));
        words
    }
}

/// What a plan may do without being asked again.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct GuardArgs {
    /// Take over this existing object (repeatable)
    #[arg(long, help_heading = "Permissions", value_name = "ADDRESS")]
    pub(super) adopt: Vec<Address>,
    /// Take this field of an object from the field manager that owns it (repeatable)
    #[arg(long, help_heading = "Permissions", value_name = "ADDRESS:PATH", value_parser = field)]
    pub(super) take: Vec<(Address, String)>,
    /// Recreate this object if an immutable field changes (repeatable)
    #[arg(long, help_heading = "Permissions", value_name = "ADDRESS")]
    pub(super) recreate: Vec<Address>,
    /// Delete this namespace, volume, claim or definition, which is kept by default (repeatable)
    #[arg(long, help_heading = "Permissions", value_name = "ADDRESS")]
    pub(super) prune: Vec<Address>,
    /// Allow N deletions
    #[arg(long, help_heading = "Permissions", value_name = "N")]
    pub(super) allow_deletes: Option<usize>,
    /// Allow deleting PERCENT of what is ours on a target: `50` or `50%`
    #[arg(long, help_heading = "Permissions", value_name = "PERCENT", value_parser = share)]
    pub(super) allow_delete_share: Option<u8>,
    #[command(flatten)]
    pub(super) jobs: JobGuardArgs,
}

/// What a plan may do to jobs and to the controller.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct JobGuardArgs {
    /// Allow N running jobs to be hit
    #[arg(long, help_heading = "Permissions", value_name = "N")]
    pub(super) allow_jobs: Option<usize>,
    /// Allow removals even if the job queue cannot be read
    #[arg(long, help_heading = "Permissions")]
    pub(super) allow_unseen_jobs: bool,
    /// Allow `scontrol reconfigure` before 23.11 without a restart command
    #[arg(long, help_heading = "Permissions")]
    pub(super) yes_reconfigure: bool,
}

impl GuardArgs {
    /// The flags as they were given.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for address in &self.adopt {
            words.extend(["--adopt".to_owned(), address.to_string()]);
        }
        for (address, path) in &self.take {
            words.extend(["--take".to_owned(), format!("{address}:{path}")]);
        }
        for address in &self.recreate {
            words.extend(["--recreate".to_owned(), address.to_string()]);
        }
        for address in &self.prune {
            words.extend(["--prune".to_owned(), address.to_string()]);
        }
        let number = |flag: &str, value: Option<usize>| value.map(|value| [flag.to_owned(), value.to_string()]);
        words.extend(number("--allow-deletes", self.allow_deletes).into_iter().flatten());
        words.extend(number("--allow-delete-share", self.allow_delete_share.map(usize::from)).into_iter().flatten());
        words.extend(number("--allow-jobs", self.jobs.allow_jobs).into_iter().flatten());
        words.extend(self.jobs.allow_unseen_jobs.then(|| "--allow-unseen-jobs".to_owned()));
        words.extend(self.jobs.yes_reconfigure.then(|| "--yes-reconfigure".to_owned()));
        words
    }

    /// What is asked for by address.
    pub(super) fn wishes(&self) -> Wishes {
        Wishes {
            adopt: self.adopt.iter().cloned().collect(),
            take: self.take.iter().cloned().collect(),
            recreate: self.recreate.iter().cloned().collect(),
            prune: self.prune.iter().cloned().collect(),
        }
    }

    /// Guards: flags over settings over defaults.
    pub(super) fn guards(&self, settings: &crate::manifest::v1alpha1::settings::GuardSettings) -> Guards {
        let usual = Guards::default();
        let number = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
        let deletes = self.allow_deletes.or(number(settings.deletes)).unwrap_or(usual.deletes);
        let of_settings = settings.delete_share.as_deref().and_then(|text| share(text).ok());
        Guards {
            deletes,
            delete_share: self.allow_delete_share.or(of_settings).unwrap_or(usual.delete_share),
            jobs: self.jobs.allow_jobs.or(number(settings.jobs)).unwrap_or(usual.jobs),
            unseen_jobs: self.jobs.allow_unseen_jobs,
            reconfigure: self.jobs.yes_reconfigure,
        }
    }
}

/// `services/Deployment.apps/p-medix/web:.spec.replicas`. No name of an object has a colon before a path begins.
fn field(text: &str) -> Result<(Address, String), String> {
    let wrong = || {
        format!(
            "`{text}` names no field: write `ADDRESS:PATH`, e.g. `services/Deployment.apps/p-medix/web:.spec.replicas`"
        )
    };
    let (address, path) = text.split_once(":.").ok_or_else(wrong)?;
    if path.is_empty() {
        return Err(wrong());
    }
    Ok((address.parse()?, format!(".{path}")))
}

/// Whole percent of a share that a guard allows.
fn share(text: &str) -> Result<u8, String> {
    crate::model::units::guard_share(text).map_err(|wrong| format!("{}: {}", wrong.message, wrong.hint))
}

/// What is shown besides the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowWhat {
    /// Exact commands that apply runs
    Commands,
    /// Differences of files
    Files,
    /// Resources that are left alone
    Unmanaged,
    /// All of these
    All,
}

/// Printing of plans.
#[derive(Debug, Clone, Args)]
pub(super) struct PrintArgs {
    /// Print for people, or one versioned JSON document
    #[arg(long, help_heading = "Output", value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub(super) format: Format,
    /// Also show commands, differences of files, or resources that are left alone
    #[arg(long, help_heading = "Output", value_enum, value_name = "WHAT")]
    pub(super) show: Vec<ShowWhat>,
    /// Show what reading the targets cost
    #[arg(long, help_heading = "Output")]
    pub(super) stats: bool,
}

impl PrintArgs {
    pub(super) fn show(&self) -> Show {
        let has = |what| self.show.contains(&what) || self.show.contains(&ShowWhat::All);
        Show {
            commands: has(ShowWhat::Commands),
            files: has(ShowWhat::Files),
            unmanaged: has(ShowWhat::Unmanaged),
            stats: self.stats,
        }
    }
}
