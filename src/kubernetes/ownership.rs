//! Who owns which fields: `metadata.managedFields`.

use super::object::metadata;
use serde_json::{Map, Value};

/// How the fields were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// By server-side apply: fields can be removed by leaving them out.
    Apply,
    /// By create, update or patch.
    Update,
}

/// One entry, borrowed from the object.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// How it wrote.
    pub operation: Operation,
    /// Version in which the field names are meant.
    pub api_version: &'a str,
    /// Empty, or `status`, `scale`.
    pub subresource: &'a str,
    /// When; RFC 3339.
    pub time: &'a str,
    /// The trie (`FieldsV1`).
    pub fields: &'a Map<String, Value>,
}

/// All entries that can be understood; `None` when one cannot, for then nothing may be concluded.
pub fn entries(object: &Value) -> Option<Vec<Entry<'_>>> {
    let Some(list) = metadata(object, "managedFields") else { return Some(Vec::new()) };
    list.as_array()?.iter().map(entry).collect()
}

fn entry(value: &Value) -> Option<Entry<'_>> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let operation = match text("operation") {
        "Apply" => Operation::Apply,
        "Update" => Operation::Update,
        _ => return None,
    };
    if text("fieldsType") != "FieldsV1" {
        return None;
    }
    Some(Entry {
        manager: text("manager"),
        operation,
        api_version: text("apiVersion"),
        subresource: text("subresource"),
        time: text("time"),
        fields: value.get("fieldsV1")?.as_object()?,
    })
}

/// Who else owns the field at a path of trie keys (`f:spec`, `k:{…}`, …), newest first.
pub fn owners<'a>(object: &'a Value, path: &[String]) -> Vec<Entry<'a>> {
    let mut found: Vec<Entry<'a>> = entries(object)
        .unwrap_or_default()
        .into_iter()
        .filter(|entry| {
            let mut node = entry.fields;
            for step in path {
                match node.get(step).and_then(Value::as_object) {
                    Some(next) => node = next,
                    // A leaf above owns all below it.
                    None => return false,
                }
                if node.keys().all(|key| key == ".") && !node.is_empty() {
                    return true;
                }
            }
            true
        })
        .collect();
    found.sort_by(|left, right| right.time.cmp(left.time));
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_and_owners() {
        let object = json!({"metadata": {"managedFields": [
            {"manager": "a", "operation": "Apply", "apiVersion": "v1", "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {"f:x": {}}}},
            {"manager": "b", "operation": "Update", "apiVersion": "v1", "time": "2026-02-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, "f:x": {}, "f:y": {}}}}
        ]}});
        let names = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(|one| (*one).to_owned()).collect();
            owners(&object, &path).iter().map(|entry| entry.manager.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(&["f:data", "f:x"]), ["b", "a"]);
        assert_eq!(names(&["f:data", "f:y"]), ["b"]);
        assert!(names(&["f:data", "f:z"]).is_empty());
        assert!(entries(&json!({"metadata": {"managedFields": [{"operation": "Sing"}]}})).is_none());
        assert!(entries(&json!({})).unwrap().is_empty());
    }
}
