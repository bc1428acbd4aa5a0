//! From a server's answer to what it means. The same status and reason stand for many things, so the texts are looked at too;
//! they are those of the apiserver 1.33 to 1.37 and of webhooks made with controller-runtime.

use std::time::Duration;

use serde_json::Value;

use super::failure::{Cause, Failure, FailureKind, FieldConflict, Right};

/// From how many bytes on a limit on length is one on the size of a whole object (annotations have the lowest, 256 KiB).
const OBJECT_LIMIT: u64 = 262_144;
/// Longest message that is shown; a refused Job template comes with a dump of itself.
const LONGEST: usize = 600;

/// Most of an answer that is no Status which is looked at.
const STRANGE_BYTES: usize = 1 << 16;

/// What an answer with a status of 400 or more means. `after` is its `Retry-After` header, in seconds.
pub fn classify(status: u16, after: Option<u64>, body: &[u8]) -> Failure {
    classify_hiding(status, after, body, &ToOwned::to_owned)
}

/// The same of a text without what must not be shown. It is hidden before anything else: what is cut in its middle is not
/// found any more.
pub(super) fn classify_hiding(status: u16, after: Option<u64>, body: &[u8], hide: &dyn Fn(&str) -> String) -> Failure {
    let said: Option<Value> = serde_json::from_slice(body).ok().filter(|value: &Value| {
        value.get("kind").and_then(Value::as_str) == Some("Status") && value.get("message").is_some()
    });
    let Some(said) = said else {
        let message = one_line(&hide(&String::from_utf8_lossy(&body[..body.len().min(STRANGE_BYTES)])));
        let kind = match status {
            401 => FailureKind::Unauthorized,
            404 => FailureKind::KindMissing,
            413 => FailureKind::TooLarge,
            429 => FailureKind::TooMany { after: after.map(wait) },
            502..=504 => FailureKind::Unavailable,
            _ => FailureKind::Garbled,
        };
        let message = if message.is_empty() { format!("the server answers {status} and no text") } else { message };
        return Failure { kind, status, message, causes: Vec::new() };
    };
    let text = |pointer: &str| said.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let raw = &hide(text("/message"));
    let mut causes: Vec<Cause> = said
        .pointer("/details/causes")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|cause| {
            let text = |key: &str| cause.get(key).and_then(Value::as_str).unwrap_or_default();
            Cause {
                reason: text("reason").to_owned(),
                field: hide(text("field")),
                message: one_line(&hide(text("message"))),
            }
        })
        .collect();
    let after = after.or_else(|| said.pointer("/details/retryAfterSeconds").and_then(Value::as_u64));
    let kind = webhook(raw).or_else(|| typed(raw, &mut causes)).unwrap_or_else(|| match status {
        400 if raw.contains("unknown field") => FailureKind::UnknownField,
        400 => FailureKind::Invalid,
        401 => FailureKind::Unauthorized,
        403 => forbidden(raw, &causes),
        404 => missing(raw, (text("/details/kind"), text("/details/name"))),
        409 => conflict(raw, &causes),
        410 => FailureKind::Expired,
        413 => FailureKind::TooLarge,
        422 => invalid(raw, &causes),
        429 => FailureKind::TooMany { after: after.map(wait) },
        500 if raw.contains("request is too large") || raw.contains("larger than max") => FailureKind::TooLarge,
        502..=504 => FailureKind::Unavailable,
        _ => FailureKind::Other,
    });
    if matches!(kind, FailureKind::Denied { .. }) && causes.is_empty() {
        causes = in_text(raw);
    }
    // The merge prints values as Go sees them; what it found is in the causes, without.
    let message = match &kind {
        FailureKind::UnknownField | FailureKind::Invalid if status == 500 && !causes.is_empty() => {
            let list: Vec<String> = causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
            one_line(&list.join("; "))
        }
        _ => one_line(raw),
    };
    Failure { kind, status, message, causes }
}

/// How long a server wants us to wait: never longer than an hour, whatever it says.
fn wait(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(3600))
}

/// The text between two double quotes after a mark.
fn quoted<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark)?.1.split_once('"').map(|(name, _)| name)
}

/// Admission and conversion webhooks answer with whatever status they like.
fn webhook(text: &str) -> Option<FailureKind> {
    if let Some(webhook) = quoted(text, "admission webhook \"") {
        if text.contains("\" denied the request") {
            return Some(FailureKind::Denied { webhook: webhook.to_owned() });
        }
        if text.contains("does not support dry run") {
            return Some(FailureKind::DryRunUnsupported);
        }
    }
    if text.contains("conversion webhook for") {
        return Some(FailureKind::ConversionDown);
    }
    if let Some(webhook) = quoted(text, "failed calling webhook \"") {
        return Some(FailureKind::WebhookDown { webhook: webhook.to_owned() });
    }
    // An API server of an aggregated group or an admission plugin of another make.
    if text.contains("does not support dry run") {
        return Some(FailureKind::DryRunUnsupported);
    }
    let policy = text.split_once("ValidatingAdmissionPolicy '").and_then(|(_, rest)| rest.split_once('\''));
    policy
        .filter(|_| text.contains("denied request"))
        .map(|(policy, _)| FailureKind::DeniedByPolicy { policy: policy.to_owned() })
}

/// The merge found that an object does not fit its schema: 500, without a reason or causes.
fn typed(text: &str, causes: &mut Vec<Cause>) -> Option<FailureKind> {
    let (_, found) = text
        .split_once("failed to create typed patch object (")
        .or_else(|| text.split_once("failed to create manager for existing fields"))?;
    // The name of the object may hold anything but `): `.
    let found = found.split_once("): ").map_or(found, |(_, found)| found);
    for line in found.split(['\n', ';']).map(str::trim).filter(|line| line.starts_with('.')) {
        let Some((field, said)) = line.split_once(": ") else { continue };
        // What stands there instead is printed as Go sees it, whatever it is.
        let said = said.split(", got ").next().unwrap_or(said);
        let field = format!("{field}{}", item_of(said));
        causes.push(Cause { reason: "FieldValueInvalid".to_owned(), field, message: one_line(said) });
    }
    let unknown = causes.iter().any(|cause| cause.message.contains("not declared in schema"));
    Some(if unknown { FailureKind::UnknownField } else { FailureKind::Invalid })
}

/// The item of a list that the merge names behind the list: `element 0: …`, `duplicate entries for key [name="a"]`.
fn item_of(said: &str) -> String {
    if let Some((index, _)) = said.strip_prefix("element ").and_then(|rest| rest.split_once(':')) {
        return index.parse::<usize>().map_or_else(|_| String::new(), |index| format!("[{index}]"));
    }
    let key = said.strip_prefix("duplicate entries for key ").filter(|key| key.starts_with('[') && key.ends_with(']'));
    key.map_or_else(String::new, ToOwned::to_owned)
}

fn forbidden(text: &str, causes: &[Cause]) -> FailureKind {
    if causes.iter().any(|cause| cause.reason == "NamespaceTerminating") || text.contains("it is being terminated") {
        return FailureKind::NamespaceTerminating;
    }
    for mark in ["exceeded quota: ", "failed quota: "] {
        if let Some((_, rest)) = text.split_once(mark) {
            let quota = rest.split([',', ':']).next().unwrap_or_default().trim();
            return FailureKind::Quota { quota: quota.to_owned() };
        }
    }
    if text.contains("violates PodSecurity") {
        return FailureKind::PodSecurity;
    }
    if text.contains("attempting to grant RBAC permissions not currently held") {
        return FailureKind::Escalation;
    }
    match right(text) {
        Some((user, right)) => FailureKind::Forbidden { user, right },
        None => FailureKind::Other,
    }
}

/// `User "olga" cannot patch resource "configmaps" in API group "" in the namespace "default"`.
fn right(text: &str) -> Option<(String, Right)> {
    let (_, rest) = text.split_once("User \"")?;
    let (user, rest) = rest.split_once("\" cannot ")?;
    let (verb, rest) = rest.split_once(" resource \"")?;
    let (resource, _) = rest.split_once('"')?;
    let group = quoted(rest, "in API group \"").unwrap_or_default();
    let right = Right {
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        namespace: quoted(rest, "in the namespace \"").map(ToOwned::to_owned),
        name: None,
    };
    Some((user.to_owned(), right))
}

fn missing(text: &str, (kind, name): (&str, &str)) -> FailureKind {
    if text.contains("the server could not find the requested resource") {
        FailureKind::VersionNotServed { served: Vec::new() }
    } else if kind == "namespaces" || text.starts_with("namespaces \"") {
        FailureKind::NamespaceMissing { namespace: name.to_owned() }
    } else {
        FailureKind::Missing
    }
}

fn conflict(text: &str, causes: &[Cause]) -> FailureKind {
    let fields: Vec<FieldConflict> = causes
        .iter()
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| {
            let (manager, version) = manager(&cause.message);
            FieldConflict { path: cause.field.clone(), manager, version }
        })
        .collect();
    if !fields.is_empty() {
        FailureKind::Conflict { fields }
    } else if text.contains("uid mismatch") && text.contains("no existing object was found") {
        FailureKind::Gone
    } else if text.contains("uid mismatch") || text.contains("UID in ") {
        FailureKind::Replaced
    } else if text.contains("object is being deleted") {
        FailureKind::BeingDeleted
    } else {
        FailureKind::Stale
    }
}

/// `conflict with "us" using apps/v1` → `us`, `apps/v1`.
fn manager(message: &str) -> (String, String) {
    let said = message.strip_prefix("conflict with ").unwrap_or(message).replace('"', "");
    let (name, version) = said.split_once(" using ").unwrap_or((&said, ""));
    (name.to_owned(), version.to_owned())
}

fn invalid(text: &str, causes: &[Cause]) -> FailureKind {
    let said: Vec<(&str, &str)> = if causes.is_empty() {
        vec![("", text)]
    } else {
        causes.iter().map(|cause| (cause.field.as_str(), cause.message.as_str())).collect()
    };
    if said.iter().any(|(field, message)| *field == "metadata.uid" && message.contains("immutable")) {
        return FailureKind::Replaced;
    }
    if said.iter().any(|(_, message)| byte_limit(message).is_some_and(|limit| limit >= OBJECT_LIMIT)) {
        return FailureKind::TooLarge;
    }
    // Making the object anew helps only where nothing else is wrong.
    if said.iter().all(|(_, message)| is_immutable(message)) {
        return FailureKind::Immutable;
    }
    FailureKind::Invalid
}

/// `Too long: may not be more than 1048576 bytes`.
fn byte_limit(text: &str) -> Option<u64> {
    let (_, rest) = text.split_once("may not be more than ")?;
    let (number, unit) = rest.split_once(' ')?;
    unit.starts_with("bytes").then(|| number.parse().ok()).flatten()
}

/// Whether a message says that the field can only be set once. There is no reason for it, and no common wording.
fn is_immutable(message: &str) -> bool {
    // A value may hold any word: look behind it only.
    let said = if message.contains(" value: ") {
        let behind = ["\": ", "}: ", "]: "].into_iter().filter_map(|mark| Some(message.rsplit_once(mark)?.1));
        behind.min_by_key(|said| said.len()).unwrap_or(message)
    } else {
        message
    };
    [
        "immutable",
        "may not change once set",
        "may not be changed",
        "cannot be changed",
        "cannot change roleRef",
        "updates to statefulset spec for fields other than",
    ]
    .iter()
    .any(|words| said.contains(words))
}

/// Webhooks made with controller-runtime send no causes: `spec.resourceGroups[0].flavors[0]: Invalid value: …`, one or, in
/// brackets, several with commas between.
fn in_text(text: &str) -> Vec<Cause> {
    let Some((_, said)) = text.split_once("denied the request: ") else { return Vec::new() };
    let said = said.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(said);
    let mut causes: Vec<Cause> = Vec::new();
    for part in said.split(", ") {
        let start = part.split_once(": ").filter(|(field, _)| is_field(field));
        match (start, causes.last_mut()) {
            (Some((field, message)), _) => causes.push(Cause {
                reason: "FieldValueInvalid".to_owned(),
                field: field.to_owned(),
                message: message.to_owned(),
            }),
            (None, Some(last)) => last.message = format!("{}, {part}", last.message),
            (None, None) => {}
        }
    }
    for cause in &mut causes {
        cause.message = one_line(&cause.message);
    }
    causes
}

fn is_field(text: &str) -> bool {
    ["spec", "metadata", "data", "status"]
        .iter()
        .any(|start| text.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
        && !text.contains(' ')
}

/// A server's text as one line that can be shown; what is too long loses its middle.
pub(super) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let letters: Vec<char> = line.chars().collect();
    let head: String = letters[..LONGEST * 2 / 3].iter().collect();
    let tail: String = letters[letters.len() - LONGEST / 3..].iter().collect();
    format!("{head} … {tail}")
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
