//! Everything that is declared as files: Kubernetes YAML, Slurm's include files, and the commands for its accounting.
//!
//! No cluster is asked, so equal manifests give equal bytes. Objects carry the label of the ApplySet, as apply writes it:
//! `kubectl diff --server-side --field-manager=sitewright` of the files has nothing to say after an apply.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::slurm;
use crate::kubernetes::applyset::member;
use crate::kubernetes::kinds::{is_kubernetes, is_partial, namespace_and_name};
use crate::live::kubernetes::set_of;
use crate::live::transport::quote;
use crate::resource::Resource;

/// How each file begins. What begins so may be written over.
pub const HEAD: &str = "# Written by sitewright";

/// A target's names that no manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Namespace of the ApplySet's parent.
    pub namespace: String,
    /// Name of the Slurm cluster.
    pub cluster: String,
    /// Names of the include files for slurm.conf and gres.conf.
    pub includes: (String, String),
}

/// Folder of objects without a namespace; no namespace may be called so.
const CLUSTER: &str = "_cluster";

/// Files by path: `services/p-medix/ResourceQuota.yaml`, `compute/sitewright.conf`. Or why one cannot be written.
pub fn render(
    factory: &str,
    desired: &[Resource],
    homes: &BTreeMap<String, Home>,
) -> Result<BTreeMap<String, String>, String> {
    let mut files = BTreeMap::new();
    let targets: BTreeSet<&str> = desired.iter().map(|resource| resource.address.target.as_str()).collect();
    for target in targets {
        let Some(home) = homes.get(target) else { continue };
        let here = desired.iter().filter(|resource| resource.address.target == target).cloned();
        let (objects, rest): (Vec<Resource>, Vec<Resource>) =
            here.partition(|resource| is_kubernetes(&resource.address.kind));
        let set = set_of(factory, &home.namespace).id;
        for resource in &objects {
            let (namespace, _) = namespace_and_name(&resource.address.name);
            let path = format!("{target}/{}/{}.yaml", namespace.unwrap_or(CLUSTER), resource.address.kind);
            let text = files.entry(path).or_insert_with(|| yaml_head(&resource.address.kind));
            text.push_str("---\n");
            let object = sorted(member(&resource.body, &set));
            text.push_str(&serde_yaml::to_string(&object).map_err(|error| error.to_string())?);
        }
        if !rest.is_empty() {
            let (include, gres, commands) = slurm::rendered(factory, &home.cluster, target, &rest)?;
            files.insert(format!("{target}/{}", home.includes.0), include);
            files.insert(format!("{target}/{}", home.includes.1), gres);
            files.insert(format!("{target}/accounting.sh"), script(&home.cluster, &commands));
        }
    }
    Ok(files)
}

fn yaml_head(kind: &str) -> String {
    let parts = if is_partial(kind) {
        "# Parts of objects that others make: apply them on the server's side, and never delete by this file.\n"
    } else {
        ""
    };
    format!("{HEAD}; apply with: kubectl apply --server-side --field-manager=sitewright -f FILE\n{parts}")
}

/// The commands as a shell takes them; it stops at the first that fails.
fn script(cluster: &str, commands: &[Vec<String>]) -> String {
    let mut text = format!("{HEAD}: accounting of the empty cluster `{cluster}`, in order. Run with: sh -e FILE\n");
    for argv in commands {
        let words: Vec<String> = argv.iter().map(|word| quote(word)).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
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
