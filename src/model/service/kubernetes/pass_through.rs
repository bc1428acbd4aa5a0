//! Kubernetes' own manifests: given to the services that name their folders, made canonical, and refused where they cannot
//! be planned.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{PassThroughObject, Runtime};
use crate::diagnostics::codes::services as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::kubernetes::{kinds, object};
use crate::manifest::{Loaded, PassedThrough, Wire, folder_named, is_under};
use crate::model::Site;
use crate::model::service::Runtime as OfAny;
use crate::resource::FieldPath;

/// Label of the set that an object belongs to. It is ours to write.
const PART_OF: &str = "applyset.kubernetes.io/part-of";

/// Gives services the objects of their folders.
pub(in crate::model) fn attach(loaded: &Loaded, site: &mut Site, found: &mut Diagnostics) {
    let scopes = scopes(loaded);
    for document in &loaded.documents {
        let Wire::SupportService(wire) = &document.wire else { continue };
        let Some(runtime) = &wire.spec.manifests else { continue };
        let Some(service) = site.services.iter_mut().find(|service| service.document == document.id) else { continue };
        let OfAny::Kubernetes(Runtime::Manifests(pass_through)) = &mut service.runtime else { continue };
        let place = Place::value(document.id, FieldPath::keys("spec.manifests.folder"));
        let file = loaded.sources.file_of(document.id).unwrap_or_default();
        let folder = match folder_named(file, &runtime.folder) {
            Ok(folder) => folder,
            Err(why) => {
                found.push(
                    Diagnostic::new(
                        &codes::MANIFESTS_FOLDER,
                        format!("`{}` cannot be the folder: {why}", runtime.folder),
                    )
                    .at(place)
                    .hint("name a folder of its own beside this file, e.g. `folder: grafana`"),
                );
                continue;
            }
        };
        let objects: Vec<&PassedThrough> =
            loaded.passed_through.iter().filter(|one| is_under(&one.file, &folder)).collect();
        if objects.is_empty() && !loaded.sources.texts().any(|(name, _)| is_under(name, &folder)) {
            found.push(
                Diagnostic::new(&codes::MANIFESTS_FOLDER, format!("there are no YAML files in `{folder}`"))
                    .at(place)
                    .label("nothing there")
                    .hint("put Kubernetes' manifests there, in files that end in `.yaml` or `.yml`"),
            );
        }
        let namespace = pass_through.namespace.clone();
        pass_through.objects = objects.into_iter().filter_map(|one| take(one, &namespace, &scopes, found)).collect();
        pass_through.folder = Some(folder);
    }
}

/// Whether a Secret has more than what names it: its values, also under a name that is misspelt, or in the annotation in
/// which `kubectl` keeps them.
fn has_values(secret: &Value) -> bool {
    let plain = |key: &str, value: &Value| match key {
        "apiVersion" | "kind" | "metadata" => true,
        "immutable" => value.is_boolean(),
        "type" => value.is_string(),
        _ => false,
    };
    secret.as_object().is_some_and(|map| map.iter().any(|(key, value)| !plain(key, value)))
        || secret.pointer("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration").is_some()
}

/// Whether the objects of kinds that the folders bring themselves stand in namespaces: by group and kind.
type Scopes<'a> = BTreeMap<(&'a str, &'a str), bool>;

fn scopes(loaded: &Loaded) -> Scopes<'_> {
    let defined = loaded.passed_through.iter().filter_map(|one| {
        let text = |pointer: &str| one.object.pointer(pointer).and_then(Value::as_str);
        let defines = text("/kind") == Some("CustomResourceDefinition");
        let kind = (text("/spec/group")?, text("/spec/names/kind")?);
        defines.then_some((kind, text("/spec/scope")? == "Namespaced"))
    });
    defined.collect()
}

fn take(
    one: &PassedThrough,
    namespace: &str,
    scopes: &Scopes<'_>,
    found: &mut Diagnostics,
) -> Option<PassThroughObject> {
    let at = |path: &str| {
        let mut place = one.base.clone();
        place.0.extend(FieldPath::keys(path).0);
        Place::value(one.document, place)
    };
    let text = |pointer: &str| one.object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let lacking: Vec<&str> = [("/apiVersion", "apiVersion"), ("/kind", "kind"), ("/metadata/name", "metadata.name")]
        .into_iter()
        .filter(|(pointer, _)| text(pointer).is_empty())
        .map(|(_, field)| field)
        .collect();
    if !lacking.is_empty() {
        found.push(
            Diagnostic::new(&codes::NO_OBJECT, format!("the object lacks `{}`", lacking.join("`, `")))
                .at(at(""))
                .label("no Kubernetes object")
                .hint("add it; what is no object (values of a chart, a kustomization) belongs outside the folder"),
        );
        return None;
    }
    let (kind, name) = (text("/kind"), text("/metadata/name"));
    let mut refuse = |code, message: String, path: &str, hint: &str| {
        found.push(Diagnostic::new(code, message).at(at(path)).hint(hint));
    };
    if text("/apiVersion") == "v1" && kind == "Secret" && has_values(&one.object) {
        refuse(
            &codes::SECRET_VALUE,
            format!("the secret `{name}` has its values in the folder"),
            "kind",
            "keep it with external-secrets or as a SealedSecret, and refer to it by its name",
        );
        return None;
    }
    let address_kind = kinds::address_kind(text("/apiVersion"), kind);
    if kinds::is_partial(&address_kind) {
        refuse(
            &codes::NO_OBJECT,
            format!("a `{kind}` is no part of a service"),
            "kind",
            "label nodes with the partition that they belong to",
        );
        return None;
    }
    if one.object.pointer("/metadata/labels").and_then(|labels| labels.get(PART_OF)).is_some() {
        refuse(
            &codes::NO_OBJECT,
            format!("`{name}` says that it belongs to a set already"),
            "metadata.labels",
            "take the label `applyset.kubernetes.io/part-of` out: it is written by apply",
        );
        return None;
    }
    let mut content = one.object.clone();
    for path in object::canonicalize(&mut content) {
        refuse(
            &codes::NO_OBJECT,
            format!("`{path}` is no quantity"),
            &path.to_string(),
            "write e.g. `500m`, `16Gi` or `8`",
        );
    }
    let group = text("/apiVersion").split_once('/').map_or("", |(group, _)| group);
    let scope = object::is_namespaced(&content).or_else(|| scopes.get(&(group, kind)).copied());
    let metadata = content.get_mut("metadata").and_then(Value::as_object_mut)?;
    match scope {
        Some(true) => {
            metadata.entry("namespace").or_insert_with(|| json!(namespace));
        }
        Some(false) => {
            metadata.shift_remove("namespace");
        }
        None => {}
    }
    Some(PassThroughObject { document: one.document, base: one.base.clone(), object: content })
}
