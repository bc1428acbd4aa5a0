//! From a target and what is declared on it to an observation that a plan can be made from.

use crate::diagnostics::Diagnostics;
use crate::diff::judge;
use crate::live::{Observation, Reader, Scope};
use crate::resource::Resource;

/// Settles what an observation that was read back says of what is declared on its target. Nothing is asked: what the server
/// was not asked about when the observation was made is predicted.
#[must_use]
pub fn replay(mut observation: Observation, desired: &[Resource]) -> Observation {
    observation.reveal(desired);
    judge(desired, &mut observation);
    observation
}

/// Reads a target, compares, and asks the target what the comparison leaves open. `desired` is what is declared there.
pub async fn read(
    reader: &dyn Reader,
    target: &str,
    factory: &str,
    desired: &[Resource],
) -> Result<Observation, Diagnostics> {
    let mut observation = reader.observe(target, factory, &Scope::of(desired)).await?;
    let questions = judge(desired, &mut observation);
    reader.confirm(&mut observation, questions).await?;
    Ok(observation)
}
