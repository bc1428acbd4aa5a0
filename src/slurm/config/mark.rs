//! The mark of protection: a comment above a line of our include files, which Slurm and the linter pass over.

use super::Entry;

const PROTECT: &str = "sitewright: protect";

/// The line, below its mark where it has one.
pub fn with_mark(line: &str, protect: bool) -> String {
    if protect { format!("# {PROTECT}\n{line}") } else { line.to_owned() }
}

/// Whether the mark stands above the line. Other comments between do not hide it: one added by hand must not take the
/// protection away.
pub fn is_marked(entry: &Entry) -> bool {
    entry.comments.iter().any(|comment| comment == PROTECT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{line, parse};
    use super::*;

    #[test]
    fn a_comment_between_does_not_hide_it() {
        let entries = parse(
            "f",
            "#sitewright: protect\n\n# the big one\nPartitionName=a\nPartitionName=b # sitewright: protect\n",
        );
        assert_eq!(entries.iter().map(is_marked).collect::<Vec<_>>(), [true, false]);
    }

    proptest! {
        #[test]
        fn reads_back(lines in prop::collection::vec(("[a-z0-9 #\\\\=]{0,12}", any::<bool>()), 0..6)) {
            let mut text = String::from("# sitewright: digest 0\n# Written by sitewright\n");
            for (value, protect) in &lines {
                text.push_str(&with_mark(&line("NodeName", "n1", &[("Reason", value.clone())]).unwrap(), *protect));
                text.push('\n');
            }
            let read: Vec<(String, bool)> = parse("f", &text)
                .iter()
                .map(|entry| (entry.get("Reason").unwrap_or_default().to_owned(), is_marked(entry)))
                .collect();
            prop_assert_eq!(read, lines);
        }
    }
}
