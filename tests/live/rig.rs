//! A running cluster, and the tool run against it.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The releases that the rig has, oldest first.
pub const RELEASES: [&str; 3] = ["22.05", "24.11", "26.05"];

static LOCKS: [Mutex<()>; RELEASES.len()] = [const { Mutex::new(()) }; RELEASES.len()];

/// Place of a release in [`RELEASES`].
pub fn index_of(release: &str) -> usize {
    RELEASES.iter().position(|one| *one == release).unwrap()
}

/// A cluster in its base state, held until it is dropped.
pub struct Rig {
    pub release: &'static str,
    env: BTreeMap<String, String>,
    folder: tempfile::TempDir,
    _held: MutexGuard<'static, ()>,
    /// Another run of the tests on this machine waits too.
    _alone: std::fs::File,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn script(name: &str) -> Command {
    Command::new(root().join("tests/rig").join(name))
}

fn rigs() -> PathBuf {
    std::env::var("SITEWRIGHT_RIG").map_or_else(|_| root().join("target/rig"), PathBuf::from)
}

/// What `tests/rig/up` wrote down about a release's cluster.
fn env_of(release: &str) -> BTreeMap<String, String> {
    let path = rigs().join(release).join("env");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "there is no running Slurm {release} ({}: {error}): run tests/run, or tests/rig/up {release}",
            path.display()
        )
    });
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn words(prefix: &str) -> Vec<String> {
    prefix.split_whitespace().map(ToOwned::to_owned).collect()
}

/// Runs a program of a release that asks no daemon, so that nobody has to wait for the cluster.
pub fn without_cluster(release: &str, program: &[&str], input: &str) -> Ran {
    let all: Vec<String> =
        words(&env_of(release)["PREFIX"]).into_iter().chain(program.iter().map(|word| (*word).to_owned())).collect();
    let mut command = Command::new(&all[0]);
    // A line editor that knows the terminal clears the screen in the middle of an answer.
    command.args(&all[1..]).env("TERM", "dumb").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // It answers while it is still being asked: whoever writes all before reading waits for ever.
    let asking = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    asking.join().unwrap();
    Ran::from(&output)
}

/// What a program printed and how it ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub error: String,
}

impl Ran {
    fn from(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            error: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Panics with all that was printed, unless it ended so.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.error);
        self
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.error))
    }

    /// Both outputs.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.error)
    }
}

impl Rig {
    /// The cluster of a release, in its base state.
    pub fn new(release: &'static str) -> Self {
        Self::with(release, &[])
    }

    /// The cluster of a release whose controller has never run.
    pub fn empty(release: &'static str) -> Self {
        Self::with(release, &["--empty"])
    }

    fn with(release: &'static str, flags: &[&str]) -> Self {
        let held = LOCKS[index_of(release)].lock().unwrap_or_else(PoisonError::into_inner);
        let env = env_of(release);
        let alone = std::fs::File::create(rigs().join(release).join("tests.lock")).unwrap();
        alone.lock().unwrap();
        let reset = script("reset").arg(release).args(flags).output().unwrap();
        assert!(reset.status.success(), "tests/rig/reset {release}: {}", String::from_utf8_lossy(&reset.stderr));
        let rig = Self { release, env, folder: tempfile::tempdir().unwrap(), _held: held, _alone: alone };
        rig.bind("");
        rig
    }

    pub fn get(&self, key: &str) -> &str {
        self.env.get(key).map_or("", String::as_str)
    }

    /// Folder of the manifests.
    pub fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// A port of the oldest release's cluster, moved so that all clusters fit on one machine.
    pub fn port(&self, base: u32) -> u32 {
        base + 1000 * u32::try_from(index_of(self.release)).unwrap()
    }

    pub fn prefix(&self) -> Vec<String> {
        words(self.get("PREFIX"))
    }

    /// Words before a Slurm program that an ordinary user runs.
    pub fn prefix_as(&self, user: &str) -> Vec<String> {
        match self.prefix().as_slice() {
            [] => ["runuser", "-u", user, "--"].map(ToOwned::to_owned).to_vec(),
            [chroot, root, ..] => vec![chroot.clone(), format!("--userspec={user}"), root.clone()],
            _ => unreachable!("a prefix is `chroot DIR`"),
        }
    }

    /// Writes `sitewright.yaml`: environment `live` with restart command, `bare` without, `ssh` over ssh, and `more`.
    pub fn bind(&self, more: &str) {
        let prefix = format!("[{}]", self.prefix().join(", "));
        let restart = self.get("RESTART");
        let text = format!(
            "targets:\n  compute:\n    live: {{ slurm: {{ over: local, prefix: {prefix}, restart: [\"{restart}\"] }} }}\n    bare: {{ slurm: {{ over: local, prefix: {prefix} }} }}\n    ssh: {{ slurm: {{ over: ssh, host: rig, sshConfig: \"{}\", prefix: {prefix}, restart: [\"{restart}\"] }} }}\n{more}",
            self.get("SSH_CONFIG"),
        );
        std::fs::write(self.dir().join("sitewright.yaml"), text).unwrap();
    }

    /// Environment `slip`: a shell script stands before each program, as `"$@"`, and may do something else first.
    pub fn slip(&self, script: &str) {
        let path = self.dir().join("slip");
        let text = format!(
            "#!/bin/sh\ncd '{}'\nreal() {{ {} \"$@\"; }}\n{script}\nreal \"$@\"\n",
            self.dir().display(),
            self.prefix().join(" ")
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let restart = self.get("RESTART");
        self.bind(&format!(
            "    slip: {{ slurm: {{ over: local, prefix: [\"{}\"], restart: [\"{restart}\"] }} }}\n",
            path.display()
        ));
    }

    pub fn write(&self, file: &str, text: &str) {
        std::fs::write(self.dir().join(file), text).unwrap();
    }

    /// The tool as a command, with nothing but a search path in its environment.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.args(words).current_dir(self.dir()).env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.env("HOME", std::env::var("HOME").unwrap_or_else(|_| "/root".to_owned()));
        command.stdin(Stdio::null());
        command
    }

    /// Runs the tool.
    pub fn tool(&self, words: &[&str]) -> Ran {
        Ran::from(&self.command(words).output().unwrap())
    }

    /// `plan` on a day in the middle of the manifests' allocations.
    pub fn plan(&self, words: &[&str]) -> Ran {
        let all: Vec<&str> =
            ["plan", "--env", "live", "--at", "2026-11-21"].into_iter().chain(words.iter().copied()).collect();
        self.tool(&all)
    }

    pub fn apply(&self, words: &[&str]) -> Ran {
        let all: Vec<&str> = ["apply", "--env", "live", "--at", "2026-11-21", "--yes"]
            .into_iter()
            .chain(words.iter().copied())
            .collect();
        self.tool(&all)
    }

    /// A plan must be empty, as exit code and as JSON.
    #[track_caller]
    pub fn assert_settled(&self) {
        let plan = self.plan(&["--detailed-exitcode", "--format", "json"]);
        assert_eq!(plan.code, 0, "{}: {}\n{}", self.release, plan.out, plan.error);
        let json = plan.json();
        assert_eq!(json["changes"], serde_json::json!([]), "{}", plan.out);
        assert_eq!(json["actions"], serde_json::json!([]), "{}", plan.out);
    }

    /// Runs one of Slurm's programs as root.
    pub fn slurm(&self, words: &[&str]) -> Ran {
        let all: Vec<String> = self.prefix().into_iter().chain(words.iter().map(|word| (*word).to_owned())).collect();
        Ran::from(&Command::new(&all[0]).args(&all[1..]).output().unwrap())
    }

    /// Runs a program as an ordinary user.
    pub fn user(&self, user: &str, words: &[&str]) -> Ran {
        Ran::from(&script("as").arg(self.release).arg(user).args(words).output().unwrap())
    }

    /// Runs a script of the rig.
    pub fn script(&self, name: &str, words: &[&str]) -> Ran {
        Ran::from(&script(name).arg(self.release).args(words).output().unwrap())
    }

    /// One column of one row of `sacctmgr`.
    pub fn accounting(&self, words: &[&str]) -> String {
        let all: Vec<&str> = ["sacctmgr", "-nP"].into_iter().chain(words.iter().copied()).collect();
        self.slurm(&all).out.trim().to_owned()
    }

    /// A file of the configuration folder, as seen from here.
    pub fn conf(&self, name: &str) -> PathBuf {
        Path::new(self.get("HOST_CONF_DIR")).join(name)
    }

    pub fn controller_is_up(&self) -> bool {
        self.slurm(&["scontrol", "ping"]).out.contains("is UP")
    }

    /// Submits a job that sleeps, waits until it runs, and returns its number.
    pub fn job(&self, user: &str, words: &[&str]) -> String {
        let all: Vec<&str> =
            ["sbatch", "--parsable"].into_iter().chain(words.iter().copied()).chain(["--wrap", "sleep 600"]).collect();
        let ran = self.user(user, &all);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.error);
        let id = ran.out.trim().to_owned();
        self.wait(&format!("job {id} runs"), || self.state_of(&id) == "RUNNING");
        id
    }

    pub fn state_of(&self, job: &str) -> String {
        self.slurm(&["squeue", "-a", "-h", "-j", job, "-o", "%T"]).out.trim().to_owned()
    }

    /// Waits until slurmctld has written down what it knows of a job now. It does so some seconds after a change; one that
    /// dies before has never heard of the job's start.
    pub fn wait_until_saved(&self, job: &str) {
        let file = Path::new(self.get("CONTROLLER_LOG")).parent().unwrap().join("../state/slurmctld/job_state");
        let now = std::time::SystemTime::now();
        self.slurm(&["scontrol", "update", &format!("JobId={job}"), "Comment=saved"]).expect(0);
        self.wait("the state of jobs is written down", || {
            std::fs::metadata(&file).and_then(|found| found.modified()).is_ok_and(|written| written > now)
        });
    }

    pub fn cancel(&self, job: &str) {
        self.slurm(&["scancel", job]);
        self.wait(&format!("job {job} ends"), || self.state_of(job).is_empty());
    }

    #[track_caller]
    pub fn wait(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let started = Instant::now();
        while !condition() {
            assert!(started.elapsed() < Duration::from_secs(300), "{}: waited five minutes: {what}", self.release);
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// What the cluster's daemons said is kept where a test fails: the next reset throws it away.
impl Drop for Rig {
    #[expect(clippy::print_stderr, reason = "libtest shows it beside the failure")]
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("main").replace("::", ".");
        let kept = rigs().join(self.release).join("failed").join(name);
        let logs = Path::new(self.get("CONTROLLER_LOG")).parent().unwrap_or(Path::new("/nowhere"));
        let copied = Command::new("mkdir").arg("-p").arg(&kept).status().is_ok()
            && Command::new("cp").arg("-r").arg(logs).arg(&kept).status().is_ok_and(|status| status.success());
        if copied {
            eprintln!("what the daemons of {} said is kept in {}", self.release, kept.join("log").display());
        }
    }
}

/// Makes a test for each release.
#[macro_export]
macro_rules! on_each_release {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[test]
            fn on_22_05() {
                super::$name($crate::rig::RELEASES[0]);
            }

            #[test]
            fn on_24_11() {
                super::$name($crate::rig::RELEASES[1]);
            }

            #[test]
            fn on_26_05() {
                super::$name($crate::rig::RELEASES[2]);
            }
        }
    )* };
}
