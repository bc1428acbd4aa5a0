//! Quoting one word for a POSIX shell: for the far side of ssh, and for commands that hints name.

/// The word in single quotes, unless it is plainly harmless. Inside single quotes nothing has a meaning but the quote
/// itself (POSIX Shell Command Language, 2.2.2).
pub fn quote(word: &str) -> String {
    let plain = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '/' | '_' | '-' | '.' | ':' | ',' | '+' | '@')
    };
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::quote;

    fn through_a_shell(word: &str) -> String {
        let line = format!("printf %s {}", quote(word));
        let output = std::process::Command::new("sh").arg("-c").arg(line).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn nasty_words_arrive_exactly() {
        for word in [
            "",
            "a b",
            "it's",
            "\"",
            "$(touch x)",
            "`id`",
            "a\nb",
            "[1-3]",
            "a|b",
            "ä€",
            "*",
            "~",
            "-n",
            "\\",
            "!!",
            "#",
        ] {
            assert_eq!(through_a_shell(word), word);
        }
        let long = "ä'$".repeat(100);
        assert_eq!(through_a_shell(&long), long);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_word_arrives(word in "[^\u{0}]{0,40}") {
            prop_assert_eq!(through_a_shell(&word), word);
        }
    }
}
