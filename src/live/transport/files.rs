//! Files of the target, through the same way as its programs.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use super::{Transport, TransportError};
use crate::resource::Digest;

impl Transport {
    /// Reads files; one that does not exist is `None`, one that cannot be read is an error. One process for all.
    pub async fn read_files(&self, paths: &[String]) -> Result<BTreeMap<String, Option<Vec<u8>>>, TransportError> {
        if paths.is_empty() {
            return Ok(BTreeMap::new());
        }
        if self.is_local() {
            return paths.iter().map(|path| Ok((path.clone(), read_local(path)?))).collect();
        }
        // A file named twice would arrive the second time as a link without content.
        let paths: Vec<String> = paths.iter().cloned().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        let head = ["tar", "-c", "-h", "-f", "-", "--ignore-failed-read", "--"].map(ToOwned::to_owned);
        let argv: Vec<String> = head.into_iter().chain(paths.iter().cloned()).collect();
        let output = self.run(&argv, None, Duration::from_secs(60)).await?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if let Some(line) = complaint(&said) {
            return Err(TransportError::Failed { program: "tar".to_owned(), why: line.to_owned() });
        }
        let mut result: BTreeMap<String, Option<Vec<u8>>> = paths.iter().map(|path| (path.clone(), None)).collect();
        let broken =
            |error: std::io::Error| TransportError::Failed { program: "tar".to_owned(), why: error.to_string() };
        let mut archive = tar::Archive::new(output.stdout.as_slice());
        for entry in archive.entries().map_err(broken)? {
            let mut entry = entry.map_err(broken)?;
            let name = format!("/{}", entry.path().map_err(broken)?.display()).replace("//", "/");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).map_err(broken)?;
            if let Some(slot) = result.get_mut(&name) {
                *slot = Some(content);
            }
        }
        // A file that tar did not complain about and did not send is a truncated answer.
        for (path, content) in &result {
            if content.is_none() && !said.contains(path.as_str()) {
                return Err(TransportError::Failed {
                    program: "tar".to_owned(),
                    why: format!("the answer ends before {path}"),
                });
            }
        }
        Ok(result)
    }

    /// Writes a file whole: checks that it is as it was read (`expected`; `None` for "does not exist"), writes beside it
    /// and renames.
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
        let beside = format!("{path}.sitewright-new");
        if self.is_local() {
            return replace_local(path, &beside, content)
                .map_err(|error| TransportError::File { path: path.to_owned(), why: error.to_string() });
        }
        self.must(&["tee", "--", &beside], Some(content)).await?;
        if now.is_some() {
            self.must(&["chmod", "--reference", path, "--", &beside], None).await?;
        } else {
            self.must(&["chmod", "0644", "--", &beside], None).await?;
        }
        self.must(&["sync", "--", &beside], None).await?;
        let written = self.read_files(std::slice::from_ref(&beside)).await?;
        if written.get(&beside).and_then(Option::as_deref) != Some(content) {
            return Err(TransportError::File { path: beside, why: "did not arrive as it was sent".to_owned() });
        }
        self.must(&["mv", "-T", "--", &beside, path], None).await?;
        Ok(())
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

fn read_local(path: &str) -> Result<Option<Vec<u8>>, TransportError> {
    match std::fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TransportError::File { path: path.to_owned(), why: error.to_string() }),
    }
}

fn replace_local(path: &str, beside: &str, content: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(beside)?;
    file.write_all(content)?;
    if let Ok(old) = std::fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()?;
    std::fs::rename(beside, path)?;
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

    #[test]
    fn only_what_tar_says_counts() {
        let noise = "pyenv: cannot rehash\ntar: Removing leading `/' from member names\ntar: /a: Cannot stat: No such file or directory\n";
        assert_eq!(super::complaint(noise), None);
        let denied = "Welcome!\ntar: /a: Cannot open: Permission denied\n";
        assert_eq!(super::complaint(denied), Some("tar: /a: Cannot open: Permission denied"));
    }
}
