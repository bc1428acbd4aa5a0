//! Local proof that an object is as declared: declared value, live value and our trie in `managedFields`, walked together.
//!
//! What is proved needs no request. Sources: structured-merge-diff v6 (`fieldpath`, `typed`), the server's field manager,
//! and random triples against a real server; where the walk cannot tell, it says [`Finding::Ask`] and never guesses.

use super::object::metadata;
use serde_json::{Map, Value};

use super::ownership::{Operation, entries};

/// A path as server messages write it: `.spec.containers[name="x"].image`.
pub type Path = String;

/// One reason why an object is not proved to be as declared.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// The live value differs.
    Differs {
        /// Where.
        path: Path,
        /// What is there; `None` for nothing.
        live: Option<Value>,
        /// What is declared.
        declared: Value,
    },
    /// Declared, but not ours yet (somebody took it, or we never declared it).
    Take {
        /// Where.
        path: Path,
        /// What is there.
        live: Option<Value>,
        /// What is declared.
        declared: Value,
    },
    /// Ours from last time, and no longer declared.
    Remove {
        /// Where.
        path: Path,
        /// What is there.
        live: Option<Value>,
    },
    /// The items of a list stand in another order.
    Order {
        /// Where.
        path: Path,
    },
    /// Only the server can tell.
    Ask {
        /// Where; empty for the whole object.
        path: Path,
        /// Why.
        why: &'static str,
    },
}

/// Fields that the server strips from what is owned (`fieldmanager/stripmeta.go`).
const STRIPPED: [&str; 9] = [
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
];

/// Why `declared` is not proved to be in force; empty means proved: each declared field holds, is recorded as ours, and
/// nothing of ours is left to remove. `atomic` says whether the map at a path (of plain field names) is replaced whole.
pub fn walk(declared: &Value, live: &Value, manager: &str, atomic: &dyn Fn(&[&str]) -> bool) -> Vec<Finding> {
    match declared.as_object() {
        Some(map) => walk_fields(map.iter().map(|(key, value)| (key.as_str(), value)), live, manager, atomic),
        None => vec![Finding::Ask { path: String::new(), why: "it is no object" }],
    }
}

/// The same for an object whose fields stand in more than one place.
pub fn walk_fields<'a>(
    declared: impl Iterator<Item = (&'a str, &'a Value)>,
    live: &'a Value,
    manager: &str,
    atomic: &dyn Fn(&[&str]) -> bool,
) -> Vec<Finding> {
    let ask = |why| vec![Finding::Ask { path: String::new(), why }];
    if metadata(live, "deletionTimestamp").is_some() {
        return ask("the object is being deleted");
    }
    let Some(all) = entries(live) else { return ask("its managedFields cannot be understood") };
    let ours: Vec<_> = all
        .iter()
        .filter(|entry| entry.manager == manager && entry.operation == Operation::Apply && entry.subresource.is_empty())
        .collect();
    let [entry] = ours.as_slice() else {
        return ask(if ours.is_empty() {
            "nothing of it is recorded as ours"
        } else {
            "it is recorded as ours more than once"
        });
    };
    let (mut fields, mut version, mut metadata) = (Vec::new(), None, None);
    for (key, value) in declared {
        match key {
            "apiVersion" => version = value.as_str(),
            "kind" => {}
            "metadata" => metadata = stripped(value),
            _ => fields.push((key, value)),
        }
    }
    if version != Some(entry.api_version) {
        return ask("it was last applied in another version");
    }
    let Some(live) = live.as_object() else { return ask("it is no object") };
    fields.extend(metadata.as_ref().map(|metadata| ("metadata", metadata)));
    let there = live.get("metadata").and_then(stripped);
    let at = |key: &str| match key {
        "apiVersion" | "kind" => None,
        "metadata" => there.as_ref(),
        _ => live.get(key),
    };
    let mut state = Walk { findings: Vec::new(), atomic, names: Vec::new(), path: String::new(), key: String::new() };
    for (name, value) in &fields {
        state.field(name, value, at(name), entry.fields);
    }
    state.removed(entry.fields, |key| fields.iter().any(|(name, _)| *name == key), at);
    state.findings
}

/// Metadata without what is not owned; `None` where nothing is left.
fn stripped(metadata: &Value) -> Option<Value> {
    let Some(map) = metadata.as_object() else { return Some(metadata.clone()) };
    let kept = map.iter().filter(|(key, _)| !STRIPPED.contains(&key.as_str()));
    let kept: Map<String, Value> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
    (!kept.is_empty()).then_some(Value::Object(kept))
}

struct Walk<'a, 'b> {
    findings: Vec<Finding>,
    atomic: &'b dyn Fn(&[&str]) -> bool,
    /// Names of the fields down to where we are, `*` for an item.
    names: Vec<&'a str>,
    /// The same as server messages write it.
    path: String,
    /// Room for a key of the trie.
    key: String,
}

/// What the children of a trie node are.
enum Children<'a> {
    None,
    Fields,
    Keyed(Vec<(&'a str, &'a Value)>),
    Set(Vec<&'a str>),
    Mixed,
}

fn children(trie: &Map<String, Value>) -> Children<'_> {
    let kids: Vec<(&str, &Value)> =
        trie.iter().filter(|(key, _)| *key != ".").map(|(key, node)| (key.as_str(), node)).collect();
    if kids.is_empty() {
        return Children::None;
    }
    if kids.iter().all(|(key, _)| key.starts_with("f:")) {
        return Children::Fields;
    }
    if kids.iter().all(|(key, _)| key.starts_with("k:")) {
        return Children::Keyed(kids.into_iter().map(|(key, node)| (&key[2..], node)).collect());
    }
    if kids.iter().all(|(key, _)| key.starts_with("v:")) {
        return Children::Set(kids.into_iter().map(|(key, _)| &key[2..]).collect());
    }
    Children::Mixed
}

impl<'a> Walk<'a, '_> {
    fn ask(&mut self, why: &'static str) {
        self.findings.push(Finding::Ask { path: self.path.clone(), why });
    }

    /// One declared field of a map, and what is there.
    fn field(&mut self, name: &'a str, declared: &'a Value, live: Option<&'a Value>, trie: &'a Map<String, Value>) {
        self.key.clear();
        self.key.push_str("f:");
        self.key.push_str(name);
        let node = trie.get(&self.key);
        let above = self.path.len();
        self.path.push('.');
        self.path.push_str(name);
        match node {
            Some(node) => {
                self.names.push(name);
                self.value(declared, live, node);
                self.names.pop();
            }
            // An empty granular list leaves no trace in the trie.
            None => self.findings.push(Finding::Take {
                path: self.path.clone(),
                live: live.cloned(),
                declared: declared.clone(),
            }),
        }
        self.path.truncate(above);
    }

    /// What was ours in a map and is no longer declared.
    fn removed(
        &mut self,
        trie: &Map<String, Value>,
        declared: impl Fn(&str) -> bool,
        live: impl Fn(&str) -> Option<&'a Value>,
    ) {
        for key in trie.keys().filter_map(|key| key.strip_prefix("f:")).filter(|key| !declared(key)) {
            let path = format!("{}.{key}", self.path);
            self.findings.push(Finding::Remove { path, live: live(key).cloned() });
        }
    }

    fn value(&mut self, declared: &'a Value, live: Option<&'a Value>, node: &'a Value) {
        let Some(trie) = node.as_object() else { return self.ask("its managedFields cannot be understood") };
        let Some(there) = live else { return self.differs(declared, live) };
        match (children(trie), declared, there) {
            (Children::None, _, _) => {
                if !equal(declared, there) {
                    self.differs(declared, live);
                } else if declared.as_object().is_some_and(|map| !map.is_empty()) {
                    // Either replaced whole, or it was empty when we applied last and the server would take its keys now.
                    if !(self.atomic)(&self.names) {
                        self.ask("it may have been empty when it was applied last");
                    }
                } else if declared.is_null() {
                    self.ask("null has no plain meaning");
                }
            }
            (Children::Fields, Value::Object(declared), Value::Object(there)) => {
                for (name, value) in declared {
                    self.field(name, value, there.get(name), trie);
                }
                self.removed(trie, |key| declared.contains_key(key), |key| there.get(key));
            }
            (Children::Keyed(keys), Value::Array(declared), Value::Array(there)) => self.keyed(declared, there, &keys),
            (Children::Set(values), Value::Array(declared), Value::Array(there)) => self.set(declared, there, &values),
            (Children::Mixed, _, _) => self.ask("its managedFields cannot be understood"),
            _ if declared.is_null() || matches!(declared, Value::Array(items) if items.is_empty()) => {
                self.ask("an empty value may mean removal");
            }
            _ => self.differs(declared, live),
        }
    }

    fn differs(&mut self, declared: &Value, live: Option<&Value>) {
        let (path, declared) = (self.path.clone(), declared.clone());
        self.findings.push(Finding::Differs { path, live: live.cloned(), declared });
    }

    fn keyed(&mut self, declared: &'a [Value], live: &'a [Value], keys: &[(&str, &'a Value)]) {
        let mut used = vec![false; keys.len()];
        let mut positions = Vec::new();
        let mut parsed = Vec::with_capacity(keys.len());
        for (text, node) in keys {
            let (Ok(Value::Object(key)), Some(trie)) = (serde_json::from_str::<Value>(text), node.as_object()) else {
                return self.ask("its managedFields cannot be understood");
            };
            parsed.push((key, trie, *node));
        }
        for item in declared {
            let Some(fields) = item.as_object() else { return self.ask("an item of a keyed list is no object") };
            let fits = |(key, trie, _): &(Map<String, Value>, &Map<String, Value>, &Value)| {
                key.iter().all(|(name, value)| match fields.get(name) {
                    Some(own) => equal(own, value),
                    // A key that the server fills in is not ours.
                    None => !trie.contains_key(&format!("f:{name}")),
                })
            };
            let matching: Vec<usize> = (0..parsed.len()).filter(|index| fits(&parsed[*index])).collect();
            let [index] = matching.as_slice() else {
                if matching.is_empty() {
                    let path = format!("{}[]", self.path);
                    self.findings.push(Finding::Take { path, live: None, declared: item.clone() });
                } else {
                    self.ask("an item fits more than one key");
                }
                continue;
            };
            if std::mem::replace(&mut used[*index], true) {
                return self.ask("two items have one key");
            }
            let (key, _, node) = &parsed[*index];
            let places: Vec<usize> = (0..live.len())
                .filter(|place| {
                    key.iter().all(|(name, value)| live[*place].get(name).is_some_and(|own| equal(own, value)))
                })
                .collect();
            let above = self.path.len();
            self.path.push_str(&format!("[{}]", spelled(key)));
            match places.as_slice() {
                [place] => {
                    positions.push(*place);
                    self.names.push("*");
                    self.value(item, live.get(*place), node);
                    self.names.pop();
                }
                [] => self.differs(item, None),
                _ => self.ask("the key stands there more than once"),
            }
            self.path.truncate(above);
        }
        for ((key, _, _), _) in parsed.iter().zip(&used).filter(|(_, used)| !**used) {
            let at = live
                .iter()
                .find(|item| key.iter().all(|(name, value)| item.get(name).is_some_and(|own| equal(own, value))));
            let path = format!("{}[{}]", self.path, spelled(key));
            self.findings.push(Finding::Remove { path, live: at.cloned() });
        }
        self.ordered(&positions);
    }

    fn set(&mut self, declared: &[Value], live: &[Value], values: &[&str]) {
        let mut used = vec![false; values.len()];
        let mut positions = Vec::new();
        let mut parsed = Vec::with_capacity(values.len());
        for text in values {
            let Ok(value) = serde_json::from_str::<Value>(text) else {
                return self.ask("its managedFields cannot be understood");
            };
            parsed.push(value);
        }
        for item in declared {
            let below = format!("{}[={item}]", self.path);
            match parsed.iter().position(|value| equal(value, item)) {
                None => self.findings.push(Finding::Take { path: below.clone(), live: None, declared: item.clone() }),
                Some(index) if std::mem::replace(&mut used[index], true) => {
                    return self.ask("a value stands there twice");
                }
                Some(_) => {}
            }
            let places: Vec<usize> = (0..live.len()).filter(|place| equal(&live[*place], item)).collect();
            match places.as_slice() {
                [place] => positions.push(*place),
                [] => self.findings.push(Finding::Differs { path: below, live: None, declared: item.clone() }),
                _ => self.ask("a value stands there twice"),
            }
        }
        for (value, _) in parsed.iter().zip(&used).filter(|(_, used)| !**used) {
            let path = format!("{}[={value}]", self.path);
            self.findings.push(Finding::Remove { path, live: Some(value.clone()) });
        }
        self.ordered(&positions);
    }

    fn ordered(&mut self, positions: &[usize]) {
        if positions.windows(2).any(|pair| pair[0] >= pair[1]) {
            self.findings.push(Finding::Order { path: self.path.clone() });
        }
    }
}

fn spelled(key: &Map<String, Value>) -> String {
    key.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
}

/// Equality of the server's merge: by syntax, except that `1` and `1.0` are one number.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || (one.is_f64() || other.is_f64()) && one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|own| equal(value, own)))
        }
        _ => left == right,
    }
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "literals are handed over")]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn live(mut object: Value, fields: Value) -> Value {
        object["metadata"]["managedFields"] = json!([
            {"manager": "sitewright", "operation": "Apply", "apiVersion": "v1", "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields},
            {"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "subresource": "status", "fieldsType": "FieldsV1", "fieldsV1": {"f:status": {}}}
        ]);
        object
    }

    fn said(declared: &Value, live: &Value) -> Vec<Finding> {
        walk(declared, live, "sitewright", &|names| names == ["spec", "selector"])
    }

    fn map(data: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m", "namespace": "d"}, "data": data})
    }

    #[test]
    fn what_holds_is_proved() {
        let declared = map(json!({"a": "1"}));
        let there = live(map(json!({"a": "1", "theirs": "2"})), json!({"f:data": {"f:a": {}}}));
        assert_eq!(said(&declared, &there), []);
    }

    #[test]
    fn each_difference_is_found() {
        let trie = json!({"f:data": {"f:a": {}, "f:b": {}}});
        let there = live(map(json!({"a": "1", "b": "2", "c": "3"})), trie);
        assert!(
            matches!(said(&map(json!({"a": "9", "b": "2"})), &there).as_slice(), [Finding::Differs { path, .. }] if path == ".data.a")
        );
        assert!(
            matches!(said(&map(json!({"a": "1"})), &there).as_slice(), [Finding::Remove { path, .. }] if path == ".data.b")
        );
        assert!(
            matches!(said(&map(json!({"a": "1", "b": "2", "c": "3"})), &there).as_slice(), [Finding::Take { path, .. }] if path == ".data.c")
        );
        let gone = live(map(json!({"b": "2"})), json!({"f:data": {"f:a": {}, "f:b": {}}}));
        assert!(matches!(
            said(&map(json!({"a": "1", "b": "2"})), &gone).as_slice(),
            [Finding::Differs { live: None, .. }]
        ));
    }

    /// `data: {}` applied, another manager adds `x`, and now we declare `x` too: the server would take it into our
    /// ownership, so saying "as declared" would be wrong.
    #[test]
    fn an_ambiguous_leaf_is_asked() {
        let there = live(map(json!({"x": "1"})), json!({"f:data": {}}));
        assert!(matches!(said(&map(json!({"x": "1"})), &there).as_slice(), [Finding::Ask { .. }]));
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"selector": {"app": "x"}}});
        assert_eq!(said(&service, &live(service.clone(), json!({"f:spec": {"f:selector": {}}}))), []);
    }

    #[test]
    fn keyed_lists() {
        let pod = |containers: Value| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}});
        let item = |name: &str| {
            json!({".": {}, "f:name": {}, "f:image": {}, "f:x": name})
                .as_object()
                .map(|map| {
                    let mut map = map.clone();
                    map.remove("f:x");
                    Value::Object(map)
                })
                .unwrap()
        };
        let trie =
            json!({"f:spec": {"f:containers": {"k:{\"name\":\"a\"}": item("a"), "k:{\"name\":\"b\"}": item("b")}}});
        let two = |first: &str, second: &str| json!([{"name": first, "image": "i", "pull": "x"}, {"name": second, "image": "i", "pull": "x"}]);
        let ours = |first: &str, second: &str| json!([{"name": first, "image": "i"}, {"name": second, "image": "i"}]);
        assert_eq!(said(&pod(ours("a", "b")), &live(pod(two("a", "b")), trie.clone())), []);
        assert!(matches!(
            said(&pod(ours("b", "a")), &live(pod(two("a", "b")), trie.clone())).as_slice(),
            [Finding::Order { .. }]
        ));
        assert!(
            matches!(said(&pod(json!([{"name": "a", "image": "i"}])), &live(pod(two("a", "b")), trie.clone())).as_slice(), [Finding::Remove { path, .. }] if path == ".spec.containers[name=\"b\"]")
        );
        assert!(
            matches!(said(&pod(json!([{"name": "a", "image": "i"}, {"name": "b", "image": "j"}])), &live(pod(two("a", "b")), trie)).as_slice(), [Finding::Differs { path, .. }] if path == ".spec.containers[name=\"b\"].image")
        );
    }

    /// `protocol` is filled in by the server: a key, and not ours.
    #[test]
    fn a_key_with_a_default() {
        let service = |ports: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": ports}});
        let trie = json!({"f:spec": {"f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}}}});
        assert_eq!(
            said(
                &service(json!([{"port": 80}])),
                &live(service(json!([{"port": 80, "protocol": "TCP"}])), trie.clone())
            ),
            []
        );
        assert!(matches!(
            said(
                &service(json!([{"port": 80, "protocol": "UDP"}])),
                &live(service(json!([{"port": 80, "protocol": "TCP"}])), trie)
            )
            .as_slice(),
            [Finding::Take { .. }, Finding::Remove { .. }]
        ));
    }

    #[test]
    fn sets() {
        let object =
            |items: Value| json!({"apiVersion": "v1", "kind": "X", "metadata": {"name": "x", "finalizers": items}});
        let trie = json!({"f:metadata": {"f:finalizers": {"v:\"a\"": {}, "v:\"b\"": {}}}});
        assert_eq!(said(&object(json!(["a", "b"])), &live(object(json!(["a", "theirs", "b"])), trie.clone())), []);
        assert!(matches!(
            said(&object(json!(["b", "a"])), &live(object(json!(["a", "b"])), trie.clone())).as_slice(),
            [Finding::Order { .. }]
        ));
        assert!(matches!(
            said(&object(json!(["a"])), &live(object(json!(["a", "b"])), trie)).as_slice(),
            [Finding::Remove { .. }]
        ));
    }

    #[test]
    fn what_cannot_be_told_is_asked() {
        let declared = map(json!({"a": "1"}));
        let asked = |there: &Value| matches!(said(&declared, there).as_slice(), [Finding::Ask { .. }]);
        assert!(asked(&map(json!({"a": "1"}))));
        let mut leaving = live(map(json!({"a": "1"})), json!({"f:data": {"f:a": {}}}));
        leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert!(asked(&leaving));
        let mut twice = live(map(json!({"a": "1"})), json!({"f:data": {"f:a": {}}}));
        let first = twice["metadata"]["managedFields"][0].clone();
        twice["metadata"]["managedFields"].as_array_mut().unwrap().push(first);
        assert!(asked(&twice));
        let mut old = live(map(json!({"a": "1"})), json!({"f:data": {"f:a": {}}}));
        old["metadata"]["managedFields"][0]["apiVersion"] = json!("v1beta1");
        assert!(asked(&old));
        let odd = live(map(json!({"a": "1"})), json!({"f:data": {"f:a": {}, "v:1": {}}}));
        assert!(!said(&declared, &odd).is_empty());
    }

    /// Metadata of nothing but a name is no hole.
    #[test]
    fn a_name_alone_is_not_owned() {
        let bare = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}});
        assert_eq!(said(&bare, &live(bare.clone(), json!({}))), []);
    }

    #[test]
    fn numbers() {
        assert!(equal(&json!(1), &json!(1.0)));
        assert!(!equal(&json!(9), &json!("9")));
        assert!(equal(&json!({"a": [1, {"b": 2.0}]}), &json!({"a": [1.0, {"b": 2}]})));
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            (0..9).prop_map(Value::from),
            "[a-c]{1,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::btree_map("[a-d]", inner.clone(), 1..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
                prop::collection::vec(inner, 1..3).prop_map(Value::Array),
            ]
        })
    }

    /// The trie of a value whose lists are all replaced whole.
    fn trie_of(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                Value::Object(map.iter().map(|(key, below)| (format!("f:{key}"), trie_of(below))).collect())
            }
            _ => json!({}),
        }
    }

    proptest! {
        #[test]
        fn what_was_applied_is_proved_and_any_edit_is_seen(spec in prop::collection::btree_map("[a-d]", tree(), 1..4), other in tree()) {
            let spec = Value::Object(spec.into_iter().collect());
            let object = |spec: &Value| json!({"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "spec": spec});
            let there = live(object(&spec), json!({"f:spec": trie_of(&spec)}));
            prop_assert_eq!(said(&object(&spec), &there), vec![]);
            for key in spec.as_object().unwrap().keys() {
                let mut changed = spec.clone();
                changed[key.as_str()] = other.clone();
                prop_assert_eq!(said(&object(&changed), &there).is_empty(), equal(&changed, &spec));
                let mut fewer = spec.clone();
                fewer.as_object_mut().unwrap().remove(key);
                prop_assert!(!said(&object(&fewer), &there).is_empty());
            }
        }
    }
}
