//! Differences of objects, field by field, with paths as server messages write them:
//! `.spec.template.spec.containers[name="web"].image`.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::proof::equal;

/// One step of a path into an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// A field of a struct, or a key of a map.
    Key(String),
    /// The item of a list with these values.
    Item(Vec<(String, Value)>),
    /// The item of a list at a place.
    Index(usize),
}

/// Steps from the object's root.
pub type Steps = Vec<Step>;

/// The path as messages write it.
pub fn written(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        let _ = match step {
            Step::Key(key) => write!(text, ".{key}"),
            Step::Index(index) => write!(text, "[{index}]"),
            Step::Item(keys) => {
                let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
                write!(text, "[{}]", keys.join(","))
            }
        };
    }
    text
}

/// A leaf that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where.
    pub steps: Steps,
    /// What was there.
    pub before: Option<Value>,
    /// What comes there.
    pub after: Option<Value>,
}

/// Keys by which the items of lists are told apart, as the built-in kinds and Kueue's have them, the likeliest first.
const ITEM_KEYS: [&[&str]; 9] = [
    &["name"],
    &["containerPort", "protocol"],
    &["port", "protocol"],
    &["mountPath"],
    &["topologyKey"],
    &["key"],
    &["nodeLabel"],
    &["kind", "name", "namespace"],
    &["type"],
];

/// Keys that tell all items of both lists apart; `None` where items are no maps, or are told by nothing but their place.
fn item_keys(before: &[Value], after: &[Value]) -> Option<&'static [&'static str]> {
    ITEM_KEYS.into_iter().find(|keys| {
        [before, after].into_iter().all(|items| {
            let identities: Option<Vec<_>> = items.iter().map(|item| identity(item, keys)).collect();
            identities.is_some_and(|all| all.iter().enumerate().all(|(position, one)| !all[..position].contains(one)))
        })
    })
}

/// The first key has to be there, the others may be missing.
fn identity(item: &Value, keys: &[&str]) -> Option<Vec<(String, Value)>> {
    let map = item.as_object()?;
    let first = keys.first()?;
    map.get(*first).filter(|value| !value.is_object() && !value.is_array())?;
    Some(keys.iter().filter_map(|key| Some(((*key).to_owned(), map.get(*key)?.clone()))).collect())
}

/// Where the item of a list stands in another list of the same; and whether an index may count differently there, since that
/// list has items which this one has not.
pub fn counterpart<'a>(own: &[Value], index: usize, other: &'a [Value]) -> (Option<&'a Value>, bool) {
    let Some(keys) = item_keys(own, other) else { return (other.get(index), false) };
    let named = |items: &[Value]| items.iter().map(|item| identity(item, keys)).collect::<Vec<_>>();
    let (own_names, other_names) = (named(own), named(other));
    let shifted = other_names.iter().any(|name| !own_names.contains(name));
    let same = own_names.get(index).and_then(|name| other_names.iter().position(|one| one == name));
    (same.and_then(|at| other.get(at)), shifted)
}

/// Leaves in which two values differ, in the order of `after`, then what only `before` has.
pub fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(before, after, &mut Vec::new(), &mut found);
    found
}

fn walk(before: Option<&Value>, after: Option<&Value>, steps: &mut Steps, found: &mut Vec<Difference>) {
    let empty = Map::new();
    let map = |value: Option<&Value>| value.is_none_or(Value::is_object);
    let list = |value: Option<&Value>| value.is_none_or(Value::is_array);
    let full = |value: Option<&Value>| match value {
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        _ => false,
    };
    if (full(before) || full(after)) && map(before) && map(after) {
        let old = before.and_then(Value::as_object).unwrap_or(&empty);
        let new = after.and_then(Value::as_object).unwrap_or(&empty);
        let gone = old.keys().filter(|key| !new.contains_key(*key));
        for key in new.keys().chain(gone) {
            steps.push(Step::Key(key.clone()));
            walk(old.get(key), new.get(key), steps, found);
            steps.pop();
        }
    } else if (full(before) || full(after)) && list(before) && list(after) {
        let old = before.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let new = after.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        lists(old, new, steps, found);
    } else if !same(before, after) {
        found.push(Difference { steps: steps.clone(), before: before.cloned(), after: after.cloned() });
    }
}

fn same(before: Option<&Value>, after: Option<&Value>) -> bool {
    match (before, after) {
        (None, None) => true,
        (Some(one), Some(other)) => equal(one, other),
        _ => false,
    }
}

fn lists(old: &[Value], new: &[Value], steps: &mut Steps, found: &mut Vec<Difference>) {
    let maps = |items: &[Value]| items.iter().all(Value::is_object);
    if !maps(old) || !maps(new) {
        let (before, after) = (Value::Array(old.to_vec()), Value::Array(new.to_vec()));
        if !equal(&before, &after) {
            let whole = |value: Value, items: &[Value]| (!items.is_empty()).then_some(value);
            found.push(Difference { steps: steps.clone(), before: whole(before, old), after: whole(after, new) });
        }
        return;
    }
    let Some(keys) = item_keys(old, new) else {
        for index in 0..old.len().max(new.len()) {
            steps.push(Step::Index(index));
            walk(old.get(index), new.get(index), steps, found);
            steps.pop();
        }
        return;
    };
    let named = |items: &[Value]| items.iter().filter_map(|item| identity(item, keys)).collect::<Vec<_>>();
    let (old_names, new_names) = (named(old), named(new));
    let position =
        |names: &[Vec<(String, Value)>], name: &Vec<(String, Value)>| names.iter().position(|one| one == name);
    let count = found.len();
    for name in new_names.iter().chain(old_names.iter().filter(|name| !new_names.contains(name))) {
        steps.push(Step::Item(name.clone()));
        let item = |items: &[Value], names: &[Vec<(String, Value)>]| position(names, name).map(|at| items[at].clone());
        walk(item(old, &old_names).as_ref(), item(new, &new_names).as_ref(), steps, found);
        steps.pop();
    }
    // The same items in another order.
    if found.len() == count && old_names != new_names {
        let order = |names: &[Vec<(String, Value)>]| {
            Value::Array(names.iter().filter_map(|name| Some(name.first()?.1.clone())).collect())
        };
        found.push(Difference {
            steps: steps.clone(),
            before: Some(order(&old_names)),
            after: Some(order(&new_names)),
        });
    }
}

/// Whether a value has a leaf at the steps, above them or below them: a list or map that stands there whole counts.
pub fn speaks_of(value: &Value, steps: &[Step]) -> bool {
    let Some((first, rest)) = steps.split_first() else { return true };
    match (first, value) {
        (Step::Key(key), Value::Object(map)) => map.get(key).is_some_and(|inner| speaks_of(inner, rest)),
        // Below a list that is declared: its items may be a new one that somebody else added, which is theirs.
        (Step::Item(keys), Value::Array(items)) => items
            .iter()
            .find(|item| keys.iter().all(|(key, value)| item.get(key).is_none_or(|own| own == value)))
            .is_some_and(|item| speaks_of(item, rest)),
        (Step::Index(index), Value::Array(items)) => items.get(*index).is_some_and(|item| speaks_of(item, rest)),
        (Step::Key(_), _) => false,
        _ => true,
    }
}

/// Whether a trie of `managedFields` has the field at the steps, or a leaf above it.
pub fn owned(trie: &Map<String, Value>, steps: &[Step]) -> bool {
    let Some((first, rest)) = steps.split_first() else { return true };
    if trie.keys().all(|key| key == ".") {
        // A leaf: all below it is one.
        return true;
    }
    let child = match first {
        Step::Key(key) => trie.get(&format!("f:{key}")),
        Step::Item(keys) => trie.iter().find_map(|(key, child)| {
            let of: Map<String, Value> = serde_json::from_str(key.strip_prefix("k:")?).ok()?;
            keys.iter().all(|(key, value)| of.get(key).is_none_or(|own| own == value)).then_some(child)
        }),
        Step::Index(index) => trie.get(&format!("i:{index}")),
    };
    match child.and_then(Value::as_object) {
        Some(inner) => owned(inner, rest),
        // A set's items are in the trie by value.
        None => rest.is_empty() && trie.keys().any(|key| key.starts_with("v:")),
    }
}

/// The part of an object that a trie owns: what an apply would have to hold so that nothing of it goes.
pub fn extract(value: &Value, trie: &Map<String, Value>) -> Option<Value> {
    if trie.keys().all(|key| key == ".") {
        return Some(value.clone());
    }
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter_map(|(key, inner)| {
                let child = trie.get(&format!("f:{key}"))?.as_object()?;
                Some((key.clone(), extract(inner, child)?))
            });
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => {
            let kept = items.iter().filter_map(|item| {
                trie.iter().find_map(|(key, child)| {
                    if let Some(own) = key.strip_prefix("v:") {
                        return (serde_json::from_str::<Value>(own).ok()? == *item).then(|| item.clone());
                    }
                    let of: Map<String, Value> = serde_json::from_str(key.strip_prefix("k:")?).ok()?;
                    if !of.iter().all(|(key, value)| item.get(key) == Some(value)) {
                        return None;
                    }
                    let mut kept = extract(item, child.as_object()?)?;
                    if let Value::Object(map) = &mut kept {
                        of.into_iter().for_each(|(key, value)| {
                            map.entry(key).or_insert(value);
                        });
                    }
                    Some(kept)
                })
            });
            Some(Value::Array(kept.collect()))
        }
        other => Some(other.clone()),
    }
}

/// Paths of the leaves of a trie, for people.
pub fn leaves(trie: &Map<String, Value>) -> Vec<String> {
    fn walk(trie: &Map<String, Value>, path: &str, found: &mut Vec<String>) {
        let mut inner = false;
        for (key, child) in trie.iter().filter(|(key, _)| *key != ".") {
            inner = true;
            let path = match key.split_once(':') {
                Some(("f", name)) => format!("{path}.{name}"),
                Some(("k", keys)) => {
                    let keys: Map<String, Value> = serde_json::from_str(keys).unwrap_or_default();
                    let keys: Vec<String> = keys.iter().map(|(key, value)| format!("{key}={value}")).collect();
                    format!("{path}[{}]", keys.join(","))
                }
                Some(("v", value)) => format!("{path}[={value}]"),
                Some((_, rest)) => format!("{path}[{rest}]"),
                None => continue,
            };
            if let Some(child) = child.as_object() {
                walk(child, &path, found);
            }
        }
        if !inner {
            found.push(path.to_owned());
        }
    }
    let mut found = Vec::new();
    walk(trie, "", &mut found);
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "literals are handed over")]
    fn said(before: Value, after: Value) -> Vec<String> {
        let text = |value: Option<&Value>| value.map_or_else(|| "unset".to_owned(), Value::to_string);
        differences(Some(&before), Some(&after))
            .iter()
            .map(|one| format!("{} {} {}", written(&one.steps), text(one.before.as_ref()), text(one.after.as_ref())))
            .collect()
    }

    #[test]
    fn leaves_that_differ() {
        assert_eq!(
            said(
                json!({"spec": {"hard": {"requests.nvidia.com/gpu": "8", "cpu": "1"}}}),
                json!({"spec": {"hard": {"requests.nvidia.com/gpu": "4", "memory": "1Gi"}}})
            ),
            [
                ".spec.hard.requests.nvidia.com/gpu \"8\" \"4\"",
                ".spec.hard.memory unset \"1Gi\"",
                ".spec.hard.cpu \"1\" unset"
            ]
        );
        assert_eq!(said(json!({"a": 1}), json!({"a": 1.0})), [""; 0]);
        assert_eq!(said(json!({"a": {}}), json!({})), [".a {} unset"]);
        assert_eq!(said(json!({"a": {"b": 1}}), json!({"a": {}})), [".a.b 1 unset"]);
    }

    #[test]
    fn lists_by_their_keys() {
        assert_eq!(
            said(
                json!({"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]}}),
                json!({"spec": {"containers": [{"name": "b", "image": "z"}, {"name": "a", "image": "x"}]}})
            ),
            [".spec.containers[name=\"b\"].image \"y\" \"z\""]
        );
        let two = |one: &str, other: &str| json!({"l": [{"name": one}, {"name": other}]});
        assert_eq!(said(two("a", "b"), two("b", "a")), [".l [\"a\",\"b\"] [\"b\",\"a\"]"]);
        assert_eq!(said(json!({"l": ["a", "b"]}), json!({"l": ["a"]})), [".l [\"a\",\"b\"] [\"a\"]"]);
        assert_eq!(
            said(
                json!({"g": [{"f": [{"name": "h", "n": "1"}]}]}),
                json!({"g": [{"f": [{"name": "h", "n": "2"}]}, {"f": []}]})
            ),
            [".g[0].f[name=\"h\"].n \"1\" \"2\"", ".g[1].f unset []"]
        );
    }

    #[test]
    fn what_is_declared_and_what_is_owned() {
        let key = |name: &str| Step::Key(name.to_owned());
        let item = |name: &str| Step::Item(vec![("name".to_owned(), json!(name))]);
        let declared = json!({"spec": {"containers": [{"name": "a", "args": ["x"]}]}});
        assert!(speaks_of(&declared, &[key("spec"), key("containers"), item("a"), key("args")]));
        assert!(!speaks_of(&declared, &[key("spec"), key("containers"), item("a"), key("image")]));
        assert!(!speaks_of(&declared, &[key("spec"), key("containers"), item("b")]));
        let trie = json!({"f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {".": {}, "f:name": {}, "f:args": {}}}}});
        let trie = trie.as_object().unwrap();
        assert!(owned(trie, &[key("spec"), key("containers"), item("a"), key("args")]));
        assert!(!owned(trie, &[key("spec"), key("containers"), item("a"), key("image")]));
        let live = json!({"spec": {"containers": [{"name": "a", "args": ["x"], "image": "i"}, {"name": "b"}], "x": 1}});
        assert_eq!(extract(&live, trie), Some(json!({"spec": {"containers": [{"name": "a", "args": ["x"]}]}})));
        assert_eq!(leaves(trie), [".spec.containers[name=\"a\"].name", ".spec.containers[name=\"a\"].args"]);
    }
}
