//! `sitewright plan` and `sitewright show`.

use std::path::{Path, PathBuf};

use super::args::{Format, GuardArgs, PrintArgs, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::saved::{check_out, read, save};
use super::session::{Session, Wish};
use super::site::{Loaded, load_site, runtime};
use crate::diagnostics::codes::command as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::manifest::Sources;
use crate::plan::Plan;
use crate::report;

/// Show what apply would do; changes nothing.
///
/// Read rights on the targets suffice. The summary comes first, then deletions and the jobs they would hit, then each
/// change field by field.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sitewright plan\n  sitewright plan --env production --out plan.json\n  sitewright plan --detailed-exitcode --format json"
)]
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
    #[arg(long, help_heading = "Output", value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 2 when there are changes
    #[arg(long, help_heading = "Output")]
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
            let text = report::complaints(found, sources, output.error_style());
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
    accepted(load_site(dir, site.targets.as_deref()), format, output)
}

/// Stops at errors; warnings go to standard error.
pub(super) fn accepted(loaded: Loaded, format: Format, output: &mut Output) -> Result<Loaded, Exit> {
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
        if let Err(error) = save(&plan, path) {
            output.complain(&format!(
                "error: failed to write {}: {error}\n",
                report::printable(&path.display().to_string())
            ));
            return Exit::Problem;
        }
        if args.print.format == Format::Human {
            output.say(&format!("\n{}\n", saved_as(args, path, &plan)));
        }
    } else if args.print.format == Format::Human {
        let command = same_apply(args);
        let width = output.style().width;
        let say = |text: String| format!("\n{}\n", report::wrap(&text, width));
        if !plan.refusals.is_empty() {
            output.say(&say(format!("Nothing was changed, and `{command}` refuses this too.")));
        } else if !plan.is_empty() {
            output.say(&say(format!("Nothing is touched until you run `{command}`.")));
        }
    }
    if !plan.refusals.is_empty() {
        return Exit::Refused;
    }
    if args.detailed_exitcode && !plan.is_empty() { Exit::Changes } else { Exit::Success }
}

/// What to do with a plan that was saved.
fn saved_as(args: &Args, path: &Path, plan: &Plan) -> String {
    let path = report::printable(&path.display().to_string()).into_owned();
    if !plan.refusals.is_empty() {
        return format!("Saved to {path}, to be looked at: apply refuses it as it stands.");
    }
    let mut words = vec![path];
    if args.dir != Path::new(".") {
        words.extend(["--dir".to_owned(), args.dir.display().to_string()]);
    }
    words.extend(args.site.targets.iter().flat_map(|file| ["--targets".to_owned(), file.display().to_string()]));
    format!("Saved. To apply exactly this: {}", apply_command(&words))
}

/// The apply that would do what was planned.
fn same_apply(args: &Args) -> String {
    let mut words = Vec::new();
    if args.dir != Path::new(".") {
        words.push(args.dir.display().to_string());
    }
    words.extend(args.site.words());
    words.extend(args.guard.words());
    apply_command(&words)
}

fn apply_command(words: &[String]) -> String {
    let words = words.iter().map(|word| crate::live::transport::quote(word));
    ["sitewright".to_owned(), "apply".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ")
}

fn plan(loaded: &Loaded, args: &Args) -> Result<Plan, Diagnostics> {
    let session = Session::open(loaded, &args.site, false)?;
    let runtime =
        runtime().map_err(|error| Diagnostics(vec![Diagnostic::of_run(&codes::STATE_FOLDER, error.to_string())]))?;
    let observations = runtime.block_on(session.observe())?;
    let wish =
        Wish { wishes: args.guard.wishes(), guards: args.guard.guards(&loaded.settings.guards), only: None, at: None };
    let plan = session.plan(wish, &observations);
    // The program ends with it: to give back what was read, piece by piece, would only take time.
    std::mem::forget((session, observations));
    plan
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
