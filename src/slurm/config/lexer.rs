//! Lexical rules: comments, continuation, escapes, `key [op]= value`.
//!
//! A `#` starts a comment anywhere, even inside quotes, unless an odd number of backslashes stands before it. Comments go
//! before continuation lines are joined. A value is `"…"` or a run of non-blanks; blanks may stand around `=`.

/// One `key=value` of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Key as written.
    pub key: String,
    /// Value without quotes.
    pub value: String,
    /// Whether nothing stands behind `=`, not even quotes: every program stops at such a line.
    pub bare: bool,
    /// Byte offset of the pair in its file (of its line where the line is continued).
    pub offset: usize,
    /// Bytes of the pair.
    pub length: usize,
}

/// One logical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// File it stands in.
    pub file: String,
    /// Byte offset of its first line.
    pub offset: usize,
    /// Bytes of its first line.
    pub length: usize,
    /// Its pairs.
    pub pairs: Vec<Pair>,
    /// Text that is neither a pair nor blank; Slurm refuses such a line.
    pub rest: Option<String>,
    /// Whether a comment began inside quotes, which cuts the value.
    pub cut_quote: bool,
    /// `Include` in column 0: the path.
    pub include: Option<String>,
    /// `Include` that does not start in column 0, which Slurm does not take as one.
    pub indented_include: bool,
    /// Comment lines between the line before and this one, without their `#`.
    pub comments: Vec<String>,
}

impl Entry {
    /// The value of a key, whatever its case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.pair(key).map(|pair| pair.value.as_str())
    }

    /// The pair of a key, whatever its case; the last one wins.
    pub fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs.iter().rev().find(|pair| pair.key.eq_ignore_ascii_case(key))
    }

    /// The first key and its value.
    pub fn head(&self) -> Option<(&str, &str)> {
        self.pairs.first().map(|pair| (pair.key.as_str(), pair.value.as_str()))
    }
}

/// Parses one file.
pub fn parse(file: &str, text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut logical = String::new();
    let mut first: Option<(usize, usize)> = None;
    let mut cut_quote = false;
    let mut lines = 0;
    let mut offset = 0;
    let mut comments = Vec::new();
    for physical in text.split_inclusive('\n') {
        let start = offset;
        offset += physical.len();
        let physical = physical.trim_end_matches(['\n', '\r']);
        let (content, cut) = strip_comment(physical);
        if first.is_none() && content.trim().is_empty() {
            comments.extend(physical[content.len()..].strip_prefix('#').map(|comment| comment.trim().to_owned()));
            continue;
        }
        cut_quote |= cut;
        let (origin, length) = *first.get_or_insert((start, physical.len()));
        lines += 1;
        let trimmed = content.trim_end();
        let slashes = trimmed.len() - trimmed.trim_end_matches('\\').len();
        if slashes % 2 == 1 {
            logical.push_str(&trimmed[..trimmed.len() - 1]);
            continue;
        }
        logical.push_str(content);
        finish(file, &logical, (origin, length, lines == 1), cut_quote, &mut comments, &mut entries);
        logical.clear();
        first = None;
        cut_quote = false;
        lines = 0;
    }
    if let Some((origin, length)) = first {
        finish(file, &logical, (origin, length, false), cut_quote, &mut comments, &mut entries);
    }
    entries
}

/// Text before the comment, and whether the comment began inside quotes.
fn strip_comment(line: &str) -> (&str, bool) {
    let mut slashes = 0;
    let mut quoted = false;
    for (position, letter) in line.char_indices() {
        match letter {
            '#' if slashes % 2 == 0 => return (&line[..position], quoted),
            '"' => quoted = !quoted,
            _ => {}
        }
        slashes = if letter == '\\' { slashes + 1 } else { 0 };
    }
    (line, false)
}

fn finish(
    file: &str,
    logical: &str,
    (offset, length, plain): (usize, usize, bool),
    cut_quote: bool,
    comments: &mut Vec<String>,
    entries: &mut Vec<Entry>,
) {
    if logical.trim().is_empty() {
        return;
    }
    let unescaped = unescape(logical);
    let plain = plain && unescaped.len() == logical.len();
    let mut entry = Entry {
        file: file.to_owned(),
        offset,
        length,
        pairs: Vec::new(),
        rest: None,
        cut_quote,
        include: None,
        indented_include: false,
        comments: std::mem::take(comments),
    };
    let lower = unescaped.trim_start().to_ascii_lowercase();
    let is_include = lower.strip_prefix("include").is_some_and(|rest| rest.starts_with(char::is_whitespace));
    if is_include {
        let path = unescaped.trim_start()["include".len()..].trim().to_owned();
        if unescaped.starts_with(char::is_whitespace) {
            entry.indented_include = true;
            entry.rest = Some(unescaped.trim().to_owned());
        } else {
            entry.include = Some(path);
        }
        entries.push(entry);
        return;
    }
    let mut position = 0;
    while let Some(found) = next_pair(&unescaped, position) {
        match found {
            Found::Pair { key, value, start, end } => {
                let (pair_offset, pair_length) = if plain { (offset + start, end - start) } else { (offset, length) };
                let bare = value.is_empty() && !unescaped[start..end].ends_with('"');
                entry.pairs.push(Pair { key, value, bare, offset: pair_offset, length: pair_length });
                position = end;
            }
            Found::Rest(rest) => {
                entry.rest = Some(rest);
                break;
            }
        }
    }
    entries.push(entry);
}

fn unescape(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            result.extend(letters.next());
        } else {
            result.push(letter);
        }
    }
    result
}

enum Found {
    Pair { key: String, value: String, start: usize, end: usize },
    Rest(String),
}

/// The next pair at or after a byte position; `None` at the end.
fn next_pair(text: &str, from: usize) -> Option<Found> {
    let rest = &text[from..];
    let start = from + (rest.len() - rest.trim_start().len());
    let body = &text[start..];
    if body.is_empty() {
        return None;
    }
    let key_length = body
        .find(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.')))
        .unwrap_or(body.len());
    let after_key = body[key_length..].trim_start();
    let after_op =
        after_key.strip_prefix(['-', '*', '+', '/']).filter(|rest| rest.starts_with('=')).unwrap_or(after_key);
    let Some(after_equals) = after_op.strip_prefix('=').filter(|_| key_length > 0) else {
        return Some(Found::Rest(body.trim().to_owned()));
    };
    let value_text = after_equals.trim_start();
    let value_start = text.len() - value_text.len();
    let quoted = value_text
        .strip_prefix('"')
        .and_then(|rest| rest.find('"').map(|close| (&rest[..close], value_start + close + 2)));
    let (value, end) = quoted.unwrap_or_else(|| {
        let length = value_text.find(char::is_whitespace).unwrap_or(value_text.len());
        (&value_text[..length], value_start + length)
    });
    Some(Found::Pair { key: body[..key_length].to_owned(), value: value.to_owned(), start, end })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse("f", text).into_iter().flat_map(|entry| entry.pairs).map(|pair| (pair.key, pair.value)).collect()
    }

    fn one(text: &str) -> (String, String) {
        let mut all = pairs(text);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    #[test]
    fn comments_start_even_inside_quotes() {
        assert_eq!(one("A=b # c\n"), ("A".into(), "b".into()));
        let entry = &parse("f", "Reason=\"a # b\"\n")[0];
        assert!(entry.cut_quote);
        assert_eq!(one("A=b\\#c\n").1, "b#c");
        assert_eq!(one("A=b\\\\#c\n").1, "b\\");
    }

    #[test]
    fn lines_continue() {
        assert_eq!(pairs("A=b \\\nC=d\n"), [("A".into(), "b".into()), ("C".into(), "d".into())]);
        assert_eq!(one("A=b\\\nc\n").1, "bc");
        assert_eq!(one("A=b\\ \nc\n").1, "bc", "trailing blanks are allowed");
        assert_eq!(pairs("# A=b \\\nC=d\n").len(), 1, "a comment goes before continuation");
    }

    #[test]
    fn blanks_around_equals_take_the_next_word() {
        assert_eq!(one("MailProg= Foo=bar\n"), ("MailProg".into(), "Foo=bar".into()));
        assert_eq!(one("A = \"two words\"\n").1, "two words");
        assert_eq!(one("A=\"\"\n").1, "");
        assert_eq!(one("A+=b\n").1, "b");
    }

    #[test]
    fn a_value_of_quotes_is_a_value() {
        let bare = |text: &str| parse("f", text)[0].pairs.last().unwrap().bare;
        assert!(bare("A=\n") && bare("A= # c\n") && bare("A=#c\n") && bare("N=a G=  \n") && bare("A=\\\n\n"));
        assert!(!bare("A=\"\"\n") && !bare("A= B=c\n") && !bare("A=b\n"));
    }

    #[test]
    fn includes_stand_in_column_zero() {
        assert_eq!(parse("f", "include a.conf\n")[0].include.as_deref(), Some("a.conf"));
        assert!(parse("f", "  Include a.conf\n")[0].indented_include);
    }

    #[test]
    fn places_are_exact() {
        let text = "ClusterName=a\nNodeName=n1 CPUs=4\n";
        let entries = parse("f", text);
        let pair = entries[1].pair("cpus").unwrap();
        assert_eq!(&text[pair.offset..pair.offset + pair.length], "CPUs=4");
    }

    #[test]
    fn comment_lines_belong_to_the_line_below() {
        let text = "# one\n\n  #two  \r\nA=b # not this\nC=d \\\n# nor this\n# three\nE=f\n# none follows\n";
        let comments: Vec<Vec<String>> = parse("f", text).into_iter().map(|entry| entry.comments).collect();
        let expected: [&[&str]; 3] = [&["one", "two"], &[], &["three"]];
        assert_eq!(comments, expected);
    }

    #[test]
    fn stray_text_is_kept() {
        assert_eq!(parse("f", "NodeName=a nonsense\n")[0].rest.as_deref(), Some("nonsense"));
    }

    proptest! {
        #[test]
        fn never_panics(text in "[A-Za-z=\\\\#\" \n\t,ä-]{0,80}") {
            let _ = parse("f", &text);
        }
    }
}
