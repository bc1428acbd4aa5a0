//! `sitewright apply` and `sitewright destroy`.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::args::{Format, GuardArgs, JobGuardArgs, PrintArgs, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::plan::{accepted, complain, loaded_or_exit, print};
use super::saved;
use super::session::{Session, Wish};
use super::site::{Loaded, load_site, runtime};
use crate::apply::{Executor, Journal, Locks, Summary};
use crate::diagnostics::codes::command as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::Observation;
use crate::plan::{Plan, moved, other_than};
use crate::report::{self, Progress};
use crate::resource::{Address, quote};

/// Make the site as declared, or execute a saved plan.
///
/// Plans, shows the plan, asks for confirmation, and executes it. After an interruption at any moment, the next run
/// converges. A saved plan is refused if anything that it touches has changed since it was made.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  sitewright apply\n  sitewright apply --env production --yes\n  sitewright apply plan.json --yes"
)]
pub(crate) struct Args {
    /// Folder of manifests, or a saved plan
    #[arg(default_value = ".", value_name = "DIR|PLANFILE")]
    what: PathBuf,
    /// Folder of the manifests of a saved plan [default: .]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    guard: GuardArgs,
    #[command(flatten)]
    print: PrintArgs,
    /// Apply without asking for confirmation
    #[arg(long)]
    yes: bool,
}

/// Remove everything that this factory owns.
///
/// Objects of others stay. The command is refused while running jobs would be hit, and while a manifest says
/// `protect: true`.
#[derive(Debug, clap::Args)]
pub(crate) struct DestroyArgs {
    /// Folder of manifests
    #[arg(default_value = ".", value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    guard: JobGuardArgs,
    /// Also delete this namespace, volume, claim or definition, which is kept by default (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    prune: Vec<Address>,
    #[command(flatten)]
    print: PrintArgs,
    /// Confirm with the factory's NAME instead of at the prompt
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

/// How the user agrees.
enum Consent<'a> {
    Given,
    Ask,
    Name(Option<&'a str>),
}

pub(super) fn run(args: &Args, output: &mut Output) -> Exit {
    if saved::is_plan(&args.what) {
        return saved_plan(args, output);
    }
    if let Some(dir) = &args.dir {
        let (what, dir) = (args.what.display(), dir.display());
        let message = format!("`{what}` is no saved plan, so `--dir {dir}` means nothing");
        let quoted = quote(&dir.to_string());
        output.problem(&message, &format!("name one of them: `sitewright apply {quoted}`"));
        return Exit::Usage;
    }
    let loaded = match loaded_or_exit(&args.what, &args.site, args.print.format, output) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let consent = if args.yes { Consent::Given } else { Consent::Ask };
    let job = Job {
        loaded: &loaded,
        site: &args.site,
        guard: &args.guard,
        print: &args.print,
        destroying: false,
        saved: None,
        consent,
    };
    job.run(output)
}

pub(super) fn destroy(args: &DestroyArgs, output: &mut Output) -> Exit {
    let loaded = match loaded_or_exit(&args.dir, &args.site, args.print.format, output) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let consent = Consent::Name(args.confirm.as_deref());
    let guard = GuardArgs { jobs: args.guard.clone(), prune: args.prune.clone(), ..GuardArgs::default() };
    let job = Job {
        loaded: &loaded,
        site: &args.site,
        guard: &guard,
        print: &args.print,
        destroying: true,
        saved: None,
        consent,
    };
    job.run(output)
}

fn saved_plan(args: &Args, output: &mut Output) -> Exit {
    let nothing = crate::manifest::Sources::default();
    let plan = match saved::read(&args.what) {
        Ok(plan) => plan,
        Err(found) => {
            complain(&found, &nothing, args.print.format, output);
            return Exit::Problem;
        }
    };
    let contradictions = saved::contradictions(&plan, &args.site, &args.guard);
    if !contradictions.is_empty() {
        complain(&contradictions, &nothing, args.print.format, output);
        return Exit::Refused;
    }
    let loaded = load_site(args.dir.as_deref().unwrap_or(Path::new(".")), args.site.targets.as_deref());
    if let Err(diagnostic) = saved::check_folder(&plan, &loaded) {
        complain(&one(diagnostic), &nothing, args.print.format, output);
        return Exit::Refused;
    }
    let loaded = match accepted(loaded, args.print.format, output) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    // The plan says for which environment and day it was made.
    let mut site = args.site.clone();
    site.env = Some(plan.environment.clone());
    site.at = plan.at.parse().ok();
    // What `destroy` asks is asked here too: no flag of `apply` says that everything may go.
    let consent = match (plan.destroying, args.yes) {
        (true, _) => Consent::Name(None),
        (false, true) => Consent::Given,
        (false, false) => Consent::Ask,
    };
    let job = Job {
        loaded: &loaded,
        site: &site,
        guard: &args.guard,
        print: &args.print,
        destroying: plan.destroying,
        saved: Some(&plan),
        consent,
    };
    job.run(output)
}

/// One apply.
struct Job<'a> {
    loaded: &'a Loaded,
    site: &'a SiteArgs,
    guard: &'a GuardArgs,
    print: &'a PrintArgs,
    destroying: bool,
    saved: Option<&'a Plan>,
    consent: Consent<'a>,
}

impl Job<'_> {
    fn run(&self, output: &mut Output) -> Exit {
        let fail = |found: &Diagnostics, output: &mut Output, exit| {
            complain(found, &self.loaded.sources, self.print.format, output);
            exit
        };
        let session = match Session::open(self.loaded, self.site, self.destroying) {
            Ok(session) => session,
            Err(found) => return fail(&found, output, Exit::Problem),
        };
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(error) => {
                return fail(&one(Diagnostic::of_run(&codes::STATE_FOLDER, error.to_string())), output, Exit::Problem);
            }
        };
        runtime.block_on(async {
            // Cheap and alone: who cannot write the journal must not begin.
            let state = self.loaded.state_folder();
            let mut journal = match Journal::open(&state.join(format!("{}.journal", self.site.environment()))) {
                Ok(journal) => journal,
                Err(error) => {
                    let found = Diagnostic::of_run(
                        &codes::STATE_FOLDER,
                        format!("`{}` cannot be written: {error}", state.display()),
                    )
                    .hint(format!(
                        "make it writable: `chmod u+w {}`",
                        quote(&self.loaded.folder.display().to_string())
                    ));
                    return fail(&one(found), output, Exit::Problem);
                }
            };
            // First of all: what is read under the lock is still so when it is written, but for what others do by hand.
            let endpoints = &session.endpoints.by_name;
            let locks = match Locks::take(endpoints, &self.loaded.factory()).await {
                Ok(locks) => locks,
                Err(found) => {
                    let held = found.0.iter().any(|one| one.code == &codes::LOCKED);
                    return fail(&found, output, if held { Exit::Refused } else { Exit::Problem });
                }
            };
            let exit = self.locked(&session, &mut journal, output).await;
            locks.release(endpoints).await;
            exit
        })
    }

    async fn plan(&self, session: &Session<'_>) -> Result<(Vec<Observation>, Plan), Diagnostics> {
        let observations = session.observe().await?;
        let (wishes, guards, only, at) = match self.saved {
            Some(plan) => (
                plan.wishes.clone(),
                plan.guards.clone(),
                Some(plan.changes.iter().map(|change| change.address.clone()).collect()),
                Some(plan.at.clone()),
            ),
            None => (self.guard.wishes(), self.guard.guards(&self.loaded.settings.guards), None, None),
        };
        let plan = session.plan(Wish { wishes, guards, only, at }, &observations)?;
        Ok((observations, plan))
    }

    /// With the locks held: read, plan, ask, execute.
    async fn locked(&self, session: &Session<'_>, journal: &mut Journal, output: &mut Output) -> Exit {
        let fail = |found: &Diagnostics, output: &mut Output, exit| {
            complain(found, &self.loaded.sources, self.print.format, output);
            exit
        };
        let (mut observations, mut plan) = match self.plan(session).await {
            Ok(read) => read,
            Err(found) => return fail(&found, output, Exit::Problem),
        };
        let asks = matches!(self.consent, Consent::Ask | Consent::Name(None));
        if let Some(saved) = self.saved
            && let Some(exit) = self.stale(saved, &plan, &observations, output)
        {
            return exit;
        }
        if self.print.format == Format::Human {
            print(&plan, self.print, output);
        }
        if !plan.refusals.is_empty() {
            if self.print.format == Format::Json {
                print(&plan, self.print, output);
            } else {
                output.complain("\nNothing was changed.\n");
            }
            return Exit::Refused;
        }
        if plan.is_empty() {
            if self.print.format == Format::Json {
                output.say(&format!("{}\n", report::summary_json(&Summary::default())));
            }
            return Exit::Success;
        }
        if output.is_lost() {
            // Nobody has seen what would be done.
            output.complain("\nNothing was changed.\n");
            return Exit::Problem;
        }
        if let Err(found) = self.agreed(output) {
            return fail(&found, output, Exit::Refused);
        }
        if asks {
            // Time has passed at the prompt.
            let (now, fresh) = match self.plan(session).await {
                Ok(fresh) => fresh,
                Err(found) => return fail(&found, output, Exit::Problem),
            };
            if let Some(exit) = self.stale(&plan, &fresh, &now, output) {
                return exit;
            }
            if !fresh.refusals.is_empty() {
                print(&fresh, self.print, output);
                return Exit::Refused;
            }
            (observations, plan) = (now, fresh);
        }
        let summary = execute(&plan, session, &observations, journal, output).await;
        match self.print.format {
            Format::Human => {
                let text = report::summary(&summary, output.style());
                output.say(&text);
            }
            Format::Json => output.say(&format!("{}\n", report::summary_json(&summary))),
        }
        if summary.is_complete() { Exit::Success } else { Exit::Partly }
    }

    fn stale(&self, saved: &Plan, fresh: &Plan, observations: &[Observation], output: &mut Output) -> Option<Exit> {
        let moves = moved(saved, fresh, observations);
        let again = if self.saved.is_some() {
            "plan again: `sitewright plan --out plan.json`"
        } else {
            "run it again, to see what is to do now"
        };
        let found = if moves.is_empty() {
            let why = other_than(saved, fresh)?;
            one(Diagnostic::of_run(&codes::STALE_PLAN, format!("this plan does not fit any more: {why}")).hint(again))
        } else {
            saved::stale(&moves, fresh, self.print.format, again)
        };
        complain(&found, &self.loaded.sources, self.print.format, output);
        Some(Exit::Refused)
    }

    /// Whether the user agrees.
    fn agreed(&self, output: &mut Output) -> Result<(), Diagnostics> {
        let refused =
            |message: &str, hint: String| Err(one(Diagnostic::of_run(&codes::NOT_CONFIRMED, message).hint(hint)));
        let factory = self.loaded.factory();
        match self.consent {
            Consent::Given => Ok(()),
            Consent::Name(Some(name)) if name == factory => Ok(()),
            Consent::Name(Some(name)) => {
                refused(&format!("`{name}` is not the factory's name"), format!("--confirm {factory}"))
            }
            Consent::Ask | Consent::Name(None) if !std::io::stdin().is_terminal() => {
                let hint = match (self.destroying, self.saved) {
                    (true, None) => format!("--confirm {factory}"),
                    (true, Some(_)) => format!(
                        "the saved plan removes everything of {factory}; to mean it: `sitewright destroy --confirm {factory}`"
                    ),
                    (false, _) => "--yes".to_owned(),
                };
                refused("cannot prompt: stdin is not a terminal", hint)
            }
            Consent::Ask => {
                output.complain("\nApply these changes? [y/N] ");
                let answer = answer();
                if ["y", "yes"].contains(&answer.to_lowercase().as_str()) {
                    Ok(())
                } else {
                    refused("not confirmed", "answer `y`, or pass --yes".to_owned())
                }
            }
            Consent::Name(None) => {
                output.complain(&format!("\nThis removes everything of {factory}. Type its name to go on: "));
                if answer() == factory { Ok(()) } else { refused("not confirmed", format!("type `{factory}`")) }
            }
        }
    }
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    Diagnostics(vec![diagnostic])
}

fn answer() -> String {
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    line.trim().to_owned()
}

async fn execute(
    plan: &Plan,
    session: &Session<'_>,
    observations: &[Observation],
    journal: &mut Journal,
    output: &mut Output,
) -> Summary {
    let stop = Arc::new(AtomicBool::new(false));
    let signal = stop.clone();
    let watcher = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            signal.store(true, Ordering::Relaxed);
        }
    });
    let mut progress = Progress::new(Output::terminal(), plan.actions.len());
    let mut lines = |event| {
        if let Some(line) = progress.take(&event) {
            output.complain(&format!("{line}\n"));
        }
    };
    let mut executor = Executor {
        endpoints: &session.endpoints.by_name,
        restart: &session.endpoints.restart,
        desired: session.wanted(),
        observations,
        journal,
        events: &mut lines,
        stop: &stop,
    };
    let summary = executor.execute(plan).await;
    progress.finish();
    watcher.abort();
    summary
}
