//! Names and texts: what every target takes, and our marker.

use crate::diagnostics::Complaint;
use crate::resource::hostlist::HostSet;

/// Longest name of a QOS, account or user.
const NAME_BYTES: usize = 40;
/// Longest free text (the database's columns hold 255 bytes safely on every release).
pub const TEXT_BYTES: usize = 200;

/// Names of QOS, accounts and users. Slurm folds them to lower case, expands `[…]` and splits at commas, so only
/// `[a-z0-9][a-z0-9_.-]{0,39}` is taken.
pub fn check_accounting_name(name: &str) -> Result<(), Complaint> {
    let folded: String = name
        .to_lowercase()
        .chars()
        .map(|letter| if legal(letter) && !letter.is_uppercase() { letter } else { '-' })
        .collect();
    let suggestion = folded.trim_matches(['-', '.', '_']).chars().take(NAME_BYTES).collect::<String>();
    let hint = if suggestion.is_empty() { "write e.g. `medix`".to_owned() } else { format!("write `{suggestion}`") };
    if name.is_empty() {
        return Err(Complaint::new("the name is empty".to_owned(), hint));
    }
    if name.len() > NAME_BYTES {
        return Err(Complaint::new(format!("the name has {} bytes, more than {NAME_BYTES}", name.len()), hint));
    }
    if let Some(letter) = name.chars().find(char::is_ascii_uppercase) {
        return Err(Complaint::new(format!("Slurm folds names to lower case, and `{name}` has a `{letter}`"), hint));
    }
    if let Some(letter) = name.chars().find(|letter| !legal(*letter)) {
        return Err(Complaint::new(
            format!("a name has lower-case letters, digits, `-`, `_` and `.`, not `{}`", letter.escape_debug()),
            hint,
        ));
    }
    if !name.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
        return Err(Complaint::new(format!("`{name}` does not begin with a letter or digit"), hint));
    }
    Ok(())
}

/// Names of partitions and node sets: case counts; `DEFAULT` and `ALL` have a meaning of their own (slurm.conf(5)).
pub fn check_configuration_name(name: &str) -> Result<(), Complaint> {
    let hint = "write e.g. `booster`";
    if name.is_empty() || name.len() > 60 {
        return Err(Complaint::new(format!("a name has 1 to 60 bytes, this one {}", name.len()), hint));
    }
    if is_keyword(name) {
        return Err(Complaint::new(format!("`{name}` has a meaning of its own in slurm.conf"), hint));
    }
    match name.chars().find(|letter| !legal(letter.to_ascii_lowercase())) {
        Some(letter) => Err(Complaint::new(
            format!("a name has letters, digits, `-`, `_` and `.`, not `{}`", letter.escape_debug()),
            hint,
        )),
        None if !name.starts_with(|letter: char| letter.is_ascii_alphanumeric()) => {
            Err(Complaint::new(format!("`{name}` does not begin with a letter or digit"), hint))
        }
        None => Ok(()),
    }
}

/// Words that slurm.conf(5) keeps for itself where a node, node set or partition is named, whatever their case.
fn is_keyword(name: &str) -> bool {
    ["default", "all"].iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// Names of nodes that a site defines: `NodeName=DEFAULT` would give its values to all nodes after it, and with
/// `NodeName=ALL` no daemon starts.
pub fn check_new_hosts(hosts: &HostSet) -> Result<(), Complaint> {
    match hosts.iter().find(|host| is_keyword(host)) {
        Some(host) => Err(Complaint::new(
            format!("no node can be named `{host}`: slurm.conf keeps the word for itself"),
            "name the hosts, e.g. `gpu[001-004]`",
        )),
        None => Ok(()),
    }
}

/// Names of nodes that exist: `ALL` stands for every one of them, and only by itself.
pub fn check_known_hosts(hosts: &HostSet) -> Result<(), Complaint> {
    let alone = hosts.len() == 1 && hosts.contains("ALL");
    match hosts.iter().find(|host| is_keyword(host)) {
        Some(host) if !alone && host.eq_ignore_ascii_case("all") => Err(Complaint::new(
            format!("`{host}` is the name of no node"),
            "for every node write `ALL`, and nothing beside it",
        )),
        Some(host) if !alone => Err(Complaint::new(format!("`{host}` is the name of no node"), "take it out")),
        _ => Ok(()),
    }
}

fn legal(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_' | '.')
}

/// Free text of accounting objects. Slurm turns quotes into back-ticks, and its text output has no escape for `|` and
/// line breaks, so those never arrive as written.
pub fn check_text(text: &str) -> Result<(), Complaint> {
    if text.len() > TEXT_BYTES {
        return Err(Complaint::new(format!("the text has {} bytes, more than {TEXT_BYTES}", text.len()), "shorten it"));
    }
    match text.chars().find(|letter| letter.is_control() || matches!(letter, '"' | '\'' | '`' | '|' | '\\' | '=' | ','))
    {
        Some(letter) => Err(Complaint::new(
            format!("Slurm cannot keep `{}` in a text", letter.escape_debug()),
            "write letters, digits, blanks and `. : ; - _ / ( ) + @ #`",
        )),
        None if text.chars().any(|letter| !western(letter)) => {
            let letter = text.chars().find(|letter| !western(*letter)).unwrap_or_default();
            Err(Complaint::new(
                format!("`{letter}` is lost on a database that keeps latin1, as many do"),
                "write it with letters of Western European languages",
            ))
        }
        None if text.split_whitespace().any(|word| word.to_lowercase().starts_with(PREFIX)) => {
            Err(Complaint::new(format!("`{PREFIX}…` is the mark of ownership"), "leave the word out"))
        }
        None => Ok(()),
    }
}

/// Whether MariaDB's `latin1`, which is Windows-1252, has the letter. It was MariaDB's default until 11.6, and turns what
/// it lacks into `?` without a word.
fn western(letter: char) -> bool {
    matches!(letter, ' '..='~' | '\u{a0}'..='ÿ') || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(letter)
}

const PREFIX: &str = "sitewright-";

/// The word that says whose an object is; `+` says that no plan may delete it.
pub fn marker(factory: &str, protect: bool) -> String {
    format!("{PREFIX}{factory}{}", if protect { "+" } else { "" })
}

/// Text and marker, as written.
pub fn with_marker(text: &str, factory: &str, protect: bool) -> String {
    let marker = marker(factory, protect);
    if text.is_empty() { marker } else { format!("{text} {marker}") }
}

/// Text, factory and protection of what was read.
pub fn split_marker(text: &str) -> (&str, Option<(&str, bool)>) {
    let trimmed = text.trim_end();
    let (rest, last) = trimmed.rsplit_once(' ').unwrap_or(("", trimmed));
    match last.strip_prefix(PREFIX) {
        Some(factory) if !factory.is_empty() => {
            let protect = factory.ends_with('+');
            (rest.trim_end(), Some((factory.trim_end_matches('+'), protect)))
        }
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["medix", "p-1.a_b", "0day"] {
            check_accounting_name(good).unwrap();
        }
        for bad in ["", "Medix", "a b", "a,b", "n[1-3]", "-x", "ä", "a|b", "$(x)", "a\nb", &"x".repeat(41)] {
            assert!(check_accounting_name(bad).is_err(), "{bad}");
        }
        assert_eq!(check_accounting_name("Fast Lane").unwrap_err().hint, "write `fast-lane`");
        check_configuration_name("Booster").unwrap();
        assert!(check_configuration_name("DEFAULT").is_err());
    }

    #[test]
    fn keywords_are_no_nodes() {
        let hosts = |text: &str| HostSet::parse(text).unwrap();
        for bad in ["DEFAULT", "gpu[1-3],default", "ALL", "All,gpu1"] {
            assert!(check_new_hosts(&hosts(bad)).is_err(), "{bad}");
        }
        check_new_hosts(&hosts("default1,all[1-2],gpu1")).unwrap();
        for bad in ["DEFAULT", "ALL,gpu1", "all", "gpu1,default"] {
            assert!(check_known_hosts(&hosts(bad)).is_err(), "{bad}");
        }
        check_known_hosts(&hosts("ALL")).unwrap();
        check_known_hosts(&hosts("gpu[1-3],fat")).unwrap();
    }

    #[test]
    fn markers_come_last() {
        assert_eq!(with_marker("two words", "nordlys", false), "two words sitewright-nordlys");
        assert_eq!(split_marker("two words sitewright-nordlys+"), ("two words", Some(("nordlys", true))));
        assert_eq!(split_marker("sitewright-nordlys"), ("", Some(("nordlys", false))));
        assert_eq!(split_marker("by hand"), ("by hand", None));
        assert!(check_text("see sitewright-x").is_err());
        assert!(check_text("plain, text").is_err());
        assert!(check_text("Łódź").is_err());
        check_text("Æther für 5 GPUs (test)").unwrap();
    }
}
