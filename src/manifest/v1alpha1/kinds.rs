//! The table of kinds. A new kind is a row here and a file of its own beside this one.
//!
//! Loading, schemas, `explain` and the pages of reference read the table: no other file lists the kinds. Outside this room
//! the resolver (`model::resolve`) matches on [`Wire`], and does not compile while a kind has no answer there.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use super::access_mode::AccessMode;
use super::common::Manifest;
use super::factory::Factory;
use super::partition::Partition;
use super::project::Project;
use super::support_service::SupportService;

/// What the tool has to know of a kind besides its fields.
struct Row {
    name: &'static str,
    noun: &'static str,
    is_single: bool,
    named_by: &'static [&'static str],
    schema: fn(SchemaGenerator) -> Schema,
    decode: fn(Value) -> Result<Wire, serde_json::Error>,
}

macro_rules! kinds {
    ($(
        $(#[$about:meta])*
        $kind:ident { noun: $noun:literal, single: $single:literal, named_by: $named_by:expr }
    )+) => {
        /// A kind of manifest.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$about])* $kind,)+
        }

        /// Content of a manifest, by its kind.
        #[derive(Debug, Clone)]
        pub enum Wire {
            $($(#[$about])* $kind(Box<$kind>),)+
        }

        /// Names of all kinds, as `kind:` spells them, in the order in which they are shown.
        pub const KINDS: [&str; Kind::ALL.len()] = [$(stringify!($kind)),+];

        impl Kind {
            /// All kinds, in the order in which they are shown.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            const fn row(self) -> Row {
                match self {
                    $(Self::$kind => Row {
                        name: stringify!($kind),
                        noun: $noun,
                        is_single: $single,
                        named_by: $named_by,
                        schema: SchemaGenerator::into_root_schema_for::<$kind>,
                        decode: |json| serde_json::from_value(json).map(Wire::$kind),
                    },)+
                }
            }
        }

        impl Wire {
            /// Its kind.
            pub fn kind(&self) -> Kind {
                match self {
                    $(Self::$kind(_) => Kind::$kind,)+
                }
            }

            /// What is asked of every manifest.
            pub fn manifest(&self) -> &dyn Manifest {
                match self {
                    $(Self::$kind(manifest) => manifest.as_ref(),)+
                }
            }
        }
    };
}

kinds! {
    /// The whole: who hosts it, who shares it, the root of all accounts.
    Factory { noun: "factory", single: true, named_by: &[] }

    /// Nodes with common rules.
    Partition {
        noun: "partition",
        single: false,
        named_by: &[
            "Partition.spec.alternate",
            "Project.spec.members[].partition",
            "Project.spec.allocations[].partition",
            "SupportService.spec.kubernetes.queue.partition",
            "SupportService.spec.slurm.partition",
        ]
    }

    /// A way of using the factory.
    AccessMode {
        noun: "access mode",
        single: false,
        named_by: &[
            "Factory.spec.account.modes[]",
            "Factory.spec.account.defaultMode",
            "Factory.spec.accounts[].modes[]",
            "Factory.spec.accounts[].defaultMode",
            "Partition.spec.modes[]",
            "Partition.spec.denyModes[]",
            "Partition.spec.qos",
            "AccessMode.spec.perJob.continues",
            "AccessMode.spec.preempts[]",
            "Project.spec.members[].modes[]",
            "Project.spec.members[].defaultMode",
            "Project.spec.allocations[].mode",
            "Project.spec.modes[]",
            "Project.spec.defaultMode",
            "SupportService.spec.audience.modes[]",
            "SupportService.spec.kubernetes.queue.mode",
            "SupportService.spec.slurm.mode",
        ]
    }

    /// Who uses the factory, and how much of it.
    Project {
        noun: "project",
        single: false,
        named_by: &["SupportService.spec.audience.projects[]"]
    }

    /// What the factory offers besides its batch work.
    SupportService { noun: "service", single: false, named_by: &[] }
}

impl Kind {
    /// The kind of this name, as `kind:` spells it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Its name, as `kind:` spells it: `AccessMode`.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// One of it in a sentence: `access mode`.
    pub const fn noun(self) -> &'static str {
        self.row().noun
    }

    /// Whether a site has at most one.
    pub const fn is_single(self) -> bool {
        self.row().is_single
    }

    /// Fields that name a manifest of this kind, each below the kind it belongs to: `Project.spec.allocations[].mode`.
    pub const fn named_by(self) -> &'static [&'static str] {
        self.row().named_by
    }

    /// Its schema, as its wire type gives it.
    pub fn schema(self, generator: SchemaGenerator) -> Schema {
        (self.row().schema)(generator)
    }

    /// Content of a manifest of this kind.
    ///
    /// # Errors
    /// A value that the wire type does not take; the schema admits none.
    pub fn decode(self, json: Value) -> Result<Wire, serde_json::Error> {
        (self.row().decode)(json)
    }
}
