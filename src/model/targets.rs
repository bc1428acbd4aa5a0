//! Names of targets and environments. They become names of files, so they are kept to what is one everywhere.

use crate::diagnostics::Complaint;

/// Longest name.
const BYTES: usize = 60;

/// Whether it can be the name of a target or an environment.
pub(super) fn check(name: &str) -> Result<(), Complaint> {
    let refuse = |message: String| {
        let kept: String = name.chars().filter(|letter| legal(*letter)).take(BYTES).collect();
        let near = kept.trim_start_matches(['-', '_']);
        Err(Complaint::new(message, format!("write e.g. `{}`", if near.is_empty() { "compute" } else { near })))
    };
    if name.is_empty() || name.len() > BYTES {
        return refuse(format!("the name of a target or environment has 1 to {BYTES} bytes, this one {}", name.len()));
    }
    if let Some(letter) = name.chars().find(|letter| !legal(*letter)) {
        let letter = letter.escape_debug();
        return refuse(format!("the name of a target or environment has letters, digits, `-` and `_`, not `{letter}`"));
    }
    if !name.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
        return refuse(format!("`{name}` does not begin with a letter or digit"));
    }
    Ok(())
}

fn legal(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_of_files_and_nothing_else() {
        for good in ["compute", "a", "0", "Gpu-2_b"] {
            check(good).unwrap();
        }
        for bad in ["", ".", "..", "../x", "/x", "a/b", "a.b", "-a", "_a", "a b", "ä", "a\0", &"x".repeat(61)] {
            assert!(check(bad).is_err(), "{bad}");
        }
        assert_eq!(check("../../Cargo").unwrap_err().hint, "write e.g. `Cargo`");
        assert_eq!(check("..").unwrap_err().hint, "write e.g. `compute`");
    }
}
