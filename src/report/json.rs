//! Versioned JSON documents.

use serde_json::{Value, json};

use super::outline::{Jobs, Totals};
use super::printable::Json;
use crate::diagnostics::{Diagnostics, Place};
use crate::manifest::Sources;
use crate::plan::Plan;

/// Version of the documents.
pub(super) const VERSION: u32 = 1;

fn place(place: &Place, sources: &Sources) -> Value {
    match sources.locate(place) {
        Some(located) => json!({
            "file": located.file, "line": located.line, "column": located.column,
            "offset": located.offset, "length": located.length,
        }),
        None => Value::Null,
    }
}

/// Findings.
pub fn findings(found: &Diagnostics, sources: &Sources) -> Json {
    let all: Vec<Value> = found
        .0
        .iter()
        .map(|one| {
            json!({
                "code": one.code.name,
                "severity": one.code.severity.word(),
                "message": one.message,
                "place": one.place.as_ref().map_or(Value::Null, |at| place(at, sources)),
                "related": one.related.iter().map(|(at, label)| json!({"label": label, "place": place(at, sources)})).collect::<Vec<_>>(),
                "why": one.why,
                "hint": one.hint,
            })
        })
        .collect();
    Json(json!({"version": VERSION, "findings": all, "files": sources.len()}))
}

/// A plan; without file contents, which only the plan file holds.
pub fn plan(plan: &Plan) -> Json {
    Json(json!({
        "version": VERSION,
        "factory": plan.factory,
        "environment": plan.environment,
        "at": plan.at,
        "totals": Totals::of(plan),
        "jobs": Jobs::of(plan),
        "targets": plan.targets,
        "changes": plan.changes,
        "actions": plan.actions.iter().map(|action| json!({
            "id": action.id, "target": action.target, "title": action.title,
            "addresses": action.addresses, "after": action.after, "class": action.class,
        })).collect::<Vec<_>>(),
        "refusals": plan.refusals,
        "warnings": plan.warnings,
    }))
}
