//! Writing our include files and making the controller take them up; rolled back as a whole when it does not.
//!
//! Exit codes and silence prove nothing here: a reconfigure answers 0 while the controller dies, and a refused file
//! crashes some releases seconds later. So after it the controller has to answer steadily and its view has to equal the
//! file; else the previous files go back and the controller is started again where the site says how.

use std::time::{Duration, Instant};

use crate::diagnostics::{Diagnostics, Severity};
use crate::diff::FieldChange;
use crate::diff::slurm::running_differences;
use crate::live::slurm::{self, Controller, ReadOptions, SlurmFacts};
use crate::live::transport::{Output, Transport, TransportError};
use crate::plan::slurm::{FileWrite, How};
use crate::resource::Digest;
use crate::slurm::lint::{LintInput, lint};

/// Longest time for a controller to come back and take up a file.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it has to answer without a gap: crashes after a refusal were seen seconds later.
const STEADY: Duration = Duration::from_secs(4);
const TICK: Duration = Duration::from_millis(400);
const PROGRAM_LIMIT: Duration = Duration::from_secs(60);

/// What the work is done with.
pub(super) struct Work<'a> {
    pub(super) target: &'a str,
    pub(super) transport: &'a Transport,
    pub(super) options: &'a ReadOptions,
    pub(super) facts: &'a SlurmFacts,
    pub(super) restart: Option<&'a [String]>,
}

/// How it ended.
pub(super) enum Configured {
    /// The controller runs what the files say, or the files say nothing new to it.
    Done,
    /// The files are written; people have to restart the controller.
    ByHand(String),
    /// Nothing was written: why.
    Refused(String),
    /// The previous files are back.
    RolledBack { why: String, log: String },
}

/// Writes, reconfigures or restarts, watches, and rolls back if need be.
pub(super) async fn configure(
    work: &Work<'_>,
    files: &[FileWrite],
    how: &How,
    waiting: &mut impl FnMut(String),
) -> Configured {
    if let Err(why) = lint_again(work, files).await {
        return Configured::Refused(why);
    }
    let mut written: Vec<&FileWrite> = Vec::new();
    // gres.conf's include goes first: a node that names a gres needs it.
    for file in files.iter().rev() {
        let expected = file.before.as_ref().map(Digest::of);
        if let Err(error) = work.transport.replace_file(&file.path, file.after.as_bytes(), expected.as_ref()).await {
            let why = format!("failed to write {}: {error}", file.path);
            put_back(work, &written).await;
            return Configured::Refused(why);
        }
        written.push(file);
    }
    let taken_up = match how {
        How::Nothing => return Configured::Done,
        How::ByHand(command) => return Configured::ByHand(command.clone()),
        How::Reconfigure => {
            waiting("scontrol reconfigure".to_owned());
            run(work, &["scontrol", "reconfigure"]).await
        }
        How::Restart(command) => {
            waiting(format!("running `{}`", command.join(" ")));
            restart(work, command).await
        }
    };
    let verdict = match taken_up {
        Ok(()) => watch(work, waiting).await,
        // A busy controller answers too late and has done it all the same: what it runs says whether it has.
        Err(Fault::NoAnswer(why)) => {
            waiting(format!("{why}; looking what the controller runs"));
            watch(work, waiting).await.map_err(|then| format!("{why}; {then}"))
        }
        Err(Fault::Failed(why)) => Err(why),
    };
    let Err(why) = verdict else { return Configured::Done };
    let log = log_tail(work).await;
    waiting("the controller did not take the new files; putting the previous ones back".to_owned());
    let back = roll_back(work, &written, waiting).await;
    let why = match back {
        Ok(()) if matches!(work.facts.controller, Controller::Down(_)) => format!("{why}; the previous files are back"),
        Ok(()) => format!("{why}; the previous files are back and the controller runs as before"),
        Err(then) => format!("{why}; the previous files are back, but {then}"),
    };
    Configured::RolledBack { why, log }
}

/// Why a command did not end well, for people.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// The client gave up, or was ended, before the controller answered: that is neither a refusal nor a success.
    NoAnswer(String),
    /// The command was refused, or could not be run.
    Failed(String),
}

impl Fault {
    /// The words, where it does not matter which of the two it is.
    fn why(self) -> String {
        match self {
            Self::NoAnswer(why) | Self::Failed(why) => why,
        }
    }
}

impl From<TransportError> for Fault {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::TimedOut { .. } => Self::NoAnswer(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

/// The merged files as they are now, with ours as they will be: nothing that the linter refuses reaches a controller.
async fn lint_again(work: &Work<'_>, files: &[FileWrite]) -> Result<(), String> {
    let paths: Vec<String> =
        work.facts.files.keys().cloned().chain(files.iter().map(|file| file.path.clone())).collect();
    let read = work.transport.read_files(&paths).await.map_err(|error| error.to_string())?;
    let mut merged = std::collections::BTreeMap::new();
    for (path, bytes) in read {
        if let Some(bytes) = bytes {
            merged.insert(path, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    for file in files {
        let now = merged.get(&file.path);
        if now != file.before.as_ref() {
            return Err(format!("{} changed since it was read; plan again", file.path));
        }
        merged.insert(file.path.clone(), file.after.clone());
    }
    let found: Diagnostics = lint(&LintInput {
        slurm_conf: work.facts.slurm_conf.clone(),
        gres_conf: Some(work.facts.gres_conf.clone()),
        files: merged,
        release: Some(work.facts.release),
        known_qos: None,
        known_accounts: None,
    });
    let first = found.0.iter().find(|finding| finding.code.severity == Severity::Error);
    first.map_or(Ok(()), |finding| Err(format!("the configuration would be refused: {}", finding.message)))
}

async fn run(work: &Work<'_>, words: &[&str]) -> Result<(), Fault> {
    let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    ended(&argv, &work.transport.run(&argv, None, PROGRAM_LIMIT).await?)
}

/// The site's own command runs beside the prefix, as it is written.
async fn restart(work: &Work<'_>, command: &[String]) -> Result<(), Fault> {
    ended(command, &work.transport.run_site(command, PROGRAM_LIMIT).await?)
}

/// How a command ended. Slurm's clients have one exit code for a refusal and for a controller that answers too late, so
/// only their words tell the two apart: `Socket timed out on send/recv operation`.
fn ended(words: &[String], output: &Output) -> Result<(), Fault> {
    if output.code == Some(0) {
        return Ok(());
    }
    let said = format!("{}\n{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    let why = format!("`{}` failed: {}", words.join(" "), first_lines(&said));
    Err(if said.contains("timed out") { Fault::NoAnswer(why) } else { Fault::Failed(why) })
}

async fn answers(work: &Work<'_>) -> bool {
    let argv = ["scontrol", "ping"].map(ToOwned::to_owned);
    match work.transport.run(&argv, None, Duration::from_secs(10)).await {
        Ok(output) => String::from_utf8_lossy(&output.stdout).contains("is UP"),
        Err(_) => false,
    }
}

/// Waits until the controller has answered without a gap for a while and runs what the files say.
async fn watch(work: &Work<'_>, waiting: &mut impl FnMut(String)) -> Result<(), String> {
    let started = Instant::now();
    steady(work, waiting).await?;
    loop {
        let why = match slurm::observe(work.target, "", work.transport, work.options).await {
            Ok(observation) => {
                let up = observation.slurm().is_some_and(|facts| facts.controller == Controller::Up);
                let differing = running_differences(&observation);
                match differing.iter().next() {
                    None if up => return Ok(()),
                    None => "the controller went away".to_owned(),
                    Some((address, fields)) => {
                        let field = fields.first().map(FieldChange::title).unwrap_or_default();
                        format!("the controller runs something else than the file says: {address} {field}")
                    }
                }
            }
            Err(found) => found.0.first().map_or_else(String::new, |finding| finding.message.clone()),
        };
        if started.elapsed() > PATIENCE {
            return Err(why);
        }
        waiting(why);
        tokio::time::sleep(TICK).await;
    }
}

/// Waits until the controller has answered for `STEADY` without a gap.
async fn steady(work: &Work<'_>, waiting: &mut impl FnMut(String)) -> Result<(), String> {
    let started = Instant::now();
    let mut since: Option<Instant> = None;
    waiting("waiting for the controller to answer steadily".to_owned());
    loop {
        if answers(work).await {
            let first = *since.get_or_insert_with(Instant::now);
            if first.elapsed() >= STEADY {
                return Ok(());
            }
        } else {
            since = None;
        }
        if started.elapsed() > PATIENCE {
            return Err("the controller does not answer".to_owned());
        }
        // A controller that is gone and has nobody to start it stays gone.
        if since.is_none() && started.elapsed() > Duration::from_secs(15) {
            return Err("the controller is gone".to_owned());
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn put_back(work: &Work<'_>, written: &[&FileWrite]) -> Option<String> {
    let mut failed = None;
    for file in written {
        let now = Digest::of(&file.after);
        let result = match &file.before {
            Some(before) => work.transport.replace_file(&file.path, before.as_bytes(), Some(&now)).await,
            None => work.transport.remove_file(&file.path).await,
        };
        if let Err(error) = result {
            failed = Some(format!("{} could not be put back: {error}", file.path));
        }
    }
    failed
}

/// Previous files back, controller up with the old view.
async fn roll_back(work: &Work<'_>, written: &[&FileWrite], waiting: &mut impl FnMut(String)) -> Result<(), String> {
    if let Some(why) = put_back(work, written).await {
        return Err(why);
    }
    let never_ran = matches!(work.facts.controller, Controller::Down(_));
    if answers(work).await {
        // Still there: take the old files up again, and see whether it survives its own refusal.
        let _ = run(work, &["scontrol", "reconfigure"]).await;
        if steady(work, waiting).await.is_ok() {
            return Ok(());
        }
    }
    match work.restart {
        Some(command) if !command.is_empty() => {
            waiting(format!("starting the controller again: `{}`", command.join(" ")));
            if let Err(fault) = restart(work, command).await
                && !never_ran
            {
                return Err(fault.why());
            }
            if never_ran { Ok(()) } else { steady(work, waiting).await }
        }
        _ => Err("the controller is gone and no `restart` command is declared: start it by hand".to_owned()),
    }
}

/// Last telling lines of the controller's log.
async fn log_tail(work: &Work<'_>) -> String {
    let setting = work.facts.settings.get("SlurmctldLogFile").cloned();
    let Some(path) = setting.filter(|path| path.starts_with('/')) else {
        return "slurmctld logs to syslog here: look with `journalctl -u slurmctld`".to_owned();
    };
    let argv = ["tail", "-n", "200", &path].map(ToOwned::to_owned);
    let Ok(output) = work.transport.run(&argv, None, PROGRAM_LIMIT).await else {
        return format!("look into {path} on the controller's host");
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let telling: Vec<&str> = text.lines().filter(|line| line.contains("error") || line.contains("fatal")).collect();
    let start = telling.len().saturating_sub(5);
    telling[start..].join("\n")
}

/// The telling lines of a program's output, on one line.
pub(super) fn first_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(4).collect();
    lines.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whichever side gave up first, the controller may have done what it was asked.
    #[test]
    fn no_answer_is_no_refusal() {
        let words = ["scontrol".to_owned(), "reconfigure".to_owned()];
        let said = |text: &str| Output { code: Some(1), stdout: Vec::new(), stderr: text.as_bytes().to_vec() };
        let late = said("slurm_reconfigure error: Socket timed out on send/recv operation\n");
        assert!(matches!(ended(&words, &late), Err(Fault::NoAnswer(_))));
        assert!(matches!(ended(&words, &said("error: Invalid node name\n")), Err(Fault::Failed(_))));
        let killed = TransportError::TimedOut { program: "scontrol".to_owned(), seconds: 60 };
        assert!(matches!(Fault::from(killed), Fault::NoAnswer(_)));
    }
}
