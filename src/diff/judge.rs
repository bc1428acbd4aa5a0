//! What can be told of declared resources from an observation, and what only the target can tell.

use super::targets::TARGETS;
use crate::live::{Observation, Question};
use crate::resource::Resource;

/// Judges each declared resource of a target, and notes the verdicts in the observation in place of those of earlier
/// manifests. What comes back are the questions that neither the observation nor its recorded answers settle; without an
/// answer, a change of such a resource is predicted.
pub fn judge(desired: &[Resource], observation: &mut Observation) -> Vec<Question> {
    let target = observation.facts.of_kind(TARGETS);
    target.map(|target| target.judge(desired, observation)).unwrap_or_default()
}
