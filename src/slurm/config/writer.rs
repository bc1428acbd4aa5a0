//! Writing lines that read back as they were meant.

/// Why a line cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}={}` cannot be written: {why}", .value.escape_debug())]
pub struct WriteError {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// What is in the way.
    pub why: &'static str,
}

/// One line: `PartitionName=booster Nodes=gpu[1-2] State=UP`.
pub fn line(keyword: &str, name: &str, fields: &[(&str, String)]) -> Result<String, WriteError> {
    let mut text = pair(keyword, name)?;
    for (key, value) in fields {
        text.push(' ');
        text.push_str(&pair(key, value)?);
    }
    Ok(text)
}

fn pair(key: &str, value: &str) -> Result<String, WriteError> {
    let refuse = |why| Err(WriteError { key: key.to_owned(), value: value.to_owned(), why });
    if value.chars().any(char::is_control) {
        return refuse("a line of slurm.conf holds no control characters");
    }
    if value.contains('"') {
        return refuse("slurm.conf has no way to write a double quote inside a value");
    }
    // Backslashes and `#` are taken before quotes are looked at.
    let escaped = value.replace('\\', "\\\\").replace('#', "\\#");
    let quoted = value.is_empty() || value.contains(char::is_whitespace);
    Ok(if quoted { format!("{key}=\"{escaped}\"") } else { format!("{key}={escaped}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lexer::parse;
    use super::*;

    #[test]
    fn refuses_what_cannot_be_said() {
        assert!(line("NodeName", "a", &[("Reason", "say \"hi\"".into())]).is_err());
        assert!(line("NodeName", "a", &[("Reason", "a\nb".into())]).is_err());
    }

    proptest! {
        #[test]
        fn reads_back(value in "[a-zA-Z0-9 #\\\\=,:()ä/-]{0,30}") {
            let text = line("NodeName", "n1", &[("Reason", value.clone()), ("CPUs", "4".into())]).unwrap();
            let entries = parse("f", &format!("{text}\n"));
            prop_assert_eq!(entries.len(), 1);
            prop_assert_eq!(entries[0].get("Reason"), Some(value.as_str()));
            prop_assert_eq!(entries[0].get("CPUs"), Some("4"));
        }
    }
}
