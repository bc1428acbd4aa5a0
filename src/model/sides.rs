//! What factories, partitions, access modes and projects say for one target alone.

use crate::diagnostics::{Diagnostics, DocumentId};
use crate::manifest::Refused;
use crate::manifest::v1alpha1::access_mode::AccessModeSpec;
use crate::manifest::v1alpha1::factory::FactorySpec;
use crate::manifest::v1alpha1::partition::PartitionSpec;
use crate::manifest::v1alpha1::project::ProjectSpec;
use crate::targets::sides;

/// Priority and share that a mode's sides inherit.
type Inherited = (Option<u64>, Option<u32>);

sides! {
    /// A factory's.
    pub struct FactorySides { OfFactory }
    read factory() of FactorySpec
}

sides! {
    /// A partition's.
    pub struct PartitionSides { OfPartition }
    read partition() of PartitionSpec
}

sides! {
    /// An access mode's.
    pub struct ModeSides { OfMode }
    read mode(inherited: Inherited) of AccessModeSpec
}

sides! {
    /// A project's.
    pub struct ProjectSides { OfProject }
    read project() of ProjectSpec
}
