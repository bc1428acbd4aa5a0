//! Changes → ordered actions, guards, plan file. The plan decides everything; apply decides nothing.

mod build;
mod file;
mod guards;
mod impact;
mod kubernetes;
mod renames;
mod render;
mod slurm;
mod stale;
mod twin;
mod value;

pub use build::{FORMAT, Request, build};
pub use file::{from_text, is_saved_plan, other_than, to_text};
pub use render::{HEAD as RENDERED, Home, render};
pub use slurm::missing_include;
pub use stale::{Moved, moved};
pub use value::{Action, FileWrite, Guards, How, ObjectWrite, Plan, Refusal, Step, TargetSummary, Verb};
