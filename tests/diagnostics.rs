//! Every code of manifests and of rules has cases: sites that yield it, and the same put right.
//!
//! `tests/diagnostics/<code>/{failing,passing}/`: each entry is a case, a manifest file or a folder with a site. A file
//! called `sitewright.yaml` is read as settings, in a folder beside its manifests.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sitewright::diagnostics::codes;
use sitewright::diagnostics::{Code, Diagnostic};
use sitewright::manifest::{self, Schemas, Sources};
use sitewright::{model, rules};

/// Codes that only a command can raise.
const OF_COMMANDS: &[&str] = &["unknown-environment"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn findings(path: &Path, schemas: &Schemas) -> (Sources, Vec<Diagnostic>) {
    let mut loaded = manifest::Loaded::default();
    if path.file_name().is_some_and(|name| name == "sitewright.yaml") {
        let settings = manifest::load_settings(path, schemas, &mut loaded.sources, &mut loaded.diagnostics);
        loaded.diagnostics.extend(model::check_settings(&settings));
    } else {
        loaded = manifest::load(path, schemas);
        let (site, found) = model::resolve(&loaded);
        loaded.diagnostics.extend(found);
        loaded.diagnostics.extend(rules::check(&site));
        if path.is_dir() {
            let settings = manifest::load_settings(path, schemas, &mut loaded.sources, &mut loaded.diagnostics);
            loaded.diagnostics.extend(model::check_targets(&settings, &site));
        }
    }
    (loaded.sources, loaded.diagnostics.0)
}

fn cases(code: &Code, side: &str) -> Vec<PathBuf> {
    let folder = folder().join(code.name).join(side);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "{} is empty", folder.display());
    cases
}

/// Codes of manifests and of rules, each once.
fn ours() -> Vec<&'static Code> {
    let of_manifests = codes::manifest::ALL.iter().chain(codes::services::ALL).copied();
    let mut all: Vec<&Code> = of_manifests.chain(rules::codes::of_rules()).collect();
    all.retain(|code| !OF_COMMANDS.contains(&code.name));
    all.sort_by_key(|code| code.name);
    all.dedup();
    all
}

/// Files of rules, with the name of each code that a file is named after.
fn files_of_rules() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            files.extend(std::fs::read_dir(entry).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push(entry);
        }
    }
    let name = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().replace('_', "-");
    files.into_iter().map(|path| (path.clone(), name(&path))).collect()
}

/// A rule, its code, its page and its examples are found by one name.
#[test]
fn every_rule_is_a_file_named_after_its_code() {
    let mut wrong = Vec::new();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/diagnostics.md"));
    let page = page.unwrap();
    let files = files_of_rules();
    for code in rules::codes::of_rules() {
        let named: Vec<String> = files
            .iter()
            .filter(|(_, name)| name == code.name)
            .map(|(path, _)| std::fs::read_to_string(path).unwrap())
            .collect();
        let declared = named.iter().filter(|text| text.contains(&format!("    name: \"{}\",\n", code.name))).count();
        let is_shared = codes::of_no_rule().any(|other| other == code);
        if declared + usize::from(is_shared) != 1 || !named.iter().any(|text| text.contains("const RULE: Rule")) {
            wrong.push(format!("{}: {} files, of which {declared} declare it", code.name, named.len()));
        }
        if !page.contains(&format!("\n## {}\n", code.name)) {
            wrong.push(format!("{}: no page", code.name));
        }
        for side in ["failing", "passing"] {
            if cases(code, side).is_empty() {
                wrong.push(format!("{}: no {side} example", code.name));
            }
        }
    }
    for (path, name) in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let own = rules::codes::of_rules().iter().any(|code| code.name == name);
        let has_rule = text.contains("const RULE: Rule") || text.contains("const CODE: Code");
        if has_rule != own {
            wrong.push(format!("{}: a rule and a file named after a code are one", path.display()));
        }
        // A check raises its own code only.
        let raised = text.matches("Diagnostic::new(").count();
        let own_code = text.split("Diagnostic::new(").skip(1).filter(|part| part.trim_start().starts_with("&CODE,"));
        if own && own_code.count() != raised {
            wrong.push(format!("{}: raises another code", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn failing_cases_yield_their_code_and_passing_cases_do_not() {
    let schemas = Schemas::new().unwrap();
    let mut wrong = Vec::new();
    for code in ours() {
        for case in cases(code, "failing") {
            let (sources, found) = findings(&case, &schemas);
            let Some(finding) = found.iter().find(|finding| finding.code == code) else {
                let names: Vec<&str> = found.iter().map(|finding| finding.code.name).collect();
                wrong.push(format!("{} yields {names:?}", case.display()));
                continue;
            };
            if finding.hint.is_none() {
                wrong.push(format!("{}: no hint", case.display()));
            }
            match &finding.place {
                None => wrong.push(format!("{}: no place", case.display())),
                Some(place) if sources.locate(place).is_none() => {
                    wrong.push(format!("{}: {place:?} is nowhere", case.display()));
                }
                Some(_) => {}
            }
        }
        for case in cases(code, "passing") {
            let (_, found) = findings(&case, &schemas);
            for finding in found.iter().filter(|finding| finding.code == code) {
                wrong.push(format!("{} yields it: {}", case.display(), finding.message));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rooms that read what the user wrote report nothing without a place; `Diagnostic::new` makes sure of the rest.
#[test]
fn findings_about_files_have_a_place() {
    let mut wrong = Vec::new();
    let mut folders: Vec<PathBuf> = ["manifest", "model", "rules", "slurm", "kubernetes", "desired"]
        .iter()
        .map(|room| Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room))
        .collect();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if std::fs::read_to_string(&path).unwrap().contains("Diagnostic::of_run(") {
                wrong.push(path.display().to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_folder_is_a_code() {
    let known: BTreeSet<String> = ours().iter().map(|code| code.name.to_owned()).collect();
    let folders: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, known);
}

#[test]
fn codes_are_unique_and_have_their_page() {
    let mut names = BTreeSet::new();
    for code in rules::codes::all() {
        assert!(names.insert(code.name), "{} stands twice", code.name);
        assert!(
            code.name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'),
            "{}",
            code.name
        );
        for text in [code.summary, code.explanation, code.failing, code.passing] {
            assert!(!text.trim().is_empty(), "{} has an empty page", code.name);
        }
        assert!(!code.summary.ends_with('.'), "{}: the summary ends with a full stop", code.name);
        assert_ne!(code.failing, code.passing, "{}", code.name);
    }
}
