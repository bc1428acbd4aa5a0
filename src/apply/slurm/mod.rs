//! A Slurm cluster that can be written.

mod configure;

use std::time::Duration;

use futures::future::{FutureExt, LocalBoxFuture};

use self::configure::{Configured, first_lines};
use super::event::Outcome;
use super::lock;
use super::target::Target;
use super::writer::{Lock, Performed, Waiting, Work, Writer};
use crate::diagnostics::Diagnostics;
use crate::live::Observation;
use crate::live::slurm::{self, Endpoint};
use crate::live::transport::{Holder, LockError, Transport, quote};
use crate::plan;
use crate::plan::slurm::Step;

/// Longest time for one `sacctmgr` command; a killed predecessor may roll back for as long as it ran.
const COMMAND_LIMIT: Duration = Duration::from_secs(600);
/// How often a command is tried again while another transaction holds its rows.
const LOCK_TRIES: u32 = 10;

impl Writer for Endpoint {
    fn lock<'a>(
        &'a self,
        target: &'a str,
        _factory: &'a str,
        here: &'a Holder,
    ) -> LocalBoxFuture<'a, Result<Lock, Diagnostics>> {
        async move {
            let folder = slurm::folder(target, &self.transport, &self.options).await?;
            let path = format!("{folder}/.sitewright.lock");
            match self.transport.lock(&path, here).await {
                Ok(()) => Ok(Lock::Named(path)),
                Err(LockError::Held(holder)) => Err(lock::one(lock::held(target, &holder, &path))),
                Err(LockError::Failed(error)) => {
                    let hint = format!(
                        "its folder has to be writable; where nobody applies, remove it: `rm -r {}`",
                        quote(&path)
                    );
                    Err(lock::one(lock::failed(target, &error).hint(hint)))
                }
            }
        }
        .boxed_local()
    }

    fn unlock<'a>(&'a self, lock: &'a Lock, here: &'a Holder) -> LocalBoxFuture<'a, ()> {
        async move {
            if let Lock::Named(path) = lock {
                let _ = self.transport.unlock(path, here).await;
            }
        }
        .boxed_local()
    }

    fn perform<'a>(&'a self, work: Work<'a>, waiting: &'a mut Waiting<'_>) -> LocalBoxFuture<'a, Option<Performed>> {
        async move {
            let plan::Step::Slurm(step) = &work.action.step else { return None };
            let mut waiting = |what: String| waiting(work.action.id, what);
            Some(match step {
                Step::Accounting { argv } => accounting(&self.transport, argv, waiting).await.into(),
                Step::Configure { files, how } => {
                    let Some(facts) = work.observation.and_then(Observation::slurm) else {
                        return Some(Outcome::Failed("the target was not read".to_owned()).into());
                    };
                    let work = configure::Work {
                        target: &work.action.target,
                        transport: &self.transport,
                        options: &self.options,
                        facts,
                        restart: work.restart,
                    };
                    configured(configure::configure(&work, files, how, &mut waiting).await)
                }
            })
        }
        .boxed_local()
    }
}

fn configured(ended: Configured) -> Performed {
    match ended {
        Configured::Done => Outcome::Done.into(),
        Configured::ByHand(command) => {
            let why = format!("run `{command}` on the controller's host, then apply again");
            Performed { by_hand: Some(command), ..Outcome::Failed(why).into() }
        }
        Configured::Refused(why) => Outcome::Failed(why).into(),
        Configured::RolledBack { why, log } => Performed { rolled_back: Some(log), ..Outcome::Failed(why).into() },
    }
}

pub(super) const TARGET: &dyn Target = &OfSlurm;

struct OfSlurm;

impl Target for OfSlurm {
    fn counts_though_there(&self, step: &plan::Step) -> bool {
        // A file that was not taken up.
        matches!(step, plan::Step::Slurm(Step::Configure { .. }))
    }
}

/// One `sacctmgr` command. `Nothing new added` and its like are left to the read-back; a lock is waited for.
async fn accounting(transport: &Transport, argv: &[String], mut waiting: impl FnMut(String)) -> Outcome {
    for attempt in 1..=LOCK_TRIES {
        let output = match transport.run(argv, None, COMMAND_LIMIT).await {
            Ok(output) => output,
            Err(error) => return Outcome::Failed(error.to_string()),
        };
        if output.code == Some(0) {
            return Outcome::Done;
        }
        let text = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let folded = text.to_lowercase();
        if ["deadlock", "lock wait timeout", "database is busy", "waiting for lock"]
            .iter()
            .any(|word| folded.contains(word))
        {
            waiting(format!("another transaction holds the rows; try {attempt} of {LOCK_TRIES}"));
            tokio::time::sleep(Duration::from_secs(u64::from(attempt))).await;
            continue;
        }
        if ["nothing new added", "already exist", "nothing modified", "nothing deleted"]
            .iter()
            .any(|word| folded.contains(word))
        {
            return Outcome::Done;
        }
        return Outcome::Failed(first_lines(&text));
    }
    Outcome::Failed("the database stayed locked by another transaction".to_owned())
}
