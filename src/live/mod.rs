//! Readers of the outside: what a target reports, as canonical resources.
//!
//! An observation is complete or it is an error; it is never silently partial. Foreign resources are in it too, marked
//! as such, so that conflicts and references to them can be seen.

mod body;
mod endpoint;
mod findings;
pub mod kubernetes;
pub mod local;
mod masking;
mod observation;
mod reader;
mod record;
pub mod slurm;
pub mod transport;
pub mod twin;

pub use body::LiveBody;
pub use endpoint::Endpoint;
pub(crate) use masking::Masking;
pub use observation::{Facts, Job, JobState, Jobs, Live, Observation, Owner, Reads};
pub use reader::{Question, Reader, Scope};
