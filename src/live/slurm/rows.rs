//! `sacctmgr -P` tables: a header, then rows with `|` between columns and no escape. Free text comes last.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::complaints::incomplete;
use crate::diagnostics::Diagnostic;
use crate::slurm::fields::Field;
use crate::slurm::release::Release;

/// One row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    columns: Arc<[String]>,
    cells: Vec<String>,
}

impl Row {
    /// The cell of a column; empty where there is no such column.
    pub(super) fn get(&self, column: &str) -> &str {
        let position = self.columns.iter().position(|one| one == column);
        position.and_then(|position| self.cells.get(position)).map_or("", String::as_str)
    }
}

/// Columns to ask for: the keys, then each field that the release has, then the free text.
pub(super) fn columns(fields: &[Field], release: Release, keys: &[&str], last: &str) -> Vec<String> {
    let middle = fields
        .iter()
        .filter(|field| field.exists(release) && !field.read.is_empty() && field.read != last)
        .map(|field| field.read.to_owned());
    let mut all: Vec<String> = keys.iter().map(|key| (*key).to_owned()).chain(middle).collect();
    if !last.is_empty() {
        all.push(last.to_owned());
    }
    all
}

/// Parses a table. Every line must have the columns asked for, and the last one its line break.
pub(super) fn table(program: &str, text: &str, columns: &[String]) -> Result<Vec<Row>, Diagnostic> {
    if text.is_empty() {
        return Err(incomplete(program, "it is empty, without even a header"));
    }
    if !text.ends_with('\n') {
        return Err(incomplete(program, "the last line is cut off"));
    }
    let shared: Arc<[String]> = columns.into();
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    if header.split('|').count() != columns.len() {
        return Err(incomplete(
            program,
            &format!("its header has {} columns, asked for were {}", header.split('|').count(), columns.len()),
        ));
    }
    let first = header.split('|').next().unwrap_or_default();
    if !columns.first().is_some_and(|column| column.eq_ignore_ascii_case(first)) {
        return Err(incomplete(program, &format!("its header begins with `{}`", first.escape_debug())));
    }
    let mut rows = Vec::new();
    for (number, line) in lines.enumerate() {
        let cells: Vec<String> = line.splitn(columns.len(), '|').map(ToOwned::to_owned).collect();
        if cells.len() != columns.len() {
            return Err(incomplete(
                program,
                &format!("line {} has {} columns, asked for were {}", number + 2, cells.len(), columns.len()),
            )
            .why("a text with a line break in it looks like this too"));
        }
        rows.push(Row { columns: shared.clone(), cells });
    }
    Ok(rows)
}

/// TRES names of `AccountingStorageTRES`.
pub(super) fn tres_setting(text: &str) -> BTreeSet<String> {
    text.split(',').map(|name| name.trim().to_lowercase()).filter(|name| !name.is_empty()).collect()
}

/// TRES names of `sacctmgr show tres`.
pub(super) fn tres(text: &str) -> Result<BTreeSet<String>, Diagnostic> {
    let rows = table("sacctmgr show tres", text, &["type".to_owned(), "name".to_owned()])?;
    let name = |row: &Row| match row.get("name") {
        "" => row.get("type").to_lowercase(),
        name => format!("{}/{}", row.get("type"), name).to_lowercase(),
    };
    Ok(rows.iter().map(name).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn two() -> Vec<String> {
        vec!["name".into(), "description".into()]
    }

    #[test]
    fn free_text_may_hold_the_separator() {
        let rows = table("x", "Name|Descr\nq1|a|b\n", &two()).unwrap();
        assert_eq!(rows[0].get("description"), "a|b");
    }

    #[test]
    fn cut_empty_and_garbled_answers_are_errors() {
        for text in ["", "Name|Descr\nq1|a", "Name|Descr\nq1\n", "q1\n", "Name|Descr|More\n", "\u{1}\u{2}\n"] {
            assert!(table("x", text, &two()).is_err(), "{text:?}");
        }
        assert!(table("x", "Name|Descr\n", &two()).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn never_panics(text in "[a-z|\n]{0,60}") {
            let _ = table("x", &text, &two());
        }
    }
}
