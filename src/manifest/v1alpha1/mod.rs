//! Wire types of `sitewright.io/v1alpha1`, one file a kind, listed in `kinds`. Quantities stay text
//! here and are parsed by `model`.

pub mod access_mode;
pub mod common;
pub mod factory;
mod kinds;
pub mod kubernetes;
pub mod partition;
pub mod project;
pub mod settings;
pub mod support_service;

pub use access_mode::AccessMode;
pub use common::{Amounts, AssociationLimits, Category, Manifest, Metadata};
pub use factory::Factory;
pub use kinds::{KINDS, Kind, Wire};
pub use partition::Partition;
pub use project::Project;
pub use settings::Settings;
pub use support_service::SupportService;

/// The version that this tool reads.
pub const API_VERSION: &str = "sitewright.io/v1alpha1";

/// Kind of `sitewright.yaml`, which is no manifest and has no row in the table of kinds.
pub const SITE: &str = "Site";

/// Other name of [`SITE`] on the command line.
pub const SETTINGS: &str = "Settings";

/// Whether a part says nothing, and is left out when written.
fn is_default<Part: Default + PartialEq>(part: &Part) -> bool {
    *part == Part::default()
}
