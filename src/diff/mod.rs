//! Desired × live → changes, field by field. Pure; canonical bodies make it a comparison of maps.

mod change;
mod compare;
mod comparison;
mod fields;
mod judge;
pub mod kubernetes;
mod note;
pub mod slurm;
mod target;
mod targets;

pub use change::{Change, ChangeClass, Drift, Effect, Fidelity, FieldChange, JobHit, JobImpact, Operation, Taken};
pub use compare::compare;
pub use comparison::{Blocked, Comparison, Conflict, Locate, Tiers, Wishes, seen};
pub use judge::judge;
pub use note::{Note, Topic, Warning};
