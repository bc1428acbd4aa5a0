//! Desired × live → changes, field by field. Pure; canonical bodies make it a comparison of maps.

mod change;

pub use change::{Change, Drift, FieldChange, Fidelity, JobHit, JobImpact, Operation};
