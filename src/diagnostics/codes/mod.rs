//! Every diagnostic code, by the room that raises it.
//!
//! To add one: a `pub const` in the file of its area, and its line in that file's `ALL`. A test proves that names are
//! unique and that each has a page, a failing and a passing example.

use super::Code;

pub mod command;
pub mod kubernetes_objects;
pub mod kubernetes_site;
pub mod manifest;
pub mod reading;
pub mod rules;
pub mod services;
pub mod slurm_files;
pub mod slurm_settings;

/// All codes, by area.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [
        manifest::ALL,
        rules::ALL,
        kubernetes_site::ALL,
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

/// The code of that name.
pub fn find(name: &str) -> Option<&'static Code> {
    all().find(|code| code.name == name)
}
