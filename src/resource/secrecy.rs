//! What looks like a secret by its name.

/// Last words of names that hold secrets.
const WORDS: [&str; 9] =
    ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "CREDENTIAL", "CREDENTIALS", "PASS"];
/// Words before `KEY` that make it one.
const KEYS: [&str; 6] = ["API", "ACCESS", "PRIVATE", "SECRET", "ENCRYPTION", "SIGNING"];

/// What stands for a value that is not shown.
pub const HIDDEN: &str = "(hidden)";

/// The password in a URL: `postgres://user:password@host/`.
pub fn password_in(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let (user, _) = rest.split('/').next()?.rsplit_once('@')?;
    Some(user.split_once(':')?.1)
}

/// Whether an environment variable holds a secret, as far as its name and the shape of its value tell: `HF_TOKEN` does,
/// `MAX_TOKEN: 4096`, `TOKEN_FILE` and `API_KEY: /run/secrets/key` do not. A URL with a password does.
pub fn looks_secret(name: &str, value: &str) -> bool {
    if password_in(value).is_some() {
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
