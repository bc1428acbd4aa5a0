//! From the names that servers give to fields to places in manifests.
//!
//! Three spellings come back: validation says `spec.ports[0].nodePort` and `metadata.annotations[a.b/c]`, the merge says
//! `.spec.containers[name="x"].image`. An index counts in the merged object, not in ours, so it is looked up by key first.

use serde_json::Value;

use crate::diagnostics::Place;
use crate::resource::Resource;

/// Keys by which the lists of the API are merged (`x-kubernetes-list-map-keys`), several before one.
const KEYS: &[&[&str]] = &[
    &["containerPort", "protocol"],
    &["port", "protocol"],
    &["topologyKey", "whenUnsatisfiable"],
    &["name"],
    &["mountPath"],
    &["devicePath"],
    &["containerName"],
    &["ip"],
    &["type"],
    &["key"],
    &["port"],
];

/// One step of a server's path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// `.name`.
    Field(String),
    /// `[3]`.
    Index(usize),
    /// `[a.b/c]`: a key of a map.
    Key(String),
    /// `[name="x"]`, `[="v"]`: an item by what is in it, as it stands.
    Item(String),
}

/// Where the declaration of a field that a server names is: that of the field, else of its nearest parent, else of the whole.
pub fn place_of<'a>(resource: &'a Resource, field: &str) -> Option<&'a Place> {
    let body = Value::Object(resource.body.iter().map(|(key, value)| (key.clone(), value.clone())).collect());
    let steps = steps(field);
    (1..=steps.len())
        .rev()
        .flat_map(|length| spellings(&steps[..length], &body))
        .find_map(|path| resource.places.get(&path))
        .or(resource.place.as_ref())
}

/// A server's path in our form, items of lists by key where the object has one: `.spec.ports[name="http"].nodePort`.
pub fn path_of(field: &str, object: &Value) -> String {
    spellings(&steps(field), object).into_iter().next().unwrap_or_default()
}

fn steps(field: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = field.trim();
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let end = closing(inner);
            let (word, behind) = inner.split_at(end);
            rest = behind.strip_prefix(']').unwrap_or(behind);
            steps.push(match word.parse() {
                Ok(index) => Step::Index(index),
                Err(_) if is_item(word) => Step::Item(word.to_owned()),
                Err(_) => Step::Key(word.trim_matches('"').to_owned()),
            });
        } else {
            let start = rest.strip_prefix('.').unwrap_or(rest);
            let end = start.find(['.', '[']).unwrap_or(start.len());
            if end > 0 {
                steps.push(Step::Field(start[..end].to_owned()));
            } else if start.len() == rest.len() {
                break;
            }
            rest = &start[end..];
        }
    }
    steps
}

/// Whether what stands in brackets is `name="x"`, `port=80,protocol="TCP"` or `="v"`, and not a map's key with a `=` in it.
fn is_item(word: &str) -> bool {
    word.split_once('=').is_some_and(|(key, value)| {
        key.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && (value.starts_with('"')
                || value.starts_with(|letter: char| letter.is_ascii_digit())
                || value.starts_with(['t', 'f', '-']))
    })
}

/// Where a bracket ends; what is in double quotes does not count.
fn closing(text: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

/// The ways in which a path may be written, the best first.
fn spellings(steps: &[Step], object: &Value) -> Vec<String> {
    let mut paths = vec![String::new()];
    let mut at = Some(object);
    for step in steps {
        let words: Vec<String> = match step {
            Step::Field(name) => {
                at = at.and_then(|value| value.get(name));
                vec![format!(".{name}")]
            }
            Step::Key(name) => {
                at = at.and_then(|value| value.get(name));
                vec![format!(".{name}"), format!("[{name}]")]
            }
            Step::Index(index) => {
                at = at.and_then(|value| value.get(index));
                let mut words: Vec<String> = at.into_iter().flat_map(keyed).collect();
                words.push(format!("[{index}]"));
                words
            }
            Step::Item(word) => {
                let items = at.and_then(Value::as_array);
                let found = items.and_then(|items| items.iter().position(|item| fits(item, word)));
                at = found.and_then(|index| items.and_then(|items| items.get(index)));
                let mut words = vec![format!("[{word}]")];
                words.extend(at.into_iter().flat_map(keyed).filter(|other| *other != format!("[{word}]")));
                words.extend(found.map(|index| format!("[{index}]")));
                words
            }
        };
        // A path has few lists within lists; a hostile one must not multiply without end.
        paths = paths.iter().flat_map(|path| words.iter().map(move |word| format!("{path}{word}"))).take(64).collect();
    }
    paths
}

/// An item of a list by its keys, as the merge writes them.
fn keyed(item: &Value) -> Vec<String> {
    if !item.is_object() {
        return if item.is_array() { Vec::new() } else { vec![format!("[={item}]")] };
    }
    let word = |keys: &&[&str]| {
        let parts: Option<Vec<String>> =
            keys.iter().map(|key| item.get(*key).map(|value| format!("{key}={value}"))).collect();
        parts.map(|parts| format!("[{}]", parts.join(",")))
    };
    KEYS.iter().filter_map(word).collect()
}

fn fits(item: &Value, word: &str) -> bool {
    keyed(item).iter().any(|own| own.trim_start_matches('[').trim_end_matches(']') == word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::resource::Address;

    fn object() -> Value {
        json!({
            "metadata": {"annotations": {"a.b/c": "x"}},
            "spec": {
                "ports": [{"name": "http", "port": 80, "protocol": "TCP"}],
                "containers": [{"name": "x", "image": "i", "ports": [{"containerPort": 80, "protocol": "TCP"}]}],
                "resourceGroups": [{"coveredResources": ["cpu"], "flavors": [{"name": "h100"}]}],
                "finalizers": ["a]b"],
            },
        })
    }

    #[test]
    fn spellings_of_servers() {
        for (field, path) in [
            ("spec.ports[0].nodePort", r#".spec.ports[port=80,protocol="TCP"].nodePort"#),
            (r#".spec.containers[name="x"].image"#, r#".spec.containers[name="x"].image"#),
            ("metadata.annotations[a.b/c]", ".metadata.annotations.a.b/c"),
            (
                r#".spec.containers[name="x"].ports[containerPort=80,protocol="TCP"]"#,
                r#".spec.containers[name="x"].ports[containerPort=80,protocol="TCP"]"#,
            ),
            ("spec.hard[requests.nvidia.com/gpu]", ".spec.hard.requests.nvidia.com/gpu"),
            ("spec.resourceGroups[0].flavors[7].name", ".spec.resourceGroups[0].flavors[7].name"),
            (r#".spec.finalizers[="a]b"]"#, r#".spec.finalizers[="a]b"]"#),
            ("data", ".data"),
            ("", ""),
        ] {
            assert_eq!(path_of(field, &object()), path, "{field}");
        }
    }

    #[test]
    fn the_nearest_place_is_found() {
        let place = |name: &str| Place::File(name.to_owned());
        let resource = Resource {
            address: Address::new("services", "Service", "a/b"),
            body: object().as_object().unwrap().iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            place: Some(place("whole")),
            places: BTreeMap::from([
                (r#".spec.ports[name="http"]"#.to_owned(), place("port")),
                (r#".spec.containers[name="x"].image"#.to_owned(), place("image")),
                (".spec.resourceGroups[0].flavors[0]".to_owned(), place("flavor")),
                (".metadata.annotations[a.b/c]".to_owned(), place("annotation")),
            ]),
            reasons: BTreeMap::new(),
            protect: false,
            summary: String::new(),
        };
        for (field, name) in [
            ("spec.ports[0].nodePort", "port"),
            ("spec.containers[0].image", "image"),
            (r#".spec.containers[name="x"].image"#, "image"),
            ("spec.resourceGroups[0].flavors[0].resources[0].nominalQuota", "flavor"),
            ("metadata.annotations[a.b/c]", "annotation"),
            ("spec.type", "whole"),
            ("", "whole"),
        ] {
            assert_eq!(place_of(&resource, field), Some(&place(name)), "{field}");
        }
    }

    proptest! {
        #[test]
        fn any_field_is_answered(field in "[a-z.\\[\\]=\"\\\\0-9é]{0,40}") {
            let _ = path_of(&field, &object());
        }
    }
}
