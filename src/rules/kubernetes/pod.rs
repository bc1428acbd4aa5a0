//! Pods of objects that a service passes through.

use serde_json::Value;

use crate::diagnostics::{Code, Diagnostic, Place};
use crate::kubernetes::object::{CONTAINERS, at, pod_spec_path};
use crate::model::Site;
use crate::model::service::kubernetes::PassThroughObject;
use crate::resource::FieldPath;

/// An object that makes pods.
pub(super) struct Pod<'a> {
    object: &'a PassThroughObject,
    /// The pod's spec in it.
    pub(super) spec: FieldPath,
}

/// Every object that makes pods, of all services.
pub(super) fn passed_through(site: &Site) -> impl Iterator<Item = Pod<'_>> {
    let runtimes = site.services.iter().filter_map(|service| service.pass_through());
    runtimes
        .flat_map(|runtime| &runtime.objects)
        .filter_map(|object| Some(Pod { object, spec: pod_spec_path(&object.object)? }))
}

impl Pod<'_> {
    /// The value of a field.
    pub(super) fn get(&self, path: &FieldPath) -> Option<&Value> {
        at(&self.object.object, path)
    }

    /// Whether a field has this value.
    pub(super) fn is(&self, path: &FieldPath, wanted: bool) -> bool {
        self.get(path) == Some(&Value::Bool(wanted))
    }

    /// The items of a list.
    pub(super) fn items(&self, list: &FieldPath) -> impl Iterator<Item = FieldPath> + use<> {
        let (list, length) = (list.clone(), self.get(list).and_then(Value::as_array).map_or(0, Vec::len));
        (0..length).map(move |index| list.index(index))
    }

    /// Its containers, of all sorts.
    pub(super) fn containers(&self) -> Vec<FieldPath> {
        CONTAINERS.into_iter().flat_map(|list| self.items(&self.spec.key(list))).collect()
    }

    /// The place of a field in the document that was passed through.
    pub(super) fn place(&self, path: &FieldPath) -> Place {
        let mut whole = self.object.base.clone();
        whole.0.extend(path.0.iter().cloned());
        Place::value(self.object.document, whole)
    }

    /// A finding about a field: the object, and what is wrong with it.
    pub(super) fn refuse(&self, code: &'static Code, what: &str, path: &FieldPath, hint: &str) -> Diagnostic {
        let text = |pointer: &str| self.object.object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let message = format!("{} `{}` {what}", text("/kind"), text("/metadata/name"));
        Diagnostic::new(code, message).at(self.place(path)).hint(hint)
    }
}
