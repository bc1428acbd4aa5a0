//! What `doctor` says of targets.

use super::printable::printable;
use super::targets::TARGETS;
use crate::live::Observation;

/// A target that was read whole.
pub fn described(observation: &Observation) -> String {
    let more = observation.facts.of_kind(TARGETS).map(|target| target.described(observation)).unwrap_or_default();
    format!("{}: {}\n{more}", observation.target, printable(&observation.title))
}
