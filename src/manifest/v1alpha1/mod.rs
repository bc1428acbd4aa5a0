//! Wire types of `sitewright.io/v1alpha1`, one file a kind. Quantities stay text here and are parsed by `model`.

pub mod access_mode;
pub mod common;
pub mod factory;
pub mod kubernetes;
pub mod partition;
pub mod project;
pub mod settings;

pub use access_mode::AccessMode;
pub use common::{Amounts, AssociationLimits, Category, Metadata};
pub use factory::Factory;
pub use partition::Partition;
pub use project::Project;
pub use settings::Settings;

/// The version that this tool reads.
pub const API_VERSION: &str = "sitewright.io/v1alpha1";

/// Kinds that a manifest can have.
pub const KINDS: [&str; 4] = ["Factory", "Partition", "AccessMode", "Project"];

/// Kind of `sitewright.yaml`.
pub const SITE: &str = "Site";

/// Whether a part says nothing, and is left out when written.
fn is_default<Part: Default + PartialEq>(part: &Part) -> bool {
    *part == Part::default()
}
