//! Desired × live → changes, field by field. Pure; canonical bodies make it a comparison of maps.

mod change;
pub mod class;
mod compare;
pub mod kubernetes;
mod running;

pub use change::{Change, Drift, Fidelity, FieldChange, JobHit, JobImpact, Operation, Taken};
pub use compare::{Blocked, Comparison, Conflict, Locate, Obstacle, Tiers, Wishes, compare, seen};
pub use running::running_differences;
