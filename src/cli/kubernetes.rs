//! Kubernetes on the command line.

use std::any::Any;

use futures::future::{FutureExt, LocalBoxFuture};

use super::target::{Bound, Made, Target};
use crate::apply::Backend;
use crate::live::Observation;
use crate::live::kubernetes::{Cluster, Connection, examine};
use crate::manifest::v1alpha1::settings::Binding;
use crate::report::kubernetes::rights;
use crate::resource::Resource;

pub(super) const TARGET: &dyn Target = &OfKubernetes;

struct OfKubernetes;

impl Target for OfKubernetes {
    fn backend(&self, bound: &Bound<'_>, binding: &Binding) -> Option<Made> {
        let binding = binding.kubernetes.as_ref()?;
        let kubeconfig = match binding.kubeconfig.as_ref().map(|path| bound.path("kubeconfig", path)).transpose() {
            Ok(kubeconfig) => kubeconfig,
            Err(refused) => return Some(Err(refused)),
        };
        Some(Ok(Box::new(Cluster::new(Connection {
            kubeconfig,
            context: binding.context.clone(),
            namespace: binding.namespace.clone(),
        }))))
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
        backend: &'a dyn Backend,
        name: &'a str,
        wanted: &'a [Resource],
    ) -> LocalBoxFuture<'a, Option<String>> {
        let backend: &dyn Any = backend;
        let cluster = backend.downcast_ref::<Cluster>();
        async move {
            let examination = examine(cluster?, wanted).await.ok()?;
            Some(rights(name, &examination))
        }
        .boxed_local()
    }
}
