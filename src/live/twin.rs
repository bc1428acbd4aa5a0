//! The embedded twin: an ACID store in one file that keeps resources as a cluster would, so that plan and apply work
//! before any hardware exists, through the same code paths.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Jobs, Live, Observation, Owner, Reads};
use crate::diagnostics::Diagnostics;
use crate::resource::{Address, Body};

/// Address → body as JSON.
const RESOURCES: TableDefinition<'_, &str, &str> = TableDefinition::new("resources");

/// Why a twin cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TwinError {
    /// Another process has it open.
    #[error("the twin {path} is in use by another process", path = .0.display())]
    Busy(PathBuf),
    /// The file is damaged, or the disk refused.
    #[error("failed to use the twin {path}: {why}", path = .0.display(), why = .1)]
    Store(PathBuf, String),
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

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file that an apply holds while it works: beside the twin, so that it is the same for all who share it.
    pub fn lock_path(&self) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        path.into()
    }

    fn store_error(&self, error: impl std::fmt::Display) -> TwinError {
        TwinError::Store(self.path.clone(), error.to_string())
    }

    fn open_error(&self, error: redb::DatabaseError) -> TwinError {
        match error {
            redb::DatabaseError::DatabaseAlreadyOpen => TwinError::Busy(self.path.clone()),
            other => self.store_error(other),
        }
    }

    /// Reads everything. A twin that was never written is empty, and stays unwritten.
    pub fn observe(&self, target: &str) -> Result<Observation, TwinError> {
        let started = Instant::now();
        let mut resources = BTreeMap::new();
        let mut bytes = 0;
        if self.path.exists() {
            let database = Database::open(&self.path).map_err(|error| self.open_error(error))?;
            let read = database.begin_read().map_err(|error| self.store_error(error))?;
            match read.open_table(RESOURCES) {
                Ok(table) => {
                    for row in table.iter().map_err(|error| self.store_error(error))? {
                        let (key, value) = row.map_err(|error| self.store_error(error))?;
                        let address: Address =
                            key.value().parse().map_err(|error: String| self.store_error(error))?;
                        let body: Body =
                            serde_json::from_str(value.value()).map_err(|error| self.store_error(error))?;
                        bytes += (key.value().len() + value.value().len()) as u64;
                        resources.insert(address, Live { body, owner: Owner::Ours });
                    }
                }
                Err(redb::TableError::TableDoesNotExist(_)) => {}
                Err(error) => return Err(self.store_error(error)),
            }
        }
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Observation {
            target: target.to_owned(),
            title: "twin".to_owned(),
            resources,
            running: BTreeMap::new(),
            jobs: Jobs::Known(Vec::new()),
            reads: Reads { requests: 1, bytes, milliseconds },
            findings: Diagnostics::new(),
            slurm: None,
        })
    }

    /// Stores and removes in one transaction, which is on disk when this returns.
    pub fn commit(&self, put: &BTreeMap<Address, Body>, remove: &[Address]) -> Result<(), TwinError> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| self.store_error(error))?;
        }
        let database = Database::create(&self.path).map_err(|error| self.open_error(error))?;
        let write = database.begin_write().map_err(|error| self.store_error(error))?;
        {
            let mut table = write.open_table(RESOURCES).map_err(|error| self.store_error(error))?;
            for (address, body) in put {
                let text = serde_json::to_string(body).map_err(|error| self.store_error(error))?;
                table
                    .insert(address.to_string().as_str(), text.as_str())
                    .map_err(|error| self.store_error(error))?;
            }
            for address in remove {
                table.remove(address.to_string().as_str()).map_err(|error| self.store_error(error))?;
            }
        }
        write.commit().map_err(|error| self.store_error(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_committed_is_observed() {
        let folder = tempfile::tempdir().unwrap();
        let twin = Twin::new(folder.path().join("a/compute.redb"));
        assert!(twin.observe("compute").unwrap().resources.is_empty());
        assert!(!twin.path().exists(), "a reading writes nothing");
        let address = Address::new("compute", "qos", "fast-lane");
        let body = Body::from([("Priority".to_owned(), serde_json::json!(200))]);
        twin.commit(&BTreeMap::from([(address.clone(), body.clone())]), &[]).unwrap();
        assert_eq!(twin.observe("compute").unwrap().resources[&address].body, body);
        twin.commit(&BTreeMap::new(), std::slice::from_ref(&address)).unwrap();
        assert!(twin.observe("compute").unwrap().resources.is_empty());
    }

    #[test]
    fn garbage_is_an_error_and_no_empty_site() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("compute.redb");
        std::fs::write(&path, b"not a store").unwrap();
        assert!(matches!(Twin::new(&path).observe("compute"), Err(TwinError::Store(..))));
    }
}
