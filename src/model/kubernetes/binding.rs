//! Bindings to Kubernetes clusters.

use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::manifest::v1alpha1::settings::{Binding, KubernetesBinding};
use crate::model::binding::{Checker, Target, plain_path};

pub(in crate::model) const BINDING: &dyn Target = &Kubernetes;

struct Kubernetes;

impl Target for Kubernetes {
    fn example(&self) -> (&'static str, &'static str) {
        ("kubernetes", "{ kubernetes: { context: nordlys-services } }")
    }

    fn is_bound(&self, binding: &Binding) -> bool {
        binding.kubernetes.is_some()
    }

    fn check(&self, binding: &Binding, checker: &Checker<'_>, found: &mut Diagnostics) {
        if let Some(kubernetes) = &binding.kubernetes {
            check(kubernetes, checker, found);
        }
    }

    fn is_same(&self, one: &Binding, other: &Binding) -> bool {
        one.kubernetes.as_ref().zip(other.kubernetes.as_ref()).is_some_and(|(one, other)| {
            one.context == other.context
                && one.kubeconfig.as_deref().map(plain_path) == other.kubeconfig.as_deref().map(plain_path)
        })
    }
}

fn check(kubernetes: &KubernetesBinding, checker: &Checker<'_>, found: &mut Diagnostics) {
    let mut complain = |field: &str, message: String, hint: &str| {
        let place = Place::value(checker.document, checker.path.key("kubernetes").key(field));
        found.push(Diagnostic::new(&codes::BAD_BINDING, message).at(place).hint(hint));
    };
    let namespace = &kubernetes.namespace;
    let edge = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    // RFC 1123, label.
    let legal = namespace.len() <= 63
        && namespace.starts_with(edge)
        && namespace.ends_with(edge)
        && namespace.chars().all(|letter| edge(letter) || letter == '-');
    if !legal {
        complain(
            "namespace",
            format!("`{}` is not a namespace", namespace.escape_debug()),
            "write small letters, digits and `-`, at most 63, e.g. `sitewright`",
        );
    }
    for (field, text, hint) in [
        ("context", &kubernetes.context, "write a name that `kubectl config get-contexts` shows, or take it out"),
        (
            "kubeconfig",
            &kubernetes.kubeconfig,
            "write the path of a file, e.g. `~/.kube/config` in full, or take it out",
        ),
    ] {
        if text.as_ref().is_some_and(|text| text.is_empty() || text.contains('\0')) {
            complain(field, format!("{} has a `{field}` without a name", checker.what), hint);
        }
    }
}
