//! Desired × live → changes, field by field. Pure; canonical bodies make it a comparison of maps.

mod change;
pub mod class;
mod compare;
mod running;

pub use change::{Change, Drift, Fidelity, FieldChange, JobHit, JobImpact, Operation};
pub use compare::{Comparison, Conflict, Locate, compare, seen};
pub use running::running_differences;
