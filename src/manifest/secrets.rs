//! Where secrets stand that should not, so that no excerpt of the text shows them.

use super::node::{Content, Node};
use crate::resource::secrecy;

/// Bytes of what must not be shown.
type Spans = Vec<(usize, usize)>;

/// In a manifest of ours: values of environment variables that are called as secrets are.
pub(super) fn of_manifest(node: &Node) -> Spans {
    let variables = node.get("spec").and_then(|spec| spec.get("kubernetes")).and_then(|runtime| runtime.get("env"));
    variables.map(of_variables).unwrap_or_default()
}

fn of_variables(list: &Node) -> Spans {
    let Content::Sequence(items) = &list.content else { return Vec::new() };
    let spans = items.iter().filter_map(|item| {
        let (name, value) = (item.get("name")?.text()?, item.get("value")?);
        secrecy::looks_secret(name, value.text().unwrap_or_default()).then_some((value.offset, value.length))
    });
    spans.collect()
}

/// In an object of Kubernetes: the content of a Secret, what is called as secrets are in a ConfigMap, and environment
/// variables anywhere.
pub(super) fn of_object(node: &Node) -> Spans {
    let mut spans = Vec::new();
    walk(node, &mut spans);
    spans
}

fn walk(node: &Node, spans: &mut Spans) {
    match &node.content {
        Content::Scalar(..) => {}
        Content::Sequence(items) => items.iter().for_each(|item| walk(item, spans)),
        Content::Mapping(entries) => {
            let is_secret = node.get("kind").and_then(Node::text) == Some("Secret");
            if node.get("kind").and_then(Node::text) == Some("ConfigMap")
                && let Some(Node { content: Content::Mapping(data), .. }) = node.get("data")
            {
                let secret = data.iter().filter_map(|entry| Some((entry, entry.value.text()?)));
                let secret = secret.filter(|(entry, value)| secrecy::looks_secret(&entry.key, value));
                spans.extend(secret.map(|(entry, _)| (entry.value.offset, entry.value.length)));
            }
            for entry in entries {
                // Also what is misspelt: all but what names it.
                let plain = match entry.key.as_str() {
                    "apiVersion" | "kind" | "metadata" => true,
                    "immutable" => ["true", "false"].contains(&entry.value.text().unwrap_or_default()),
                    "type" => entry.value.text().is_some(),
                    _ => false,
                };
                if is_secret && !plain {
                    scalars(&entry.value, spans);
                }
                if entry.key == "env" {
                    spans.extend(of_variables(&entry.value));
                }
                walk(&entry.value, spans);
            }
            // The whole of an applied object may stand in an annotation.
            if is_secret && let Some(notes) = node.get("metadata").and_then(|metadata| metadata.get("annotations")) {
                scalars(notes, spans);
            }
        }
    }
}

fn scalars(node: &Node, spans: &mut Spans) {
    match &node.content {
        Content::Scalar(..) => spans.push((node.offset, node.length)),
        Content::Sequence(items) => items.iter().for_each(|item| scalars(item, spans)),
        Content::Mapping(entries) => entries.iter().for_each(|entry| scalars(&entry.value, spans)),
    }
}
