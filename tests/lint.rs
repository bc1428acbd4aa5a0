//! Every code of the linter has examples: Slurm files that yield it, and the same put right.
//!
//! `tests/lint/<code>/{failing,passing}…/slurm.conf`, with `gres.conf`, includes, and `release` where they matter. A
//! failing example has a comment `# Wrong: …` above the line that is found; where something is missing from the whole
//! there is none, and the finding is at the first line. Nothing else is ever found.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]
#![expect(unreachable_pub, reason = "a test program has no outside")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fake::{Fake, Ran, tool};
use serde_json::{Value, json};
use sitewright::diagnostics::{Code, Severity, codes::slurm_files};

mod fake;

/// Codes about names in the accounting database: their examples are a cluster's files.
const OF_CLUSTERS: [&Code; 3] =
    [&slurm_files::UNKNOWN_QOS, &slurm_files::UNKNOWN_ALLOWED_QOS, &slurm_files::UNKNOWN_ACCOUNT];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Examples of one side: `failing`, `failing-in-gres-conf`.
fn examples(code: &Code, side: &str) -> Vec<PathBuf> {
    let folder = folder().join(code.name);
    let examples: Vec<PathBuf> = names(&folder)
        .iter()
        .filter(|name| name.as_str() == side || name.starts_with(&format!("{side}-")))
        .map(|name| folder.join(name))
        .collect();
    assert!(!examples.is_empty(), "{} has no {side} example", code.name);
    examples
}

/// Runs `doctor` over an example; returns that and the folder under which it names the files.
fn doctor(code: &Code, example: &Path, words: &[&str]) -> (Ran, String) {
    if OF_CLUSTERS.contains(&code) {
        let fake = Fake::new();
        for name in names(example) {
            fake.write(&format!("etc/{name}"), &std::fs::read_to_string(example.join(&name)).unwrap());
        }
        let all = [&["doctor", "--env", "cluster"], words].concat();
        return (fake.tool(&all), fake.path("etc").display().to_string());
    }
    let file = example.join("slurm.conf").display().to_string();
    let release = std::fs::read_to_string(example.join("release")).unwrap_or_default();
    let mut all = vec!["doctor", "--slurm-conf", &file];
    if !release.is_empty() {
        all.extend(["--release", release.trim()]);
    }
    all.extend(words);
    (tool(example, &all), example.display().to_string())
}

/// File and line that an example marks.
fn marked(example: &Path) -> (String, usize) {
    let mut marks = Vec::new();
    for name in names(example) {
        let path = example.join(&name);
        if path.is_file() {
            let text = std::fs::read_to_string(path).unwrap();
            let lines = text.lines().enumerate().filter(|(_, line)| line.starts_with("# Wrong: "));
            marks.extend(lines.map(|(index, _)| (name.clone(), index + 2)));
        }
    }
    assert!(marks.len() < 2, "{} has several marks", example.display());
    marks.pop().unwrap_or_else(|| ("slurm.conf".to_owned(), 1))
}

#[test]
fn failing_examples_yield_their_code_alone_at_its_line() {
    let mut wrong = Vec::new();
    for code in slurm_files::ALL {
        let exit = i32::from(code.severity == Severity::Error);
        for example in examples(code, "failing") {
            let (file, line) = marked(&example);
            let (ran, root) = doctor(code, &example, &["--format", "json"]);
            let found: Value = serde_json::from_str(&ran.out)
                .unwrap_or_else(|error| panic!("{}: {error}: {}", example.display(), ran.all()));
            let found: Vec<Value> = found["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| {
                    json!([
                        one["code"],
                        one["severity"],
                        one["place"]["file"],
                        one["place"]["line"],
                        one["hint"].is_string()
                    ])
                })
                .collect();
            let wanted = [json!([code.name, code.severity.word(), format!("{root}/{file}"), line, true])];
            if found != wanted || ran.code != exit {
                wrong.push(format!("{}: exit {}, {found:?}", example.display(), ran.code));
            }
            let (ran, root) = doctor(code, &example, &[]);
            let head = format!("{}[{}]: ", code.severity.word(), code.name);
            if !ran.out.contains(&head) || !ran.out.contains(&format!("{root}/{file}:{line}:")) || ran.code != exit {
                wrong.push(format!("{}: exit {}\n{}", example.display(), ran.code, ran.all()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn passing_examples_yield_nothing() {
    for code in slurm_files::ALL {
        for example in examples(code, "passing") {
            let (ran, _) = doctor(code, &example, &[]);
            assert!(ran.code == 0 && ran.out.contains("No findings in "), "{}: {}", example.display(), ran.all());
        }
    }
}

#[test]
fn every_folder_is_a_code() {
    let known: BTreeSet<String> = slurm_files::ALL.iter().map(|code| code.name.to_owned()).collect();
    assert_eq!(names(&folder()), known);
}

#[test]
fn a_slurm_conf_that_is_not_there_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let ran = tool(folder.path(), &["doctor", "--slurm-conf", "slurm.conf"]).expect(1);
    let file = folder.path().join("slurm.conf").display().to_string();
    assert!(ran.out.contains("error[missing-file]: ") && ran.out.contains(&file), "{}", ran.out);
}
