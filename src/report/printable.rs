//! Text from outside, as a terminal may have it: a name with a line break in it would forge lines of ours, one with an
//! escape sequence would hide them.

use std::borrow::Cow;

use serde_json::Value;

use crate::plan::Plan;

/// What moves the cursor, ends a line, or turns the direction of writing.
fn is_odd(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// One line of it, with `\n`, `\u{1b}` and the like written out.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_odd) { Cow::Owned(escaped(text, &[])) } else { Cow::Borrowed(text) }
}

/// Several lines of it.
pub(super) fn printable_lines(text: &str) -> String {
    escaped(text, &['\n', '\t'])
}

fn escaped(text: &str, except: &[char]) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_odd(letter) && !except.contains(&letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// A JSON document, which may have none of it but in strings.
pub struct Json(pub Value);

impl std::fmt::Display for Json {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.0.to_string();
        let mut rest = text.as_str();
        while let Some((at, letter)) = rest.char_indices().find(|(_, letter)| is_odd(*letter)) {
            write!(formatter, "{}\\u{:04x}", &rest[..at], u32::from(letter))?;
            rest = &rest[at + letter.len_utf8()..];
        }
        formatter.write_str(rest)
    }
}

/// An excerpt: as long in bytes as it was, so that places in it stay where they are.
pub(super) fn printable_in_place(text: &str) -> String {
    let put = |letter: char| match (letter, letter.len_utf8()) {
        ('\n' | '\t', _) => letter,
        _ if !is_odd(letter) => letter,
        (_, 1) => '?',
        (_, 2) => '¿',
        _ => '\u{fffd}',
    };
    text.chars().map(put).collect()
}

/// A plan of which each text can be printed; files keep their lines.
pub(super) fn printable_plan(plan: &Plan) -> Cow<'_, Plan> {
    let text = serde_json::to_string(plan).unwrap_or_default();
    if !text.contains('\\') && !text.chars().any(is_odd) {
        return Cow::Borrowed(plan);
    }
    let tidied = serde_json::from_str(&text).and_then(|mut value| {
        tidy(&mut value);
        serde_json::from_value(value)
    });
    // What was written reads back.
    tidied.map_or(Cow::Borrowed(plan), Cow::Owned)
}

fn tidy(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(escaped) = printable(text) {
                *text = escaped;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => {
            let is_file = map.contains_key("path") && map.contains_key("after");
            let entries = std::mem::take(map);
            for (key, mut value) in entries {
                match &mut value {
                    Value::String(text) if is_file && matches!(key.as_str(), "before" | "after") => {
                        *text = printable_lines(text);
                    }
                    other => tidy(other),
                }
                map.insert(printable(&key).into_owned(), value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(printable("plain, ä, 東京, 🦀"), "plain, ä, 東京, 🦀");
        assert_eq!(printable("a\nb\r\u{1b}[2J\u{7f}\u{9b}\u{202e}"), "a\\nb\\r\\u{1b}[2J\\u{7f}\\u{9b}\\u{202e}");
        assert_eq!(printable_lines("a\tb\\t\n\u{1b}c\r\n"), "a\tb\\t\n\\u{1b}c\\r\n");
    }

    #[test]
    fn documents_read_the_same() {
        let value = serde_json::json!({"a\u{9b}": "\u{1b}[31m\u{7f}\u{202e}ä\n", "b": ["\u{2028}", 1]});
        let text = Json(value.clone()).to_string();
        assert!(!text.chars().any(is_odd), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn excerpts_keep_their_places() {
        let text = "a\u{1b}b\u{9b}c\u{202e}d\te\n";
        let shown = printable_in_place(text);
        assert_eq!(shown, "a?b¿c\u{fffd}d\te\n");
        assert_eq!(shown.len(), text.len());
    }
}
