//! Objects as YAML that readers of version 1.1 take for the same: kubectl, Argo CD and PyYAML read `NO` as a truth value,
//! `1:30` as a number and `2026-01-01` as a day, where nothing quotes them.

use serde_json::Value;

/// An object as YAML, its keys in the order that they have; or why it has none.
///
/// The writer quotes what YAML 1.2 would read as something else. What 1.1 would is made unlike a plain word by a mark,
/// which is taken off again behind the writer: so all else stands as the writer has it.
pub fn to_yaml(value: &Value) -> Result<String, String> {
    let Some(mark) = ('\u{e000}'..='\u{f8ff}').find(|mark| !holds(value, *mark)) else {
        return Err("it holds every letter of private use, so that none is left to mark its texts by".to_owned());
    };
    let text = serde_yaml::to_string(&marked(value, mark)).map_err(|error| error.to_string())?;
    Ok(text.replace(&format!(": {mark}'"), "'").replace(&format!("{mark}\\x01\""), "\""))
}

/// A text as it may stand in flow style, where its neighbours are words.
pub fn word(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-./_".contains(letter);
    if text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.chars().all(plain) && !is_misread(text) {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}

fn holds(value: &Value, letter: char) -> bool {
    match value {
        Value::String(text) => text.contains(letter),
        Value::Array(items) => items.iter().any(|item| holds(item, letter)),
        Value::Object(map) => map.iter().any(|(key, value)| key.contains(letter) || holds(value, letter)),
        _ => false,
    }
}

fn marked(value: &Value, mark: char) -> Value {
    match value {
        Value::String(text) => Value::String(marked_text(text, mark)),
        Value::Array(items) => items.iter().map(|item| marked(item, mark)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (marked_text(key, mark), marked(value, mark))).collect::<Value>()
        }
        other => other.clone(),
    }
}

fn marked_text(text: &str, mark: char) -> String {
    if is_folded(text) {
        // No style but double quotes has a letter that cannot be printed.
        format!("{text}{mark}\u{1}")
    } else if is_misread(text) {
        // No plain text has a colon before a space.
        format!("{text}: {mark}")
    } else {
        text.to_owned()
    }
}

/// Whether a text has breaks that a reader turns into others, or tabs that it takes for the space around a text.
fn is_folded(text: &str) -> bool {
    text.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}']) || (text.contains('\t') && !text.contains('\n'))
}

/// What means something else by itself, in any case.
const WORDS: [&str; 16] =
    ["", "~", "=", "<<", "null", "y", "n", "yes", "no", "on", "off", "true", "false", ".nan", ".inf", "-.inf"];

/// Whether a reader of YAML 1.1 takes a text without quotes for something else. Some more are said to be: each reader has
/// numbers of its own.
fn is_misread(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if [text, unsigned].iter().any(|text| WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))) {
        return true;
    }
    // go-yaml reads over underscores, wherever they stand.
    let digits = unsigned.replace('_', "").to_ascii_lowercase();
    let is_hexadecimal =
        digits.strip_prefix("0x").is_some_and(|digits| digits.chars().all(|letter| letter.is_ascii_hexdigit()));
    let begins = text.starts_with(|letter: char| letter.is_ascii_digit() || "+-.".contains(letter));
    begins && is_hexadecimal
        || begins
            && text.contains(|letter: char| letter.is_ascii_digit() || letter == '_')
            && text.chars().all(|letter| letter.is_ascii_digit() || "_.:+- eEoObBtTzZ".contains(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle};

    use super::*;

    /// What is no text without quotes, in YAML 1.1 as it is written and as go-yaml and PyYAML read it.
    const MISREAD: [&str; 76] = [
        "y",
        "Y",
        "n",
        "N",
        "yes",
        "Yes",
        "YES",
        "no",
        "No",
        "NO",
        "on",
        "On",
        "ON",
        "off",
        "Off",
        "OFF",
        "true",
        "True",
        "TRUE",
        "false",
        "False",
        "FALSE",
        "null",
        "Null",
        "NULL",
        "~",
        "",
        "=",
        "<<",
        "0",
        "7",
        "-1",
        "+1",
        "0777",
        "0o17",
        "-0o17",
        "0O17",
        "0b101",
        "-0b1",
        "0x1f",
        "0X1F",
        "-0x1f",
        "0_x1f",
        "+0xA_b",
        "1_000",
        "-_1",
        "1__0",
        "1:30",
        "1:30:00",
        "-1:30:00.5",
        "190:20:30.15",
        ".inf",
        ".Inf",
        ".INF",
        "-.inf",
        "+.inf",
        ".nan",
        ".NaN",
        ".NAN",
        "1.",
        ".5",
        "-.5",
        "1.5",
        "1e3",
        "1e+3",
        "1E-3",
        "1.0e3",
        "6.8523015e+5",
        "685_230.15",
        "2026-01-01",
        "2026-1-1",
        "2026-01-01T00:00:00Z",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14 21:59:43.10 -5",
        "2026-11-21 01:02:03",
        "123456789012345678901234567890",
    ];

    /// A number or a time of YAML 1.1, by its own grammar, or by those of its readers.
    fn is_number(text: &str) -> bool {
        let bare = text.replace('_', "").to_ascii_lowercase();
        let bare = bare.strip_prefix(['+', '-']).unwrap_or(&bare);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
        let of_radix =
            |mark: &str, radix| bare.strip_prefix(mark).is_some_and(|rest| rest.chars().all(|one| one.is_digit(radix)));
        let parts: Vec<&str> = bare.split(':').collect();
        let sixties = parts.len() > 1
            && parts.iter().enumerate().all(|(number, part)| {
                digits(part) || number + 1 == parts.len() && part.split('.').all(|part| part.is_empty() || digits(part))
            });
        let days: Vec<&str> = text.splitn(3, '-').collect();
        let time = matches!(days.as_slice(), [year, month, rest]
            if year.len() == 4 && digits(year) && month.len() <= 2 && digits(month)
                && rest.starts_with(|letter: char| letter.is_ascii_digit())
                && rest.chars().all(|letter| letter.is_ascii_digit() || "tTzZ:.+- ".contains(letter)));
        let float = bare.starts_with(|letter: char| letter == '.' || letter.is_ascii_digit())
            && (bare.parse::<f64>().is_ok() || text.contains('_') && bare == ".");
        // No number begins with an underscore.
        let begins = text.starts_with(|letter: char| letter.is_ascii_digit() || "+-.".contains(letter));
        begins && (of_radix("0x", 16) || of_radix("0o", 8) || of_radix("0b", 2) || sixties || time || float)
    }

    /// Keys and values of a mapping of texts, with whether each stands without quotes.
    fn read(yaml: &str) -> Vec<(String, bool)> {
        Parser::new_from_str(yaml)
            .filter_map(|event| match event.unwrap().0 {
                Event::Scalar(text, style, ..) => Some((text.to_string(), style == ScalarStyle::Plain)),
                _ => None,
            })
            .collect()
    }

    fn check(object: &Value) -> Result<(), TestCaseError> {
        let yaml = to_yaml(object).unwrap();
        let read = read(&yaml);
        let texts: Vec<&str> = object
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(key, value)| [key.as_str(), value.as_str().unwrap()])
            .collect();
        prop_assert_eq!(read.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), texts, "{}", yaml);
        for (text, plain) in &read {
            prop_assert!(!plain || !MISREAD.contains(&text.as_str()) && !is_number(text), "{text}:\n{yaml}");
        }
        Ok(())
    }

    #[test]
    fn what_another_version_reads_as_something_else_is_quoted() {
        for text in MISREAD {
            assert_eq!(to_yaml(&json!({text: text})).unwrap(), format!("'{text}': '{text}'\n"));
            assert_eq!(word(text), format!("\"{text}\""));
        }
        for text in
            ["NORWAY", "nord", "64Gi", "500m", "v1.35", "10.0.0.0/8", "-x", "--on", "a: b".trim_end_matches(": b")]
        {
            assert_eq!(to_yaml(&json!({"k": text})).unwrap(), format!("k: {text}\n"));
        }
        for text in ["*", "a b", "a: b", "a, b", "]", "#"] {
            assert_eq!(word(text), Value::from(text).to_string());
        }
        assert_eq!(word("pods/exec"), "pods/exec");
        let object = json!({"on": [1, true, null, "1", {"no": "off"}], "private": "\u{e000}'\u{e001}"});
        let yaml = "'on':\n- 1\n- true\n- null\n- '1'\n- 'no': 'off'\nprivate: \u{e000}'\u{e001}\n";
        assert_eq!(to_yaml(&object).unwrap(), yaml);
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => proptest::sample::select(MISREAD.to_vec()).prop_map(ToOwned::to_owned),
            2 => "[-+.0-9_:eExobTZ ]{1,12}",
            2 => "[ a-z0-9:#'\"\\\\\t\r\n{}\\[\\],&*!|>%@`=<~?-]{0,12}",
            1 => "\\PC{0,12}",
            1 => any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn texts_are_read_back_as_they_are(texts in proptest::collection::vec((text(), text()), 1..4)) {
            check(&texts.into_iter().map(|(key, value)| (key, Value::from(value))).collect::<Value>())?;
        }
    }
}
