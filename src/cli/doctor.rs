//! `sitewright doctor`.

use std::path::PathBuf;

use super::args::{Format, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::plan::{complain, loaded_or_exit};
use super::session::Session;
use super::site::runtime;
use super::slurm;
use super::targets::TARGETS;
use crate::diagnostics::codes::reading as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::manifest::Sources;
use crate::report;
use crate::resource::of_target;

/// Check clusters, rights and settings, or a slurm.conf on its own.
///
/// With a folder: whether each target can be read whole, which settings leave a declared limit unenforced, and which
/// `Include` line is missing. With --slurm-conf: the linter over that file and its includes, without a cluster.
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
    #[command(flatten)]
    file: slurm::file::FileArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    format: Format,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    match slurm::file::linted(&args.file) {
        Some((found, sources)) => finish(&found, &sources, args.format, output),
        None => clusters(args, output),
    }
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
    let read = Session::open(&loaded, &args.site, false).and_then(|session| {
        let runtime = runtime()
            .map_err(|error| Diagnostics(vec![Diagnostic::of_run(&codes::READING_FAILED, error.to_string())]))?;
        runtime.block_on(async {
            // Rights first: where one is missing, the reading stops at it and does not tell the others.
            for (name, endpoint) in &session.endpoints.by_name {
                if args.format != Format::Human {
                    break;
                }
                let declared = of_target(session.wanted(), name);
                for target in TARGETS {
                    if let Some(said) = target.examined(endpoint, name, &declared).await {
                        output.say(&said);
                    }
                }
            }
            session.observe().await
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
            output.say(&report::described(observation));
        }
        if let Some(target) = observation.facts.of_kind(TARGETS) {
            found.extend(target.findings(observation, &mut sources));
        }
    }
    finish(&found, &sources, args.format, output)
}
