//! Breaking text for people into lines.

/// Breaks a text at blanks, to lines of at most `width` characters. Its own line breaks stay, and what stands in
/// back-quotes stays whole: it is there to be copied.
pub fn wrap(text: &str, width: usize) -> String {
    lines(text, width, width).join("\n")
}

/// The same after a word such as `hint:`, with the further lines indented.
pub(super) fn after(head: &str, text: &str, indent: usize, width: usize) -> String {
    after_painted((head, head), text, indent, width)
}

/// The same after a word that is coloured: the word, and how it is printed. Colours have no width.
pub(super) fn after_painted((head, painted): (&str, &str), text: &str, indent: usize, width: usize) -> String {
    let first = width.saturating_sub(head.chars().count() + 1);
    let broken = lines(text, first, width.saturating_sub(indent));
    format!("{painted} {}\n", broken.join(&format!("\n{}", " ".repeat(indent))))
}

/// The same, with all lines indented.
pub(super) fn indented(text: &str, indent: usize, width: usize) -> String {
    let blanks = " ".repeat(indent);
    let room = width.saturating_sub(indent);
    lines(text, room, room).iter().map(|line| format!("{blanks}{line}\n")).collect()
}

/// Lines, of which the first has another width.
pub(super) fn lines(text: &str, first: usize, width: usize) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for paragraph in text.trim_end().split('\n') {
        let mut line = String::new();
        let mut empty = true;
        for word in words(paragraph) {
            let room = if all.is_empty() { first } else { width };
            if !empty && line.chars().count() + 1 + word.chars().count() > room {
                all.push(std::mem::take(&mut line));
            } else if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        all.push(line);
    }
    all
}

/// What stands between blanks; blanks in back-quotes are none.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        match letter {
            // A back-quote without its second one quotes nothing.
            '`' => quoted = !quoted && text[at + 1..].contains('`'),
            _ if letter.is_whitespace() && !quoted => {
                words.push(&text[start..at]);
                start = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_end_at_blanks_and_never_in_quotes() {
        assert_eq!(wrap("one two three", 8), "one two\nthree");
        assert_eq!(
            wrap("run `sitewright plan --out plan.json` now", 10),
            "run\n`sitewright plan --out plan.json`\nnow"
        );
        assert_eq!(wrap("a ` b c", 3), "a `\nb c");
        assert_eq!(wrap("first line\nsecond line", 6), "first\nline\nsecond\nline");
        assert_eq!(after("  hint:", "one two three", 8, 16), "  hint: one two\n        three\n");
        assert_eq!(indented("one two", 2, 6), "  one\n  two\n");
        assert_eq!(wrap("", 10), "");
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-z `\\n]{0,60}", width in 1_usize..20) {
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(bare(&wrap(&text, width)), bare(&text));
        }
    }
}
