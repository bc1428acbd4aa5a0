//! A folder for sockets that nobody else can have made, and nobody else can enter.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Longest path of the folder: a socket's name has 108 bytes, of which the ssh client takes 60.
const BYTES: usize = 47;

/// Such a folder; removed with all that is in it when it is dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Made in the folder for temporary files; `None` where that cannot be, and connections are not shared then.
    pub(super) fn new() -> Option<Self> {
        Self::below(&std::env::temp_dir())
    }

    fn below(folder: &Path) -> Option<Self> {
        let folder = std::path::absolute(folder).ok()?;
        (0..8).find_map(|_| {
            let path = folder.join(format!("sw-{:08x}", token() & 0xffff_ffff));
            if path.as_os_str().len() > BYTES {
                return None;
            }
            // Fails where anything has that name already, be it a link or somebody else's folder.
            std::fs::DirBuilder::new().mode(0o700).create(&path).ok()?;
            Some(Self(path))
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A number that nobody guesses: the standard library seeds its hashers from the system.
pub(super) fn token() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn made_for_one_alone_and_taken_away() {
        let parent = tempfile::tempdir_in("/tmp").unwrap();
        let (one, other) = (Folder::below(parent.path()).unwrap(), Folder::below(parent.path()).unwrap());
        assert_ne!(one.path(), other.path());
        assert_eq!(std::fs::metadata(one.path()).unwrap().permissions().mode() & 0o777, 0o700);
        std::fs::write(one.path().join("socket"), "").unwrap();
        drop((one, other));
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_name_that_is_too_long_for_a_socket_is_not_taken() {
        let parent = tempfile::tempdir_in("/tmp").unwrap();
        let long = parent.path().join("x".repeat(BYTES));
        std::fs::create_dir(&long).unwrap();
        assert!(Folder::below(&long).is_none());
        assert!(Folder::below(&parent.path().join("gone")).is_none());
    }
}
