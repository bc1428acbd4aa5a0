//! What the command line needs to know of a kind of target.

use std::path::{Path, PathBuf};

use futures::future::{FutureExt, LocalBoxFuture};

use crate::diagnostics::{Complaint, Diagnostic, Diagnostics};
use crate::live::{Endpoint, Observation};
use crate::manifest::Sources;
use crate::manifest::v1alpha1::settings::Binding;
use crate::resource::Resource;

/// What is bound, and where from.
pub(super) struct Bound<'a> {
    /// The target's name.
    pub(super) name: &'a str,
    pub(super) environment: &'a str,
    /// Folder of the file that binds it: relative paths of a binding start there.
    pub(super) folder: &'a Path,
    /// The factory's own account.
    pub(super) account: &'a str,
}

impl Bound<'_> {
    /// A path of the binding's `field`: relative to the file that binds the target, with `~` for the user's home folder.
    pub(super) fn path(&self, field: &str, written: &str) -> Result<PathBuf, (String, &'static str)> {
        let home = || std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        at(self.folder, written, home)
            .map_err(|(why, hint)| (format!("`{}`: `{field}: {written}` {why}", self.name), hint))
    }
}

/// A path as a file of that folder means it.
fn at(
    folder: &Path,
    written: &str,
    home: impl FnOnce() -> Option<PathBuf>,
) -> Result<PathBuf, (&'static str, &'static str)> {
    let Some(below) = written.strip_prefix('~') else { return Ok(folder.join(written)) };
    if !below.is_empty() && !below.starts_with('/') {
        return Err(("names the home folder of another user", "write the whole path, e.g. `/home/anna/.ssh/config`"));
    }
    let home = home().ok_or(("needs a home folder, and HOME names none", "write the whole path, or set HOME"))?;
    Ok(home.join(below.trim_start_matches('/')))
}

/// An endpoint; or what is wrong with the binding, and what to write.
pub(super) type Made = Result<Endpoint, (String, &'static str)>;

/// A kind of target, for the command line. It is asked of its own observations.
pub(super) trait Target: Sync {
    /// The endpoint of a binding that binds such a target.
    fn endpoint(&self, bound: &Bound<'_>, binding: &Binding) -> Option<Made>;

    /// The command that restarts the target, where a binding declares one.
    fn restart(&self, _binding: &Binding) -> Option<Vec<String>> {
        None
    }

    /// Why resources that are declared on an endpoint cannot be there: the manifests mean a target of another kind.
    fn strange(&self, _endpoint: &Endpoint, _target: &str, _desired: &[Resource]) -> Option<Diagnostic> {
        None
    }

    /// Why a name cannot be a factory's there, and what to do.
    fn illegal(&self, _name: &str) -> Option<Complaint> {
        None
    }

    /// Whether two that were read are one cluster; `same_way` says that they are reached in one way.
    fn is_one(&self, one: &Observation, other: &Observation, same_way: bool) -> bool;

    /// What can be said of one before it is read.
    fn examined<'a>(
        &'a self,
        _endpoint: &'a Endpoint,
        _name: &'a str,
        _wanted: &'a [Resource],
    ) -> LocalBoxFuture<'a, Option<String>> {
        futures::future::ready(None).boxed_local()
    }

    /// What is found in what was read; adds the files that the findings are in.
    fn findings(&self, _observation: &Observation, _sources: &mut Sources) -> Diagnostics {
        Diagnostics::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_file_and_the_tilde_at_home() {
        let home = || Some(PathBuf::from("/home/anna"));
        let read = |written: &str| at(Path::new("/etc/sites"), written, home).map(|path| path.display().to_string());
        assert_eq!(read("keys/config").unwrap(), "/etc/sites/keys/config");
        assert_eq!(read("/keys/config").unwrap(), "/keys/config");
        assert_eq!(read("~/.ssh/config").unwrap(), "/home/anna/.ssh/config");
        assert_eq!(read("~//etc/passwd").unwrap(), "/home/anna/etc/passwd");
        assert_eq!(read("keys/~").unwrap(), "/etc/sites/keys/~");
        assert!(read("~bo/config").is_err());
        assert!(at(Path::new("/etc/sites"), "~/config", || None).is_err());
    }
}
