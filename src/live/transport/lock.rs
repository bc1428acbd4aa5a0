//! One apply at a time per target: a folder made on the target, which only one can make.

use serde::{Deserialize, Serialize};

use super::{Transport, TransportError};

/// Seconds after which a lock of another host counts as left behind.
const EXPIRY: i64 = 2 * 3600;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Host of the process.
    pub host: String,
    /// Its number.
    pub process: u32,
    /// When it started, as the kernel counts, so that a number used again is told apart.
    pub started: u64,
    /// User who runs it.
    pub user: String,
    /// When it took the lock (Unix seconds).
    pub since: i64,
}

impl Holder {
    /// This process.
    pub fn this(user: String, now: i64) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
        let process = std::process::id();
        Self { host, process, started: start_of(process).unwrap_or_default(), user, since: now }
    }

    /// Whether it has certainly ended, or held for too long.
    pub(in crate::live) fn is_gone(&self, here: &Self) -> bool {
        if self.host == here.host {
            return start_of(self.process) != Some(self.started);
        }
        here.since - self.since > EXPIRY
    }
}

/// Start time of a process of this host, in clock ticks since boot (proc(5), `/proc/pid/stat`, field 22). One that has ended
/// and that nobody has asked after yet does nothing any more: it counts as gone.
fn start_of(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    started(&text)
}

/// The start time in `/proc/pid/stat` of a process that runs.
fn started(stat: &str) -> Option<u64> {
    // The name before may hold anything, brackets too.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let ended = matches!(fields.next()?, "Z" | "X" | "x");
    if ended { None } else { fields.nth(18)?.parse().ok() }
}

/// Why a lock was not taken, where `Failure` is what keeps it from being made.
#[derive(Debug, thiserror::Error)]
pub enum LockError<Failure: std::error::Error> {
    /// Somebody else has it.
    #[error("held by {}@{}, process {}", .0.user, .0.host, .0.process)]
    Held(Holder),
    /// It could not be made.
    #[error(transparent)]
    Failed(#[from] Failure),
}

impl Transport {
    /// Takes the lock; one whose holder is gone is taken over.
    pub async fn lock(&self, path: &str, here: &Holder) -> Result<(), LockError<TransportError>> {
        let holder_file = format!("{path}/holder");
        for _ in 0..3 {
            if self.must(&["mkdir", "--", path], None).await.is_ok() {
                let text = serde_json::to_string(here).unwrap_or_default();
                self.must(&["tee", "--", &holder_file], Some(text.as_bytes())).await?;
                return Ok(());
            }
            let read = self.read_files(std::slice::from_ref(&holder_file)).await?;
            let holder: Option<Holder> =
                read.into_values().next().flatten().and_then(|bytes| serde_json::from_slice(&bytes).ok());
            match holder {
                Some(holder)
                    if holder.process == here.process && holder.host == here.host && holder.started == here.started =>
                {
                    return Ok(());
                }
                Some(holder) if !holder.is_gone(here) => return Err(LockError::Held(holder)),
                Some(_) => {
                    self.unlock(path).await?;
                }
                None => {
                    // Just made, or left between the two steps of taking it: wait once, then take it over.
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                    let again = self.read_files(std::slice::from_ref(&holder_file)).await?;
                    if again.into_values().next().flatten().is_none_or(|bytes| bytes.is_empty()) {
                        self.unlock(path).await?;
                    }
                }
            }
        }
        // The folder itself cannot be made: say why.
        self.must(&["mkdir", "--", path], None).await?;
        self.must(&["tee", "--", &holder_file], Some(serde_json::to_string(here).unwrap_or_default().as_bytes()))
            .await?;
        Ok(())
    }

    /// Gives the lock back.
    pub async fn unlock(&self, path: &str) -> Result<(), TransportError> {
        self.remove_file(&format!("{path}/holder")).await?;
        let argv = ["rmdir", "--", path].map(ToOwned::to_owned);
        self.run(&argv, None, std::time::Duration::from_secs(30)).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_process_that_has_ended_holds_nothing() {
        let stat = |state: &str| {
            format!("7 (a) b) {state} 1 7 7 0 -1 4194560 99 0 0 0 1 2 0 0 20 0 1 0 123456 1000 50 18446744073709551615")
        };
        assert_eq!(super::started(&stat("S")), Some(123_456));
        assert_eq!(super::started(&stat("Z")), None);
        assert_eq!(super::started(""), None);
    }

    use super::*;

    #[tokio::test]
    async fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock").display().to_string();
        let transport = Transport::local();
        let mut other = Holder::this("anna".into(), 0);
        // Process 1 lives as long as this machine.
        other.process = 1;
        other.started = start_of(1).unwrap();
        transport.lock(&path, &other).await.unwrap();
        let here = Holder::this("bo".into(), 5);
        assert!(matches!(transport.lock(&path, &here).await, Err(LockError::Held(holder)) if holder.user == "anna"));
        transport.unlock(&path).await.unwrap();
        other.started += 1;
        transport.lock(&path, &other).await.unwrap();
        transport.lock(&path, &here).await.expect("a holder that is gone is taken over");
        transport.unlock(&path).await.unwrap();
    }
}
