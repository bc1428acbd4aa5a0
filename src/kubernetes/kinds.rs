//! Names of kinds, and what is known of them whatever server they are on.
//!
//! In an address a kind is written as `kubectl` prints it: `Namespace`, `Deployment.apps`,
//! `ClusterQueue.kueue.x-k8s.io`; the name of a namespaced object is `namespace/name`.

use serde_json::Value;

/// The kind in an address: `Deployment.apps` of `apps/v1` and `Deployment`.
pub fn address_kind(api_version: &str, kind: &str) -> String {
    match api_version.split_once('/') {
        Some((group, _)) => format!("{kind}.{group}"),
        None => kind.to_owned(),
    }
}

/// Kind and group of the kind in an address; the core group is empty.
pub fn kind_and_group(address_kind: &str) -> (&str, &str) {
    address_kind.split_once('.').unwrap_or((address_kind, ""))
}

/// The name in an address: `p-medix/quota`, or `p-medix` of what has no namespace.
pub fn address_name(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match text("/metadata/namespace") {
        "" => text("/metadata/name").to_owned(),
        namespace => format!("{namespace}/{}", text("/metadata/name")),
    }
}

/// Namespace and name of the name in an address.
pub fn namespace_and_name(address_name: &str) -> (Option<&str>, &str) {
    address_name.split_once('/').map_or((None, address_name), |(namespace, name)| (Some(namespace), name))
}

/// Whether we own parts of such objects and never the whole: they are labelled and released, never created or deleted.
pub fn is_partial(address_kind: &str) -> bool {
    address_kind == "Node"
}
