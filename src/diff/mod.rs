//! Desired × live → changes, field by field. Pure; canonical bodies make it a comparison of maps.

mod change;
pub mod class;
mod compare;
mod running;

pub use change::{Change, Drift, FieldChange, Fidelity, JobHit, JobImpact, Operation};
pub use running::running_differences;
pub use compare::{Comparison, Conflict, Locate, compare, seen};
