//! The command line: one file a verb. Wires stages together; formats nothing.

mod apply;
mod args;
mod doctor;
mod exit;
mod explain;
mod init;
mod kubernetes;
mod misc;
mod output;
mod plan;
mod render;
mod same;
mod saved;
mod session;
mod site;
mod slurm;
mod target;
mod targets;
mod today;
mod usage;
mod validate;

use std::ffi::OsString;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use exit::Exit;
use output::Output;

/// Provisions AI-factory sites from YAML manifests.
///
/// Reads what a factory should be from a folder of manifests, reads what the live cluster is, shows the difference, and
/// applies it. Without a `sitewright.yaml` that binds clusters, the target is an embedded twin: everything works on a laptop.
#[derive(Debug, Parser)]
#[command(
    name = "sitewright",
    version,
    max_term_width = 80,
    after_help = "Start here:\n  sitewright init nordlys && cd nordlys && sitewright plan\n\nExit codes: 0 success or no change, 1 problem found, 2 changes present\n(--detailed-exitcode), 3 refused, 4 partly applied, 64 wrong command line."
)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

/// The verbs; each says of itself what `--help` prints.
#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Args),
    Validate(validate::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Destroy(apply::DestroyArgs),
    Show(plan::ShowArgs),
    Render(render::Args),
    Explain(explain::Args),
    Schema(misc::SchemaArgs),
    Doctor(doctor::Args),
    Completions(misc::CompletionsArgs),
    /// Print the manual page.
    Man,
}

/// Parses and runs; never panics on input, and a closed pipe is a quiet success.
pub fn run(arguments: impl Iterator<Item = OsString>) -> Exit {
    let mut output = Output::new();
    let arguments: Vec<OsString> = arguments.collect();
    let cli = match command().try_get_matches_from(&arguments).and_then(|found| Cli::from_arg_matches(&found)) {
        Ok(cli) => cli,
        Err(mut error) => {
            let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
            usage::advise(&mut error, command(), &words);
            let wrong = error.use_stderr();
            let text = if output.colour_out() { error.render().ansi().to_string() } else { error.render().to_string() };
            if wrong {
                output.complain(&text);
                return Exit::Usage;
            }
            output.say(&text);
            return output.finish(Exit::Success, false);
        }
    };
    let applied = matches!(cli.verb, Verb::Apply(_) | Verb::Destroy(_));
    let exit = match cli.verb {
        Verb::Init(args) => init::run(&args, &mut output),
        Verb::Validate(args) => validate::run(&args, &mut output),
        Verb::Plan(args) => plan::run(&args, &mut output),
        Verb::Apply(args) => apply::run(&args, &mut output),
        Verb::Destroy(args) => apply::destroy(&args, &mut output),
        Verb::Show(args) => plan::show(&args, &mut output),
        Verb::Render(args) => render::run(&args, &mut output),
        Verb::Explain(args) => explain::run(&args, &mut output),
        Verb::Schema(args) => misc::schema(&args, &mut output),
        Verb::Doctor(args) => doctor::run(&args, &mut output),
        Verb::Completions(args) => misc::completions(&args, command(), &mut output),
        Verb::Man => misc::man(command(), &mut output),
    };
    output.finish(exit, applied)
}

/// The command line as clap knows it: for completions, the manual page and the reference.
///
/// `-h` and `--help` of a verb are one compact page: what it does, a line for each flag, then the details and examples.
pub fn command() -> clap::Command {
    let root = Cli::command();
    let verbs: Vec<String> = root.get_subcommands().map(|verb| verb.get_name().to_owned()).collect();
    verbs.into_iter().fold(root, |root, verb| root.mut_subcommand(verb, one_page))
}

/// Help of a verb without the long form, which spends three lines on a flag. The paragraphs of the long form follow the flags.
fn one_page(verb: clap::Command) -> clap::Command {
    let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
    let details = verb.get_long_about().map(ToString::to_string).unwrap_or_default();
    let details = details.trim_start_matches(&about).trim_start_matches('.').trim().to_owned();
    let examples = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
    let after = [details, examples].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    let help = Arg::new("help").short('h').long("help").action(ArgAction::HelpShort).help("Print this page");
    verb.disable_help_flag(true).arg(help).after_help(StyledStr::from(after))
}
