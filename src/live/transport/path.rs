//! Where programs of this machine are looked for: only in folders that are the same wherever the tool is started.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Where programs are looked for on the far side.
pub(super) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The caller's `PATH` without entries that mean the current folder (`.`, empty, relative ones): the current folder may be a
/// stranger's, with a program called `ssh` in it. The usual folders where nothing is left.
pub fn search_path() -> OsString {
    whole(std::env::var_os("PATH").as_deref())
}

/// The program that a name without a slash means, looked for in [`search_path`].
pub fn find_program(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&search_path()).map(|folder| folder.join(name)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn whole(path: Option<&OsStr>) -> OsString {
    let folders = path.into_iter().flat_map(std::env::split_paths).filter(|folder| folder.is_absolute());
    match std::env::join_paths(folders) {
        Ok(joined) if !joined.is_empty() => joined,
        _ => PATH.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_current_folder_is_never_searched() {
        for (path, wanted) in [
            (Some("/usr/bin:.:/bin"), "/usr/bin:/bin"),
            (Some(":/usr/bin:"), "/usr/bin"),
            (Some("bin:./x:../y:/opt/a b"), "/opt/a b"),
            (Some("."), PATH),
            (Some(""), PATH),
            (None, PATH),
        ] {
            assert_eq!(whole(path.map(OsStr::new)), OsString::from(wanted), "{path:?}");
        }
    }

    #[test]
    fn programs_are_files_that_can_run() {
        assert!(find_program("sh").is_some_and(|path| path.is_absolute()));
        assert_eq!(find_program("no-such-program-anywhere"), None);
    }
}
