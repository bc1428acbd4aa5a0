//! How a target's programs and files are reached: directly, over the user's own ssh client, or behind a command prefix.
//!
//! Programs get an empty environment plus our short list, for a caller's `SQUEUE_STATES` or `SLURM_CLUSTERS` would filter
//! a reading and exit 0. No string reaches a shell here; over ssh the remote side has one, so words are quoted for it.

mod children;
mod files;
mod lock;
mod path;
mod private;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

pub use crate::resource::quote;
use children::Tree;
pub use lock::{Holder, LockError};
pub use path::{find_program, search_path};

/// Most bytes that a program may print: 10⁶ associations are about 60 MB.
const OUTPUT_BYTES: u64 = 128 << 20;
/// Most bytes that are kept of its complaints; what comes after them is read and forgotten.
const COMPLAINT_BYTES: u64 = 1 << 20;

/// Why a program could not be run.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// It did not start.
    #[error("failed to start `{program}`: {source}")]
    Start {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It took too long and was ended.
    #[error("`{program}` did not answer within {seconds} s")]
    TimedOut {
        /// The program.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// Reading or writing it failed.
    #[error("failed to talk to `{program}`: {source}")]
    Talk {
        /// The program.
        program: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It ended badly, where only a good end will do.
    #[error("`{program}` failed: {why}")]
    Failed {
        /// The program.
        program: String,
        /// What it said.
        why: String,
    },
    /// A file is not as it was when it was read.
    #[error("`{path}` changed since it was read; plan again")]
    Moved {
        /// The file.
        path: String,
    },
    /// A file's text is not what it must be.
    #[error("`{path}`: {why}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// What a program left behind.
#[derive(Debug, Clone)]
pub struct Output {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// The user's ssh client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ssh {
    /// Host, as the client's configuration knows it.
    pub host: String,
    /// Configuration file for `-F`.
    pub config: Option<String>,
}

/// A way to a target.
#[derive(Debug)]
pub struct Transport {
    ssh: Option<Ssh>,
    prefix: Vec<String>,
    /// Extra variables, e.g. `SLURM_CONF`.
    variables: Vec<(String, String)>,
    processes: AtomicU32,
    bytes: AtomicU64,
    /// Folder that programs of this machine start in, where that is not the current one.
    folder: Option<PathBuf>,
    /// Folder of the ssh control socket, made when it is needed.
    control: OnceLock<Option<private::Folder>>,
}

impl Transport {
    /// Programs of this machine.
    pub fn local() -> Self {
        Self::new(None, Vec::new(), Vec::new())
    }

    /// With an ssh hop, a prefix before each program (and before each file command), and extra variables.
    pub fn new(ssh: Option<Ssh>, prefix: Vec<String>, variables: Vec<(String, String)>) -> Self {
        let (processes, bytes) = (AtomicU32::new(0), AtomicU64::new(0));
        Self { ssh, prefix, variables, processes, bytes, folder: None, control: OnceLock::new() }
    }

    /// The same with programs of this machine that start in a folder, and relative paths of programs that start there: the
    /// folder of the file that names them, and not the folder of whoever wrote the manifests.
    #[must_use]
    pub fn within(mut self, folder: &Path) -> Self {
        self.folder = std::path::absolute(folder).ok();
        self
    }

    /// Whether files can be opened directly.
    fn is_local(&self) -> bool {
        self.ssh.is_none() && self.prefix.is_empty()
    }

    /// Processes started and bytes read so far.
    pub fn counts(&self) -> (u32, u64) {
        (self.processes.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }

    /// How it is reached, for people: `local`, `ssh admin.example`, `chroot /srv/slurm`.
    pub fn describe(&self) -> String {
        let ssh = self.ssh.as_ref().map(|ssh| format!("ssh {}", ssh.host));
        let prefix = (!self.prefix.is_empty()).then(|| self.prefix.join(" "));
        match (ssh, prefix) {
            (None, None) => "local".to_owned(),
            (Some(one), None) | (None, Some(one)) => one,
            (Some(ssh), Some(prefix)) => format!("{ssh}, {prefix}"),
        }
    }

    fn environment(&self) -> Vec<(String, String)> {
        let ours = [("PATH", path::PATH), ("LC_ALL", "C"), ("TZ", "UTC"), ("SLURM_TIME_FORMAT", "standard")];
        ours.into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .chain(self.variables.clone())
            .collect()
    }

    /// Runs a program of the target.
    pub async fn run(&self, argv: &[String], input: Option<&[u8]>, limit: Duration) -> Result<Output, TransportError> {
        self.start(argv, true, input, limit).await
    }

    /// Runs a command of the site's (restart): beside the prefix, exactly as it is written.
    pub async fn run_site(&self, argv: &[String], limit: Duration) -> Result<Output, TransportError> {
        self.start(argv, false, None, limit).await
    }

    async fn start(
        &self,
        argv: &[String],
        prefixed: bool,
        input: Option<&[u8]>,
        limit: Duration,
    ) -> Result<Output, TransportError> {
        let program = argv.first().cloned().unwrap_or_default();
        let prefix: &[String] = if prefixed { &self.prefix } else { &[] };
        let mut command = self.command(argv, prefix);
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        self.processes.fetch_add(1, Ordering::Relaxed);
        let mut child = command.spawn().map_err(|source| TransportError::Start { program: program.clone(), source })?;
        let mut tree = Tree::of(child.id());
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let feed = async {
            if let (Some(mut stdin), Some(bytes)) = (stdin, input) {
                // A program that ends before it has read everything says so by its exit code.
                let _ = stdin.write_all(bytes).await;
                let _ = stdin.shutdown().await;
            }
        };
        let work = async {
            let feed = async {
                feed.await;
                Ok(())
            };
            let ((), stdout, stderr) =
                tokio::try_join!(feed, within(stdout, OUTPUT_BYTES), head(stderr, COMPLAINT_BYTES))?;
            Ok(Output { code: child.wait().await?.code(), stdout, stderr })
        };
        let output = tokio::time::timeout(limit, work)
            .await
            .map_err(|_| TransportError::TimedOut { program: program.clone(), seconds: limit.as_secs() })?
            .map_err(|broken| match broken {
                Broken::Pipe(source) => TransportError::Talk { program: program.clone(), source },
                Broken::TooMuch => {
                    let why = format!("it printed more than {} MB", OUTPUT_BYTES >> 20);
                    TransportError::Failed { program: program.clone(), why }
                }
            })?;
        tree.ended();
        self.bytes.fetch_add(output.stdout.len() as u64, Ordering::Relaxed);
        Ok(output)
    }

    /// A program of this machine, started in the folder of the binding. `PATH` has no entry that depends on that folder.
    fn program(&self, word: &str) -> Command {
        let program = match &self.folder {
            Some(folder) if word.contains('/') => folder.join(word),
            _ => PathBuf::from(word),
        };
        let mut command = Command::new(program);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.env("PATH", search_path());
        command
    }

    fn command(&self, argv: &[String], prefix: &[String]) -> Command {
        let variables = self.environment();
        if self.ssh.is_none() && prefix.is_empty() {
            let mut command = self.program(argv.first().map_or("", String::as_str));
            command.args(argv.iter().skip(1)).env_clear().envs(variables);
            return command;
        }
        // On the far side of a hop the environment is emptied by `env -i`.
        let mut words: Vec<String> = prefix.to_vec();
        words.extend(["env", "-i"].map(ToOwned::to_owned));
        words.extend(variables.into_iter().map(|(name, value)| format!("{name}={value}")));
        words.extend(argv.iter().cloned());
        match &self.ssh {
            None => {
                let mut command = self.program(&words[0]);
                command.args(&words[1..]);
                command
            }
            Some(ssh) => {
                let mut command = self.program("ssh");
                if let Some(config) = &ssh.config {
                    command.arg("-F").arg(config);
                }
                command.args(["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15"]);
                if let Some(folder) = self.control.get_or_init(private::Folder::new) {
                    let path = folder.path().join("%C");
                    command.args(["-o", "ControlMaster=auto", "-o", "ControlPersist=15", "-o"]);
                    command.arg(format!("ControlPath={}", path.display()));
                }
                let line: Vec<String> = words.iter().map(|word| quote(word)).collect();
                command.arg("--").arg(&ssh.host).arg(line.join(" "));
                command
            }
        }
    }

    /// Runs a program whose bad end is an error.
    pub(super) async fn must(&self, argv: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, TransportError> {
        let words: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let output = self.run(&words, input, Duration::from_secs(60)).await?;
        if output.code == Some(0) {
            return Ok(output.stdout);
        }
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(TransportError::Failed { program: words.join(" "), why })
    }
}

/// Why a program's output was not read to its end.
enum Broken {
    Pipe(std::io::Error),
    TooMuch,
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self::Pipe(error)
    }
}

/// All that a program prints, if it is no more than so many bytes.
async fn within(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> Result<Vec<u8>, Broken> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(most + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > most { Err(Broken::TooMuch) } else { Ok(bytes) }
}

/// The beginning of what a program prints. The rest is read too, so that the program does not wait for a reader.
async fn head(pipe: Option<impl AsyncRead + Unpin>, most: u64) -> Result<Vec<u8>, Broken> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        (&mut pipe).take(most).read_to_end(&mut bytes).await?;
        tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    }
    Ok(bytes)
}
