//! Desired × live → changes, field by field. Pure; canonical bodies make it a comparison of maps.

mod change;
mod compare;
mod fields;
pub mod kubernetes;
mod note;
pub mod slurm;
mod target;

pub use change::{Change, ChangeClass, Drift, Effect, Fidelity, FieldChange, JobHit, JobImpact, Operation, Taken};
pub use compare::{Blocked, Comparison, Conflict, Locate, Tiers, Wishes, compare, seen};
pub use note::{Note, Topic, Warning};
