//! The parent of the ApplySet: a ConfigMap that says which kinds and namespaces have members, as kubectl reads it.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use crate::kubernetes::applyset::{
    ADDITIONAL_NAMESPACES, CONTAINS_GROUP_KINDS, ID_LABEL, TOOLING, additional_namespaces, group_kinds,
};
use crate::kubernetes::kinds::{kind_and_group, namespace_and_name};
use crate::kubernetes::object::metadata;
use crate::kubernetes::typed;
use crate::live::kubernetes::{ApplySet, KubernetesFacts, MANAGER};
use crate::resource::Address;

/// Kinds and namespaces that have members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extent {
    kinds: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

/// Of members.
pub(super) fn of_members(members: &BTreeSet<Address>) -> Extent {
    Extent {
        kinds: members.iter().map(|address| address.kind.clone()).collect(),
        namespaces: members
            .iter()
            .filter_map(|address| namespace_and_name(&address.name).0)
            .map(ToOwned::to_owned)
            .collect(),
    }
}

/// What the parent says now, and members besides: so that a killed apply leaves nothing that nobody looks for.
pub(super) fn widened(set: &ApplySet, members: &BTreeSet<Address>) -> Extent {
    let mut extent = of_members(members);
    let listed = |key: &str| -> Vec<String> {
        let text = set.parent.as_ref().and_then(|parent| annotation(parent, key)).unwrap_or_default();
        text.split(',').filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
    };
    extent.kinds.extend(listed(CONTAINS_GROUP_KINDS));
    extent.namespaces.extend(listed(ADDITIONAL_NAMESPACES));
    extent
}

fn annotation<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    metadata(object, "annotations")?.get(key)?.as_str()
}

/// The parent.
pub(super) fn object(set: &ApplySet, factory: &str, extent: &Extent) -> Value {
    let kinds = group_kinds(extent.kinds.iter().map(|kind| kind_and_group(kind)));
    let namespaces = additional_namespaces(extent.namespaces.iter().map(String::as_str), &set.namespace);
    let mut annotations = BTreeMap::from([
        (CONTAINS_GROUP_KINDS.to_owned(), kinds),
        (TOOLING.to_owned(), format!("{MANAGER}/{}", env!("CARGO_PKG_VERSION"))),
    ]);
    if !namespaces.is_empty() {
        annotations.insert(ADDITIONAL_NAMESPACES.to_owned(), namespaces);
    }
    typed::to_value(&ConfigMap {
        data: Some(BTreeMap::from([("factory".to_owned(), factory.to_owned())])),
        metadata: ObjectMeta {
            annotations: Some(annotations),
            labels: Some(BTreeMap::from([(ID_LABEL.to_owned(), set.id.clone())])),
            name: Some(set.name.clone()),
            namespace: Some(set.namespace.clone()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    })
}

/// Whether a parent says what another would. Another version of the tool is no difference by itself.
pub(super) fn says(parent: Option<&Value>, wanted: &Value) -> bool {
    let Some(parent) = parent else { return false };
    let same = |key: &str| annotation(parent, key) == annotation(wanted, key);
    let label = |object: &Value| metadata(object, "labels").and_then(|labels| labels.get(ID_LABEL)).cloned();
    same(CONTAINS_GROUP_KINDS)
        && same(ADDITIONAL_NAMESPACES)
        && annotation(parent, TOOLING).is_some()
        && label(parent) == label(wanted)
}

/// Whether the parent says what there is, or neither is there. One that says more is made exact by the next plan that
/// changes something: alone it would be a change that nobody asked for and that shows nothing.
pub(super) fn covers(facts: &KubernetesFacts, members: &BTreeSet<Address>) -> bool {
    if members.is_empty() {
        return facts.set.parent.is_none();
    }
    says(facts.set.parent.as_ref(), &object(&facts.set, "", &widened(&facts.set, members)))
}
