//! The reading.

use super::Cluster;
use crate::diagnostics::Diagnostics;
use crate::live::Observation;
use crate::resource::Resource;

/// Reads everything that is ours or declared, and asks the server about what cannot be proved; or says why not.
pub async fn observe(
    target: &str,
    factory: &str,
    cluster: &Cluster,
    wanted: &[Resource],
) -> Result<Observation, Diagnostics> {
    let _ = (target, factory, cluster, wanted);
    unimplemented!()
}
