//! ApplySets as kubectl writes them: labels and annotations by which kubectl and others can list and prune what is ours.
//!
//! KEP-3659; where its text and `k8s.io/kubectl/pkg/cmd/apply/applyset.go` disagree, the code is followed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::kinds::{address_kind, is_partial};
use crate::resource::Body;

/// Label of the parent, its value is [`id`].
pub const ID_LABEL: &str = "applyset.kubernetes.io/id";
/// Label of each member, its value is the parent's id.
pub const PART_OF_LABEL: &str = "applyset.kubernetes.io/part-of";
/// Annotation of the parent: `name/version` of the tool that owns the set.
pub const TOOLING: &str = "applyset.kubernetes.io/tooling";
/// Annotation of the parent: the kinds that members have, `Kind.group`, sorted, joined by commas.
pub const CONTAINS_GROUP_KINDS: &str = "applyset.kubernetes.io/contains-group-kinds";
/// Annotation of the parent: namespaces of members besides its own, sorted.
pub const ADDITIONAL_NAMESPACES: &str = "applyset.kubernetes.io/additional-namespaces";

/// Id of a set: `applyset-<base64url(sha256("name.namespace.kind.group"))>-v1`. A tool that finds another id on the parent
/// must refuse it.
pub fn id(name: &str, namespace: &str, kind: &str, group: &str) -> String {
    let digest = Sha256::digest(format!("{name}.{namespace}.{kind}.{group}"));
    format!("applyset-{}-v1", base64_url(&digest))
}

/// The value of [`CONTAINS_GROUP_KINDS`] of `(kind, group)` pairs; the core group is empty and leaves no dot.
pub fn group_kinds<'a>(kinds: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let sorted: BTreeSet<String> = kinds
        .into_iter()
        .map(|(kind, group)| if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") })
        .collect();
    sorted.into_iter().collect::<Vec<_>>().join(",")
}

/// The value of [`ADDITIONAL_NAMESPACES`].
pub fn additional_namespaces<'a>(namespaces: impl IntoIterator<Item = &'a str>, own: &str) -> String {
    let sorted: BTreeSet<&str> = namespaces.into_iter().filter(|one| !one.is_empty() && *one != own).collect();
    sorted.into_iter().collect::<Vec<_>>().join(",")
}

/// A declared object as it is written: with the label of the set, unless only parts of it are ours.
pub fn member(body: &Body, set: &str) -> Value {
    let mut object: Map<String, Value> = body.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    object.insert("metadata".to_owned(), member_metadata(body, set));
    Value::Object(object)
}

/// The metadata of a member: all in which it differs from what is declared.
pub fn member_metadata(body: &Body, set: &str) -> Value {
    let mut metadata = body.get("metadata").cloned().unwrap_or_else(|| Value::Object(Map::new()));
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    // Where a manifest has something else in their place, the server says what is wrong with it.
    if !is_partial(&address_kind(text("apiVersion"), text("kind")))
        && let Some(map) = metadata.as_object_mut()
        && let Some(labels) = map.entry("labels").or_insert_with(|| Value::Object(Map::new())).as_object_mut()
    {
        labels.insert(PART_OF_LABEL.to_owned(), Value::String(set.to_owned()));
    }
    metadata
}

/// RFC 4648, section 5, without padding.
fn base64_url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            text.push(char::from(LETTERS[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc() {
        for (text, wanted) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64_url(text.as_bytes()), wanted);
        }
        assert_eq!(base64_url(&[0xfb, 0xff]), "-_8");
    }

    /// The id in kubectl's own test of `apply --prune` (apply_test.go) and in the documentation of the label.
    #[test]
    fn id_as_kubectl_makes_it() {
        assert_eq!(id("my-set", "test", "Secret", ""), "applyset-0eFHV8ySqp7XoShsGvyWFQD3s96yqwHmzc4e0HR1dsY-v1");
    }

    #[test]
    fn lists_are_sorted() {
        assert_eq!(
            group_kinds([("Secret", ""), ("Deployment", "apps"), ("ConfigMap", ""), ("Secret", "")]),
            "ConfigMap,Deployment.apps,Secret"
        );
        assert_eq!(additional_namespaces(["b", "a", "own", ""], "own"), "a,b");
    }
}
