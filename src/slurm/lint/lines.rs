//! Keys and lexical traps of every line.

use super::entries::{at_line, at_pair};
use crate::diagnostics::codes::slurm_files as codes;
use crate::diagnostics::codes::slurm_settings::{NO_VALUE, TWO_SETTINGS};
use crate::diagnostics::{Diagnostic, Diagnostics, nearest};
use crate::slurm::config::{Entry, Merged, Pair};
use crate::slurm::keys::{self, LineKind};
use crate::slurm::release::Release;

pub(super) fn check(merged: &Merged, gres: Option<&Merged>, release: Option<Release>, found: &mut Diagnostics) {
    for entry in &merged.entries {
        check_entry(entry, kind_of(entry), release, found);
    }
    for entry in gres.into_iter().flat_map(|gres| &gres.entries) {
        check_entry(entry, LineKind::Gres, release, found);
    }
}

pub(super) fn kind_of(entry: &Entry) -> LineKind {
    match entry.head().map(|(key, _)| key.to_ascii_lowercase()).as_deref() {
        Some("nodename") => LineKind::Node,
        Some("partitionname") => LineKind::Partition,
        Some("nodeset") => LineKind::NodeSet,
        Some("downnodes") => LineKind::DownNodes,
        _ => LineKind::Setting,
    }
}

fn check_entry(entry: &Entry, kind: LineKind, release: Option<Release>, found: &mut Diagnostics) {
    if let Some(rest) = &entry.rest {
        found.push(
            at_line(Diagnostic::new(&codes::STRAY_TEXT, format!("`{rest}` is no `key=value`")), entry)
                .hint("quote a value with blanks: `Reason=\"two words\"`"),
        );
    }
    if entry.cut_quote {
        found.push(
            at_line(Diagnostic::new(&codes::CUT_BY_COMMENT, "a `#` inside quotes cuts the value"), entry)
                .hint("write `\\#`"),
        );
    }
    // A cluster without a name is a finding of its own.
    let bare = |pair: &&Pair| pair.bare && !pair.key.eq_ignore_ascii_case("ClusterName");
    for pair in entry.pairs.iter().filter(bare) {
        found.push(
            at_pair(Diagnostic::new(&NO_VALUE, format!("`{}=` has no value", pair.key)), entry, pair)
                .hint(format!("write `{}=\"\"`, or take it out", pair.key)),
        );
    }
    for (index, pair) in entry.pairs.iter().enumerate() {
        let name_of_line = index == 0 && !matches!(kind, LineKind::Setting | LineKind::Gres);
        if name_of_line {
            continue;
        }
        let behind_setting =
            kind == LineKind::Setting && index > 0 && !entry.head().is_some_and(|(head, _)| keys::takes_keys(head));
        let known = match kind {
            // A line whose keyword takes keys of its own: FrontendName, PowerAction.
            LineKind::Setting if index > 0 && !behind_setting => true,
            LineKind::Gres if is_gres_head(&pair.key) => true,
            _ => keys::find(kind, &pair.key, release).is_some(),
        };
        if !known {
            found.push(unknown(entry, pair, kind, release));
        } else if behind_setting {
            let head = entry.head().map_or("", |(head, _)| head);
            let (message, hint) = if head.eq_ignore_ascii_case(&pair.key) {
                (format!("`{head}` stands twice on the line"), "take one of them out")
            } else {
                (format!("`{}` stands on the line of `{head}`", pair.key), "put it on a line of its own")
            };
            found.push(at_pair(Diagnostic::new(&TWO_SETTINGS, message), entry, pair).hint(hint));
        } else if entry.pairs.iter().take(index).any(|other| other.key.eq_ignore_ascii_case(&pair.key)) {
            found.push(
                at_pair(
                    Diagnostic::new(
                        &codes::REPEATED_SETTING,
                        format!("`{}` stands twice on the line; the last one wins", pair.key),
                    ),
                    entry,
                    pair,
                )
                .hint("take one of them out"),
            );
        }
        if kind == LineKind::Setting && looks_like_setting(&pair.value, release) {
            found.push(
                at_pair(
                    Diagnostic::new(
                        &codes::SWALLOWED_KEY,
                        format!("`{}` takes `{}` as its value", pair.key, pair.value),
                    ),
                    entry,
                    pair,
                )
                .hint(format!("write `{}=\"\"`, or put the next key on a line of its own", pair.key)),
            );
        }
    }
}

fn is_gres_head(key: &str) -> bool {
    ["nodename", "name", "autodetect"].contains(&key.to_ascii_lowercase().as_str())
}

fn looks_like_setting(value: &str, release: Option<Release>) -> bool {
    value.split_once('=').is_some_and(|(key, _)| keys::find(LineKind::Setting, key, release).is_some())
}

fn unknown(entry: &Entry, pair: &Pair, kind: LineKind, release: Option<Release>) -> Diagnostic {
    let of = match release {
        Some(release) => format!("Slurm {release} does not know the key `{}`", pair.key),
        None => format!("no supported release knows the key `{}`", pair.key),
    };
    let place = match kind {
        LineKind::Setting => String::new(),
        LineKind::Gres => " in gres.conf".to_owned(),
        other => format!(" on a {} line", keys::keyword(other)),
    };
    let elsewhere = [LineKind::Setting, LineKind::Node, LineKind::Partition]
        .into_iter()
        .find(|other| *other != kind && keys::find(*other, &pair.key, release).is_some());
    let hint = match (keys::releases_of(kind, &pair.key), elsewhere) {
        (Some(releases), _) => {
            format!("the key {} {releases}; take it out here", releases.exists())
        }
        (None, Some(LineKind::Setting)) => "it is a setting of its own: put it on its own line".to_owned(),
        (None, Some(other)) => format!("it belongs on a {} line", keys::keyword(other)),
        (None, None) => {
            let names: Vec<&str> = keys::known(kind, release).map(|(name, _)| name).collect();
            nearest(&pair.key, names).map_or_else(|| "take it out".to_owned(), |near| format!("did you mean `{near}`?"))
        }
    };
    at_pair(Diagnostic::new(&codes::UNKNOWN_KEY, format!("{of}{place}")), entry, pair).hint(hint)
}
