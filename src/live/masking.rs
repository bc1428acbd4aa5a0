//! Secrets in what was read, and the marks that stand for them in a record.
//!
//! A mark holds a salted fingerprint of the value: so a manifest that declares the same value compares as equal, and two
//! values that differ still differ, while the record shows neither. The salt is made for each record; a mark of another
//! record, or one that somebody has planted, is text like any other.

use std::hash::{BuildHasher, Hasher, RandomState};

use serde_json::Value;

use crate::resource::Digest;

/// How often a fingerprint is hashed: guessing a value from its mark costs as much for each guess.
const ROUNDS: usize = 1000;
/// Letters of a fingerprint that stand in a mark.
const LETTERS: usize = 24;

/// What visits the secrets of a value; each is handed over to be replaced.
pub(crate) type Secrets = fn(&mut Value, &mut dyn FnMut(&mut String));

/// Puts marks in place of secrets.
#[derive(Debug)]
pub(crate) struct Masking {
    salt: String,
    /// Secrets that were replaced so far.
    replaced: usize,
}

impl Masking {
    /// With a salt that no other record has.
    pub(crate) fn new() -> Self {
        let word = || RandomState::new().build_hasher().finish();
        Self { salt: Digest::of(format!("{:x}{:x}", word(), word())).0, replaced: 0 }
    }

    /// With the salt of a record.
    pub(crate) fn of(salt: &str) -> Self {
        Self { salt: salt.to_owned(), replaced: 0 }
    }

    /// The salt.
    pub(crate) fn salt(&self) -> &str {
        &self.salt
    }

    /// How many secrets were replaced so far.
    pub(crate) fn replaced(&self) -> usize {
        self.replaced
    }

    /// The mark of a value. It has the form of a URL with a password, so that whoever shows it takes it for a secret.
    pub(crate) fn mark(&self, value: &str) -> String {
        let mut print = format!("{}\n{value}", self.salt);
        for _ in 0..ROUNDS {
            print = Digest::of(&print).0;
        }
        format!("hidden://value:{}@hidden", print.get(..LETTERS).unwrap_or(&print))
    }

    /// Replaces one secret.
    pub(crate) fn hide(&mut self, value: &mut String) {
        *value = self.mark(value);
        self.replaced += 1;
    }

    /// Replaces those secrets of a value that a visitor finds.
    pub(crate) fn mask(&mut self, secrets: Secrets, value: &mut Value) {
        secrets(value, &mut |secret| {
            if !is_mark(secret) {
                self.hide(secret);
            }
        });
    }
}

/// Whether a text has the form of a mark.
fn is_mark(text: &str) -> bool {
    let print = text.strip_prefix("hidden://value:").and_then(|rest| rest.strip_suffix("@hidden"));
    print.is_some_and(|print| print.len() == LETTERS && print.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Calls with each text of a value.
pub(crate) fn texts(value: &mut Value, each: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, each)),
        Value::Object(map) => map.values_mut().for_each(|inner| texts(inner, each)),
        _ => {}
    }
}

/// Whether a value holds a mark.
pub(crate) fn has_mark(value: &Value) -> bool {
    match value {
        Value::String(text) => is_mark(text),
        Value::Array(items) => items.iter().any(has_mark),
        Value::Object(map) => map.values().any(has_mark),
        _ => false,
    }
}
