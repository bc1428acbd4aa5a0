//! Support services.

mod block;
mod blocks;
pub mod kubernetes;
mod parse;
mod reader;
mod runtime;
pub mod slurm;

use crate::diagnostics::DocumentId;
use crate::resource::FieldPath;

pub use crate::manifest::v1alpha1::support_service::ServiceCategory;
pub(super) use blocks::attach;
pub use blocks::runtimes;
pub(super) use parse::service;
pub use runtime::Runtime;

/// A service that the factory offers.
#[derive(Debug, Clone)]
pub struct SupportService {
    /// Document it stands in.
    pub document: DocumentId,
    /// Name.
    pub name: String,
    /// What it is for.
    pub category: ServiceCategory,
    /// Target; none where nothing is provisioned.
    pub target: Option<String>,
    /// Who may use it.
    pub audience: Audience,
    /// Hours that are promised, e.g. `24x7`.
    pub sla: Option<String>,
    /// Runtimes that it names; one is right.
    pub runtimes: Vec<&'static str>,
    /// The first of them.
    pub runtime: Runtime,
    /// No plan may delete it.
    pub protect: bool,
}

/// Who may use a service.
#[derive(Debug, Clone, Default)]
pub struct Audience {
    /// Projects with an allocation of these modes, with their places.
    pub modes: Vec<(String, FieldPath)>,
    /// Projects, with their places.
    pub projects: Vec<(String, FieldPath)>,
    /// Everybody.
    pub public: bool,
}
