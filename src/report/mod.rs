//! Human and JSON text of diagnostics, plans and applies. Builds text; `cli` writes it.

mod findings;
mod json;
mod kubernetes;
mod plan;
mod printable;
mod progress;
mod slurm;
mod style;
mod target;
mod targets;
mod wrap;

pub use findings::{complaints, explain, findings, problem};
pub use json::{findings as findings_json, plan as plan_json};
pub use plan::{Show, plan};
pub use printable::printable;
pub use progress::{Progress, summary, summary_json};
pub use style::Style;
pub use wrap::wrap;
