//! Changes → ordered actions, guards, plan file. The plan decides everything; apply decides nothing.

mod build;
mod file;
mod guards;
pub mod kubernetes;
mod render;
pub mod slurm;
mod stale;
mod target;
mod targets;
pub mod twin;
mod value;

pub use build::{FORMAT, Request, build};
pub use file::{Unusable, from_text, is_saved_plan, other_than, to_text};
pub use render::render;
pub use stale::{Move, Moved, moved};
pub use target::HEAD as RENDERED;
pub use value::{Action, Guards, Identity, Plan, Refusal, Step, TargetSummary};
