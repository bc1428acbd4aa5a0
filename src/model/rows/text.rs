//! Texts of manifests for canonical numbers, and of values in YAML.

use serde_json::Value;

use crate::slurm::value;

/// `1d12h` of seconds.
pub(super) fn time(seconds: u64) -> String {
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number}{unit}")).collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// `512GB` of megabytes.
pub(super) fn size(megabytes: u64) -> String {
    value::size(megabytes) + "B"
}

/// A value as YAML writes it in one line.
pub(super) fn yaml(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(yaml).collect::<Vec<_>>().join(", ")),
        // What JSON quotes, YAML reads alike.
        other => other.to_string(),
    }
}

/// Whether every reader of YAML takes a scalar without quotes for this text, or for a number that is written like it.
fn is_plain(text: &str) -> bool {
    let reserved = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._/%-".contains(letter))
        && !reserved.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts() {
        assert_eq!((time(129_600), time(90), time(0)), ("1d12h".to_owned(), "1m30s".to_owned(), "0s".to_owned()));
        assert_eq!((size(524_288), size(1_500)), ("512GB".to_owned(), "1500MB".to_owned()));
        for (value, text) in [
            (json!("1d12h"), "1d12h"),
            (json!("NO"), "\"NO\""),
            (json!("12:00"), "\"12:00\""),
            (json!(["a", "gpu[1-2]"]), "[a, \"gpu[1-2]\"]"),
            (json!(50), "50"),
            (json!(true), "true"),
        ] {
            assert_eq!(yaml(&value), text);
        }
    }
}
