//! Names on Kubernetes that follow from the name of a manifest unless its block gives another.

use crate::diagnostics::{DocumentId, Place};
use crate::model::kubernetes::PartitionKubernetes;
use crate::model::{AccessMode, Partition, Project, Site};
use crate::resource::FieldPath;

/// A name that follows from `metadata.name` where the field for it is absent.
pub(super) struct Named<'a> {
    pub(super) document: DocumentId,
    /// The name on Kubernetes.
    pub(super) name: &'a str,
    /// The name of the manifest.
    pub(super) own: &'a str,
    /// The field of the block that gives another.
    pub(super) field: &'static str,
}

impl Named<'_> {
    /// Where the name is written.
    pub(super) fn place(&self) -> Place {
        let field = FieldPath::keys("spec.kubernetes").key(self.field);
        Place::value(self.document, if self.name == self.own { FieldPath::keys("metadata.name") } else { field })
    }
}

/// The flavor of a partition.
pub(super) fn flavor<'a>(partition: &'a Partition, side: &'a PartitionKubernetes) -> Named<'a> {
    Named { document: partition.document, name: &side.name, own: &partition.name, field: "name" }
}

/// The priority class of a mode, and its target.
pub(super) fn priority_class(mode: &AccessMode) -> Option<(Named<'_>, &str)> {
    let side = mode.sides.kubernetes.as_ref()?;
    Some((Named { document: mode.document, name: &side.name, own: &mode.name, field: "name" }, &side.target))
}

/// The namespace of a project, and its target.
pub(super) fn namespace(project: &Project) -> Option<(Named<'_>, &str)> {
    let side = project.sides.kubernetes.as_ref()?;
    let named = Named { document: project.document, name: &side.namespace, own: &project.name, field: "namespace" };
    Some((named, &side.target))
}

/// Partitions that live on Kubernetes, with their block.
pub(super) fn partitions(site: &Site) -> impl Iterator<Item = (&Partition, &PartitionKubernetes)> {
    site.partitions.iter().filter_map(|one| Some((one, one.sides.kubernetes.as_ref()?)))
}

/// Whether names of a document on Kubernetes were read.
pub(super) fn is_known(site: &Site, document: DocumentId) -> bool {
    site.knows(document, &["metadata.name", "spec.kubernetes"])
}
