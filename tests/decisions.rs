//! Nothing decides by text that is made for people: no comparing, no searching, no cutting of messages, hints and titles.
//!
//! What programs outside say is another matter: Slurm's clients and Kubernetes' servers tell many things in words alone.
//! Such places are listed, each with its reason.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Methods that search a text or cut it.
const SEARCHES: [&str; 15] = [
    "contains",
    "eq_ignore_ascii_case",
    "ends_with",
    "find",
    "replace",
    "replacen",
    "rfind",
    "rsplit",
    "rsplit_once",
    "split",
    "split_once",
    "starts_with",
    "strip_prefix",
    "strip_suffix",
    "trim_end_matches",
];

/// Fields and methods that hold text for people.
const FOR_PEOPLE: [&str; 11] = [
    "after_text",
    "before_text",
    "explanation",
    "hint",
    "label",
    "message",
    "reason",
    "said",
    "summary",
    "title",
    "why",
];

/// Files, or folders, in which words are searched for, and whose words they are.
const OUTSIDE: [(&str, &str); 18] = [
    ("apply/kubernetes/send.rs", "a server tells a port that is taken from a port that is wrong in words alone"),
    ("apply/slurm/configure.rs", "Slurm's clients have one exit code for all failures; lines of a log"),
    ("cli/init.rs", "the name of the factory in example files"),
    ("cli/saved.rs", "the ending of a file's name"),
    ("cli/slurm/file.rs", "keys of slurm.conf"),
    ("live/kubernetes/classify.rs", "a server's Status has one reason for many causes"),
    ("live/kubernetes/client.rs", "errors of the client library, which have no kinds; headers"),
    ("live/kubernetes/failure.rs", "what a server says, cut behind the mark of its webhook, and values hidden in it"),
    ("live/masking.rs", "the mark that stands for a secret in a file"),
    ("live/slurm/", "what Slurm's programs print; values of settings"),
    ("live/transport/", "what tar prints"),
    ("manifest/folder.rs", "the ending of a file's name"),
    ("manifest/schema.rs", "formats of numbers in schemas"),
    ("model/kubernetes/parse.rs", "names that Kubernetes keeps for itself"),
    ("plan/slurm/notes.rs", "the value of a setting"),
    ("slurm/config/", "keywords of slurm.conf"),
    ("slurm/lint/", "values of settings"),
    ("slurm/", "words of Slurm's own texts"),
];

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, all) } else { all.push(path) }
    }
}

/// Code of each file without comments and tests, on one line a statement or so.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut sources: Vec<(String, String)> = all
        .into_iter()
        .filter(|path| !path.display().to_string().ends_with("_tests.rs"))
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().display().to_string();
            (name, code(&std::fs::read_to_string(&path).unwrap()))
        })
        .collect();
    sources.sort();
    sources
}

fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n").replace("\n.", ".").replace("(\n", "(")
}

/// The text literal at the begin of some code.
fn literal(code: &str) -> Option<&str> {
    let rest = code.trim_start_matches('&').strip_prefix('"')?;
    let mut escaped = false;
    for (at, letter) in rest.char_indices() {
        match letter {
            '"' if !escaped => return Some(&rest[..at]),
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

/// Whether a literal holds words, and not only signs or the name of a field.
fn has_words(literal: &str) -> bool {
    let runs = literal.split(|letter: char| !letter.is_ascii_alphabetic());
    let words = runs.filter(|run| run.len() > 2).count() > 0;
    let one = literal.len() > 3 && literal.chars().all(|letter| letter.is_ascii_lowercase());
    words && (one || literal.contains([' ', ':', '`']))
}

fn is_outside(file: &str) -> Option<&'static str> {
    OUTSIDE.iter().map(|(name, _)| *name).find(|name| file == *name || name.ends_with('/') && file.starts_with(name))
}

/// Places of a file that search or cut text for words, or compare with words.
fn searches(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for method in SEARCHES {
        for (at, start) in code.match_indices(&format!(".{method}(")) {
            let argument = literal(&code[at + start.len()..]).filter(|argument| has_words(argument));
            found.extend(argument.map(|argument| format!(".{method}(\"{argument}\")")));
        }
    }
    for (at, start) in code.match_indices("= \"") {
        let compares = code[..at].ends_with(['=', '!']);
        let words = literal(&code[at + start.len() - 1..]).filter(|words| compares && words.contains(' '));
        found.extend(words.filter(|words| has_words(words)).map(|words| format!("== \"{words}\"")));
    }
    found
}

/// Places of a file that search, cut or compare a field which holds text for people.
fn decisions(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for field in FOR_PEOPLE {
        for (at, start) in code.match_indices(&format!(".{field}")) {
            let mut rest = code[at + start.len()..].trim_start_matches("()");
            for form in [".as_str()", ".as_deref()", ".to_lowercase()"] {
                rest = rest.strip_prefix(form).unwrap_or(rest);
            }
            let searched = SEARCHES.iter().any(|method| rest.starts_with(&format!(".{method}(")));
            let compared = rest.starts_with(" == ") || rest.starts_with(" != ");
            if searched || compared {
                let line = rest.lines().next().unwrap();
                found.push(format!(".{field}{}", &line[..line.len().min(40)]));
            }
        }
    }
    found
}

#[test]
fn nothing_decides_by_words() {
    let mut wrong = Vec::new();
    let mut used = BTreeSet::new();
    for (file, code) in sources() {
        let found: Vec<String> = searches(&code).into_iter().chain(decisions(&code)).collect();
        match is_outside(&file) {
            Some(name) if !found.is_empty() => {
                used.insert(name);
            }
            Some(_) => {}
            None => wrong.extend(found.iter().map(|one| format!("src/{file}: {one}"))),
        }
    }
    let idle = OUTSIDE.iter().filter(|(name, _)| !used.contains(name));
    wrong.extend(idle.map(|(name, why)| format!("{name} searches for no words ({why})")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What `{:?}` prints is for whoever debugs: no key and no text of ours is made of it.
#[test]
fn no_key_is_made_of_debug_text() {
    /// Paths of objects have names in quotes, as JSON does; the kind of a schema's error is named as its type is.
    const QUOTING: [&str; 2] = ["desired/kubernetes/service/", "manifest/shape.rs"];
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        let printed = code.lines().filter(|line| line.contains(":?}") && !line.contains("panic!"));
        if !QUOTING.iter().any(|name| file.starts_with(name)) {
            wrong.extend(printed.map(|line| format!("src/{file}: {line}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The patterns that were found in the source, each of which the scan has to see.
#[test]
fn the_scan_sees_what_there_was() {
    for bad in [
        "plan.warnings.iter().any(|line| line.starts_with(\"left:\"))",
        "job.effect == \"blocks the removal\"",
        "match what.strip_prefix(\"was \") {",
        "why.contains(\"timed out\")",
        "text.split_once(\" using \")",
        "count(1, \"process\").replace(\"processs\", \"processes\")",
        "releases.starts_with(\"since\")",
    ] {
        assert!(!searches(bad).is_empty(), "{bad}");
    }
    for bad in ["failure.message == failure.title()", "change\n.message\n.contains('`')", "one.title().starts_with(x)"]
    {
        assert!(!decisions(&code(bad)).is_empty(), "{bad}");
    }
    for good in
        ["path.starts_with(\".spec.template.\")", "name.split_once('/')", "kind == \"qos\"", "key == \"GrpWall\""]
    {
        assert!(searches(good).is_empty() && decisions(good).is_empty(), "{good}");
    }
}
