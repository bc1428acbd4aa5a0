//! Ways out of a wrong command line.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::diagnostics::nearest;

/// Flags that lift a guard: never suggested to somebody who did not write them.
fn lifts_a_guard(flag: &str) -> bool {
    flag.starts_with("--allow-")
        || ["--yes", "--yes-reconfigure", "--adopt", "--take", "--recreate", "--prune"].contains(&flag)
}

/// Replaces the parser's tips on an unknown flag: it suggests by spelling alone, so `--yes` brought `--yes-reconfigure`.
pub(super) fn advise(error: &mut clap::Error, mut root: clap::Command, words: &[String]) {
    let Some(ContextValue::String(unknown)) =
        error.get(ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument)
    else {
        return;
    };
    let unknown = unknown.split(['=', ' ']).next().unwrap_or_default().to_owned();
    if !unknown.starts_with('-') {
        return;
    }
    // `-- --evn` would make a folder of it.
    error.remove(ContextKind::Suggested);
    root.build();
    let verb = words.iter().skip(1).find_map(|word| root.find_subcommand(word));
    // The parser's own has the flag in it that it would suggest.
    if let Some(verb) = verb {
        error.insert(ContextKind::Usage, ContextValue::StyledStr(verb.clone().render_usage()));
    }
    if matches!(error.get(ContextKind::SuggestedArg), Some(ContextValue::String(flag)) if lifts_a_guard(flag)) {
        error.remove(ContextKind::SuggestedArg);
    }
    let owners: Vec<String> = root
        .get_subcommands()
        .filter(|verb| flags(verb).contains(&unknown))
        .map(|verb| format!("`sitewright {}`", verb.get_name()))
        .collect();
    let tip = match verb.map(clap::Command::get_name) {
        Some("destroy") if unknown == "--yes" => {
            Some("destroy takes the factory's name for a yes: use `--confirm NAME`".to_owned())
        }
        _ if !owners.is_empty() => Some(format!("`{unknown}` belongs to {}", owners.join(" and "))),
        _ => None,
    };
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    } else if error.get(ContextKind::SuggestedArg).is_none()
        && let Some(verb) = verb
    {
        let known = flags(verb);
        let safe = known.iter().filter(|flag| !lifts_a_guard(flag)).map(|flag| flag.trim_start_matches('-'));
        if let Some(near) = nearest(unknown.trim_start_matches('-'), safe) {
            error.insert(ContextKind::SuggestedArg, ContextValue::String(format!("--{near}")));
        }
    }
}

/// Flags of a verb: `--env`, `--at`, ….
fn flags(verb: &clap::Command) -> Vec<String> {
    verb.get_arguments().filter_map(|argument| argument.get_long()).map(|name| format!("--{name}")).collect()
}
