//! Files of our own on this machine: journals, locks, saved plans. A folder may come from somebody else, with links in it
//! that point where they please; so none is followed, and nothing is emptied by being opened.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Opens a file for appending, as it is; made if it is missing, and its folder too.
pub fn append(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Without waiting, for a pipe would wait for its reader.
    let file =
        OpenOptions::new().create(true).append(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path);
    let refuse = |why: &str| Err(io::Error::other(format!("`{}` {why}", path.display())));
    match file {
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => refuse("is no file"),
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => refuse("is a link, and may point anywhere"),
        Err(error) if error.raw_os_error() == Some(libc::ENXIO) => refuse("is no file"),
        other => other,
    }
}

/// Most bytes of a configuration file; more is no configuration.
const CONFIGURATION_BYTES: u64 = 64 << 20;

/// Reads a plain file, which may be reached by a link. Devices and pipes may never end, and are refused.
pub fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if !metadata.is_file() {
        return Err(io::Error::other("it is no plain file"));
    }
    if metadata.len() > CONFIGURATION_BYTES {
        return Err(io::Error::other(format!("it has {} bytes, which no configuration has", metadata.len())));
    }
    let mut bytes = Vec::new();
    file.take(CONFIGURATION_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a file whole or not at all: beside it, on disk, and then renamed. A link of that name is replaced, not followed.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = beside(path)?;
    let written = write_new(&beside, content).and_then(|()| {
        if let Some(old) = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file) {
            std::fs::set_permissions(&beside, old.permissions())?;
        }
        std::fs::rename(&beside, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
        return written;
    }
    // The new name is on disk too.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Writes a file that must not exist yet, not even as a link.
pub fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// A hidden name in the same folder that nobody else uses now; what a killed process of this number left there is taken
/// away.
pub fn beside(path: &Path) -> io::Result<PathBuf> {
    static USED: AtomicU32 = AtomicU32::new(0);
    let number = USED.fetch_add(1, Ordering::Relaxed);
    let name =
        path.file_name().ok_or_else(|| io::Error::other(format!("`{}` is no name of a file", path.display())))?;
    let beside = path.with_file_name(format!(".{}.{}-{number}.new", name.to_string_lossy(), std::process::id()));
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(beside),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_replaced_and_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("precious"), "precious").unwrap();
        std::os::unix::fs::symlink("precious", at("link")).unwrap();
        std::os::unix::fs::symlink("gone", at("dangling")).unwrap();
        for name in ["link", "dangling"] {
            assert!(append(&at(name)).is_err());
            assert!(write_new(&at(name), b"x").is_err());
            replace(&at(name), b"new").unwrap();
            assert_eq!(std::fs::read(at(name)).unwrap(), b"new");
        }
        assert_eq!(std::fs::read(at("precious")).unwrap(), b"precious");
        assert!(!at("gone").exists());
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 3, "nothing is left beside: {names:?}");
    }

    #[test]
    fn what_cannot_be_replaced_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("taken/by a folder")).unwrap();
        assert!(replace(&folder.path().join("taken"), b"x").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
