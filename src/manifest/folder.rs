//! Which files of a folder are manifests. What cannot be looked into is told: a part of a site that nobody reads looks as
//! if it were declared no longer, and would be deleted.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use super::source::{FILE_BYTES, SETTINGS, unreadable};
use crate::diagnostics::Diagnostics;

/// Deepest nesting of folders.
const DEPTH: usize = 16;
/// Most folders: a link may lead to the whole machine.
const FOLDERS: usize = 10_000;
/// Most files.
const FILES: usize = 20_000;

/// What every manifest says somewhere: the group of its version.
const GROUP: &str = "sitewright.io/";

/// Lies in a folder that was rendered into: what stands there was made of manifests and is none.
pub const RENDERED_FOLDER: &str = ".sitewright-rendered";

/// Manifest files of a folder and its sub-folders, sorted; or the one file named.
///
/// Sub-folders belong to it only where the folder shows at its top that it is a site's, with its settings or a manifest:
/// else a run in `/` would read the whole machine.
pub(super) fn files_of(path: &Path, found: &mut Diagnostics) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut of_top = Diagnostics::new();
    let top = walk(path, false, &mut of_top);
    if std::fs::symlink_metadata(path.join(SETTINGS)).is_ok() || top.iter().any(|file| mentions_group(file)) {
        return walk(path, true, found);
    }
    found.extend(of_top);
    top
}

/// YAML files of a folder and its sub-folders, whatever they say.
pub(super) fn files_below(path: &Path, found: &mut Diagnostics) -> Vec<PathBuf> {
    walk(path, true, found)
}

/// A file in a folder or below it that is a manifest of a site, or its settings, and none of those that are ours to write.
pub fn manifest_below(path: &Path, ours: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let settings = path.join(SETTINGS);
    if std::fs::symlink_metadata(&settings).is_ok() {
        return Some(settings);
    }
    // What cannot be read is told by the loading of its site.
    let files = walk(path, true, &mut Diagnostics::new());
    files.into_iter().find(|file| !ours(file) && names_version(file))
}

fn mentions_group(path: &Path) -> bool {
    beginning(path).windows(GROUP.len()).any(|window| window == GROUP.as_bytes())
}

fn names_version(path: &Path) -> bool {
    let text = beginning(path);
    String::from_utf8_lossy(&text).lines().any(|line| line.contains("apiVersion") && line.contains(GROUP))
}

/// As much of a file as is ever read; nothing of what is none.
fn beginning(path: &Path) -> Vec<u8> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    // A device or a pipe would never end.
    let read =
        || std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).and_then(|_| std::fs::File::open(path).ok());
    if read().is_none_or(|file| file.take(FILE_BYTES).read_to_end(&mut bytes).is_err()) {
        bytes.clear();
    }
    bytes
}

fn walk(path: &Path, deep: bool, found: &mut Diagnostics) -> Vec<PathBuf> {
    let (folders, files) = (BTreeSet::new(), BTreeMap::new());
    let inside = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut walk = Walk { root: path, inside, deep, found, folders, files, links: VecDeque::new() };
    walk.folder(path, 0);
    // Links last, so that what is there by itself is read under its own name, and once.
    while let Some((link, depth)) = walk.links.pop_front() {
        walk.link(&link, depth);
    }
    let mut files: Vec<PathBuf> = walk.files.into_values().filter(|file| !file.as_os_str().is_empty()).collect();
    files.sort();
    files
}

struct Walk<'a> {
    root: &'a Path,
    /// Its real path.
    inside: PathBuf,
    /// Whether sub-folders are looked into.
    deep: bool,
    found: &'a mut Diagnostics,
    /// Folders looked into, by their real paths: links may lead round in circles.
    folders: BTreeSet<PathBuf>,
    /// Files by their real paths, as they are named here.
    files: BTreeMap<PathBuf, PathBuf>,
    /// Links to be followed, with the depth that they stand at.
    links: VecDeque<(PathBuf, usize)>,
}

impl Walk<'_> {
    fn complain(&mut self, path: &Path, why: &dyn std::fmt::Display) {
        let name = path.strip_prefix(self.root).ok().filter(|name| !name.as_os_str().is_empty()).unwrap_or(path);
        let diagnostic = unreadable(path, &name.display().to_string(), why);
        self.found.push(diagnostic);
    }

    fn folder(&mut self, folder: &Path, depth: usize) {
        // A folder with settings of its own is another site.
        let others = || folder.join(SETTINGS).is_file() || folder.join(RENDERED_FOLDER).is_file();
        if depth > 0 && (!self.deep || others()) {
            return;
        }
        let read = std::fs::canonicalize(folder).and_then(|real| {
            let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
            Ok((real, entries))
        });
        let (real, mut entries) = match read {
            Ok(read) => read,
            Err(error) => return self.complain(folder, &error),
        };
        if !self.folders.insert(real.clone()) {
            return;
        }
        if depth > DEPTH {
            return self.complain(folder, &format!("it is nested in more than {DEPTH} folders"));
        }
        if self.folders.len() > FOLDERS {
            if self.folders.len() == FOLDERS + 1 {
                self.complain(folder, &format!("there are more than {FOLDERS} folders, which is no site"));
            }
            return;
        }
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            match entry.file_type() {
                Ok(kind) if kind.is_symlink() => self.links.push_back((path, depth)),
                Ok(kind) if kind.is_dir() => self.folder(&path, depth + 1),
                Ok(_) => self.file(path, real.join(entry.file_name())),
                Err(error) => self.complain(&path, &error),
            }
        }
    }

    fn link(&mut self, link: &Path, depth: usize) {
        match std::fs::metadata(link) {
            Ok(metadata) if metadata.is_dir() => self.folder(link, depth + 1),
            Ok(_) => {
                let real = std::fs::canonicalize(link).unwrap_or_else(|_| link.to_owned());
                self.file(link.to_owned(), real);
            }
            Err(error) => {
                let to = std::fs::read_link(link).unwrap_or_default();
                self.complain(link, &format!("it is a link to `{}`: {error}", to.display()));
            }
        }
    }

    fn file(&mut self, path: PathBuf, real: PathBuf) {
        if !is_yaml(&path) || path.file_name().is_some_and(|name| name == SETTINGS) || self.files.contains_key(&real) {
            return;
        }
        // Whoever wrote the folder could have excerpts printed of any file of whoever reads it.
        if !real.starts_with(&self.inside) && !mentions_group(&real) {
            let why =
                format!("a link leads to `{}`, outside of the folder, which is no manifest of ours", real.display());
            return self.complain(&path, &why);
        }
        if self.files.len() >= FILES {
            if self.files.len() == FILES {
                self.complain(&path, &format!("there are more than {FILES} files, which is no site"));
                self.files.insert(PathBuf::new(), PathBuf::new());
            }
            return;
        }
        self.files.insert(real, path);
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml"))
}
