//! Proof that a reading is whole.

use std::collections::BTreeSet;

use super::complaints::incomplete;
use super::parts::Rows;
use crate::diagnostics::Diagnostic;
use crate::diagnostics::codes::reading as codes;

/// PrivateData words of slurm.conf and slurmdbd.conf, as `sacctmgr show configuration` prints both to anybody.
pub(super) fn private_words(configuration: &str) -> Result<BTreeSet<String>, Diagnostic> {
    let lines: Vec<&str> = configuration
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(key, _)| key.trim() == "PrivateData")
        .map(|(_, value)| value.trim())
        .collect();
    if lines.len() < 2 {
        return Err(incomplete(
            "sacctmgr show configuration",
            "it does not print PrivateData of both slurm.conf and slurmdbd.conf",
        ));
    }
    Ok(lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|word| word.trim().to_lowercase())
        .filter(|word| !word.is_empty() && word != "none" && word != "(null)")
        .collect())
}

/// The error for a reader who sees only part of the cluster.
pub(super) fn filtered(target: &str, caller: &str, level: &str, words: &BTreeSet<String>) -> Diagnostic {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    Diagnostic::of_run(
        &codes::READING_FILTERED,
        format!("`{target}`: PrivateData hides {} from `{caller}`, who has AdminLevel {level}", words.join(", ")),
    )
    .why("what is hidden would look as if it did not exist: objects would be created again, and jobs not be seen")
    .hint(format!("sacctmgr -i modify user {caller} set adminlevel=Operator"))
}

/// The cluster's root must be in the reading, and every account and user named in it must be there too.
pub(super) fn whole(rows: &Rows, cluster: &str) -> Result<(), Diagnostic> {
    let root = rows.associations.iter().any(|row| {
        row.get("account") == "root" && row.get("user").is_empty() && row.get("cluster").eq_ignore_ascii_case(cluster)
    });
    if !root {
        return Err(incomplete("sacctmgr show assoc", "the cluster's root association is not in it"));
    }
    if !rows.qos.iter().any(|row| !row.get("name").is_empty()) {
        return Err(incomplete("sacctmgr show qos", "there is not a single QOS in it"));
    }
    let known: BTreeSet<&str> = rows.qos.iter().map(|row| row.get("name")).collect();
    for row in &rows.associations {
        let listed =
            row.get("qos").split(',').chain([row.get("defaultqos")]).map(|name| name.trim_start_matches(['+', '-']));
        if let Some(name) = listed.filter(|name| !name.is_empty()).find(|name| !known.contains(name)) {
            return Err(incomplete(
                "sacctmgr show qos",
                &format!("the QOS `{name}` is missing, and an association names it"),
            ));
        }
    }
    let accounts: BTreeSet<&str> = rows.accounts.iter().map(|row| row.get("account")).collect();
    let users: BTreeSet<&str> = rows.users.iter().map(|row| row.get("user")).collect();
    for row in &rows.associations {
        let (account, user) = (row.get("account"), row.get("user"));
        if !accounts.contains(account) {
            return Err(incomplete(
                "sacctmgr show account",
                &format!("the account `{account}` is missing, and has an association"),
            ));
        }
        if !user.is_empty() && !users.contains(user) {
            return Err(incomplete(
                "sacctmgr show user",
                &format!("the user `{user}` is missing, and has an association"),
            ));
        }
    }
    let named: BTreeSet<&str> = rows.associations.iter().map(|row| row.get("account")).collect();
    for row in rows.associations.iter().filter(|row| row.get("user").is_empty()) {
        let parent = row.get("parentname");
        if !parent.is_empty() && !named.contains(parent) {
            return Err(incomplete("sacctmgr show assoc", &format!("the parent account `{parent}` is missing")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_words_count() {
        let text = "Configuration data as of x\nPrivateData            = none\nSlurmDBD configuration:\nPrivateData            = users,jobs\n";
        assert_eq!(private_words(text).unwrap(), BTreeSet::from(["jobs".to_owned(), "users".to_owned()]));
        assert!(private_words("PrivateData = none\n").is_err(), "half an answer proves nothing");
        assert!(private_words("").is_err());
    }

    #[test]
    fn the_error_names_word_and_level() {
        let found = filtered("compute", "anna", "None", &BTreeSet::from(["jobs".to_owned()]));
        assert_eq!(found.message, "`compute`: PrivateData hides `jobs` from `anna`, who has AdminLevel None");
    }
}
