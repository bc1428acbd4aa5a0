//! What looks like a secret by its name.

/// Last words of names that hold secrets.
const WORDS: [&str; 9] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "CREDENTIAL", "CREDENTIALS", "PASS"];
/// Words before `KEY` that make it one.
const KEYS: [&str; 6] = ["API", "ACCESS", "PRIVATE", "SECRET", "ENCRYPTION", "SIGNING"];

/// Whether an environment variable holds a secret, as far as its name and the shape of its value tell: `HF_TOKEN` does,
/// `MAX_TOKEN: 4096`, `TOKEN_FILE` and `API_KEY: /run/secrets/key` do not. A URL with a password does.
pub fn looks_secret(name: &str, value: &str) -> bool {
    let user =
        value.split_once("://").and_then(|(_, rest)| rest.split('/').next()).and_then(|rest| rest.rsplit_once('@'));
    if user.is_some_and(|(user, _)| user.contains(':')) {
        return true;
    }
    let harmless = value.is_empty()
        || value.starts_with('/')
        || value.parse::<f64>().is_ok()
        || ["true", "false"].contains(&value.to_lowercase().as_str());
    let name = name.to_uppercase();
    let mut words = name.rsplit(['_', '-', '.']);
    let last = words.next().unwrap_or_default();
    let named = WORDS.contains(&last) || (last == "KEY" && words.next().is_some_and(|word| KEYS.contains(&word)));
    named && !harmless
}

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn by_name_and_shape() {
        for (name, value) in [
            ("HF_TOKEN", "hf_abc"),
            ("db-password", "hunter2"),
            ("AWS_SECRET_ACCESS_KEY", "abc"),
            ("DATABASE", "postgres://u:p@db/x"),
        ] {
            assert!(looks_secret(name, value), "{name}");
        }
        for (name, value) in [
            ("MAX_TOKEN", "4096"),
            ("TOKEN_FILE", "abc"),
            ("API_KEY", "/run/secrets/key"),
            ("PUBLIC_KEY", "abc"),
            ("URL", "https://a.example/x@y:z"),
            ("HF_TOKEN", ""),
        ] {
            assert!(!looks_secret(name, value), "{name}");
        }
    }
}
