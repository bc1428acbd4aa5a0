//! Two targets that are one and the same cluster or twin: each apply would take the other target's objects for what is
//! declared no longer, and delete them.

use std::collections::BTreeMap;

use crate::apply::Backend;
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::Observation;
use crate::live::slurm::SlurmFacts;

fn refused(one: &str, other: &str, what: &str) -> Diagnostic {
    Diagnostic::new(&codes::BAD_BINDING, format!("`{one}` and `{other}` are one and the same {what}"))
        .why("each would delete what is declared on the other")
        .hint(format!("bind `{other}` to another {what}, or say `target: {one}` where the manifests say `{other}`"))
}

/// Twins in one file, however it is named.
pub(super) fn twins(backends: &BTreeMap<String, Backend>) -> Diagnostics {
    let mut seen = BTreeMap::new();
    let mut found = Diagnostics::new();
    for (name, backend) in backends {
        let Backend::Twin(twin) = backend else { continue };
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
pub(super) fn clusters(backends: &BTreeMap<String, Backend>, observations: &[Observation]) -> Diagnostics {
    let mut found = Diagnostics::new();
    let read: Vec<(&str, &SlurmFacts)> =
        observations.iter().filter_map(|one| Some((one.target.as_str(), one.slurm()?))).collect();
    let way = |name: &str| match backends.get(name) {
        Some(Backend::Slurm { transport, .. }) => transport.describe(),
        _ => String::new(),
    };
    for (index, (name, facts)) in read.iter().enumerate() {
        let first = read[..index].iter().find(|(other, of_other)| is_one(facts, of_other, way(name) == way(other)));
        if let Some((other, _)) = first {
            found.push(refused(other, name, "cluster"));
        }
    }
    found.extend(sets(observations));
    found
}

/// Kubernetes clusters that are one, with one set of what is ours.
fn sets(observations: &[Observation]) -> Diagnostics {
    let mut seen: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut found = Diagnostics::new();
    for observation in observations {
        let Some(facts) = observation.kubernetes() else { continue };
        let name = observation.target.as_str();
        match seen.get(&(facts.server.as_str(), facts.set.id.as_str())) {
            Some(other) => found.push(refused(other, name, "cluster")),
            None => {
                seen.insert((&facts.server, &facts.set.id), name);
            }
        }
    }
    found
}

/// By its name alone two clusters may be told from each other only within one database. A controller is known by when it
/// began; one that is down by its configuration.
fn is_one(one: &SlurmFacts, other: &SlurmFacts, same_way: bool) -> bool {
    if !one.cluster.eq_ignore_ascii_case(&other.cluster) {
        return false;
    }
    if same_way && one.slurm_conf == other.slurm_conf {
        return true;
    }
    let begun = |facts: &SlurmFacts| {
        let keys = |(key, _): &(&String, &String)| key.as_str() == "BOOT_TIME" || key.starts_with("SlurmctldHost");
        let settings: Vec<_> =
            facts.settings.iter().filter(keys).map(|(key, value)| (key.clone(), value.clone())).collect();
        facts.settings.contains_key("BOOT_TIME").then_some(settings)
    };
    match (begun(one), begun(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.files.get(&one.slurm_conf).is_some_and(|text| other.files.get(&other.slurm_conf) == Some(text)),
    }
}
