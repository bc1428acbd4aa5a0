//! `sitewright doctor --slurm-conf`: the linter over a file, without any cluster.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diagnostics::codes::manifest::UNREADABLE;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::live::local;
use crate::manifest::Sources;
use crate::slurm::config::{include_paths, parse};
use crate::slurm::lint::{LintInput, lint};
use crate::slurm::release::Release;

/// What the linter is told.
#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    /// Lint this file alone
    #[arg(long, value_name = "FILE")]
    slurm_conf: Option<PathBuf>,
    /// With --slurm-conf: its gres.conf; the one beside it where absent
    #[arg(long, value_name = "FILE", requires = "slurm_conf")]
    gres_conf: Option<PathBuf>,
    /// With --slurm-conf: the release that will read it, e.g. 24.05
    #[arg(long, value_name = "RELEASE", requires = "slurm_conf", value_parser = supported)]
    release: Option<Release>,
}

/// A release that the linter knows.
fn supported(text: &str) -> Result<Release, String> {
    let release: Release = text.parse()?;
    if Release::ALL.contains(&release) {
        return Ok(release);
    }
    let known: Vec<String> = Release::ALL.iter().map(ToString::to_string).collect();
    Err(format!("Slurm {release} is not known here: write one of {}", known.join(", ")))
}

/// A text in which the values of keys such as `StoragePass` are stars, as many as they had bytes: excerpts are pasted into
/// tickets, and places stay where they are.
fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('=') {
        let (head, tail) = rest.split_at(at + 1);
        shown.push_str(head);
        rest = tail;
        if head[..at].trim_end_matches([' ', '\t']).to_lowercase().ends_with("pass") {
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let value = &rest[blanks..];
            let quoted = value.strip_prefix('"').and_then(|inner| inner.find('"')).map(|end| end + 2);
            let length = quoted.or_else(|| value.find(char::is_whitespace)).unwrap_or(value.len());
            shown.push_str(&rest[..blanks]);
            shown.push_str(&"*".repeat(length));
            rest = &value[length..];
        }
    }
    shown + rest
}

/// A file that was named and cannot be read, where the linter could only say that it is not there.
fn unreadable(path: &Path, flag: &str) -> Option<Diagnostic> {
    let error = match local::read_plain(path) {
        Ok(_) => return None,
        // That the file itself is not there is the linter's finding.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && flag == "--slurm-conf" => return None,
        Err(error) => error.to_string(),
    };
    let name = path.display().to_string();
    let hint = format!(
        "name the file itself: `{flag} /etc/slurm/{}`",
        if flag == "--gres-conf" { "gres.conf" } else { "slurm.conf" }
    );
    Some(Diagnostic::new(&UNREADABLE, format!("`{name}` cannot be read: {error}")).at(Place::File(name)).hint(hint))
}

/// The linter over the file that was named, with the files to show places in; `None` where none was.
pub(in crate::cli) fn linted(args: &FileArgs) -> Option<(Diagnostics, Sources)> {
    let file = args.slurm_conf.as_deref()?;
    let named = [(Some(file), "--slurm-conf"), (args.gres_conf.as_deref(), "--gres-conf")];
    let found: Vec<Diagnostic> = named.into_iter().filter_map(|(path, flag)| unreadable(path?, flag)).collect();
    if !found.is_empty() {
        return Some((Diagnostics(found), Sources::default()));
    }
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().map_or_else(|| ".".to_owned(), |folder| folder.display().to_string());
    let gres = args.gres_conf.clone().unwrap_or_else(|| file.with_file_name("gres.conf"));
    let gres = std::path::absolute(&gres).unwrap_or(gres);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut wanted = vec![file.display().to_string(), gres.display().to_string()];
    let mut cluster = String::new();
    while let Some(path) = wanted.pop() {
        if files.contains_key(&path) || files.len() > 1000 {
            continue;
        }
        let Ok(bytes) = local::read_plain(Path::new(&path)) else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for entry in parse(&path, &text) {
            if let Some((key, value)) = entry.head()
                && key.eq_ignore_ascii_case("ClusterName")
            {
                value.clone_into(&mut cluster);
            }
        }
        wanted.extend(include_paths(&folder, &text, &cluster));
        files.insert(path, text);
    }
    let mut sources = Sources::default();
    for (name, text) in &files {
        sources.add_text(name.clone(), without_passwords(text));
    }
    let input = LintInput {
        slurm_conf: file.display().to_string(),
        gres_conf: Some(gres.display().to_string()),
        files,
        release: args.release,
        known_qos: None,
        known_accounts: None,
    };
    Some((lint(&input), sources))
}

#[cfg(test)]
mod tests {
    use super::without_passwords;

    #[test]
    fn passwords_are_stars() {
        let text = "A=1 StoragePass=geheim B=2\naccountingstoragepass = \"x y\" C=3\nNoPass\nLast=1\nDbdPass=";
        let shown = without_passwords(text);
        assert_eq!(shown, "A=1 StoragePass=****** B=2\naccountingstoragepass = ***** C=3\nNoPass\nLast=1\nDbdPass=");
        assert_eq!(shown.len(), text.len());
    }
}
