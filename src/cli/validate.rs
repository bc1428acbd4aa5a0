//! `sitewright validate`.

use std::path::PathBuf;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::site::load_site;
use crate::report;

/// Check manifests: shapes, units and rules.
///
/// Reports every problem of every file in one run, each with its place and a hint. Needs no cluster.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  sitewright validate\n  sitewright validate site/ --format json")]
pub(crate) struct Args {
    /// Folder of manifests
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    format: Format,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    let loaded = load_site(&args.dir, None);
    match args.format {
        Format::Human => {
            let text = report::findings(&loaded.found, &loaded.sources, output.style());
            output.say(&text);
        }
        Format::Json => {
            let json = report::findings_json(&loaded.found, &loaded.sources);
            output.say(&format!("{json}\n"));
        }
    }
    if loaded.found.has_errors() { Exit::Problem } else { Exit::Success }
}
