//! The twin.

use futures::future::{FutureExt, LocalBoxFuture};

use super::event::Outcome;
use super::lock::one;
use super::writer::{Lock, Performed, Waiting, Work, Writer};
use crate::diagnostics::codes::command as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::transport::Holder;
use crate::live::twin::Twin;
use crate::plan::{Step, twin};

impl Writer for Twin {
    fn lock<'a>(
        &'a self,
        target: &'a str,
        _factory: &'a str,
        _here: &'a Holder,
    ) -> LocalBoxFuture<'a, Result<Lock, Diagnostics>> {
        async move {
            match Twin::lock(self) {
                Ok(Some(file)) => Ok(Lock::File(file)),
                Ok(None) => {
                    let message = format!("`{target}` is being applied by another process");
                    Err(one(Diagnostic::of_run(&codes::LOCKED, message).hint("wait for it")))
                }
                Err(error) => {
                    let message = format!("`{target}` cannot be locked: {error}");
                    let path = self.path().display();
                    Err(one(Diagnostic::of_run(&codes::STATE_FOLDER, message)
                        .hint(format!("its folder has to be writable, and the lock a plain file: {path}"))))
                }
            }
        }
        .boxed_local()
    }

    fn unlock<'a>(&'a self, _lock: &'a Lock, _here: &'a Holder) -> LocalBoxFuture<'a, ()> {
        // Its file is closed with the lock.
        futures::future::ready(()).boxed_local()
    }

    fn perform<'a>(&'a self, work: Work<'a>, _waiting: &'a mut Waiting<'_>) -> LocalBoxFuture<'a, Option<Performed>> {
        async move {
            let Step::Twin(twin::Step::Twin { put, remove }) = &work.action.step else { return None };
            let outcome = match self.commit(work.factory, put, remove) {
                Ok(()) => Outcome::Done,
                Err(error) => Outcome::Failed(error.to_string()),
            };
            Some(outcome.into())
        }
        .boxed_local()
    }
}
