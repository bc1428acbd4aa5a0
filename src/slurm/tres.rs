//! Names of TRES (slurm.conf(5), AccountingStorageTRES), whatever the case.

use std::collections::BTreeSet;

/// Those that every cluster has, or may have, by their whole name.
const PLAIN: [&str; 7] = ["cpu", "mem", "node", "energy", "billing", "vmem", "pages"];
/// Those that take a name of their own behind a slash.
const NAMED: [&str; 5] = ["gres/", "license/", "fs/", "bb/", "ic/"];

/// Whether a text can be the name of a TRES: anything else would end the name, the amount or the list it stands in.
pub fn is_name(text: &str) -> bool {
    let name = text.to_ascii_lowercase();
    let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | ':' | '_' | '-' | '.' | '@');
    PLAIN.contains(&name.as_str())
        || NAMED.iter().any(|prefix| {
            name.strip_prefix(prefix).is_some_and(|rest| {
                rest.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && rest.chars().all(legal)
            })
        })
}

/// TRES that slurmctld tracks without being asked (slurm.conf(5), AccountingStorageTRES).
const ALWAYS: [&str; 8] = ["cpu", "mem", "energy", "node", "billing", "fs/disk", "vmem", "pages"];

/// Names of a list such as AccountingStorageTRES, in lower case.
pub fn listed(text: &str) -> BTreeSet<String> {
    text.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty()).collect()
}

/// Whether slurmctld tracks a TRES, where AccountingStorageTRES names these in lower case. A gres is found by one of its
/// types too, and `gres/gpu` brings the memory and the use of GPUs along.
pub fn is_tracked(name: &str, listed: &BTreeSet<String>) -> bool {
    let name = name.to_ascii_lowercase();
    let typed = format!("{name}:");
    let of_gpus = ["gres/gpumem", "gres/gpuutil"].contains(&name.as_str());
    ALWAYS.contains(&name.as_str())
        || listed.contains(&name)
        || listed.iter().any(|other| other.starts_with(&typed) || (of_gpus && other.starts_with("gres/gpu")))
}

/// Whether a TRES, by its name in lower case, is a type of GPUs: `gres/gpu:h100`.
pub fn is_type_of_gpus(name: &str) -> bool {
    name.starts_with("gres/gpu:")
}

#[cfg(test)]
mod tests {
    use super::{is_name, is_tracked, listed};

    #[test]
    fn a_type_is_tracked_where_it_is_named() {
        let named = listed("gres/gpu, GRES/mps:a,license/matlab");
        for tracked in ["CPU", "fs/disk", "pages", "gres/gpu", "GRES/GPU", "gres/gpuutil", "gres/mps", "license/matlab"]
        {
            assert!(is_tracked(tracked, &named), "{tracked}");
        }
        for untracked in ["gres/gpu:h100", "license/ansys", "fs/lustre", "gres/shard", ""] {
            assert!(!is_tracked(untracked, &named), "{untracked}");
        }
        assert!(!is_tracked("gres/gpu", &listed("")));
    }

    #[test]
    fn names() {
        for good in [
            "cpu",
            "MEM",
            "gres/gpu",
            "GRES/gpu:h100",
            "license/matlab",
            "fs/lustre",
            "bb/cray",
            "ic/ofed",
            "gres/mig-1g.10gb",
        ] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "gpu",
            "cpu=1,x",
            "cpu ",
            "gres/",
            "gres//",
            "gres/a b",
            "gres/a,b",
            "gres/gpu=1",
            "gres/é",
            "cpu/x",
            "memory",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
