//! Locks of all targets of an apply.

use std::collections::BTreeMap;

use super::backend::{Backend, Lock};
use crate::diagnostics::codes::command as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::Observation;
use crate::live::transport::Holder;

/// Locks held, by target.
#[derive(Debug)]
pub struct Locks {
    held: Vec<(String, Lock)>,
    /// Who we are to other applies.
    here: Holder,
}

impl Locks {
    /// Takes all, or none.
    pub async fn take(
        backends: &BTreeMap<String, Box<dyn Backend>>,
        observations: &[Observation],
    ) -> Result<Self, Diagnostics> {
        let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
        let here = Holder::this(user.unwrap_or_else(|_| "unknown".to_owned()), jiff::Timestamp::now().as_second());
        let mut locks = Self { held: Vec::new(), here };
        for (name, backend) in backends {
            let observation = observations.iter().find(|one| &one.target == name);
            match backend.lock(name, observation, &locks.here).await {
                Ok(lock) => locks.held.push((name.clone(), lock)),
                Err(diagnostic) => {
                    locks.release(backends).await;
                    return Err(Diagnostics(vec![diagnostic]));
                }
            }
        }
        Ok(locks)
    }

    /// Gives all back.
    pub async fn release(self, backends: &BTreeMap<String, Box<dyn Backend>>) {
        for (name, lock) in &self.held {
            if let Some(backend) = backends.get(name) {
                backend.unlock(lock, &self.here).await;
            }
        }
    }
}

/// Somebody else has the lock.
pub(super) fn held(target: &str, holder: &Holder, place: &str) -> Diagnostic {
    let since =
        jiff::Timestamp::from_second(holder.since).map_or_else(|_| String::new(), |time| format!(" since {time}"));
    let (user, host, process) = (&holder.user, &holder.host, holder.process);
    Diagnostic::of_run(
        &codes::LOCKED,
        format!("`{target}` is being applied by {user}@{host}, process {process}{since}"),
    )
    .hint(format!("wait for it; a lock of another host expires after two hours: {place}"))
}

/// It cannot be made.
pub(super) fn failed(target: &str, why: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::of_run(&codes::LOCKED, format!("the lock of `{target}` cannot be taken: {why}"))
}
