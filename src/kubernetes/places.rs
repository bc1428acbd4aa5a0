//! Finding what stands at a field of an object, whoever names the field and however: `spec.containers[0].image` as validation
//! does, `.spec.containers[name="web"].image` as the merge does, or by the steps of a difference.
//!
//! All of them are brought to where the field stands in one object, and only then compared.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::fields::{Step, counterpart};
use crate::diagnostics::Place;
use crate::resource::{FieldPath, Segment};

/// Where a field stands in an object: how far the object has it, and what is left of its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Spot {
    /// The part that the object has.
    pub path: FieldPath,
    /// The part that it has not, as it was named: `.spec.replicas` of an object without them.
    pub rest: String,
}

/// Brings a field's name to where it stands in an object.
pub fn spot(object: &Value, name: &str) -> Spot {
    let mut path = FieldPath::root();
    let mut value = object;
    // Validation begins without a dot.
    let mut rest = name;
    let mut first = true;
    loop {
        let step = match value {
            Value::Object(map) => key_of(map, rest, first),
            Value::Array(items) => item_of(items, rest),
            _ => None,
        };
        let Some((segment, inner, left)) = step else { break };
        path.0.push(segment);
        (value, rest, first) = (inner, left, false);
    }
    let dot = if first && !rest.is_empty() && !rest.starts_with(['.', '[']) { "." } else { "" };
    Spot { path, rest: format!("{dot}{rest}") }
}

/// The same of a name that a server has for what it makes of the object and of one that is there: an index counts in the list
/// that comes of both, so that where others have items of their own nobody knows from outside which item it is.
pub fn spot_in(object: &Value, there: Option<&Value>, name: &str) -> Spot {
    let found = spot(object, name);
    let (mut own, mut other) = (object, there);
    for (at, segment) in found.path.0.iter().enumerate() {
        let inner = match (segment, own) {
            (Segment::Key(key), Value::Object(map)) => {
                map.get(key).map(|inner| (inner, other.and_then(|one| one.get(key))))
            }
            (Segment::Index(index), Value::Array(items)) => {
                let others = other.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                let (same, shifted) = counterpart(items, *index, others);
                // The merge names items by their keys.
                if shifted && !name.contains('=') {
                    return Spot { path: FieldPath(found.path.0[..at].to_vec()), rest: format!("[{index}]") };
                }
                items.get(*index).map(|item| (item, same))
            }
            _ => None,
        };
        let Some((next, there)) = inner else { break };
        (own, other) = (next, there);
    }
    found
}

/// Whether a name goes on there, or ends.
fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['.', '['])
}

/// The field of a map with which a name goes on. Keys may hold dots, so the longest that fits is meant.
fn key_of<'v, 't>(map: &'v Map<String, Value>, rest: &'t str, first: bool) -> Option<(Segment, &'v Value, &'t str)> {
    let found = |key: &str, inner: &'v Value, left: &'t str| (Segment::Key(key.to_owned()), inner, left);
    if let Some(inside) = rest.strip_prefix('[') {
        let fits = |key: &String| {
            let left = inside.strip_prefix('"').unwrap_or(inside).strip_prefix(key.as_str())?;
            let left = left.strip_prefix('"').unwrap_or(left).strip_prefix(']')?;
            is_end(left).then_some(left)
        };
        let longest = map.iter().filter_map(|(key, inner)| Some((key, inner, fits(key)?)));
        return longest.max_by_key(|(key, ..)| key.len()).map(|(key, inner, left)| found(key, inner, left));
    }
    let name = match rest.strip_prefix('.') {
        Some(name) => name,
        None if first => rest,
        None => return None,
    };
    let fits = |key: &String| name.strip_prefix(key.as_str()).filter(|left| is_end(left));
    let longest =
        map.iter().filter(|(key, _)| !key.is_empty()).filter_map(|(key, inner)| Some((key, inner, fits(key)?)));
    longest.max_by_key(|(key, ..)| key.len()).map(|(key, inner, left)| found(key, inner, left))
}

/// The item of a list with which a name goes on.
fn item_of<'v, 't>(items: &'v [Value], rest: &'t str) -> Option<(Segment, &'v Value, &'t str)> {
    let (inside, left) = bracket(rest)?;
    let index = if let Ok(index) = inside.parse::<usize>() {
        index
    } else if let Some(value) = inside.strip_prefix('=') {
        let value: Value = serde_json::from_str(value).ok()?;
        items.iter().position(|item| *item == value)?
    } else {
        by_keys(items, &keys_of(inside)?)?
    };
    Some((Segment::Index(index), items.get(index)?, left))
}

/// `[…]` at the beginning of a text, without the brackets, and what is behind. Texts inside may hold brackets.
fn bracket(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('[')?;
    let mut quoted = false;
    let mut escaped = false;
    for (at, letter) in inside.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some((&inside[..at], &inside[at + 1..])),
            _ => {}
        }
    }
    None
}

/// `containerPort=80,protocol="TCP"`.
fn keys_of(mut text: &str) -> Option<Vec<(String, Value)>> {
    let mut keys = Vec::new();
    loop {
        let (key, behind) = text.split_once('=')?;
        let mut values = serde_json::Deserializer::from_str(behind).into_iter::<Value>();
        // A number goes on until something else comes: without its end, `80,` is none to a strict reader.
        let (value, used) = if let Some(Ok(value)) = values.next() {
            (value, values.byte_offset())
        } else {
            let end = behind.find(',').unwrap_or(behind.len());
            (serde_json::from_str(&behind[..end]).ok()?, end)
        };
        keys.push((key.to_owned(), value));
        match behind.get(used..)? {
            "" => return Some(keys),
            more => text = more.strip_prefix(',')?,
        }
    }
}

/// The item with these keys. A key that an item leaves out has its default, which the server names.
fn by_keys(items: &[Value], keys: &[(String, Value)]) -> Option<usize> {
    let exact = |item: &Value| keys.iter().all(|(key, value)| item.get(key) == Some(value));
    let open = |item: &Value| {
        let mut said = keys.iter().filter_map(|(key, value)| Some(item.get(key)? == value)).peekable();
        said.peek().is_some() && said.all(|same| same)
    };
    items.iter().position(exact).or_else(|| items.iter().position(open))
}

/// Where the steps of a difference lead in an object.
pub fn spot_of_steps(object: &Value, steps: &[Step]) -> Spot {
    let mut path = FieldPath::root();
    let mut value = object;
    for (at, step) in steps.iter().enumerate() {
        let found = match (step, value) {
            (Step::Key(key), Value::Object(map)) => map.get(key).map(|inner| (Segment::Key(key.clone()), inner)),
            (Step::Index(index), Value::Array(items)) => items.get(*index).map(|item| (Segment::Index(*index), item)),
            (Step::Item(keys), Value::Array(items)) => {
                by_keys(items, keys).and_then(|index| Some((Segment::Index(index), items.get(index)?)))
            }
            _ => None,
        };
        let Some((segment, inner)) = found else {
            return Spot { path, rest: super::fields::written(&steps[at..]) };
        };
        path.0.push(segment);
        value = inner;
    }
    Spot { path, rest: String::new() }
}

/// What is known of fields of one object, by where they stand in it.
#[derive(Debug)]
pub struct Places<'a, T> {
    entries: BTreeMap<Spot, &'a T>,
}

impl<'a, T> Places<'a, T> {
    /// Of entries by the names of fields.
    pub fn new(object: &Value, entries: &'a BTreeMap<String, T>) -> Self {
        Self { entries: entries.iter().map(|(name, entry)| (spot(object, name), entry)).collect() }
    }

    /// The entry of a field, or of the nearest that holds it; with it, whose it is.
    pub fn nearest(&self, spot: &Spot) -> Option<(&'a T, Spot)> {
        let mut wanted = spot.clone();
        loop {
            if let Some(entry) = self.entries.get(&wanted) {
                return Some((entry, wanted));
            }
            if let Some(end) = wanted.rest.rfind(['.', '[']) {
                wanted.rest.truncate(end);
            } else if !wanted.rest.is_empty() {
                wanted.rest.clear();
            } else {
                wanted.path = wanted.path.parent()?;
            }
        }
    }
}

impl<'a> Places<'a, Place> {
    /// The place of a field, or of the nearest that holds it, and which that is. Under the empty name stands a document that
    /// has each field where the object has it.
    pub fn place(&self, spot: &Spot) -> Option<(Cow<'a, Place>, FieldPath)> {
        let (place, whose) = self.nearest(spot)?;
        if whose != Spot::default() {
            return Some((Cow::Borrowed(place), whose.path));
        }
        let Place::Field { document, path, .. } = place else { return None };
        let whole = FieldPath(path.0.iter().chain(&spot.path.0).cloned().collect());
        let place = (spot.path != FieldPath::root()).then(|| Place::value(*document, whole))?;
        Some((Cow::Owned(place), spot.path.clone()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn object() -> Value {
        json!({
            "metadata": {"labels": {"app": "a", "app.kubernetes.io/name": "b"}},
            "data": {"a": "1", "a.b": "2", "a.b[0]": "3"},
            "spec": {
                "hard": {"requests.nvidia.com/gpu": "8"},
                "names": ["x", "a]b"],
                "containers": [
                    {"name": "side", "image": "i:1"},
                    {"name": "we\"b]", "image": "i:2", "ports": [
                        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
                        {"name": "dns-tcp", "containerPort": 53},
                    ]},
                ],
            },
        })
    }

    fn said(name: &str) -> String {
        let spot = spot(&object(), name);
        format!("{}|{}", spot.path, spot.rest)
    }

    #[test]
    fn however_a_field_is_named() {
        for (name, wanted) in [
            ("spec.containers[1].image", "spec.containers[1].image|"),
            (".spec.containers[name=\"side\"].image", "spec.containers[0].image|"),
            (".spec.containers[name=\"we\\\"b]\"].image", "spec.containers[1].image|"),
            ("spec.containers[1].ports[containerPort=53,protocol=\"TCP\"].name", "spec.containers[1].ports[1].name|"),
            ("spec.containers[1].ports[containerPort=53,protocol=\"UDP\"]", "spec.containers[1].ports[0]|"),
            ("spec.containers[1].ports[0].hostPort", "spec.containers[1].ports[0]|.hostPort"),
            ("spec.containers[7].image", "spec.containers|[7].image"),
            ("spec.hard[requests.nvidia.com/gpu]", "spec.hard.requests.nvidia.com/gpu|"),
            (".spec.hard.requests.nvidia.com/gpu", "spec.hard.requests.nvidia.com/gpu|"),
            ("metadata.labels.app", "metadata.labels.app|"),
            (".metadata.labels.app.kubernetes.io/name", "metadata.labels.app.kubernetes.io/name|"),
            (".metadata.labels.app.other", "metadata.labels.app|.other"),
            ("data[a.b]", "data.a.b|"),
            ("data[\"a.b\"]", "data.a.b|"),
            (".data.a.b[0]", "data.a.b[0]|"),
            (".spec.names[=\"a]b\"]", "spec.names[1]|"),
            ("spec.replicas", "spec|.replicas"),
            ("status", "|.status"),
            ("[]", "|[]"),
            ("", "|"),
        ] {
            assert_eq!(said(name), wanted, "{name}");
        }
    }

    #[test]
    fn steps_of_a_difference_lead_to_the_same_spot() {
        let key = |name: &str| Step::Key(name.to_owned());
        let item = |name: &str, value: Value| Step::Item(vec![(name.to_owned(), value)]);
        let steps = [key("spec"), key("containers"), item("name", json!("we\"b]")), key("ports")];
        assert_eq!(spot_of_steps(&object(), &steps), spot(&object(), "spec.containers[1].ports"));
        let steps = [&steps[..], &[item("containerPort", json!(54)), key("name")]].concat();
        assert_eq!(spot_of_steps(&object(), &steps).rest, "[containerPort=54].name");
    }

    #[test]
    fn an_index_counts_in_what_the_server_has() {
        let own = json!({"c": [{"name": "a", "ports": [{"name": "x"}]}, {"name": "b"}], "atomic": ["x", "y"]});
        let there =
            json!({"c": [{"name": "a", "ports": [{"name": "z"}, {"name": "x"}]}, {"name": "b"}], "atomic": ["z"]});
        let said = |there: Option<&Value>, name: &str| spot_in(&own, there, name).path.to_string();
        assert_eq!(said(Some(&there), "c[1].name"), "c[1].name");
        assert_eq!(said(Some(&there), "c[0].ports[0].name"), "c[0].ports");
        assert_eq!(said(Some(&there), ".c[name=\"a\"].ports[name=\"x\"].name"), "c[0].ports[0].name");
        assert_eq!(said(None, "c[0].ports[0].name"), "c[0].ports[0].name");
        assert_eq!(said(Some(&there), "atomic[1]"), "atomic[1]");
    }

    #[test]
    fn the_nearest_entry() {
        let entries: BTreeMap<String, u8> = [
            (".spec", 1),
            (".spec.containers[name=\"side\"]", 2),
            (".spec.containers[1].ports[containerPort=53,protocol=\"UDP\"]", 3),
            (".spec.replicas", 4),
            (".metadata.name", 5),
        ]
        .map(|(name, entry)| (name.to_owned(), entry))
        .into();
        let object = object();
        let places = Places::new(&object, &entries);
        for (name, wanted) in [
            ("spec.containers[0].image", Some((&2, false))),
            (".spec.containers[name=\"we\\\"b]\"].ports[0]", Some((&3, true))),
            ("spec.containers[1].ports[1].name", Some((&1, false))),
            ("spec.replicas", Some((&4, true))),
            ("spec.replica", Some((&1, false))),
            ("spec.replicas.more", Some((&4, false))),
            ("metadata.labels", None),
        ] {
            let spot = spot(&object, name);
            let found = places.nearest(&spot).map(|(entry, whose)| (entry, whose == spot));
            assert_eq!(found, wanted, "{name}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(name in "[.\\[\\]=\",a-c0-1\\\\]{0,24}", other in "\\PC{0,24}") {
            let object = json!({"a": [{"b": "c", "0": [1, "x"]}, {"b": 1}], "a.b": {"c]": 1, "": 2}, "": {"": []}});
            let entries = BTreeMap::from([(name.clone(), 1), (other.clone(), 2)]);
            let places = Places::new(&object, &entries);
            for text in [&name, &other] {
                let found = spot(&object, text);
                prop_assert!(places.nearest(&found).is_some_and(|(_, whose)| whose == found));
            }
        }
    }
}
