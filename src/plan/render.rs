//! Everything that is declared as files: Kubernetes YAML, Slurm's include files, and the commands for its accounting.
//!
//! No cluster is asked, so equal manifests give equal bytes. Objects carry the label of the ApplySet, as apply writes it:
//! `kubectl diff --server-side --field-manager=sitewright` of the files has nothing to say after an apply.

use std::collections::{BTreeMap, BTreeSet};

use super::target::Files;
use super::targets::TARGETS;
use crate::manifest::v1alpha1::settings::Binding;
use crate::resource::Resource;
use crate::targets::place;

/// Files by path: `services/p-medix/ResourceQuota.yaml`, `compute/sitewright.conf`. Or why one cannot be written.
/// `bindings` are those of the targets that are written.
pub fn render(
    factory: &str,
    desired: &[Resource],
    bindings: &BTreeMap<String, Option<&Binding>>,
) -> Result<BTreeMap<String, String>, String> {
    let mut files = BTreeMap::new();
    let targets: BTreeSet<&str> = desired.iter().map(|resource| resource.address.target.as_str()).collect();
    for target in targets {
        let Some(binding) = bindings.get(target) else { continue };
        for (number, kind) in TARGETS.iter().enumerate() {
            let own = |resource: &&Resource| {
                resource.address.target == target && place(&resource.address.kind) == Some(number)
            };
            let desired: Vec<Resource> = desired.iter().filter(own).cloned().collect();
            if !desired.is_empty() {
                files.extend(kind.rendered(&Files { factory, target, desired: &desired, binding: *binding })?);
            }
        }
    }
    Ok(files)
}
