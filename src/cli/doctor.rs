//! `sitewright doctor`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::{Format, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::plan::{complain, loaded_or_exit};
use super::site::{observe, runtime};
use crate::apply::Backend;
use crate::diagnostics::codes::manifest::UNREADABLE;
use crate::diagnostics::codes::reading as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::live::kubernetes::{self, Examination};
use crate::live::slurm::Controller;
use crate::live::{Observation, local};
use crate::manifest::Sources;
use crate::plan::slurm::missing_include;
use crate::report::{self, printable};
use crate::slurm::config::include_paths;
use crate::slurm::lint::{LintInput, lint};
use crate::slurm::release::Release;

/// Check clusters, rights and settings, or a slurm.conf on its own.
///
/// With a folder: whether each target can be read whole, what would make a declared limit idle, and the exact Include
/// line that is missing. With --slurm-conf: the linter over that file and what it includes, without any cluster.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sitewright doctor --env production\n  sitewright doctor --slurm-conf /etc/slurm/slurm.conf --release 24.05"
)]
pub(crate) struct Args {
    /// Folder of manifests
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
    /// Lint this file alone
    #[arg(long, value_name = "FILE")]
    slurm_conf: Option<PathBuf>,
    /// With --slurm-conf: its gres.conf; the one beside it where absent
    #[arg(long, value_name = "FILE", requires = "slurm_conf")]
    gres_conf: Option<PathBuf>,
    /// With --slurm-conf: the release that will read it, e.g. 24.05
    #[arg(long, value_name = "RELEASE", requires = "slurm_conf", value_parser = supported)]
    release: Option<Release>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    format: Format,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    match &args.slurm_conf {
        Some(file) => lint_file(args, file, output),
        None => clusters(args, output),
    }
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

fn lint_file(args: &Args, file: &Path, output: &mut Output) -> Exit {
    let named = [(Some(file), "--slurm-conf"), (args.gres_conf.as_deref(), "--gres-conf")];
    let found: Vec<Diagnostic> = named.into_iter().filter_map(|(path, flag)| unreadable(path?, flag)).collect();
    if !found.is_empty() {
        return finish(&Diagnostics(found), &Sources::default(), args.format, output);
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
        for entry in crate::slurm::config::parse(&path, &text) {
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
    finish(&lint(&input), &sources, args.format, output)
}

fn finish(found: &Diagnostics, sources: &Sources, format: Format, output: &mut Output) -> Exit {
    match format {
        Format::Human => {
            let text = report::findings(found, sources, output.style());
            output.say(&text);
        }
        Format::Json => output.say(&format!("{}\n", report::findings_json(found, sources))),
    }
    if found.has_errors() { Exit::Problem } else { Exit::Success }
}

fn clusters(args: &Args, output: &mut Output) -> Exit {
    let loaded = match loaded_or_exit(&args.dir, &args.site, args.format, output) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let wanted = loaded.desired(&args.site);
    let read = loaded.backends(&args.site).and_then(|backends| {
        let runtime =
            runtime().map_err(|error| Diagnostics(vec![Diagnostic::new(&codes::READING_FAILED, error.to_string())]))?;
        runtime.block_on(async {
            // Rights first: where one is missing, the reading stops at it and does not tell the others.
            for (name, backend) in &backends {
                if let Backend::Kubernetes(cluster) = backend
                    && args.format == Format::Human
                {
                    let declared: Vec<_> = wanted.iter().filter(|one| one.address.target == *name).cloned().collect();
                    if let Ok(examination) = kubernetes::examine(cluster, &declared).await {
                        output.say(&rights(name, &examination));
                    }
                }
            }
            observe(&backends, &loaded.factory(), &wanted).await
        })
    });
    let observations = match read {
        Ok(observations) => observations,
        Err(found) => {
            complain(&found, &loaded.sources, args.format, output);
            return Exit::Problem;
        }
    };
    let mut found = Diagnostics::new();
    let mut sources = Sources::default();
    for observation in &observations {
        if args.format == Format::Human {
            output.say(&describe(observation));
        }
        if let Some(facts) = observation.slurm() {
            for (name, text) in &facts.files {
                sources.add_text(name.clone(), text.clone());
            }
            found.extend(observation.findings.clone());
            let files = [&facts.include, &facts.gres_include];
            files.into_iter().filter_map(|ours| missing_include(facts, ours)).for_each(|one| found.push(one));
            let names = |kind: &str| -> BTreeSet<String> {
                observation
                    .resources
                    .keys()
                    .filter(|address| address.kind == kind)
                    .map(|address| address.name.clone())
                    .collect()
            };
            found.extend(lint(&LintInput {
                slurm_conf: facts.slurm_conf.clone(),
                gres_conf: Some(facts.gres_conf.clone()),
                files: facts.files.clone(),
                release: Some(facts.release),
                known_qos: facts.accounting.then(|| names("qos")),
                known_accounts: facts.accounting.then(|| names("account")),
            }));
        }
    }
    finish(&found, &sources, args.format, output)
}

/// What a cluster of Kubernetes lets us do.
fn rights(target: &str, found: &Examination) -> String {
    let mut text = format!(
        "{target}: kubernetes {} at {}, as `{}`\n",
        printable(&found.version),
        printable(&found.server),
        printable(&found.user)
    );
    match found.kueue.as_slice() {
        [] => text.push_str("  kueue is not installed\n"),
        versions => text.push_str(&format!("  kueue serves {}\n", printable(&versions.join(", ")))),
    }
    for kind in &found.missing_kinds {
        text.push_str(&format!("  the server does not have `{}`\n", printable(kind)));
    }
    for hook in &found.dead_webhooks {
        text.push_str(&format!("  nobody is ready behind the webhook {}\n", printable(hook)));
    }
    for what in &found.unseen {
        text.push_str(&format!("  not looked at: {}\n", printable(what)));
    }
    match found.missing_rights.len() {
        0 => text.push_str("  all rights that an apply needs\n"),
        missing => {
            text.push_str(&match missing {
                1 => "  1 right is missing:\n".to_owned(),
                many => format!("  {many} rights are missing:\n"),
            });
            for right in &found.missing_rights {
                let place = right.namespace.as_ref().map_or_else(String::new, |one| format!(" in `{one}`"));
                let name = right.name.as_ref().map_or_else(String::new, |one| format!(" `{one}`"));
                text.push_str(&printable(&format!("    {} `{}`{name}{place}", right.verb, right.spelled())));
                text.push('\n');
            }
            text.push_str("  an administrator grants all that an apply needs with `kubectl apply -f -` and this:\n");
            for line in found.grant().lines() {
                text.push_str(&format!("{}\n", printable(line)));
            }
        }
    }
    text
}

fn describe(observation: &Observation) -> String {
    let mut text = format!("{}: {}\n", observation.target, printable(&observation.title));
    if let Some(facts) = observation.slurm() {
        let controller = match &facts.controller {
            Controller::Up => "answers".to_owned(),
            Controller::Down(said) => format!("does not answer: {}", printable(said)),
        };
        text.push_str(&format!(
            "  slurmctld {controller}\n  configuration {}\n  read whole in {} processes\n",
            printable(&facts.slurm_conf),
            observation.reads.requests
        ));
    }
    if observation.kubernetes().is_some() {
        text.push_str(&format!("  read whole in {} requests\n", observation.reads.requests));
    }
    text
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
