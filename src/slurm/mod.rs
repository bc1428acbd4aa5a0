//! What Slurm's texts mean: quantities, field tables, releases, configuration files and their linter.
//!
//! Pure knowledge without I/O. `model` and `rules` use it to check what people write, `desired` to compile, `live` to
//! read, `plan` to word commands; so one table says how a field is spelt, read, written and cleared.

pub mod config;
pub mod cpulist;
pub mod fields;
pub mod keys;
pub mod lint;
pub mod numbers;
pub mod plugins;
pub mod release;
pub mod retired;
pub mod stamp;
pub mod text;
pub mod tres;
pub mod value;
pub mod words;

/// Kinds of resources, as they stand in addresses.
const KINDS: [&str; 9] =
    ["account", "association", "coordinator", "gres", "node", "nodeset", "partition", "qos", "user"];

/// Whether a kind of resource, as it stands in addresses, is Slurm's.
pub fn has_kind(kind: &str) -> bool {
    KINDS.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kinds_but_one_have_fields() {
        let bare: Vec<&str> = KINDS.into_iter().filter(|kind| fields::of_kind(kind).is_empty()).collect();
        assert_eq!(bare, ["coordinator"]);
        assert!(!has_kind("Node") && !has_kind("Deployment.apps"));
    }
}
