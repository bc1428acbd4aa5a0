//! Kubernetes on the command line.

use std::collections::BTreeSet;

use futures::future::{FutureExt, LocalBoxFuture};

use super::target::{Bound, Made, Target};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::codes::manifest::BAD_BINDING;
use crate::kubernetes::kinds;
use crate::live::kubernetes::{Cluster, Connection, Examination, examine};
use crate::live::{Endpoint, Observation};
use crate::manifest::v1alpha1::settings::Binding;
use crate::report::printable;
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

    fn described(&self, observation: &Observation) -> String {
        format!("  read whole in {} requests\n", observation.reads.requests)
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

/// What a cluster of Kubernetes lets us do.
fn rights(target: &str, found: &Examination) -> String {
    let mut text = format!(
        "{target}: kubernetes {} at {}, as `{}`\n",
        printable(&found.version),
        printable(&found.server),
        printable(&found.user)
    );
    match found.kueue.as_slice() {
        [] => text.push_str("  kueue is not installed\n"),
        versions => text.push_str(&format!("  kueue serves {}\n", printable(&versions.join(", ")))),
    }
    for kind in &found.missing_kinds {
        text.push_str(&format!("  the server does not have `{}`\n", printable(kind)));
    }
    for hook in &found.dead_webhooks {
        text.push_str(&format!("  nobody is ready behind the webhook {}\n", printable(hook)));
    }
    for quota in &found.refusing_quotas {
        text.push_str(&format!("  {}\n", printable(quota)));
    }
    for what in &found.unseen {
        text.push_str(&format!("  not looked at: {}\n", printable(what)));
    }
    match found.missing_rights.len() {
        0 => text.push_str("  all rights that an apply needs\n"),
        missing => {
            text.push_str(&match missing {
                1 => "  1 right is missing:\n".to_owned(),
                many => format!("  {many} rights are missing:\n"),
            });
            for right in &found.missing_rights {
                let place = right.namespace.as_ref().map_or_else(String::new, |one| format!(" in `{one}`"));
                let name = right.name.as_ref().map_or_else(String::new, |one| format!(" `{one}`"));
                text.push_str(&printable(&format!("    {} `{}`{name}{place}", right.verb, right.spelled())));
                text.push('\n');
            }
            text.push_str("  an administrator grants all that an apply needs with `kubectl apply -f -` and this:\n");
            for line in found.grant().lines() {
                text.push_str(&format!("{}\n", printable(line)));
            }
        }
    }
    text
}
