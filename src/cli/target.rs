//! What the command line needs to know of a kind of target.

use std::path::Path;

use futures::future::{FutureExt, LocalBoxFuture};

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::{Endpoint, Observation};
use crate::manifest::Sources;
use crate::manifest::v1alpha1::settings::Binding;
use crate::resource::Resource;
use crate::targets::each;

/// All of them.
pub(super) const TARGETS: &[&dyn Target] = &each!(TARGET);

/// What is bound, and where from.
pub(super) struct Bound<'a> {
    /// The target's name.
    pub(super) name: &'a str,
    pub(super) environment: &'a str,
    /// Folder that paths of the settings are below.
    pub(super) folder: &'a Path,
    /// The factory's own account.
    pub(super) account: &'a str,
}

/// An endpoint; or what is wrong with the binding, and what to write.
pub(super) type Made = Result<Endpoint, (String, &'static str)>;

/// A kind of target, for the command line. It is asked of its own observations.
pub(super) trait Target: Sync {
    /// The endpoint of a binding that binds such a target.
    fn endpoint(&self, bound: &Bound<'_>, binding: &Binding) -> Option<Made>;

    /// The command that restarts the target, where a binding declares one.
    fn restart(&self, _binding: &Binding) -> Option<Vec<String>> {
        None
    }

    /// Why resources that are declared on an endpoint cannot be there: the manifests mean a target of another kind.
    fn strange(&self, _endpoint: &Endpoint, _target: &str, _desired: &[Resource]) -> Option<Diagnostic> {
        None
    }

    /// Why a name cannot be a factory's there, and what to do.
    fn illegal(&self, _name: &str) -> Option<(String, String)> {
        None
    }

    /// Whether two that were read are one cluster; `same_way` says that they are reached in one way.
    fn is_one(&self, one: &Observation, other: &Observation, same_way: bool) -> bool;

    /// What is said of one that was read whole.
    fn described(&self, observation: &Observation) -> String;

    /// What can be said of one before it is read.
    fn examined<'a>(
        &'a self,
        _endpoint: &'a Endpoint,
        _name: &'a str,
        _wanted: &'a [Resource],
    ) -> LocalBoxFuture<'a, Option<String>> {
        futures::future::ready(None).boxed_local()
    }

    /// What is found in what was read; adds the files that the findings are in.
    fn findings(&self, _observation: &Observation, _sources: &mut Sources) -> Diagnostics {
        Diagnostics::new()
    }
}
