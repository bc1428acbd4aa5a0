//! From a target and what is declared on it to an observation that a plan can be made from.

use crate::diagnostics::Diagnostics;
use crate::diff::judge;
use crate::live::{Observation, Reader, Scope};
use crate::resource::Resource;

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
