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

fn ours() -> impl Iterator<Item = &'static Code> {
    let all = codes::manifest::ALL.iter().chain(codes::rules::ALL).chain(codes::kubernetes_site::ALL).copied();
    all.filter(|code| !OF_COMMANDS.contains(&code.name))
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
                    wrong.push(format!("{}: {place:?} is nowhere", case.display()))
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

#[test]
fn every_folder_is_a_code() {
    let known: BTreeSet<String> = ours().map(|code| code.name.to_owned()).collect();
    let folders: BTreeSet<String> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(folders, known);
}

#[test]
fn codes_are_unique_and_have_their_page() {
    let mut names = BTreeSet::new();
    for code in codes::all() {
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
