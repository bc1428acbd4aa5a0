//! Digests over canonical JSON, to bind a saved plan to what it saw.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(pub String);

impl Digest {
    /// Of bytes.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        let hash = Sha256::digest(bytes.as_ref());
        Self(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Of texts by name: the same as [`Digest::of_json`] of pairs, which has no keys to sort, and may be many megabytes.
    pub fn of_texts<'a>(texts: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self::of(serde_json::to_vec(&texts.collect::<Vec<_>>()).unwrap_or_default())
    }

    /// Of a value's canonical JSON.
    pub fn of_json(value: &impl Serialize) -> Self {
        Self::of(canonical_json(value))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// JSON with sorted keys and no white space: equal values give equal bytes.
pub fn canonical_json(value: &impl Serialize) -> String {
    serde_json::to_value(value).map(|value| sorted(value).to_string()).unwrap_or_default()
}

fn sorted(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_digest_of_their_json() {
        let texts = [("a.yaml", "kind: \"x\"\n"), ("é/b.yaml", "")];
        assert_eq!(Digest::of_texts(texts.into_iter()), Digest::of_json(&texts));
    }
}
