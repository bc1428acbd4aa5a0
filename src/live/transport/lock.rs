//! One apply at a time per target: a folder on the target that holds one file, called after the token of its holder.
//!
//! Taking is one rename: the folder is made under another name, with its file in it, and moved into place, which succeeds
//! only where there is none or an empty one. Taking over is removing the file of the holder that is gone, by its name: that
//! never removes the file of a successor, whose token is another. So at every moment the folder in place is complete and
//! has one holder or none.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Transport, TransportError, private};
use crate::resource::Digest;

/// Seconds after which a lock counts as left behind whose holder cannot be looked at.
const EXPIRY: i64 = 2 * 3600;
/// Seconds after which a lock counts as left behind that does not say who holds it.
const UNREADABLE_EXPIRY: i64 = 60;
/// How often the lock is tried while it changes hands.
const TRIES: u32 = 8;
const PAUSE: Duration = Duration::from_millis(250);
/// What the holder's file begins with; its token follows. Earlier versions called it `holder` alone.
const HOLDER: &str = "holder";

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
    /// What no other process has; absent from locks of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// Start of the kernel and namespace in which the number means something; absent from locks of earlier versions.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub realm: String,
}

impl Holder {
    /// This process.
    pub fn this(user: String, now: i64) -> Self {
        let host = kernel("hostname");
        let process = std::process::id();
        let started = start_of(process).unwrap_or_default();
        let token = format!("{:016x}{:016x}", private::token(), private::token());
        Self { host, process, started, user, since: now, token, realm: realm() }
    }

    /// Whether it has certainly ended, or held for too long.
    pub(in crate::live) fn is_gone(&self, here: &Self) -> bool {
        self.has_ended(here).unwrap_or(here.since.saturating_sub(self.since) > EXPIRY)
    }

    /// Whether the process has ended; `None` where it cannot be seen from here: on another host, before a restart of this
    /// one, or in a container with numbers of its own.
    fn has_ended(&self, here: &Self) -> Option<bool> {
        let seen = self.host == here.host && (self.realm == here.realm || self.realm.is_empty());
        seen.then(|| start_of(self.process) != Some(self.started))
    }

    /// The name of its file in the folder.
    fn file(&self) -> String {
        if self.token.is_empty() { HOLDER.to_owned() } else { format!("{HOLDER}-{}", self.token) }
    }
}

/// A line of `/proc/sys/kernel`.
fn kernel(name: &str) -> String {
    std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default().trim().to_owned()
}

/// This start of the kernel, and the namespace of process numbers in it.
fn realm() -> String {
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    Digest::of(format!("{} {}", kernel("random/boot_id"), namespace.display())).0
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

/// What stands in the place of a lock.
#[derive(Debug)]
enum Found {
    /// Nothing, or an empty folder.
    Free,
    /// The file of a holder, by its name; who it is, where it says so; and its age in seconds, where that can be told.
    Taken { file: String, holder: Option<Holder>, age: Option<i64> },
}

impl Transport {
    /// Takes the lock; one whose holder is gone is taken over.
    pub async fn lock(&self, path: &str, here: &Holder) -> Result<(), LockError<TransportError>> {
        let ready = format!("{path}.{}", here.token);
        self.must(&["mkdir", "-m", "0755", "--", &ready], None).await?;
        let taken = self.take(path, &ready, here).await;
        if taken.is_err() {
            let _ = self.remove_file(&format!("{ready}/{}", here.file())).await;
            let _ = self.must(&["rmdir", "--", &ready], None).await;
        }
        taken
    }

    async fn take(&self, path: &str, ready: &str, here: &Holder) -> Result<(), LockError<TransportError>> {
        let text = serde_json::to_string(here).unwrap_or_default();
        self.create_file(&format!("{ready}/{}", here.file()), text.as_bytes(), 0o644).await?;
        let mut last = None;
        for _ in 0..TRIES {
            // Onto nothing or an empty folder, or not at all (rename(2)).
            let moved = self.must(&["mv", "-T", "-f", "--", ready, path], None).await;
            let Err(failure) = moved else { return Ok(()) };
            last = Some(failure);
            let Found::Taken { file, holder, age } = self.look(path).await? else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let expired = |after: i64| age.is_some_and(|age| age > after);
            let gone = match &holder {
                Some(holder) => holder.has_ended(here).unwrap_or_else(|| expired(EXPIRY)),
                None => expired(UNREADABLE_EXPIRY),
            };
            match holder {
                _ if gone => self.remove_file(&format!("{path}/{file}")).await?,
                Some(holder) => return Err(LockError::Held(holder)),
                // Of an earlier version that is between the two steps of taking it, or damaged.
                None => tokio::time::sleep(PAUSE).await,
            }
        }
        let why = last.map_or_else(|| "it changes hands all the time".to_owned(), |failure| failure.to_string());
        Err(TransportError::File { path: path.to_owned(), why }.into())
    }

    async fn look(&self, path: &str) -> Result<Found, TransportError> {
        let argv = ["ls", "-1A", "--", path].map(ToOwned::to_owned);
        let listed = self.run(&argv, None, Duration::from_secs(30)).await?;
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        let Some(file) = names.lines().find(|name| is_holder(name)).map(ToOwned::to_owned) else {
            return Ok(Found::Free);
        };
        let whole = format!("{path}/{file}");
        let read = self.read_files(std::slice::from_ref(&whole)).await?;
        let Some(bytes) = read.into_values().next().flatten() else { return Ok(Found::Free) };
        let holder: Option<Holder> = serde_json::from_slice(&bytes).ok();
        Ok(Found::Taken { age: self.age(&whole).await, holder: holder.filter(|one| one.file() == file), file })
    }

    /// Seconds since a file was written, by the target's own clock: those of other hosts may be wrong. One from the future is
    /// of no age.
    async fn age(&self, path: &str) -> Option<i64> {
        let number = async |words: &[&str]| -> Option<i64> {
            let said = self.must(words, None).await.ok()?;
            String::from_utf8_lossy(&said).trim().parse().ok()
        };
        let written = number(&["stat", "-c", "%Y", "--", path]).await?;
        let now = number(&["date", "+%s"]).await?;
        now.checked_sub(written).filter(|age| *age >= 0)
    }

    /// Gives the lock back, if it is still ours.
    pub async fn unlock(&self, path: &str, here: &Holder) -> Result<(), TransportError> {
        // Fails where another has taken it over; then the folder is the other's too.
        self.must(&["rm", "--", &format!("{path}/{}", here.file())], None).await?;
        // A successor may be in it already.
        let argv = ["rmdir", "--", path].map(ToOwned::to_owned);
        self.run(&argv, None, Duration::from_secs(30)).await.map(|_| ())
    }
}

/// Whether a name in the folder is that of a holder's file. Nothing else there is ever removed.
fn is_holder(name: &str) -> bool {
    let token = name.strip_prefix(HOLDER).and_then(|rest| rest.strip_prefix('-').or(rest.is_empty().then_some(rest)));
    token.is_some_and(|token| token.chars().all(|letter| letter.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_has_ended_holds_nothing() {
        let stat = |state: &str| {
            format!("7 (a) b) {state} 1 7 7 0 -1 4194560 99 0 0 0 1 2 0 0 20 0 1 0 123456 1000 50 18446744073709551615")
        };
        assert_eq!(super::started(&stat("S")), Some(123_456));
        assert_eq!(super::started(&stat("Z")), None);
        assert_eq!(super::started(""), None);
    }

    /// A holder that lives as long as this machine.
    fn lasting(user: &str) -> Holder {
        let holder = Holder::this(user.to_owned(), 0);
        Holder { process: 1, started: start_of(1).unwrap(), ..holder }
    }

    /// One that has ended.
    fn ended(user: &str) -> Holder {
        let holder = lasting(user);
        Holder { started: holder.started + 1, ..holder }
    }

    fn place() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock").display().to_string();
        (folder, path)
    }

    /// Makes the file of a holder older by so many seconds.
    fn age(path: &str, file: &str, seconds: u64) {
        let file = std::fs::File::options().write(true).open(format!("{path}/{file}")).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    }

    #[tokio::test]
    async fn one_holder_at_a_time() {
        let (folder, path) = place();
        let transport = Transport::local();
        let other = lasting("anna");
        transport.lock(&path, &other).await.unwrap();
        let here = Holder::this("bo".into(), 5);
        assert!(matches!(transport.lock(&path, &here).await, Err(LockError::Held(holder)) if holder.user == "anna"));
        transport.unlock(&path, &other).await.unwrap();
        transport.lock(&path, &ended("anna")).await.unwrap();
        transport.lock(&path, &here).await.expect("a holder that is gone is taken over");
        transport.unlock(&path, &here).await.unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
    }

    #[tokio::test]
    async fn nobody_gives_back_what_is_anothers() {
        let (_folder, path) = place();
        let transport = Transport::local();
        let (before, here) = (ended("anna"), lasting("bo"));
        transport.lock(&path, &before).await.unwrap();
        transport.lock(&path, &here).await.unwrap();
        assert!(transport.unlock(&path, &before).await.is_err());
        let other = lasting("carl");
        assert!(matches!(transport.lock(&path, &other).await, Err(LockError::Held(holder)) if holder.user == "bo"));
    }

    /// Of many that find the same dead holder, one alone takes over.
    #[tokio::test]
    async fn one_alone_takes_over() {
        let transport = Transport::local();
        for _ in 0..5 {
            let (_folder, path) = place();
            transport.lock(&path, &ended("anna")).await.unwrap();
            let all: Vec<Holder> = (0..6).map(|number| lasting(&format!("u{number}"))).collect();
            let taken = futures::future::join_all(all.iter().map(|here| transport.lock(&path, here))).await;
            assert_eq!(taken.iter().filter(|one| one.is_ok()).count(), 1, "{taken:?}");
        }
    }

    #[tokio::test]
    async fn a_holder_with_numbers_of_its_own_is_not_dead() {
        let (_folder, path) = place();
        let transport = Transport::local();
        let hidden = Holder { realm: "another".to_owned(), process: 4_000_000, ..lasting("anna") };
        transport.lock(&path, &hidden).await.unwrap();
        let here = lasting("bo");
        assert!(matches!(transport.lock(&path, &here).await, Err(LockError::Held(_))));
        age(&path, &hidden.file(), 3600);
        assert!(matches!(transport.lock(&path, &here).await, Err(LockError::Held(_))));
        age(&path, &hidden.file(), 3 * 3600);
        transport.lock(&path, &here).await.unwrap();
    }

    #[tokio::test]
    async fn dates_of_a_holder_prove_nothing() {
        let transport = Transport::local();
        for since in [i64::MIN, -1, 0, i64::MAX] {
            let (_folder, path) = place();
            let far = Holder { host: "elsewhere".to_owned(), since, ..lasting("anna") };
            transport.lock(&path, &far).await.unwrap();
            let here = Holder::this("bo".into(), 1_800_000_000);
            assert!(matches!(transport.lock(&path, &here).await, Err(LockError::Held(_))), "{since}");
            let _ = far.is_gone(&here);
            age(&path, &far.file(), 3 * 3600);
            transport.lock(&path, &here).await.unwrap();
        }
    }

    #[tokio::test]
    async fn locks_of_earlier_versions_are_understood() {
        let (_folder, path) = place();
        let transport = Transport::local();
        let old = Holder { token: String::new(), realm: String::new(), ..lasting("anna") };
        let write = |holder: &Holder| {
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(format!("{path}/holder"), serde_json::to_string(holder).unwrap()).unwrap();
        };
        write(&old);
        let here = lasting("bo");
        assert!(matches!(transport.lock(&path, &here).await, Err(LockError::Held(holder)) if holder == old));
        write(&Holder { started: 0, ..old });
        transport.lock(&path, &here).await.unwrap();
    }

    #[tokio::test]
    async fn garbage_is_left_behind_after_a_while() {
        let transport = Transport::local();
        for garbage in ["", "{", "null", "{\"host\":7}", "\u{1}"] {
            let (_folder, path) = place();
            std::fs::create_dir_all(&path).unwrap();
            std::fs::write(format!("{path}/holder"), garbage).unwrap();
            let here = lasting("bo");
            assert!(matches!(transport.lock(&path, &here).await, Err(LockError::Failed(_))), "{garbage}");
            age(&path, "holder", 120);
            transport.lock(&path, &here).await.unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_no_lock_is_never_removed() {
        let (_folder, path) = place();
        let transport = Transport::local();
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(format!("{path}/precious"), "precious").unwrap();
        let here = lasting("bo");
        assert!(transport.lock(&path, &here).await.is_err());
        assert_eq!(std::fs::read_to_string(format!("{path}/precious")).unwrap(), "precious");
        for name in ["holder-", "holder-a/b", "holder-..", "holder x", "other", ".holder"] {
            assert_eq!(is_holder(name), name == "holder-", "{name}");
        }
    }
}
