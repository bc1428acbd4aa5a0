//! Files of the target, through the same way as its programs.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use super::{Transport, TransportError, private};
use crate::live::local;
use crate::resource::Digest;

/// Most bytes of one file; more is no configuration.
const FILE_BYTES: u64 = 64 << 20;
/// Most bytes of all files that are read at once.
const ALL_BYTES: u64 = 128 << 20;
/// Bits of a mode that a configuration file can have: it is never run.
const MODE: u32 = 0o666;
/// The mode of a new file, which Slurm's daemons read as users of their own.
const READABLE: u32 = 0o644;

/// Makes a file that must not exist, not even as a link, and writes what comes in; `$1` is its name, `$2` the umask. The
/// script is fixed, so nothing of ours is ever parsed by the shell.
const CREATE: &str = r#"umask "$2" && exec dd of="$1" bs=65536 conv=excl,fsync oflag=nofollow status=none"#;

/// Who may do what with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rights {
    mode: u32,
    user: u32,
    group: u32,
}

impl Transport {
    /// Reads files; one that does not exist is `None`, one that cannot be read is an error, and so is one that is no plain
    /// file or too large. One process for all.
    pub async fn read_files(&self, paths: &[String]) -> Result<BTreeMap<String, Option<Vec<u8>>>, TransportError> {
        if paths.is_empty() {
            return Ok(BTreeMap::new());
        }
        if self.is_local() {
            return paths.iter().map(|path| Ok((path.clone(), read_local(path)?))).collect();
        }
        // A file named twice would arrive the second time as a link without content.
        let paths: Vec<String> = paths.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let head = ["tar", "-c", "-h", "-f", "-", "--no-recursion", "--ignore-failed-read", "--"];
        let argv: Vec<String> = head.map(ToOwned::to_owned).into_iter().chain(paths.iter().cloned()).collect();
        let output = self.run(&argv, None, Duration::from_secs(60)).await?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if let Some(line) = complaint(&said) {
            return Err(TransportError::Failed { program: "tar".to_owned(), why: line.to_owned() });
        }
        let mut result = unpacked(&output.stdout, &paths)?;
        // A file that tar did not complain about and did not send is a truncated answer.
        for path in &paths {
            let read = result.entry(path.clone()).or_default();
            if read.is_none() && !said.contains(path.as_str()) {
                return Err(TransportError::Failed {
                    program: "tar".to_owned(),
                    why: format!("the answer ends before {path}"),
                });
            }
        }
        Ok(result)
    }

    /// Writes a file whole: checks that it is as it was read (`expected`; `None` for "does not exist"), writes beside it
    /// under a name that nobody can foresee, and renames. It keeps its mode and its owners; a new one is readable by all.
    pub async fn replace_file(
        &self,
        path: &str,
        content: &[u8],
        expected: Option<&Digest>,
    ) -> Result<(), TransportError> {
        let now = self.read_files(&[path.to_owned()]).await?;
        let now = now.into_values().next().flatten();
        if now.as_ref().map(Digest::of).as_ref() != expected {
            return Err(TransportError::Moved { path: path.to_owned() });
        }
        let beside = beside(path);
        if self.is_local() {
            return replace_local(path, &beside, content)
                .map_err(|error| TransportError::File { path: path.to_owned(), why: error.to_string() });
        }
        let rights = if now.is_some() { self.rights(path).await? } else { None };
        let written = self.written(path, &beside, content, rights).await;
        if written.is_err() {
            let _ = self.remove_file(&beside).await;
        }
        written
    }

    async fn written(
        &self,
        path: &str,
        beside: &str,
        content: &[u8],
        rights: Option<Rights>,
    ) -> Result<(), TransportError> {
        let mode = rights.map_or(READABLE, |rights| rights.mode);
        self.create_file(beside, content, mode).await?;
        if let Some(rights) = rights {
            let owners = format!("{}:{}", rights.user, rights.group);
            let given = self.must(&["chown", "-h", "--", &owners, beside], None).await;
            // What all may read stays readable, whoever owns it.
            if mode & 0o004 == 0 {
                given?;
            }
        }
        let read = self.read_files(&[beside.to_owned()]).await?;
        if read.get(beside).and_then(Option::as_deref) != Some(content) {
            return Err(TransportError::File {
                path: beside.to_owned(),
                why: "did not arrive as it was sent".to_owned(),
            });
        }
        self.must(&["mv", "-T", "--", beside, path], None).await?;
        Ok(())
    }

    /// Makes a file that must not exist yet, not even as a link, with that mode whatever the umask is.
    pub(super) async fn create_file(&self, path: &str, content: &[u8], mode: u32) -> Result<(), TransportError> {
        let umask = format!("{:03o}", MODE & !mode);
        self.must(&["sh", "-c", CREATE, "sh", path, &umask], Some(content)).await.map(|_| ())
    }

    /// Mode and owners of a plain file; `None` of a link, whose own say nothing.
    async fn rights(&self, path: &str) -> Result<Option<Rights>, TransportError> {
        let said = self.must(&["stat", "-c", "%f %u %g", "--", path], None).await?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let rights = || {
            let mut words = said.split_whitespace();
            let bits = u32::from_str_radix(words.next()?, 16).ok()?;
            let (user, group) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            Some((bits & 0o170_000, Rights { mode: bits & MODE, user, group }))
        };
        match rights() {
            Some((0o100_000, rights)) => Ok(Some(rights)),
            Some(_) => Ok(None),
            None => {
                let why = format!("it printed `{}`", said.trim().escape_debug());
                Err(TransportError::Failed { program: format!("stat {path}"), why })
            }
        }
    }

    /// Removes a file; one that is not there is fine.
    pub async fn remove_file(&self, path: &str) -> Result<(), TransportError> {
        if self.is_local() {
            return match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(TransportError::File { path: path.to_owned(), why: error.to_string() })
                }
                _ => Ok(()),
            };
        }
        self.must(&["rm", "-f", "--", path], None).await.map(|_| ())
    }
}

/// A hidden name in the same folder that nobody can foresee. Slurm's daemons and their includes do not look at it.
fn beside(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    format!("{folder}/.{name}.{:016x}.new", private::token())
}

/// The files of an archive, as far as they were asked for.
fn unpacked(archive: &[u8], paths: &[String]) -> Result<BTreeMap<String, Option<Vec<u8>>>, TransportError> {
    let broken = |error: std::io::Error| TransportError::Failed { program: "tar".to_owned(), why: error.to_string() };
    let mut result: BTreeMap<String, Option<Vec<u8>>> = paths.iter().map(|path| (path.clone(), None)).collect();
    let mut left = ALL_BYTES;
    let mut archive = tar::Archive::new(archive);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = format!("/{}", entry.path().map_err(broken)?.display()).replace("//", "/");
        let name = name.trim_end_matches('/').to_owned();
        let Some(slot) = result.get_mut(&name) else { continue };
        let refused = |why: String| Err(TransportError::File { path: name.clone(), why });
        if !entry.header().entry_type().is_file() {
            return refused("it is no plain file".to_owned());
        }
        let most = FILE_BYTES.min(left);
        let mut content = Vec::new();
        // What an entry says of its size proves nothing: a sparse one may mean more than any disk holds.
        let length = (&mut entry).take(most + 1).read_to_end(&mut content).map_err(broken)? as u64;
        if length > most {
            return refused(format!("it has more than {} MB, which no configuration has", most >> 20));
        }
        left -= length;
        *slot = Some(content);
    }
    Ok(result)
}

fn read_local(path: &str) -> Result<Option<Vec<u8>>, TransportError> {
    match local::read_plain(Path::new(path)) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TransportError::File { path: path.to_owned(), why: error.to_string() }),
    }
}

fn replace_local(path: &str, beside: &str, content: &[u8]) -> std::io::Result<()> {
    let old = std::fs::symlink_metadata(path).ok().filter(std::fs::Metadata::is_file);
    let write = || {
        // Nobody else reads or writes it before it has its rights; these are set on the open file, which no link replaces.
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
        file.write_all(content)?;
        let mode = old.as_ref().map_or(READABLE, |old| old.mode() & MODE);
        if let Some(old) = &old {
            let given = std::os::unix::fs::fchown(&file, Some(old.uid()), Some(old.gid()));
            // What all may read stays readable, whoever owns it.
            if mode & 0o004 == 0 {
                given?;
            }
        }
        file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        file.sync_all()?;
        std::fs::rename(beside, path)
    };
    if let Err(error) = write() {
        let _ = std::fs::remove_file(beside);
        return Err(error);
    }
    if let Some(folder) = Path::new(path).parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// What `tar` could not read. Lines of others, such as a login shell's, are none of it.
fn complaint(said: &str) -> Option<&str> {
    let harmless = ["No such file or directory", "Removing leading", "Exiting with failure"];
    said.lines()
        .map(str::trim)
        .find(|line| line.starts_with("tar:") && !harmless.iter().any(|word| line.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixed() -> Transport {
        Transport::new(None, vec!["env".to_owned()], Vec::new())
    }

    #[tokio::test]
    async fn files_arrive_exactly_both_ways() {
        let folder = tempfile::tempdir().unwrap();
        for (name, transport) in [("local", Transport::local()), ("prefix", prefixed())] {
            let path = folder.path().join(name).display().to_string();
            let missing = transport.read_files(std::slice::from_ref(&path)).await.unwrap();
            assert_eq!(missing[&path], None);
            let content = b"# one\nReason=\"$(x) 'y' \xc3\xa4 \\\\\"\n";
            transport.replace_file(&path, content, None).await.unwrap();
            let read = transport.read_files(std::slice::from_ref(&path)).await.unwrap();
            assert_eq!(read[&path].as_deref(), Some(content.as_slice()));
            let stale = transport.replace_file(&path, b"x", Some(&Digest::of("other"))).await;
            assert!(matches!(stale, Err(TransportError::Moved { .. })));
            transport.replace_file(&path, b"x", Some(&Digest::of(content))).await.unwrap();
            transport.remove_file(&path).await.unwrap();
            assert!(!Path::new(&path).exists());
        }
    }

    #[tokio::test]
    async fn links_beside_a_file_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(at("precious"), "precious").unwrap();
        for (name, transport) in [("local", Transport::local()), ("prefix", prefixed())] {
            // The name that earlier versions wrote to, and a file that is a link itself.
            std::os::unix::fs::symlink("precious", at(&format!("{name}.sitewright-new"))).unwrap();
            transport.replace_file(&at(name), b"new", None).await.unwrap();
            let link = format!("{name}-link");
            std::os::unix::fs::symlink("precious", at(&link)).unwrap();
            transport.replace_file(&at(&link), b"new", Some(&Digest::of("precious"))).await.unwrap();
            assert!(std::fs::symlink_metadata(at(&link)).unwrap().is_file(), "the link is replaced");
        }
        assert_eq!(std::fs::read(at("precious")).unwrap(), b"precious");
        let prefixed = prefixed();
        std::os::unix::fs::symlink("gone", at("dangling")).unwrap();
        for taken in ["precious", "dangling"] {
            assert!(prefixed.create_file(&at(taken), b"x", 0o644).await.is_err());
        }
        assert!(!Path::new(&at("gone")).exists());
        assert_eq!(std::fs::read(at("precious")).unwrap(), b"precious");
        let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(!left.into_iter().any(|name| name.to_string_lossy().ends_with(".new")));
    }

    #[tokio::test]
    async fn modes_are_kept_and_new_files_are_readable_under_any_umask() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &str| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let strict = ["sh", "-c", "umask 077; exec \"$@\"", "sh"].map(ToOwned::to_owned).to_vec();
        for (name, transport) in [("local", Transport::local()), ("prefix", Transport::new(None, strict, Vec::new()))] {
            let path = folder.path().join(name).display().to_string();
            transport.replace_file(&path, b"one", None).await.unwrap();
            assert_eq!(mode(&path), 0o644, "{name}");
            for kept in [0o640, 0o600, 0o664] {
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(kept)).unwrap();
                let content = std::fs::read(&path).unwrap();
                transport.replace_file(&path, format!("{kept}").as_bytes(), Some(&Digest::of(&content))).await.unwrap();
                assert_eq!(mode(&path), kept, "{name}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_plain_file_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe").display().to_string();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for transport in [Transport::local(), prefixed()] {
            for path in [&pipe, "/dev/zero", &folder.path().display().to_string()] {
                let paths = [path.to_owned()];
                let read = transport.read_files(&paths);
                let read = tokio::time::timeout(Duration::from_secs(10), read).await.expect("it ends");
                assert!(matches!(read, Err(TransportError::File { .. })), "{path}: {read:?}");
            }
        }
    }

    #[tokio::test]
    async fn more_than_any_program_prints_is_refused_while_it_is_read() {
        let argv = ["yes", "x"].map(ToOwned::to_owned);
        let started = std::time::Instant::now();
        let result = Transport::local().run(&argv, None, Duration::from_secs(60)).await;
        assert!(matches!(&result, Err(TransportError::Failed { why, .. }) if why.contains("128 MB")), "{result:?}");
        assert!(started.elapsed() < Duration::from_secs(30));
        // Complaints are cut, and the program goes on.
        let argv = ["sh", "-c", "yes x | head -c 3000000 >&2; echo done"].map(ToOwned::to_owned);
        let output = Transport::local().run(&argv, None, Duration::from_secs(60)).await.unwrap();
        assert_eq!((output.stdout.as_slice(), output.stderr.len()), (b"done\n".as_slice(), 1 << 20));
    }

    #[test]
    fn a_sparse_entry_is_read_no_further_than_a_configuration_goes() {
        // One entry of type `S` that says it means a terabyte, of which nothing is stored.
        let mut header = tar::Header::new_gnu();
        header.set_path("etc/x").unwrap();
        header.set_entry_type(tar::EntryType::GNUSparse);
        header.set_size(0);
        if let Some(gnu) = header.as_gnu_mut() {
            gnu.realsize = *b"16000000000\0";
            gnu.sparse[0].offset = *b"16000000000\0";
            gnu.sparse[0].numbytes = *b"00000000000\0";
        }
        header.set_mode(0o644);
        header.set_cksum();
        let mut archive = header.as_bytes().to_vec();
        archive.extend([0; 1024]);
        let read = super::unpacked(&archive, &["/etc/x".to_owned()]);
        assert!(read.is_err(), "{:?}", read.map(|files| files.len()));
    }

    #[tokio::test]
    async fn the_callers_environment_does_not_reach_programs() {
        for transport in [Transport::local(), prefixed()] {
            let output = transport.run(&["env".to_owned()], None, Duration::from_secs(5)).await.unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(text.contains("TZ=UTC"), "{text}");
            assert!(!text.contains("HOME="), "{text}");
        }
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended() {
        let argv = ["sleep", "30"].map(ToOwned::to_owned);
        let result = Transport::local().run(&argv, None, Duration::from_millis(100)).await;
        assert!(matches!(result, Err(TransportError::TimedOut { .. })));
    }

    #[tokio::test]
    async fn children_of_a_program_that_hangs_are_ended_too() {
        let folder = tempfile::tempdir().unwrap();
        let numbers = folder.path().join("numbers").display().to_string();
        let script = "(sleep 301 & echo $! >>$1; wait) & echo $! >>$1; sleep 302 & echo $! >>$1; wait";
        let argv = ["sh", "-c", script, "sh", &numbers].map(ToOwned::to_owned);
        let result = Transport::local().run(&argv, None, Duration::from_secs(2)).await;
        assert!(matches!(result, Err(TransportError::TimedOut { .. })));
        tokio::time::sleep(Duration::from_millis(200)).await;
        let numbers = std::fs::read_to_string(numbers).unwrap();
        assert_eq!(numbers.lines().count(), 3);
        for number in numbers.lines() {
            let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
            let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().next()).unwrap_or("gone");
            assert!(["gone", "Z", "X"].contains(&state), "{stat}");
        }
    }

    #[test]
    fn only_what_tar_says_counts() {
        let noise = "pyenv: cannot rehash\ntar: Removing leading `/' from member names\ntar: /a: Cannot stat: No such file or directory\n";
        assert_eq!(super::complaint(noise), None);
        let denied = "Welcome!\ntar: /a: Cannot open: Permission denied\n";
        assert_eq!(super::complaint(denied), Some("tar: /a: Cannot open: Permission denied"));
    }
}
