//! Changes → ordered actions, guards, plan file. The plan decides everything; apply decides nothing.

mod value;

pub use value::{Action, FileWrite, Guards, How, Plan, Refusal, Step, TargetSummary};
