//! Desired × live → changes, field by field. Pure; canonical bodies make it a comparison of maps.

mod change;
mod compare;
mod fields;
mod judge;
pub mod kubernetes;
pub mod slurm;
mod target;

pub use change::{Change, ChangeClass, Drift, Fidelity, FieldChange, JobHit, JobImpact, Operation, Taken};
pub use compare::{Blocked, Comparison, Conflict, Locate, Tiers, Wishes, compare, seen};
pub use judge::judge;
