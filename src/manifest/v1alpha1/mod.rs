//! Wire types of `sitewright.io/v1alpha1`, one file a kind: what people write, before units are parsed.
//!
//! Texts stay texts (`12h`, `1TB`); `model` gives them meaning. Every doc comment of a field is the help text that an
//! editor shows, because the JSON Schemas are generated from these types.

mod access_mode;
mod common;
mod factory;
mod nodes;
mod partition;
mod project;
mod settings;
mod text;

pub use access_mode::*;
pub use common::*;
pub use factory::*;
pub use nodes::*;
pub use partition::*;
pub use project::*;
pub use settings::*;
pub use text::*;

/// The `apiVersion` of all kinds here.
pub const API_VERSION: &str = "sitewright.io/v1alpha1";

/// The kinds of manifest.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub enum Kind {
    /// The whole: host, consortium, access policy, site, root account.
    Factory,
    /// Nodes and who may run what on them.
    Partition,
    /// A way of access: who is eligible, how much, how long, how urgent.
    AccessMode,
    /// Who uses the factory: organisation, members, allocations.
    Project,
}

impl Kind {
    /// All kinds, in the order in which people meet them.
    pub const ALL: [Self; 4] = [Self::Factory, Self::Partition, Self::AccessMode, Self::Project];

    /// As written in `kind:`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Factory => "Factory",
            Self::Partition => "Partition",
            Self::AccessMode => "AccessMode",
            Self::Project => "Project",
        }
    }

    /// The kind of that name.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A manifest's `spec`, by kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Spec {
    /// `kind: Factory`.
    Factory(Box<FactorySpec>),
    /// `kind: Partition`.
    Partition(Box<PartitionSpec>),
    /// `kind: AccessMode`.
    AccessMode(Box<AccessModeSpec>),
    /// `kind: Project`.
    Project(Box<ProjectSpec>),
}

impl Spec {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Factory(_) => Kind::Factory,
            Self::Partition(_) => Kind::Partition,
            Self::AccessMode(_) => Kind::AccessMode,
            Self::Project(_) => Kind::Project,
        }
    }
}
