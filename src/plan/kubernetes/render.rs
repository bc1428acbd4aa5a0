//! Objects as files, as apply writes them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kubernetes::applyset::member;
use crate::kubernetes::kinds::{is_partial, namespace_and_name};
use crate::kubernetes::yaml::to_yaml;
use crate::live::kubernetes::set_of;
use crate::plan::RENDERED;
use crate::plan::target::Files;

/// Folder of objects without a namespace; no namespace may be called so.
const CLUSTER: &str = "_cluster";

/// One file a kind and namespace.
pub(super) fn files(work: &Files<'_>) -> Result<BTreeMap<String, String>, String> {
    let namespace =
        work.binding.and_then(|binding| binding.kubernetes.as_ref()).map(|binding| binding.namespace.as_str());
    let set = set_of(work.factory, namespace.unwrap_or("sitewright")).id;
    let mut files = BTreeMap::new();
    for resource in work.desired {
        let (namespace, _) = namespace_and_name(&resource.address.name);
        let path = format!("{}/{}/{}.yaml", work.target, namespace.unwrap_or(CLUSTER), resource.address.kind);
        let text = files.entry(path).or_insert_with(|| yaml_head(&resource.address.kind));
        text.push_str("---\n");
        let object = sorted(member(&resource.body, &set));
        text.push_str(&to_yaml(&object)?);
    }
    Ok(files)
}

fn yaml_head(kind: &str) -> String {
    let parts = if is_partial(kind) {
        "# Parts of objects that others make: apply them on the server's side, and never delete by this file.\n"
    } else {
        ""
    };
    format!("{RENDERED}; apply with: kubectl apply --server-side --field-manager=sitewright -f FILE\n{parts}")
}

/// Keys in one order, whoever built the object.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<String, Value> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
