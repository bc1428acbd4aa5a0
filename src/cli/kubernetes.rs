//! Kubernetes on the command line.

use std::collections::BTreeSet;

use futures::future::{FutureExt, LocalBoxFuture};

use super::target::{Bound, Made, Target};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::codes::manifest::BAD_BINDING;
use crate::kubernetes::kinds;
use crate::live::kubernetes::{Cluster, Connection, examine};
use crate::live::{Endpoint, Observation};
use crate::manifest::v1alpha1::settings::Binding;
use crate::report::kubernetes::rights;
use crate::resource::Resource;

pub(super) const TARGET: &dyn Target = &OfKubernetes;

struct OfKubernetes;

impl Target for OfKubernetes {
    fn endpoint(&self, bound: &Bound<'_>, binding: &Binding) -> Option<Made> {
        let binding = binding.kubernetes.as_ref()?;
        let kubeconfig = match binding.kubeconfig.as_ref().map(|path| bound.path("kubeconfig", path)).transpose() {
            Ok(kubeconfig) => kubeconfig,
            Err(refused) => return Some(Err(refused)),
        };
        Some(Ok(Cluster::new(Connection {
            kubeconfig,
            context: binding.context.clone(),
            namespace: binding.namespace.clone(),
        })
        .into()))
    }

    fn strange(&self, endpoint: &Endpoint, target: &str, desired: &[Resource]) -> Option<Diagnostic> {
        let Endpoint::Kubernetes(_) = endpoint else { return None };
        let strange = desired.iter().filter(|one| !kinds::is_kubernetes(&one.address.kind));
        let first = strange.clone().find_map(|one| one.place.clone())?;
        let kinds: BTreeSet<&str> = strange.map(|one| one.address.kind.as_str()).collect();
        let list = kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(", ");
        let message = format!("`{target}` is bound to Kubernetes, and what the manifests put there is not its: {list}");
        let hint = format!(
            "bind `{target}` to the cluster that it is meant for, and name the Kubernetes cluster in blocks of its own: \
             `kubernetes: {{ target: … }}` in factories, partitions, modes and projects, with `target:` in what lives there alone"
        );
        Some(Diagnostic::new(&BAD_BINDING, message).at(first).label("not for Kubernetes").hint(hint))
    }

    /// One with one set of what is ours.
    fn is_one(&self, one: &Observation, other: &Observation, _same_way: bool) -> bool {
        one.kubernetes()
            .zip(other.kubernetes())
            .is_some_and(|(one, other)| one.server == other.server && one.set.id == other.set.id)
    }

    /// Rights: where one is missing, the reading stops at it and does not tell the others.
    fn examined<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        name: &'a str,
        wanted: &'a [Resource],
    ) -> LocalBoxFuture<'a, Option<String>> {
        async move {
            let Endpoint::Kubernetes(cluster) = endpoint else { return None };
            let examination = examine(cluster, wanted).await.ok()?;
            Some(rights(name, &examination))
        }
        .boxed_local()
    }
}
