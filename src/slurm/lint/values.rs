//! What settings and fields say: retired settings, plugins, closed sets of words.

use std::collections::BTreeMap;

use super::entries::{at_pair, of_release};
use super::lines::kind_of;
use crate::diagnostics::codes::{slurm_files, slurm_settings as codes};
use crate::diagnostics::{Diagnostic, Diagnostics, nearest};
use crate::slurm::config::{Entry, Merged, Pair, Setting};
use crate::slurm::keys::{self, LineKind};
use crate::slurm::plugins::{Named, Plugins};
use crate::slurm::release::Release;
use crate::slurm::retired::{Fate, Retired};
use crate::slurm::words::Words;

/// Most words that a hint names.
const NAMED: usize = 12;

pub(super) fn check(merged: &Merged, release: Option<Release>, found: &mut Diagnostics) {
    let settings = merged.settings();
    for entry in &merged.entries {
        match kind_of(entry) {
            LineKind::Setting => {
                let Some(pair) = entry.pairs.first() else { continue };
                // An unknown key is a finding of its own.
                if keys::find(LineKind::Setting, &pair.key, release).is_some()
                    && !retired(entry, pair, &settings, release, found)
                {
                    plugins(entry, pair, release, found);
                    words(LineKind::Setting, entry, pair, release, found);
                }
            }
            kind => {
                for pair in entry.pairs.iter().skip(1) {
                    words(kind, entry, pair, release, found);
                }
            }
        }
    }
}

/// Reports a retired setting; whether its value does not matter any more.
fn retired(
    entry: &Entry,
    pair: &Pair,
    settings: &BTreeMap<String, Setting>,
    release: Option<Release>,
    found: &mut Diagnostics,
) -> bool {
    let key = &pair.key;
    let Some((row, fate)) = Retired::of(key, release).and_then(|row| Some((row, row.fate(&pair.value)?))) else {
        return false;
    };
    let given = |other: &str| settings.contains_key(&other.to_ascii_lowercase());
    let (code, message, hint) = match fate {
        Fate::Fatal => (
            &codes::REMOVED_SETTING,
            format!("`{key}` was removed, and slurmctld does not start with it"),
            instead(row.instead(&pair.value)),
        ),
        Fate::Ignored => (
            &codes::IGNORED_SETTING,
            format!("`{key}` has no effect{}", of_release(release)),
            instead(row.instead(&pair.value)),
        ),
        Fate::Overruled(other) | Fate::Renamed(other) if given(other) => {
            (&codes::IGNORED_SETTING, format!("`{key}` has no effect beside `{other}`"), "take it out".to_owned())
        }
        Fate::Overruled(_) => return false,
        Fate::Renamed(new) => {
            let value = pair.value.replace("crypto/", "cred/").replace("job_container/", "namespace/");
            let message = format!("`{key}` is the old name of `{}`", new.split('=').next_back().unwrap_or(new));
            (&codes::RENAMED_SETTING, message, format!("write `{new}={value}`"))
        }
    };
    found.push(at_pair(Diagnostic::new(code, message), entry, pair).hint(hint));
    !std::ptr::eq(code, &codes::RENAMED_SETTING)
}

fn instead(what: &str) -> String {
    if what.is_empty() { "take it out".to_owned() } else { format!("take it out, or write `{what}` instead") }
}

fn plugins(entry: &Entry, pair: &Pair, release: Option<Release>, found: &mut Diagnostics) {
    let Some(plugins) = Plugins::of(&pair.key) else { return };
    // The database's own plugin is refused in slurm.conf, by every program (`_validate_and_set_defaults`).
    if plugins.key == "AccountingStorageType" && pair.value.to_ascii_lowercase().contains("mysql") {
        found.push(
            at_pair(
                Diagnostic::new(&slurm_files::BAD_SETTING, format!("`{}` is for slurmdbd alone", pair.value)),
                entry,
                pair,
            )
            .hint("write `AccountingStorageType=accounting_storage/slurmdbd`"),
        );
        return;
    }
    let own = plugins.full_names(release);
    let list = || format!("Slurm's own are {}", quoted(own.iter().map(String::as_str)));
    for name in plugins.split(&pair.value) {
        let stops = format!("{} does not start without the plugin", plugins.daemon);
        let (code, message, why, hint) = match plugins.judge(name, release) {
            Named::Known => continue,
            Named::Elsewhere(releases) => {
                let code =
                    if plugins.is_fatal(release) { &codes::PLUGIN_NOT_IN_RELEASE } else { &codes::UNKNOWN_PLUGIN };
                let message = match release {
                    Some(release) => format!("Slurm {release} has no `{name}`"),
                    None => format!("no supported release has `{name}`"),
                };
                let verb = releases.exists();
                let hint = match nearest(name, own.iter().map(String::as_str)) {
                    Some(near) => format!("it {verb} only {releases}; write `{near}`"),
                    None => format!("it {verb} only {releases}; {}", list()),
                };
                (code, message, stops, hint)
            }
            Named::Misspelt(meant) => {
                let code = if plugins.is_fatal(release) { &codes::MISSPELT_PLUGIN } else { &codes::UNKNOWN_PLUGIN };
                (code, format!("`{name}` is no plugin for {}", plugins.key), stops, format!("did you mean `{meant}`?"))
            }
            Named::Strange => {
                let why = format!("where PluginDir has no plugin of that name, {} does not start", plugins.daemon);
                (
                    &codes::UNKNOWN_PLUGIN,
                    format!("`{name}` is none of Slurm's own plugins for {}", plugins.key),
                    why,
                    list(),
                )
            }
        };
        found.push(at_pair(Diagnostic::new(code, message), entry, pair).why(why).hint(hint));
    }
}

fn words(kind: LineKind, entry: &Entry, pair: &Pair, release: Option<Release>, found: &mut Diagnostics) {
    let Some(words) = Words::of(kind, &pair.key) else { return };
    let code = match (words.refuses(release), kind) {
        (false, _) => &codes::IGNORED_WORD,
        (true, LineKind::Setting) => &slurm_files::BAD_SETTING,
        (true, _) => &slurm_files::BAD_VALUE,
    };
    for word in words.split(&pair.value).into_iter().filter(|word| !words.knows(word, release)) {
        let message = match release {
            Some(release) => format!("Slurm {release} does not know `{word}` for {}", pair.key),
            None => format!("no supported release knows `{word}` for {}", pair.key),
        };
        let names: Vec<&str> = words.names(release).collect();
        let hint = match (words.releases_of(word), nearest(word.trim(), names.iter().copied())) {
            (Some(releases), _) => {
                format!("the word {} only {releases}; take it out here", releases.exists())
            }
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) if names.len() > NAMED => {
                format!("take it out; slurm.conf(5) names the words of {}", pair.key)
            }
            (None, None) => format!("write one of {}", quoted(names.into_iter())),
        };
        found.push(at_pair(Diagnostic::new(code, message), entry, pair).hint(hint));
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
