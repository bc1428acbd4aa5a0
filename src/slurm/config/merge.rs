//! Following includes: all lines in the order in which Slurm reads them, and settings with the last one winning.

use std::collections::BTreeMap;

use super::lexer::{Entry, parse};
use crate::diagnostics::codes::slurm_files as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};

/// Deepest nesting of includes.
const DEPTH: usize = 16;

/// A setting and the line that gave it.
#[derive(Debug, Clone)]
pub struct Setting {
    /// Its value.
    pub value: String,
    /// Where.
    pub place: Place,
}

/// All lines of a file and its includes.
#[derive(Debug, Clone, Default)]
pub struct Merged {
    /// Lines in reading order, without the includes themselves.
    pub entries: Vec<Entry>,
    /// Files read, in order.
    pub files: Vec<String>,
}

impl Merged {
    /// Settings by lower-case key; the last one wins.
    pub fn settings(&self) -> BTreeMap<String, Setting> {
        let mut settings = BTreeMap::new();
        for entry in &self.entries {
            if let Some(pair) = entry.pairs.first() {
                let place = Place::Text { file: entry.file.clone(), offset: pair.offset, length: pair.length };
                settings.insert(pair.key.to_ascii_lowercase(), Setting { value: pair.value.clone(), place });
            }
        }
        settings
    }

    /// Lines that begin with a keyword, whatever its case.
    pub fn lines<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.head().is_some_and(|(key, _)| key.eq_ignore_ascii_case(keyword)))
    }
}

/// Paths of the files that a text includes; relative ones are resolved against `folder`.
pub fn include_paths(folder: &str, text: &str, cluster: &str) -> Vec<String> {
    parse("", text).into_iter().filter_map(|entry| entry.include).map(|path| resolve(folder, &path, cluster)).collect()
}

fn resolve(folder: &str, path: &str, cluster: &str) -> String {
    let path = path.replace("%c", &cluster.to_lowercase());
    if path.starts_with('/') { path } else { format!("{}/{path}", folder.trim_end_matches('/')) }
}

/// Reads `root` and what it includes from a map of path → content.
pub fn merge(root: &str, files: &BTreeMap<String, String>) -> (Merged, Diagnostics) {
    let folder = root.rsplit_once('/').map_or(".", |(folder, _)| folder);
    let mut merged = Merged::default();
    let mut found = Diagnostics::new();
    let Some(text) = files.get(root) else {
        found.push(
            Diagnostic::new(&codes::MISSING_FILE, format!("`{root}` does not exist or cannot be read"))
                .at(Place::File(root.to_owned()))
                .hint("name the file that the controller reads"),
        );
        return (merged, found);
    };
    let mut walk = Walk { folder, files, merged: &mut merged, found: &mut found, stack: vec![root.to_owned()] };
    walk.file(root, text);
    (merged, found)
}

struct Walk<'a> {
    folder: &'a str,
    files: &'a BTreeMap<String, String>,
    merged: &'a mut Merged,
    found: &'a mut Diagnostics,
    stack: Vec<String>,
}

impl Walk<'_> {
    fn file(&mut self, name: &str, text: &str) {
        self.merged.files.push(name.to_owned());
        for entry in parse(name, text) {
            let place = Place::Text { file: name.to_owned(), offset: entry.offset, length: entry.length };
            if entry.indented_include {
                self.found.push(
                    Diagnostic::new(&codes::INDENTED_INCLUDE, "`Include` does not start in the first column")
                        .at(place)
                        .hint("take the blanks before `Include` out"),
                );
                continue;
            }
            match &entry.include {
                Some(path) => self.include(path, place),
                None => self.merged.entries.push(entry),
            }
        }
    }

    fn include(&mut self, path: &str, place: Place) {
        let files = self.files;
        if path.contains(['*', '?']) {
            self.found.push(
                Diagnostic::new(&codes::WILDCARD_INCLUDE, format!("`Include {path}` has a wildcard"))
                    .at(place)
                    .hint("name each file on a line of its own"),
            );
            return;
        }
        let cluster =
            self.merged.lines("ClusterName").last().and_then(|entry| entry.head()).map(|(_, name)| name.to_owned());
        if path.contains("%c") && cluster.is_none() {
            self.found.push(
                Diagnostic::new(&codes::MISSING_FILE, "`%c` stands before ClusterName is known")
                    .at(place)
                    .hint("move the ClusterName line above this one"),
            );
            return;
        }
        let resolved = resolve(self.folder, path, &cluster.unwrap_or_default());
        if self.stack.contains(&resolved) || self.stack.len() > DEPTH {
            self.found.push(
                Diagnostic::new(&codes::INCLUDE_CYCLE, format!("`{resolved}` includes itself"))
                    .at(place)
                    .hint("take this line out"),
            );
            return;
        }
        match files.get(&resolved) {
            None => self.found.push(
                Diagnostic::new(
                    &codes::MISSING_FILE,
                    format!("the included file `{resolved}` does not exist or cannot be read"),
                )
                .at(place)
                .why("every program waits up to 60 s for it, and then fails")
                .hint(format!("make it: touch {resolved}")),
            ),
            Some(text) => {
                if text.is_empty() {
                    self.found.push(
                        Diagnostic::new(&codes::EMPTY_INCLUDE, format!("the included file `{resolved}` is empty"))
                            .at(place)
                            .hint(format!("give it a comment: echo '# nothing yet' > {resolved}")),
                    );
                }
                self.stack.push(resolved.clone());
                self.file(&resolved, text);
                self.stack.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> BTreeMap<String, String> {
        texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn includes_are_followed_in_place() {
        let files = files(&[
            ("/e/slurm.conf", "ClusterName=Nord\nInclude a-%c.conf\nMaxJobCount=2\n"),
            ("/e/a-nord.conf", "MaxJobCount=1\nNodeName=n1\n"),
        ]);
        let (merged, found) = merge("/e/slurm.conf", &files);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(merged.settings()["maxjobcount"].value, "2", "the last one wins");
        assert_eq!(merged.lines("nodename").count(), 1);
    }

    #[test]
    fn missing_cyclic_and_wild_includes_are_found() {
        let files = files(&[
            ("/e/slurm.conf", "Include b.conf\nInclude c*.conf\nInclude slurm.conf\n Include d.conf\nInclude e.conf\n"),
            ("/e/e.conf", ""),
        ]);
        let (_, found) = merge("/e/slurm.conf", &files);
        let codes: Vec<&str> = found.0.iter().map(|one| one.code.name).collect();
        assert_eq!(codes, ["missing-file", "wildcard-include", "include-cycle", "indented-include", "empty-include"]);
    }
}
