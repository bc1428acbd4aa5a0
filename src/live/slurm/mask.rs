//! Secrets in what a reading of a Slurm cluster keeps: passwords of databases in its files and settings, and in free texts.

use serde_json::Value;

use super::facts::SlurmFacts;
use crate::live::{LiveBody, Masking};
use crate::resource::Address;
use crate::resource::secrecy::{looks_secret, password_in};

/// Ends of keys that hold a secret: `StoragePass`, `AccountingStoragePass`, `JobCompPass`.
const ENDS: [&str; 5] = ["pass", "password", "passwd", "secret", "token"];

/// Visits the secrets of a body: fields that are called as secrets are, and URLs with a password in free texts.
pub(crate) fn secrets(body: &mut Value, hide: &mut dyn FnMut(&mut String)) {
    for (key, value) in body.as_object_mut().into_iter().flatten() {
        if let Value::String(text) = value
            && is_secret(key, text)
        {
            hide(text);
        }
    }
}

fn is_secret(key: &str, value: &str) -> bool {
    let key = key.to_lowercase();
    let named =
        ENDS.iter().any(|end| key.ends_with(end)) && !["", "(null)"].contains(&value) && !value.starts_with('/');
    named || looks_secret(&key, value) || password_in(value).is_some()
}

/// A configuration file with marks in place of secrets, in comments too.
fn masked(text: &str, masking: &mut Masking) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let mut rest = line;
        while let Some(start) = rest.find(|letter: char| !letter.is_whitespace()) {
            let (blank, word) = rest.split_at(start);
            out.push_str(blank);
            let (word, after) = split_word(word);
            match word.split_once('=') {
                Some((key, value)) if is_secret(key.trim_start_matches('#'), value.trim_matches('"')) => {
                    let mut value = value.trim_matches('"').to_owned();
                    masking.hide(&mut value);
                    out.push_str(&format!("{key}={value}"));
                }
                _ => out.push_str(word),
            }
            rest = after;
        }
        out.push_str(rest);
    }
    out
}

/// The first word of a text, with quoted blanks in it, and what comes after.
fn split_word(text: &str) -> (&str, &str) {
    let mut quoted = false;
    let end = text.find(|letter: char| {
        quoted ^= letter == '"';
        letter.is_whitespace() && !quoted
    });
    text.split_at(end.unwrap_or(text.len()))
}

impl SlurmFacts {
    /// Puts marks in place of secrets.
    pub(crate) fn mask(&mut self, masking: &mut Masking) {
        for text in self.files.values_mut() {
            *text = masked(text, masking);
        }
        for (key, value) in &mut self.settings {
            if is_secret(key, value) {
                masking.hide(value);
            }
        }
    }

    /// The fields of a resource, where the facts hold the object that they are made of: none do.
    #[expect(clippy::unused_self, reason = "facts of all kinds of targets are asked")]
    pub(crate) fn body_of(&self, _address: &Address) -> Option<LiveBody> {
        None
    }

    /// Lets a function change the objects that are kept beside resources: there are none.
    #[expect(clippy::unused_self, reason = "facts of all kinds of targets are asked")]
    pub(crate) fn each_object(&mut self, _change: &mut dyn FnMut(Option<&Address>, &mut Value)) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_files_are_hidden_and_the_rest_is_as_it_was() {
        let text = "ClusterName=nordlys  # a comment\nAccountingStoragePass=planted-1\n#StoragePass=\"planted 2\"\n\n\
                    JobCompLoc=mysql://u:planted-3@db/x JobCompType=jobcomp/mysql\nAuthAltParameters=jwt_key=/etc/jwt.key\n\
                    AccountingStoragePass=/var/run/munge/munge.socket.2\nlast";
        let masked = masked(text, &mut Masking::new());
        assert!(!masked.contains("planted"), "{masked}");
        for kept in [
            "ClusterName=nordlys  # a comment\n",
            "AccountingStoragePass=hidden://",
            "\n#StoragePass=hidden://",
            " JobCompType=jobcomp/mysql\nAuthAltParameters=jwt_key=/etc/jwt.key\n",
            "AccountingStoragePass=/var/run/munge/munge.socket.2\nlast",
        ] {
            assert!(masked.contains(kept), "{kept}: {masked}");
        }
    }
}
