//! Flags that several verbs share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
    /// Environment of sitewright.yaml
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(super) env: String,
    /// Take the bindings of targets from this file, not from the folder
    #[arg(long, value_name = "FILE")]
    pub(super) targets: Option<PathBuf>,
    /// Evaluate allocations on this day (2026-04-01) instead of today
    #[arg(long, value_name = "DAY")]
    pub(super) at: Option<jiff::civil::Date>,
}

/// What a plan may do without being asked again.
#[derive(Debug, Clone, Args)]
pub(super) struct GuardArgs {
    /// Take over this existing object (may be given more than once)
    #[arg(long, value_name = "ADDRESS")]
    pub(super) adopt: Vec<Address>,
    /// Allow this many deletions
    #[arg(long, value_name = "N")]
    pub(super) allow_deletes: Option<usize>,
    /// Allow deleting this share of what is ours on a target
    #[arg(long, value_name = "PERCENT")]
    pub(super) allow_delete_share: Option<u8>,
    /// Allow hitting this many running jobs
    #[arg(long, value_name = "N")]
    pub(super) allow_jobs: Option<usize>,
    /// Allow removals although the queue cannot be seen
    #[arg(long)]
    pub(super) allow_unseen_jobs: bool,
    /// Allow `scontrol reconfigure` before 23.11 without a restart command
    #[arg(long)]
    pub(super) yes_reconfigure: bool,
}

impl GuardArgs {
    /// Guards: flags over settings over defaults.
    pub(super) fn guards(&self, settings: &crate::manifest::v1alpha1::settings::GuardSettings) -> Guards {
        let usual = Guards::default();
        let number = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok());
        let deletes = self.allow_deletes.or(number(settings.deletes)).unwrap_or(usual.deletes);
        Guards {
            deletes,
            delete_share: self.allow_delete_share.or(settings.delete_share.as_deref().and_then(share_of)).unwrap_or(usual.delete_share),
            jobs: self.allow_jobs.or(number(settings.jobs)).unwrap_or(usual.jobs),
            unseen_jobs: self.allow_unseen_jobs,
            reconfigure: self.yes_reconfigure,
        }
    }
}

/// Whole percent of `25%`, rounded down; checked when the settings are loaded.
fn share_of(text: &str) -> Option<u8> {
    crate::model::units::percent(text).ok().and_then(|hundredths| u8::try_from(hundredths / 100).ok())
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
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub(super) format: Format,
    /// Show more
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) show: Vec<ShowWhat>,
    /// Show what reading cost
    #[arg(long)]
    pub(super) stats: bool,
}

impl PrintArgs {
    pub(super) fn show(&self) -> Show {
        let has = |what| self.show.contains(&what) || self.show.contains(&ShowWhat::All);
        Show { commands: has(ShowWhat::Commands), files: has(ShowWhat::Files), unmanaged: has(ShowWhat::Unmanaged), stats: self.stats }
    }
}
