//! The embedded twin: one file that keeps resources as a cluster would, so that plan and apply work before any hardware
//! exists, through the same code paths. Like a cluster it may be shared: each object carries the factory that made it.
//!
//! The file is text: a line with a checksum over the rest, and a line for each object. It is written beside and renamed,
//! so that it is always whole, and whoever reads it needs no lock; and no byte of it counts before the checksum fits.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use futures::future::{FutureExt, LocalBoxFuture, ready};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Facts, Jobs, Live, Observation, Owner, Reader, Reads, Scope, local};
use crate::diagnostics::codes::{manifest, reading};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::resource::{Address, Body, Digest};

/// What the first line begins with: the name and the version of the format.
const MAGIC: &str = "sitewright-twin 1 ";
/// Most bytes of the file: 10⁶ resources.
const BYTES: u64 = 512 << 20;
/// The kind that belongs to nobody alone, as on Slurm.
const USER: &str = "user";

/// Why a twin cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// What is in the file is not what was stored.
    #[error("the twin {path} is damaged: {why}", path = .0.display(), why = .1)]
    Damaged(PathBuf, String),
    /// It keeps the objects of another target.
    #[error("the twin {path} is that of the target `{other}`", path = .0.display(), other = .1)]
    OtherTarget(PathBuf, String),
    /// The disk refused.
    #[error("failed to use the twin {path}: {why}", path = .0.display(), why = .1)]
    Disk(PathBuf, String),
}

impl TwinError {
    /// What to tell people.
    pub fn diagnostics(&self) -> Diagnostics {
        let quoted = |path: &Path| super::transport::quote(&path.display().to_string());
        let (code, hint) = match self {
            Self::Damaged(path, _) => {
                (&reading::DAMAGED_TWIN, format!("put a copy back, or begin anew: `rm {}`", quoted(path)))
            }
            Self::OtherTarget(..) => {
                (&manifest::BAD_BINDING, "give each target a file of its own in sitewright.yaml".to_owned())
            }
            Self::Disk(path, _) => (&reading::READING_FAILED, format!("look at it: `ls -ld {}`", quoted(path))),
        };
        Diagnostics(vec![Diagnostic::of_run(code, self.to_string()).hint(hint)])
    }
}

/// One object as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    address: Address,
    /// Whose it is: one factory, but for a user, who belongs to all that name them.
    factories: BTreeSet<String>,
    body: Body,
}

/// The same without what it keeps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    address: Address,
    factories: BTreeSet<String>,
    #[serde(rename = "body")]
    _body: IgnoredAny,
}

/// An object's line in the file.
struct Line<'a> {
    factories: BTreeSet<String>,
    text: Cow<'a, str>,
}

impl Record {
    fn owner(&self, factory: &str) -> Owner {
        match self.factories.iter().find(|one| *one != factory) {
            None => Owner::Ours,
            Some(_) if self.address.kind == USER => Owner::Shared,
            Some(other) => Owner::OtherFactory(other.clone()),
        }
    }
}

/// A twin's file; opened for each use.
#[derive(Debug, Clone)]
pub struct Twin {
    path: PathBuf,
}

impl Twin {
    /// A twin in that file, which need not exist yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its file, as it was named.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its file, the same however it was named. One that does not exist yet has a folder above it that does.
    pub fn real_path(&self) -> PathBuf {
        let mut missing = Vec::new();
        let whole = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let mut here = whole.as_path();
        loop {
            if let Ok(mut real) = std::fs::canonicalize(here) {
                for name in missing.iter().rev() {
                    if *name == ".." {
                        real.pop()
                    } else {
                        real.push(name);
                        true
                    };
                }
                return real;
            }
            let Some(folder) = here.parent() else { return whole };
            missing.push(here.components().next_back().map(std::path::Component::as_os_str).unwrap_or_default());
            here = folder;
        }
    }

    /// Taken by an apply while it works; `None` where another has it. It stands beside the twin, so that it is the same for
    /// all who share it.
    pub fn lock(&self) -> std::io::Result<Option<File>> {
        let mut path = self.real_path().into_os_string();
        path.push(".lock");
        let file = local::append(Path::new(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }

    fn damaged(&self, why: &(impl ToString + ?Sized)) -> TwinError {
        TwinError::Damaged(self.path.clone(), why.to_string())
    }

    fn disk(&self, why: &(impl ToString + ?Sized)) -> TwinError {
        TwinError::Disk(self.path.clone(), why.to_string())
    }

    /// What was stored, a line for each object, and how many bytes the file took. A file that was never written has none.
    fn content(&self) -> Result<(String, usize), TwinError> {
        let mut bytes = Vec::new();
        match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((String::new(), 0)),
            Err(error) => return Err(self.disk(&error)),
            // A pipe would wait for its writer.
            Ok(metadata) if !metadata.is_file() => return Err(self.disk(&"it is no file")),
            Ok(metadata) if metadata.len() > BYTES => {
                return Err(self.disk(&format!("it has {} bytes, which no twin has", metadata.len())));
            }
            Ok(_) => File::open(&self.path)
                .and_then(|mut file| file.read_to_end(&mut bytes))
                .map_err(|error| self.disk(&error))?,
        };
        let mut text = String::from_utf8(bytes).map_err(|error| self.damaged(&error))?;
        let head = text.strip_prefix(MAGIC).and_then(|rest| rest.split_once('\n'));
        let (sum, lines) = head.ok_or_else(|| self.damaged(&"it does not begin as a twin of this version does"))?;
        if Digest::of(lines).0 != sum {
            return Err(self.damaged(&"its content is not what was stored"));
        }
        let (bytes, head) = (text.len(), text.len() - lines.len());
        text.drain(..head);
        Ok((text, bytes))
    }

    /// Each line by what says whose it is, unread beyond that.
    fn lines<'a>(&self, content: &'a str) -> Result<BTreeMap<Address, Line<'a>>, TwinError> {
        let mut lines = BTreeMap::new();
        for text in content.lines() {
            let head: Head = serde_json::from_str(text).map_err(|error| self.damaged(&error))?;
            lines.insert(head.address, Line { factories: head.factories, text: text.into() });
        }
        Ok(lines)
    }

    /// Reads everything, with the eyes of a factory. A twin that was never written is empty, and stays unwritten.
    pub fn observe(&self, target: &str, factory: &str) -> Result<Observation, TwinError> {
        let started = Instant::now();
        let (content, bytes) = self.content()?;
        let mut resources = BTreeMap::new();
        for line in content.lines() {
            let record: Record = serde_json::from_str(line).map_err(|error| self.damaged(&error))?;
            if record.address.target != target {
                return Err(TwinError::OtherTarget(self.path.clone(), record.address.target));
            }
            let owner = record.owner(factory);
            resources.insert(record.address, Live { body: record.body.into(), owner });
        }
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Observation {
            target: target.to_owned(),
            title: "twin".to_owned(),
            resources,
            running: BTreeMap::new(),
            salt: None,
            jobs: Jobs::Known(Vec::new()),
            reads: Reads { requests: 1, bytes: bytes as u64, milliseconds },
            findings: Diagnostics::new(),
            facts: Facts::None,
        })
    }

    /// Stores for a factory, and removes: all of it or nothing, and on disk when this returns. The lock has to be held.
    pub fn commit(&self, factory: &str, put: &BTreeMap<Address, Body>, remove: &[Address]) -> Result<(), TwinError> {
        let (content, _) = self.content()?;
        let mut kept = self.lines(&content)?;
        for (address, body) in put {
            let mut factories = BTreeSet::from([factory.to_owned()]);
            if let Some(old) = kept.get(address).filter(|_| address.kind == USER) {
                factories.extend(old.factories.iter().cloned());
            }
            let record = Record { address: address.clone(), factories, body: body.clone() };
            let text = serde_json::to_string(&record).map_err(|error| self.disk(&error))?;
            kept.insert(record.address, Line { factories: record.factories, text: text.into() });
        }
        for address in remove {
            kept.remove(address);
        }
        let mut lines = String::with_capacity(content.len());
        for line in kept.values() {
            lines.push_str(&line.text);
            lines.push('\n');
        }
        let text = format!("{MAGIC}{}\n{lines}", Digest::of(&lines));
        let path = self.real_path();
        let folder = path.parent().unwrap_or(Path::new("/"));
        std::fs::create_dir_all(folder)
            .and_then(|()| local::replace(&path, text.as_bytes()))
            .map_err(|error| self.disk(&error))
    }
}

impl Reader for Twin {
    fn observe<'a>(
        &'a self,
        target: &'a str,
        factory: &'a str,
        _scope: &'a Scope,
    ) -> LocalBoxFuture<'a, Result<Observation, Diagnostics>> {
        ready(Self::observe(self, target, factory).map_err(|error| error.diagnostics())).boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(priority: usize) -> Body {
        Body::from([("Priority".to_owned(), serde_json::json!(priority))])
    }

    fn one(kind: &str, name: &str, priority: usize) -> BTreeMap<Address, Body> {
        BTreeMap::from([(Address::new("compute", kind, name), body(priority))])
    }

    fn twin() -> (tempfile::TempDir, Twin) {
        let folder = tempfile::tempdir().unwrap();
        let twin = Twin::new(folder.path().join("a/compute.twin"));
        (folder, twin)
    }

    #[test]
    fn what_is_committed_is_observed() {
        let (folder, twin) = twin();
        assert!(twin.observe("compute", "nordlys").unwrap().resources.is_empty());
        assert!(!folder.path().join("a").exists(), "a reading writes nothing");
        let address = Address::new("compute", "qos", "fast-lane");
        twin.commit("nordlys", &one("qos", "fast-lane", 200), &[]).unwrap();
        assert_eq!(
            twin.observe("compute", "nordlys").unwrap().resources[&address],
            Live { body: body(200).into(), owner: Owner::Ours }
        );
        let names: Vec<_> =
            std::fs::read_dir(folder.path().join("a")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["compute.twin"]);
        twin.commit("nordlys", &BTreeMap::new(), std::slice::from_ref(&address)).unwrap();
        assert!(twin.observe("compute", "nordlys").unwrap().resources.is_empty());
    }

    #[test]
    fn objects_carry_their_factory() {
        let (_folder, twin) = twin();
        let (qos, user) = (Address::new("compute", "qos", "fast-lane"), Address::new("compute", "user", "anna"));
        let owners = |factory: &str| {
            let seen = twin.observe("compute", factory).unwrap().resources;
            (seen[&qos].owner.clone(), seen[&user].owner.clone())
        };
        twin.commit("nordlys", &one("qos", "fast-lane", 1), &[]).unwrap();
        twin.commit("nordlys", &one("user", "anna", 1), &[]).unwrap();
        assert_eq!(owners("nordlys"), (Owner::Ours, Owner::Ours));
        assert_eq!(owners("solsken"), (Owner::OtherFactory("nordlys".to_owned()), Owner::Shared));
        // Taken over: the object is of the other now, the user of both.
        twin.commit("solsken", &one("qos", "fast-lane", 2), &[]).unwrap();
        twin.commit("solsken", &one("user", "anna", 2), &[]).unwrap();
        assert_eq!(owners("nordlys"), (Owner::OtherFactory("solsken".to_owned()), Owner::Shared));
        assert_eq!(owners("solsken"), (Owner::Ours, Owner::Shared));
    }

    #[test]
    fn a_twin_is_of_one_target() {
        let (_folder, twin) = twin();
        twin.commit("nordlys", &one("qos", "fast-lane", 1), &[]).unwrap();
        assert!(
            matches!(twin.observe("other", "nordlys"), Err(TwinError::OtherTarget(_, target)) if target == "compute")
        );
    }

    #[test]
    fn a_twin_behind_a_link_stays_there() {
        let (folder, twin) = twin();
        twin.commit("nordlys", &one("qos", "fast-lane", 1), &[]).unwrap();
        std::os::unix::fs::symlink("a/compute.twin", folder.path().join("link")).unwrap();
        let link = Twin::new(folder.path().join("link"));
        link.commit("nordlys", &one("qos", "playground", 1), &[]).unwrap();
        assert_eq!(twin.observe("compute", "nordlys").unwrap().resources.len(), 2);
        assert!(twin.lock().unwrap().is_some());
        let held = twin.lock().unwrap();
        assert!(held.is_some() && link.lock().unwrap().is_none());
    }

    #[test]
    fn one_file_has_one_real_path() {
        let (folder, twin) = twin();
        let same = Twin::new(folder.path().join("b/../a/./compute.twin"));
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for _ in 0..2 {
            assert_eq!(twin.real_path(), same.real_path());
            std::fs::create_dir_all(folder.path().join("a")).unwrap();
        }
        let other = Twin::new(folder.path().join("a/other.twin"));
        assert_ne!(twin.real_path(), other.real_path());
    }

    /// A generator of numbers that is the same everywhere (xorshift64*).
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32).unwrap() % limit
        }
    }

    #[test]
    fn a_damaged_file_is_an_error() {
        let (_folder, twin) = twin();
        for number in 0..40 {
            twin.commit("nordlys", &one("qos", &format!("q{number}"), number), &[]).unwrap();
        }
        let whole = std::fs::read(twin.path()).unwrap();
        let mut numbers = Numbers(20_261_121);
        for round in 0..300 {
            let mut bytes = whole.clone();
            let (from, to) = (numbers.below(whole.len()), numbers.below(whole.len()));
            match round % 6 {
                0 => bytes.truncate([0, 1, 10, 80, 83, 4096 % whole.len(), from][numbers.below(7)]),
                1 => bytes[from..].fill(0),
                2 => bytes.extend_from_slice(&whole[from..]),
                3 => bytes.copy_within(from.min(to)..=from.max(to), 0),
                _ => bytes[from] ^= 1 << numbers.below(8),
            }
            if bytes == whole {
                continue;
            }
            std::fs::write(twin.path(), &bytes).unwrap();
            assert!(matches!(twin.observe("compute", "nordlys"), Err(TwinError::Damaged(..))), "{round}: {from} {to}");
            let stored = twin.commit("nordlys", &one("qos", "new", 1), &[]);
            assert!(matches!(stored, Err(TwinError::Damaged(..))), "{round}: {from} {to}");
            assert!(std::fs::read(twin.path()).unwrap() == bytes, "{round}: what is damaged is left as it is");
        }
    }
}
