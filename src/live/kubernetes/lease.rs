//! One apply at a time per factory: a Lease in the binding's namespace.
//!
//! Each process applies it as a field manager of its own and without force, so the server itself lets one alone have it: a
//! second one is a conflict. One whose holder is gone is taken with force, as it was read and not otherwise.

use serde_json::{Value, json};

use super::cluster::Sending;
use super::failure::{Failure, FailureKind};
use super::{Cluster, Served, namespaces};
use crate::live::transport::{Holder, LockError};

/// Annotation that holds the whole [`Holder`] as JSON.
const HOLDER: &str = "sitewright.io/holder";

fn leases() -> Served {
    Served {
        api_version: "coordination.k8s.io/v1".to_owned(),
        kind: "Lease".to_owned(),
        plural: "leases".to_owned(),
        namespaced: true,
    }
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
        let mut lease = json!({
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "namespace": namespace,
                "name": name,
                "annotations": {HOLDER: serde_json::to_string(here).unwrap_or_default()},
            },
            "spec": {
                "holderIdentity": format!("{}@{}/{}", here.user, here.host, here.process),
                "acquireTime": since.strftime("%Y-%m-%dT%H:%M:%S.000000Z").to_string(),
            },
        });
        let manager = manager(here);
        for _ in 0..3 {
            let Err(failure) = self.apply_as(&manager, &leases(), &lease, Sending::default()).await else {
                return Ok(());
            };
            match failure.kind {
                FailureKind::NamespaceMissing { .. } => {
                    let home = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
                    self.apply(&namespaces(), &home, Sending::default()).await?;
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
            lease["metadata"]["resourceVersion"] = found["metadata"]["resourceVersion"].clone();
            let taken = self.apply_as(&manager, &leases(), &lease, Sending { force: true, dry_run: false }).await;
            match taken {
                Ok(_) => return Ok(()),
                Err(Failure { kind: FailureKind::Stale | FailureKind::Gone, .. }) => {
                    if let Some(metadata) = lease["metadata"].as_object_mut() {
                        metadata.remove("resourceVersion");
                    }
                }
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
        let same = json!({
            "uid": found["metadata"]["uid"],
            "resourceVersion": found["metadata"]["resourceVersion"],
        });
        match self.delete_if(&leases(), (Some(&namespace), name), &same, "Background").await {
            // Somebody has taken it over meanwhile.
            Err(Failure { kind: FailureKind::Stale | FailureKind::Replaced, .. }) => Ok(()),
            other => other,
        }
    }
}

/// Who holds a lease; `None` where it does not say, which is nobody of ours.
fn holder(lease: &Value) -> Option<Holder> {
    serde_json::from_str(lease.pointer("/metadata/annotations")?.get(HOLDER)?.as_str()?).ok()
}
