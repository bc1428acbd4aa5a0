//! Kubernetes' words in plans.

use super::printable::printable;
use super::target::Target;
use crate::diff::Change;
use crate::kubernetes::kinds::{kind_and_group, namespace_and_name};
use crate::live::Observation;
use crate::live::kubernetes::Examination;
use crate::plan::Action;
use crate::plan::kubernetes::{ObjectWrite, Step, Verb};
use crate::resource::Address;
use crate::resource::hostlist::HostSet;

pub(super) const TARGET: &dyn Target = &Kubernetes;

struct Kubernetes;

impl Target for Kubernetes {
    fn described(&self, observation: &Observation) -> String {
        format!("  read whole in {} requests\n", observation.reads.requests)
    }

    fn within<'a>(&self, address: &'a Address) -> Option<&'a str> {
        namespace_and_name(&address.name).0
    }

    fn folds(&self, change: &Change) -> Option<String> {
        (change.address.kind == "Node").then(String::new)
    }

    fn differs(&self, kind: &str, field: &str) -> bool {
        kind == "Node" && field == ".metadata.name"
    }

    fn names(&self, addresses: &[&Address]) -> Option<String> {
        let address = addresses.first().filter(|address| address.kind == "Node")?;
        // Nodes are often called by their whole names, which no host list folds.
        let domain = address.name.split_once('.').map_or_else(String::new, |(_, rest)| format!(".{rest}"));
        let short: Option<Vec<&str>> =
            addresses.iter().map(|address| address.name.strip_suffix(domain.as_str())).collect();
        let set: HostSet = match &short {
            Some(short) => short.iter().map(|name| (*name).to_owned()).collect(),
            None => addresses.iter().map(|address| address.name.clone()).collect(),
        };
        let domain = if short.is_some() { domain } else { String::new() };
        Some(format!("{}/Node/{set}{domain}", address.target))
    }

    fn kind_text<'a>(&self, kind: &'a str) -> &'a str {
        kind_and_group(kind).0
    }

    fn commands(&self, action: &Action) -> String {
        let crate::plan::Step::Kubernetes(Step::Objects { writes }) = &action.step else { return String::new() };
        writes.iter().map(|write| requests(action.id, write)).collect()
    }
}

/// What is sent for a write.
fn requests(id: u32, write: &ObjectWrite) -> String {
    let root = if write.api_version.contains('/') { "apis" } else { "api" };
    let (namespace, name) = namespace_and_name(&write.address.name);
    let namespace = namespace.map_or_else(String::new, |namespace| format!("/namespaces/{namespace}"));
    let path = format!("/{root}/{}{namespace}/{}/{name}", write.api_version, write.plural);
    let apply = |what: &str| {
        let what = if what.is_empty() { String::new() } else { format!("  ({what})") };
        format!("  {id:>3}  PATCH {path}?fieldManager=sitewright&force={}{what}\n", write.force)
    };
    let delete = format!("  {id:>3}  DELETE {path}\n");
    match write.verb {
        Verb::Apply => apply(""),
        Verb::Release => apply("nothing but the name"),
        Verb::Hold => apply("stopPolicy: Hold"),
        Verb::Delete => delete,
        Verb::Recreate => delete + &apply(""),
    }
}

/// What a cluster lets us do, and how to get what is missing.
pub fn rights(target: &str, found: &Examination) -> String {
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
