//! Names of TRES (slurm.conf(5), AccountingStorageTRES), whatever the case.

/// Those that every cluster has, or may have, by their whole name.
const PLAIN: [&str; 7] = ["cpu", "mem", "node", "energy", "billing", "vmem", "pages"];
/// Those that take a name of their own behind a slash.
const NAMED: [&str; 5] = ["gres/", "license/", "fs/", "bb/", "ic/"];

/// Whether a text can be the name of a TRES: anything else would end the name, the amount or the list it stands in.
pub fn is_name(text: &str) -> bool {
    let name = text.to_ascii_lowercase();
    let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | ':' | '_' | '-' | '.' | '@');
    PLAIN.contains(&name.as_str())
        || NAMED.iter().any(|prefix| {
            name.strip_prefix(prefix).is_some_and(|rest| {
                rest.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && rest.chars().all(legal)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names() {
        for good in [
            "cpu",
            "MEM",
            "gres/gpu",
            "GRES/gpu:h100",
            "license/matlab",
            "fs/lustre",
            "bb/cray",
            "ic/ofed",
            "gres/mig-1g.10gb",
        ] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "gpu",
            "cpu=1,x",
            "cpu ",
            "gres/",
            "gres//",
            "gres/a b",
            "gres/a,b",
            "gres/gpu=1",
            "gres/é",
            "cpu/x",
            "memory",
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
