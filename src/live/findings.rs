//! Findings of a reading in a record: codes by name, and places in files of the target.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::rules::codes;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PlaceRecord {
    file: String,
    /// Bytes from the file's start, and of the span; absent for a whole file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    span: Option<(usize, usize)>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record {
    code: String,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    place: Option<PlaceRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    related: Vec<(PlaceRecord, String)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    hint: Option<String>,
}

/// A place in a file of the target. A reader knows no manifests, so it has no places in them.
fn record(place: &Place) -> Option<PlaceRecord> {
    match place {
        Place::Text { file, offset, length } => {
            Some(PlaceRecord { file: file.clone(), span: Some((*offset, *length)) })
        }
        Place::File(file) => Some(PlaceRecord { file: file.clone(), span: None }),
        Place::Field { .. } => None,
    }
}

fn place(record: PlaceRecord) -> Place {
    match record.span {
        Some((offset, length)) => Place::Text { file: record.file, offset, length },
        None => Place::File(record.file),
    }
}

pub(super) fn serialize<S: Serializer>(found: &Diagnostics, serializer: S) -> Result<S::Ok, S::Error> {
    let one = |one: &Diagnostic| Record {
        code: one.code.name.to_owned(),
        message: one.message.clone(),
        label: one.label.clone(),
        place: one.place.as_ref().and_then(record),
        related: one.related.iter().filter_map(|(at, label)| Some((record(at)?, label.clone()))).collect(),
        why: one.why.clone(),
        hint: one.hint.clone(),
    };
    found.0.iter().map(one).collect::<Vec<_>>().serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Diagnostics, D::Error> {
    let mut found = Diagnostics::new();
    for one in Vec::<Record>::deserialize(deserializer)? {
        let unknown = || de::Error::custom(format!("there is no finding `{}`", one.code));
        let code = codes::find(&one.code).ok_or_else(unknown)?;
        found.push(Diagnostic {
            code,
            message: one.message,
            label: one.label,
            place: one.place.map(place),
            related: one.related.into_iter().map(|(at, label)| (place(at), label)).collect(),
            why: one.why,
            hint: one.hint,
        });
    }
    Ok(found)
}
