//! Values that are held as secrets, and what others say without them: a server, a webhook or a policy sees whole objects and
//! may repeat anything of them.

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::resource::secrecy::{HIDDEN, looks_secret, password_in};

/// Alphabets in which a value may be repeated; the padding is text like any other then.
const ALPHABETS: [&GeneralPurpose; 3] = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE_NO_PAD];
/// Shorter values are only hidden where they are words of their own: any text has such letters somewhere.
const SURE: usize = 8;
/// Words that say nothing of a value.
const PLAIN: [&str; 4] = ["true", "false", "null", "none"];
/// The annotation in which `kubectl` keeps all of an object.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Values that are not shown.
#[derive(Clone, Default)]
pub struct Held(BTreeSet<String>);

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Held({})", self.0.len())
    }
}

impl Held {
    /// Values of one object.
    pub fn of(object: &Value) -> Self {
        let mut held = Self::default();
        held.hold(object);
        held
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Holds what is secret in an object: a Secret's content, and what is called as secrets are, in environment variables
    /// anywhere and in ConfigMaps.
    pub fn hold(&mut self, object: &Value) {
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let entries = |key: &str| object.get(key).and_then(Value::as_object).into_iter().flatten();
        let entries = |key: &str| entries(key).filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
        match (text("/apiVersion"), text("/kind")) {
            ("v1", "Secret") => {
                // Beside its token such a Secret has what everybody knows: the namespace, and the authority.
                let of_account = text("/type") == "kubernetes.io/service-account-token";
                for (_, value) in entries("data").filter(|(key, _)| !of_account || *key == "token") {
                    self.put(value);
                    if let Ok(bytes) = STANDARD.decode(value) {
                        self.bytes(&bytes);
                    }
                }
                entries("stringData").for_each(|(_, value)| self.bytes(value.as_bytes()));
            }
            ("v1", "ConfigMap") => {
                let secret = entries("data").filter(|(key, value)| looks_secret(key, value));
                secret.for_each(|(_, value)| self.bytes(value.as_bytes()));
            }
            _ => self.variables(object),
        }
        let notes =
            object.pointer("/metadata/annotations").and_then(|notes| notes.get(APPLIED)).and_then(Value::as_str);
        if let Some(applied) = notes.and_then(|text| serde_json::from_str::<Value>(text).ok())
            && applied.pointer("/metadata/annotations").and_then(|notes| notes.get(APPLIED)).is_none()
        {
            self.hold(&applied);
        }
    }

    fn variables(&mut self, value: &Value) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.variables(item)),
            Value::Object(map) => {
                let text = |key: &str| map.get(key).and_then(Value::as_str);
                if let (Some(name), Some(value)) = (text("name"), text("value"))
                    && looks_secret(name, value)
                {
                    self.bytes(value.as_bytes());
                }
                map.values().for_each(|inner| self.variables(inner));
            }
            _ => {}
        }
    }

    /// A value in all the forms in which it may be repeated.
    fn bytes(&mut self, bytes: &[u8]) {
        for alphabet in ALPHABETS {
            self.put(&alphabet.encode(bytes));
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        self.text(text);
        // `.dockerconfigjson` and its like.
        if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
            self.leaves(&inner);
        }
    }

    fn text(&mut self, text: &str) {
        self.put(text);
        self.put(text.trim());
        self.put(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        if let Ok(escaped) = serde_json::to_string(text) {
            self.put(escaped.trim_matches('"'));
        }
        if let Some(password) = password_in(text) {
            self.put(password);
        }
        // A key of many lines may be repeated in part.
        if text.trim().contains('\n') {
            text.lines().map(str::trim).filter(|line| line.len() >= SURE).for_each(|line| self.put(line));
        }
    }

    fn leaves(&mut self, value: &Value) {
        match value {
            Value::String(text) if text.len() >= SURE => self.text(text),
            Value::Array(items) => items.iter().for_each(|item| self.leaves(item)),
            Value::Object(map) => map.values().for_each(|inner| self.leaves(inner)),
            _ => {}
        }
    }

    fn put(&mut self, value: &str) {
        if !value.trim().is_empty() && !PLAIN.contains(&value.to_lowercase().as_str()) {
            self.0.insert(value.to_owned());
        }
    }

    /// A text without those of them that have at least so many letters.
    pub fn hide_long(&self, text: &str, letters: usize) -> String {
        let long = self.0.iter().filter(|value| value.len() >= letters && text.contains(value.as_str()));
        Self(long.cloned().collect()).hide(text, &[])
    }

    /// A text without them. `names` are known to everybody, also where somebody has made a secret of such a word.
    pub fn hide(&self, text: &str, names: &[&str]) -> String {
        let mut there: Vec<&str> = self.0.iter().map(String::as_str).collect();
        there.retain(|value| text.contains(value) && !names.contains(value));
        if there.is_empty() {
            return text.to_owned();
        }
        there.sort_by_key(|value| std::cmp::Reverse(value.len()));
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let before = out.chars().next_back();
            let found =
                there.iter().find(|value| rest.strip_prefix(**value).is_some_and(|after| counts(value, before, after)));
            if let Some(value) = found {
                out.push_str(HIDDEN);
                rest = &rest[value.len()..];
            } else {
                out.push(letter);
                rest = &rest[letter.len_utf8()..];
            }
        }
        out
    }
}

/// Whether a value that stands there is meant.
fn counts(value: &str, before: Option<char>, after: &str) -> bool {
    let apart = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    value.len() >= SURE || (apart(before) && apart(after.chars().next()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn secret(value: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "Secret", "data": {"token": STANDARD.encode(value)}})
    }

    #[test]
    fn a_value_is_hidden_in_all_its_forms() {
        let held = Held::of(&secret("hunter2-and \"more\"\n"));
        for repeated in [
            "hunter2-and \"more\"\n",
            "hunter2-and \"more\"",
            "hunter2-and \\\"more\\\"\\n",
            "aHVudGVyMi1hbmQgIm1vcmUiCg==",
            "aHVudGVyMi1hbmQgIm1vcmUiCg",
        ] {
            let said = held.hide(&format!("denied: it is <{repeated}>, no"), &[]);
            assert!(!said.contains("hunter2") && !said.contains("aHVudGVy"), "{said}");
            assert!(said.starts_with("denied: it is <(hidden)") && said.ends_with(", no"), "{said}");
        }
    }

    #[test]
    fn what_is_called_as_secrets_are() {
        let pod = json!({"kind": "Deployment", "spec": {"containers": [{"env": [
            {"name": "HF_TOKEN", "value": "planted-token"},
            {"name": "DATABASE", "value": "postgres://u:planted-password@db/x"},
            {"name": "LEVEL", "value": "everything"},
        ]}]}});
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"api-key": "planted-key", "motd": "welcome-here"}});
        let given = json!({"apiVersion": "v1", "kind": "Secret", "stringData": {"a": "planted-string"}});
        let applied =
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"annotations": {APPLIED: given.to_string()}}});
        let docker = secret("{\"auths\": {\"r.example\": {\"password\": \"planted-registry\"}}}");
        let key = secret("-----BEGIN KEY-----\nplanted-line-1\nplanted-line-2\n");
        let mut held = Held::default();
        for object in [&pod, &map, &applied, &docker, &key] {
            held.hold(object);
        }
        for value in ["token", "password", "key", "string", "registry", "line-1", "line-2"] {
            assert_eq!(held.hide(&format!("it is planted-{value}!"), &[]), "it is (hidden)!", "{value}");
        }
        let plain = "everything welcome-here r.example is fine";
        assert_eq!(held.hide(plain, &[]), plain);
        assert!(!format!("{held:?}").contains("planted"));
    }

    #[test]
    fn short_values_are_hidden_as_words_and_names_are_not() {
        let held = Held::of(&json!({"apiVersion": "v1", "kind": "Secret",
            "stringData": {"pin": "47", "user": "admin", "on": "true", "namespace": "p-medix-1"}}));
        assert_eq!(
            held.hide("47 of 4711: admin \"p-medix-1\" is true, not administrator", &["p-medix-1"]),
            "(hidden) of 4711: (hidden) \"p-medix-1\" is true, not administrator"
        );
        let token = json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "data": {"namespace": STANDARD.encode("kube-system"), "token": STANDARD.encode("planted-token")}});
        assert_eq!(Held::of(&token).hide("kube-system planted-token", &[]), "kube-system (hidden)");
    }

    proptest! {
        #[test]
        fn nothing_of_it_is_left(value in "[a-z\"\\\\ é]{8,20}", before in "\\PC{0,20}", after in "\\PC{0,20}") {
            prop_assume!(value.trim().len() >= SURE);
            let said = Held::of(&secret(&value)).hide(&format!("{before}{value}{after}"), &[]);
            prop_assert!(!said.contains(&value), "{said}");
        }
    }
}
