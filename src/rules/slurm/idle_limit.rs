//! No limit is so high that a tighter one always holds before.

use super::limit;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;
use crate::rules::rule::{Rule, Turn};

/// A limit can never be reached.
const CODE: Code = Code {
    name: "idle-limit",
    severity: Severity::Warning,
    summary: "A limit can never be reached",
    explanation: "A tighter limit is reached first.",
    failing: "perUser: { runningJobs: 10, submittedJobs: 5 }",
    passing: "perUser: { runningJobs: 5, submittedJobs: 10 }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

/// Limits of running jobs, each with the limit of submitted jobs, which holds before.
const JOBS: [(&str, &str); 3] = [
    ("MaxJobsPerUser", "MaxSubmitJobsPerUser"),
    ("MaxJobsPerAccount", "MaxSubmitJobsPerAccount"),
    ("GrpJobs", "GrpSubmit"),
];

fn check(site: &Site, found: &mut Diagnostics) {
    for mode in &site.modes {
        let number = |key: &str| mode.fields.body.get(key).and_then(serde_json::Value::as_u64);
        for (running, submitted) in JOBS {
            if let (Some(running_jobs), Some(submitted_jobs)) = (number(running), number(submitted))
                && running_jobs > submitted_jobs
            {
                found.push(
                    Diagnostic::new(
                        &CODE,
                        format!(
                            "`{}`: {running_jobs} jobs may run, and only {submitted_jobs} be in the queue",
                            mode.name
                        ),
                    )
                    .at(limit::of_mode(mode, running))
                    .label("can never be reached")
                    .related(limit::of_mode(mode, submitted), "the tighter limit")
                    .hint("raise the number of submitted jobs"),
                );
            }
        }
    }
}
