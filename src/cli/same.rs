//! Two targets that are one and the same cluster or twin: each apply would take the other target's objects for what is
//! declared no longer, and delete them.

use std::collections::BTreeMap;

use super::targets::TARGETS;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::{Endpoint, Observation};

fn refused(one: &str, other: &str, what: &str) -> Diagnostic {
    Diagnostic::of_run(&codes::BAD_BINDING, format!("`{one}` and `{other}` are one and the same {what}"))
        .why("each would delete what is declared on the other")
        .hint(format!("bind `{other}` to another {what}, or say `target: {one}` where the manifests say `{other}`"))
}

/// Twins in one file, however it is named.
pub(super) fn twins(endpoints: &BTreeMap<String, Endpoint>) -> Diagnostics {
    let mut seen = BTreeMap::new();
    let mut found = Diagnostics::new();
    for (name, endpoint) in endpoints {
        let Endpoint::Twin(twin) = endpoint else { continue };
        match seen.entry(twin.real_path()) {
            std::collections::btree_map::Entry::Vacant(slot) => {
                slot.insert(name);
            }
            std::collections::btree_map::Entry::Occupied(slot) => found.push(refused(slot.get(), name, "twin")),
        }
    }
    found
}

/// Clusters that turn out to be one when they are read.
pub(super) fn clusters(endpoints: &BTreeMap<String, Endpoint>, observations: &[Observation]) -> Diagnostics {
    let mut found = Diagnostics::new();
    let way = |one: &Observation| endpoints.get(&one.target).map(|endpoint| endpoint.reader().way());
    for target in TARGETS {
        for (index, one) in observations.iter().enumerate() {
            let same = |other: &&Observation| target.is_one(one, other, way(one) == way(other));
            if let Some(other) = observations[..index].iter().find(same) {
                found.push(refused(&other.target, &one.target, "cluster"));
            }
        }
    }
    found
}
