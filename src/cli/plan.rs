//! `sitewright plan` and `sitewright show`.

use std::path::{Path, PathBuf};

use super::args::{Format, GuardArgs, PrintArgs, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::site::{Loaded, Wish, load_site, make_plan, observe, runtime};
use crate::diagnostics::codes::command as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::local;
use crate::manifest::Sources;
use crate::plan::{Plan, from_text, is_saved_plan, to_text};
use crate::report;

/// Show what apply would do. Changes nothing.
///
/// Reads the targets with read rights only, and shows the difference: summary first, then deletions and the jobs they
/// would hit, then each change field by field.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  sitewright plan\n  sitewright plan --env production --out plan.json\n  sitewright plan --detailed-exitcode --format json")]
pub(crate) struct Args {
    /// Folder of manifests
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    guard: GuardArgs,
    #[command(flatten)]
    print: PrintArgs,
    /// Save the plan, for `sitewright apply FILE`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Print a saved plan.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// Saved plan
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    print: PrintArgs,
}

/// Findings on standard error, or as JSON on standard output.
pub(super) fn complain(found: &Diagnostics, sources: &Sources, format: Format, output: &mut Output) {
    match format {
        Format::Human => {
            let text = report::findings(found, sources, output.error_style());
            output.complain(&text);
        }
        Format::Json => {
            let json = report::findings_json(found, sources);
            output.say(&format!("{json}\n"));
        }
    }
}

/// Loads and stops at errors; warnings go to standard error.
pub(super) fn loaded_or_exit(dir: &Path, site: &SiteArgs, format: Format, output: &mut Output) -> Result<Loaded, Exit> {
    let loaded = load_site(dir, site.targets.as_deref());
    if loaded.found.has_errors() {
        complain(&loaded.found, &loaded.sources, format, output);
        return Err(Exit::Problem);
    }
    if !loaded.found.is_empty() && format == Format::Human {
        let text = report::findings(&loaded.found, &loaded.sources, output.error_style());
        output.complain(&text);
    }
    Ok(loaded)
}

pub(super) fn print(plan: &Plan, args: &PrintArgs, output: &mut Output) {
    match args.format {
        Format::Human => {
            let text = report::plan(plan, args.show(), output.style());
            output.say(&text);
        }
        Format::Json => output.say(&format!("{}\n", report::plan_json(plan))),
    }
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    if let Some(Err(found)) = args.out.as_deref().map(check_out) {
        complain(&found, &Sources::default(), args.print.format, output);
        return Exit::Problem;
    }
    let loaded = match loaded_or_exit(&args.dir, &args.site, args.print.format, output) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let plan = match plan(&loaded, args) {
        Ok(plan) => plan,
        Err(found) => {
            complain(&found, &loaded.sources, args.print.format, output);
            return Exit::Problem;
        }
    };
    print(&plan, &args.print, output);
    if let Some(path) = &args.out {
        let written = local::replace(path, to_text(&plan).as_bytes());
        if let Err(error) = written {
            output.complain(&format!("error: failed to write {}: {error}\n", report::printable(&path.display().to_string())));
            return Exit::Problem;
        }
        if args.print.format == Format::Human {
            output.say(&format!("\nSaved. To apply exactly this: sitewright apply {}\n", report::printable(&path.display().to_string())));
        }
    } else if !plan.is_empty() && args.print.format == Format::Human {
        output.say("\nNothing is touched until you run `sitewright apply`.\n");
    }
    if !plan.refusals.is_empty() {
        return Exit::Refused;
    }
    if args.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Success }
}

fn plan(loaded: &Loaded, args: &Args) -> Result<Plan, Diagnostics> {
    let backends = loaded.backends(&args.site)?;
    let runtime = runtime().map_err(|error| Diagnostics(vec![Diagnostic::new(&codes::STATE_FOLDER, error.to_string())]))?;
    let observations = runtime.block_on(observe(&backends, &loaded.factory()))?;
    let wish = Wish {
        adopt: args.guard.adopt.iter().cloned().collect(),
        guards: args.guard.guards(&loaded.settings.guards),
        destroying: false,
        only: None,
        at: None,
    };
    make_plan(loaded, &args.site, wish, &backends, &observations)
}

/// Whether a plan may be written there: over nothing but another plan.
fn check_out(path: &Path) -> Result<(), Diagnostics> {
    let refused = |why: &str| {
        Err(Diagnostics(vec![
            Diagnostic::new(&codes::PLAN_FILE, format!("`{}` {why}, so no plan is written there", path.display()))
                .hint("choose another name, e.g. `--out plan.json`"),
        ]))
    };
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml")) {
        return refused("would be a manifest");
    }
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => refused(&format!("cannot be looked at ({error})")),
        Ok(metadata) if metadata.is_symlink() => refused("is a link"),
        Ok(metadata) if !metadata.is_file() => refused("is no file"),
        Ok(_) if std::fs::read_to_string(path).is_ok_and(|text| is_saved_plan(&text)) => Ok(()),
        Ok(_) => refused("exists and is no saved plan"),
    }
}

/// Reads a saved plan.
pub(super) fn read(path: &Path) -> Result<Plan, Diagnostics> {
    let bad = |why: String| {
        Diagnostics(vec![
            Diagnostic::new(&codes::PLAN_FILE, format!("`{}` is no plan: {why}", path.display()))
                .hint("make one: sitewright plan --out plan.json"),
        ])
    };
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    from_text(&text).map_err(bad)
}

pub(super) fn show(args: &ShowArgs, output: &mut Output) -> Exit {
    match read(&args.file) {
        Ok(plan) => {
            print(&plan, &args.print, output);
            Exit::Success
        }
        Err(found) => {
            complain(&found, &Sources::default(), args.print.format, output);
            Exit::Problem
        }
    }
}
