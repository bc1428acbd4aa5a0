//! One apply at a time per factory: a Lease in the binding's namespace.
//!
//! Each process applies it as a field manager of its own and without force, so the server itself lets one alone have it: a
//! second one is a conflict. One whose holder is gone is taken with force, as it was read and not otherwise.

use std::collections::BTreeMap;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta, Preconditions};
use serde_json::Value;

use super::cluster::Sending;
use super::failure::{Failure, FailureKind};
use super::{Cluster, Served, namespaces};
use crate::kubernetes::object::metadata;
use crate::kubernetes::typed;
use crate::live::transport::{Holder, LockError};

/// Annotation that holds the whole [`Holder`] as JSON.
const HOLDER: &str = "sitewright.io/holder";

fn leases() -> Served {
    Served::built_in::<Lease>()
}

/// A field manager that no other process has; at most 128 letters.
fn manager(here: &Holder) -> String {
    let host: String = here.host.chars().filter(char::is_ascii_graphic).take(64).collect();
    format!("sitewright-lock-{host}-{}-{}", here.process, here.started)
}

impl Cluster {
    /// Takes the lock `name`; one whose holder is gone is taken over. Makes the binding's namespace where it is missing.
    pub async fn lock(&self, name: &str, here: &Holder) -> Result<(), LockError<Failure>> {
        let namespace = self.connection().namespace.clone();
        let since = jiff::Timestamp::from_second(here.since).unwrap_or_default();
        let holder_text = serde_json::to_string(here).unwrap_or_default();
        let mut lease = Lease {
            metadata: ObjectMeta {
                annotations: Some(BTreeMap::from([(HOLDER.to_owned(), holder_text)])),
                name: Some(name.to_owned()),
                namespace: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            spec: Some(LeaseSpec {
                acquire_time: Some(MicroTime(since)),
                holder_identity: Some(format!("{}@{}/{}", here.user, here.host, here.process)),
                ..LeaseSpec::default()
            }),
        };
        let manager = manager(here);
        for _ in 0..3 {
            lease.metadata.resource_version = None;
            let taken = self.apply_as(&manager, &leases(), &typed::to_value(&lease), Sending::default()).await;
            let Err(failure) = taken else { return Ok(()) };
            match failure.kind {
                FailureKind::NamespaceMissing { .. } => {
                    let mut home = Namespace::default();
                    home.metadata.name = Some(namespace.clone());
                    self.apply(&namespaces(), &typed::to_value(&home), Sending::default()).await?;
                    continue;
                }
                FailureKind::Conflict { .. } => {}
                // Two began at once, and the other was first.
                FailureKind::Stale => continue,
                _ => return Err(failure.into()),
            }
            let Some(found) = self.get(&leases(), Some(&namespace), name).await? else { continue };
            let holder = holder(&found);
            if !holder.as_ref().is_none_or(|holder| holder.is_gone(here)) {
                return holder.map_or(Ok(()), |holder| Err(LockError::Held(holder)));
            }
            lease.metadata.resource_version = text(&found, "resourceVersion");
            let force = Sending { force: true, dry_run: false };
            match self.apply_as(&manager, &leases(), &typed::to_value(&lease), force).await {
                Ok(_) => return Ok(()),
                Err(Failure { kind: FailureKind::Stale | FailureKind::Gone, .. }) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(Failure::new(FailureKind::Stale, format!("lease `{namespace}/{name}` changes hands all the time")).into())
    }

    /// Gives the lock back, if it is still ours.
    pub async fn unlock(&self, name: &str, here: &Holder) -> Result<(), Failure> {
        let namespace = self.connection().namespace.clone();
        let Some(found) = self.get(&leases(), Some(&namespace), name).await? else { return Ok(()) };
        if holder(&found).as_ref() != Some(here) {
            return Ok(());
        }
        let same = Preconditions { resource_version: text(&found, "resourceVersion"), uid: text(&found, "uid") };
        match self.delete_if(&leases(), (Some(&namespace), name), same, "Background").await {
            // Somebody has taken it over meanwhile.
            Err(Failure { kind: FailureKind::Stale | FailureKind::Replaced, .. }) => Ok(()),
            other => other,
        }
    }
}

/// The text of a field of an object's metadata.
fn text(object: &Value, field: &str) -> Option<String> {
    metadata(object, field)?.as_str().map(ToOwned::to_owned)
}

/// Who holds a lease; `None` where it does not say, which is nobody of ours.
fn holder(lease: &Value) -> Option<Holder> {
    serde_json::from_str(lease.pointer("/metadata/annotations")?.get(HOLDER)?.as_str()?).ok()
}
