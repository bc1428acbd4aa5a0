//! Names that an API server takes, checked before it is asked (`k8s.io/apimachinery/pkg/util/validation`).

use std::net::IpAddr;

use crate::diagnostics::Complaint;

/// Bytes of a label and of a label's value.
const LABEL_BYTES: usize = 63;
/// Bytes of a subdomain.
const SUBDOMAIN_BYTES: usize = 253;

fn lower(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit()
}

fn is_label(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LABEL_BYTES
        && name.chars().all(|letter| lower(letter) || letter == '-')
        && name.starts_with(lower)
        && name.ends_with(lower)
}

/// The DNS label nearest to a name that is none: `project-465000101` of `project_465000101`.
pub fn nearest_label(name: &str) -> Option<String> {
    let folded: String = name.to_lowercase().chars().map(|letter| if lower(letter) { letter } else { '-' }).collect();
    let cut: String = folded.trim_matches('-').chars().take(LABEL_BYTES).collect();
    Some(cut.trim_end_matches('-').to_owned()).filter(|cut| !cut.is_empty())
}

/// A DNS label (RFC 1123): names of namespaces, and all names of ours that also stand in labels.
pub fn check_label(name: &str) -> Result<(), Complaint> {
    if is_label(name) {
        return Ok(());
    }
    let hint = nearest_label(name).map_or_else(|| "write e.g. `booster`".to_owned(), |near| format!("write `{near}`"));
    if name.is_empty() || name.len() > LABEL_BYTES {
        let message =
            format!("a name on Kubernetes has 1 to {LABEL_BYTES} bytes, `{}` has {}", shown(name), name.len());
        return Err(Complaint::new(message, hint));
    }
    let message = match name.chars().find(|letter| !lower(*letter) && *letter != '-') {
        Some(letter) => format!(
            "a name on Kubernetes has lower-case letters, digits and `-`, and `{}` has a `{}`",
            shown(name),
            letter.escape_debug()
        ),
        None => format!("a name on Kubernetes begins and ends with a letter or digit, not as `{name}`"),
    };
    Err(Complaint::new(message, hint))
}

/// What a name of any length looks like in a message.
fn shown(name: &str) -> String {
    let escaped = name.escape_debug().to_string();
    if escaped.chars().count() > 80 { escaped.chars().take(79).chain(['…']).collect() } else { escaped }
}

fn is_subdomain(name: &str) -> bool {
    name.len() <= SUBDOMAIN_BYTES && name.split('.').all(|part| is_label(part) || is_long_label(part))
}

/// Parts of a subdomain have no limit of their own.
fn is_long_label(part: &str) -> bool {
    part.len() > LABEL_BYTES
        && part.chars().all(|letter| lower(letter) || letter == '-')
        && part.starts_with(lower)
        && part.ends_with(lower)
}

/// A DNS subdomain (RFC 1123): names of most objects.
pub fn check_subdomain(name: &str) -> Result<(), Complaint> {
    if is_subdomain(name) {
        return Ok(());
    }
    if name.len() > SUBDOMAIN_BYTES {
        return Err(Complaint::new(
            format!("a name has at most {SUBDOMAIN_BYTES} bytes, this one {}", name.len()),
            "shorten it",
        ));
    }
    let hint = nearest_label(name).map_or_else(|| "write e.g. `gpu-001`".to_owned(), |near| format!("write `{near}`"));
    Err(Complaint::new(
        format!("a name on Kubernetes has lower-case letters, digits, `-` and `.`, and `{}` is none such", shown(name)),
        hint,
    ))
}

/// A namespace that projects may have: those of the cluster itself are none.
pub fn check_namespace(name: &str) -> Result<(), Complaint> {
    check_label(name)?;
    if name == "default" || name.starts_with("kube-") {
        return Err(Complaint::new(
            format!("`{name}` is a namespace of the cluster itself"),
            format!("write e.g. `namespace: p-{}`", name.trim_start_matches("kube-")),
        ));
    }
    Ok(())
}

fn is_word(text: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    !text.is_empty()
        && text.len() <= LABEL_BYTES
        && text.chars().all(inner)
        && text.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && text.ends_with(|letter: char| letter.is_ascii_alphanumeric())
}

/// The key of a label, an annotation or a taint, or the name of a resource: `name` or `prefix/name`.
pub fn check_key(key: &str) -> Result<(), Complaint> {
    let good = match key.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_word(name),
        None => is_word(key),
    };
    if good {
        return Ok(());
    }
    Err(Complaint::new(
        format!("`{}` is no key on Kubernetes", shown(key)),
        "write a name of letters, digits, `-`, `_` and `.`, or one after a domain: `nordlys.example/rack`",
    ))
}

/// The value of a label or a taint; it may be empty.
pub fn check_value(value: &str) -> Result<(), Complaint> {
    if value.is_empty() || is_word(value) {
        return Ok(());
    }
    Err(Complaint::new(
        format!("`{}` cannot be the value of a label", shown(value)),
        "write up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends",
    ))
}

/// A registry: `host`, `host:port`, `host/path`.
pub fn check_registry(registry: &str) -> Result<(), Complaint> {
    let (authority, path) = registry.split_once('/').unwrap_or((registry, ""));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let part =
        |part: &str| !part.is_empty() && part.chars().all(|letter| lower(letter) || matches!(letter, '-' | '_' | '.'));
    let good_path = !registry.contains('/') || path.split('/').all(part);
    if is_subdomain(host) && port.parse::<u16>().is_ok_and(|port| port > 0) && good_path {
        return Ok(());
    }
    Err(Complaint::new(
        format!("`{}` is no registry", shown(registry)),
        "write a host without a scheme: `registry.nordlys.example`, `registry.nordlys.example:5000/mirror`",
    ))
}

/// A network, spelled as the server wants it: `10.20.0.0/16`, no bits set behind the prefix.
pub fn check_network(network: &str) -> Result<(), Complaint> {
    let parsed = network.split_once('/').and_then(|(address, bits)| {
        let plain = !bits.is_empty()
            && bits.bytes().all(|byte| byte.is_ascii_digit())
            && (bits == "0" || !bits.starts_with('0'));
        let bits = bits.parse::<u32>().ok().filter(|_| plain)?;
        match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(one) => (bits <= 32).then(|| {
                let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                format!("{}/{bits}", std::net::Ipv4Addr::from(u32::from(one) & mask))
            }),
            IpAddr::V6(one) => (bits <= 128).then(|| {
                let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                format!("{}/{bits}", std::net::Ipv6Addr::from(u128::from(one) & mask))
            }),
        }
    });
    match parsed {
        Some(canonical) if canonical == network => Ok(()),
        Some(canonical) => Err(Complaint::new(
            format!("`{}` is not how that network is written", shown(network)),
            format!("write `{canonical}`"),
        )),
        None => Err(Complaint::new(
            format!("`{}` is no network", shown(network)),
            "write e.g. `10.20.0.0/16`, or `10.20.0.5/32` for a host",
        )),
    }
}

/// A taint, or a toleration of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value; any, where a toleration names none.
    pub value: Option<String>,
    /// What it does: `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: &'static str,
}

/// A taint as kubectl writes it: `key=value:effect` or `key:effect`.
pub fn parse_taint(text: &str) -> Result<Taint, Complaint> {
    let hint = "write it as kubectl does: `nvidia.com/gpu=present:NoSchedule`";
    let wrong = |why: &str| Complaint::new(format!("`{}` {why}", shown(text)), hint);
    let (named, effect) = text.rsplit_once(':').ok_or_else(|| wrong("names no effect"))?;
    let effect = ["NoSchedule", "PreferNoSchedule", "NoExecute"]
        .into_iter()
        .find(|one| *one == effect)
        .ok_or_else(|| wrong("has none of the effects `NoSchedule`, `PreferNoSchedule` and `NoExecute`"))?;
    let (key, value) = named.split_once('=').map_or((named, None), |(key, value)| (key, Some(value.to_owned())));
    check_key(key)?;
    check_value(value.as_deref().unwrap_or_default())?;
    Ok(Taint { key: key.to_owned(), value, effect })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_are_those_of_the_server() {
        for good in ["a", "p-medix", "0", "465000101", &"x".repeat(63)] {
            check_label(good).unwrap();
        }
        for bad in ["", "A", "a_b", "a.b", "-a", "a-", "é", "a b", &"x".repeat(64)] {
            check_label(bad).unwrap_err();
        }
        assert_eq!(check_label("project_465000101").unwrap_err().hint, "write `project-465000101`");
        assert_eq!(check_label("_").unwrap_err().hint, "write e.g. `booster`");
        check_subdomain("gpu-001.nordlys.example").unwrap();
        for bad in ["", ".", "a..b", "a_b", "A.b"] {
            check_subdomain(bad).unwrap_err();
        }
    }

    #[test]
    fn namespaces_of_the_cluster_are_none_for_projects() {
        check_namespace("p-medix").unwrap();
        assert_eq!(check_namespace("kube-system").unwrap_err().hint, "write e.g. `namespace: p-system`");
        check_namespace("default").unwrap_err();
    }

    #[test]
    fn keys_values_registries_networks() {
        for good in ["a", "nvidia.com/gpu", "nvidia.com/mig-1g.10gb", "A_b.c"] {
            check_key(good).unwrap();
        }
        for bad in ["", "/", "a/", "/a", "a/b/c", "A.com/x", "-a", "a b"] {
            check_key(bad).unwrap_err();
        }
        check_value("").unwrap();
        check_value("all-1g.10gb").unwrap();
        check_value("-x").unwrap_err();
        for good in ["registry.nordlys.example", "registry.nordlys.example:5000/mirror", "r"] {
            check_registry(good).unwrap();
        }
        for bad in ["", "https://r.example", "r:0", "r:x", "r/", "r//x", "R"] {
            check_registry(bad).unwrap_err();
        }
        for good in ["0.0.0.0/0", "10.20.0.0/16", "10.0.0.1/32", "::/0", "fd00::/8"] {
            check_network(good).unwrap();
        }
        for bad in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/", "x/8", "::/129"] {
            check_network(bad).unwrap_err();
        }
        assert_eq!(check_network("10.20.1.0/16").unwrap_err().hint, "write `10.20.0.0/16`");
        assert_eq!(check_network("FD00::1/8").unwrap_err().hint, "write `fd00::/8`");
    }

    #[test]
    fn taints_are_written_as_kubectl_does() {
        let taint = parse_taint("nvidia.com/gpu=present:NoSchedule").unwrap();
        assert_eq!(
            (taint.key.as_str(), taint.value.as_deref(), taint.effect),
            ("nvidia.com/gpu", Some("present"), "NoSchedule")
        );
        assert_eq!(parse_taint("a:NoExecute").unwrap().value, None);
        for bad in ["", "a", "a:", "a:Never", "a=b", ":NoSchedule", "a=-:NoSchedule"] {
            parse_taint(bad).unwrap_err();
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_hints_help(text in "\\PC{0,80}") {
            let _ = (check_subdomain(&text), check_key(&text), check_value(&text), check_registry(&text));
            let _ = (check_network(&text), parse_taint(&text), check_namespace(&text));
            if let Err(error) = check_label(&text)
                && let Some(near) = error.hint.strip_prefix("write `").and_then(|rest| rest.strip_suffix('`'))
            {
                prop_assert!(check_label(near).is_ok(), "{near}");
            }
        }
    }
}
