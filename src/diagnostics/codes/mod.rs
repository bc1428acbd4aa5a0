//! Codes that no rule raises alone, by the room that raises them. A rule's own code is declared in the rule's file.
//!
//! To add one: a `pub const` in the file of its area, and its line in that file's `ALL`. `rules::codes` joins them with those
//! of rules; a test proves that names are unique and that each has a page, a failing and a passing example.

use super::Code;

pub mod command;
pub mod kubernetes_objects;
pub mod manifest;
pub mod reading;
pub mod services;
pub mod slurm_files;
pub mod slurm_settings;

/// All codes that are declared here, by area.
pub fn of_no_rule() -> impl Iterator<Item = &'static Code> {
    [
        manifest::ALL,
        services::ALL,
        slurm_files::ALL,
        slurm_settings::ALL,
        reading::ALL,
        command::ALL,
        kubernetes_objects::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}
