//! Human and JSON text of diagnostics, plans and applies. Builds text; `cli` writes it.

mod doctor;
mod explain;
mod findings;
mod json;
pub mod kubernetes;
mod outline;
mod plan;
mod printable;
mod progress;
mod slurm;
mod stale;
mod style;
mod target;
mod targets;
mod wrap;

pub use doctor::described;
pub use explain::{schema_page, type_text};
pub use findings::{complaints, explain, findings, problem};
pub use json::{findings as findings_json, plan as plan_json};
pub use plan::{Show, plan};
pub use printable::printable;
pub use progress::{Progress, summary, summary_json};
pub use stale::{applied_already, each_moved, moved_together};
pub use style::Style;
pub use wrap::wrap;
