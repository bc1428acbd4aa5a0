//! A running control plane, the tool run against it, and what it was asked.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Who a request comes from. The rig's own programs are other users, and in no audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    /// May do all, and is never told to wait.
    Admin,
    /// Whom the tool runs as: lists namespaces, and what a test grants.
    Operator,
    /// Sees all but secrets.
    Reader,
}

impl User {
    /// As the rig's `env` spells it at the end of a key.
    const fn key(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Operator => "OPERATOR",
            Self::Reader => "READER",
        }
    }

    /// As the server and its messages spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "olga",
            Self::Reader => "rita",
        }
    }
}

/// A cluster in its base state, held until it is dropped.
pub struct Rig {
    env: BTreeMap<String, String>,
    folder: tempfile::TempDir,
    /// `kubectl` remembers there which kinds the server has; asking anew would take longer than most commands.
    home: PathBuf,
    /// How far the audit logs have been read by [`Rig::mark`].
    marked: RefCell<[u64; 2]>,
    counter: Cell<u32>,
    _alone: File,
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

    /// Panics unless it failed with these words.
    #[track_caller]
    pub fn refused(self, words: &str) -> Self {
        assert!(self.code != 0 && self.error.contains(words), "expected: {words}\n{}{}", self.out, self.error);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.error))
    }
}

/// An answer of a server.
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.body))
    }
}

impl Rig {
    /// The cluster in its base state.
    pub fn new() -> Self {
        let rigs = std::env::var("SITEWRIGHT_RIG")
            .map_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/rig"), PathBuf::from);
        Self::at(&rigs)
    }

    /// The same of the rig in a folder.
    pub fn at(rigs: &Path) -> Self {
        let path = rigs.join("kubernetes/env");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("there is no running Kubernetes rig ({}: {error}): run tests/rig/kubernetes/up", path.display())
        });
        let env: BTreeMap<String, String> = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        // Each opening has a lock of its own: other tests of this program wait as well as other programs.
        let alone = File::create(path.with_file_name("tests.lock")).unwrap();
        alone.lock().unwrap();
        let rig = Self {
            env,
            folder: tempfile::tempdir().unwrap(),
            home: path.with_file_name("home"),
            marked: RefCell::default(),
            counter: Cell::default(),
            _alone: alone,
        };
        for folder in [rig.dir(), rig.folder.path().join("home")] {
            std::fs::create_dir(folder).unwrap();
        }
        rig.bind("");
        rig.reset();
        rig
    }

    /// Back to the base state, as each test begins; the folder of the manifests stays.
    #[track_caller]
    pub fn reset(&self) {
        let started = Instant::now();
        let ran = self.script("RESET", &[]);
        assert_eq!(ran.code, 0, "tests/rig/kubernetes/reset: {}", ran.error);
        println!("reset in {} ms", started.elapsed().as_millis());
        self.mark();
    }

    /// What the rig says about itself; its README lists the keys.
    #[track_caller]
    pub fn get(&self, key: &str) -> &str {
        self.env.get(key).unwrap_or_else(|| panic!("the rig has no {key}"))
    }

    /// One of the rig's scripts, by its key.
    fn script(&self, key: &str, words: &[&str]) -> Ran {
        let mut command = Command::new(self.get(key));
        // The scripts may be another checkout's: what is meant is the rig that has said so.
        command.args(words).env("SITEWRIGHT_RIG", self.home.parent().and_then(Path::parent).unwrap());
        Ran::from(&command.stdin(Stdio::null()).output().unwrap())
    }

    // ------------------------------------------------------------------------------------------------ the tool

    /// Folder of the manifests.
    pub fn dir(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    pub fn write(&self, file: &str, text: &str) {
        std::fs::write(self.dir().join(file), text).unwrap();
    }

    /// Writes `sitewright.yaml`: `services` in the environment `live` as the operator, `busy` the same through the busy
    /// server, `admin`, `reader`, and `more`.
    pub fn bind(&self, more: &str) {
        let mut text = "targets:\n  services:\n".to_owned();
        for (environment, user, context) in [
            ("live", User::Operator, "rig"),
            ("busy", User::Operator, "busy"),
            ("admin", User::Admin, "rig"),
            ("reader", User::Reader, "rig"),
        ] {
            let config = self.kubeconfig(user);
            let _ = writeln!(
                text,
                "    {environment}: {{ kubernetes: {{ kubeconfig: \"{config}\", context: {context} }} }}"
            );
        }
        self.write("sitewright.yaml", &(text + more));
    }

    /// The tool as a command, with nothing in its environment but a search path and an empty home.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.args(words).current_dir(self.dir()).env_clear().env("PATH", std::env::var("PATH").unwrap());
        command.env("HOME", self.folder.path().join("home")).stdin(Stdio::null());
        command
    }

    /// Runs the tool.
    pub fn tool(&self, words: &[&str]) -> Ran {
        Ran::from(&self.command(words).output().unwrap())
    }

    /// The same on a terminal of that width.
    pub fn tool_at(&self, words: &[&str], columns: u16) -> Ran {
        Ran::from(&self.command(words).env("COLUMNS", columns.to_string()).output().unwrap())
    }

    // ------------------------------------------------------------------------------------------------ the cluster

    /// File with the contexts `rig` and `busy`.
    pub fn kubeconfig(&self, user: User) -> &str {
        self.get(&format!("KUBECONFIG_{}", user.key()))
    }

    pub fn token(&self, user: User) -> &str {
        self.get(&format!("TOKEN_{}", user.key()))
    }

    /// A kubeconfig like the operator's with another token, outside the folder of the manifests.
    pub fn kubeconfig_with(&self, token: &str) -> PathBuf {
        let path = self.folder.path().join(format!("kubeconfig-{token}"));
        let text = std::fs::read_to_string(self.kubeconfig(User::Operator)).unwrap();
        std::fs::write(&path, text.replace(self.token(User::Operator), token)).unwrap();
        path
    }

    /// Runs kubectl.
    pub fn kubectl(&self, user: User, words: &[&str]) -> Ran {
        self.kubectl_with(user, words, "")
    }

    /// The same with a text as its standard input: `-f -`.
    pub fn kubectl_with(&self, user: User, words: &[&str], input: &str) -> Ran {
        let mut command = Command::new(self.get("KUBECTL"));
        command.arg(format!("--kubeconfig={}", self.kubeconfig(user))).arg("--request-timeout=30s").args(words);
        command.env_clear().env("PATH", std::env::var("PATH").unwrap()).env("HOME", &self.home);
        fed(command, input)
    }

    /// Server-side apply as the administrator and this field manager; `words` as `--force-conflicts`.
    pub fn apply_as(&self, manager: &str, text: &str, words: &[&str]) -> Ran {
        let manager = format!("--field-manager={manager}");
        let all = [&["apply", "--server-side", &manager, "-f", "-"], words].concat();
        self.kubectl_with(User::Admin, &all, text)
    }

    /// A merge patch as the administrator and this field manager; `words` as `--subresource=status`. No namespace is `""`.
    pub fn patch_as(&self, manager: &str, object: [&str; 3], patch: &Value, words: &[&str]) -> Ran {
        let [kind, namespace, name] = object;
        let (manager, patch) = (format!("--field-manager={manager}"), patch.to_string());
        let all =
            [&["patch", kind, name, "--namespace", namespace, "--type=merge", &manager, "-p", &patch], words].concat();
        self.kubectl(User::Admin, &all)
    }

    /// An object as the administrator sees it, with its managed fields. No namespace is `""`; kinds as `jobs` or
    /// `clusterqueues.v1beta1.kueue.x-k8s.io`.
    #[track_caller]
    pub fn object(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let words = ["get", kind, name, "--namespace", namespace, "-o", "json", "--show-managed-fields"];
        let ran = self.kubectl(User::Admin, &words);
        if ran.code != 0 && ran.error.starts_with("Error from server (NotFound): ") {
            return None;
        }
        Some(ran.expect(0).json())
    }

    /// All objects of a kind, sorted: `namespace/name`, or `name`.
    #[track_caller]
    pub fn names(&self, kind: &str) -> Vec<String> {
        let list = self.kubectl(User::Admin, &["get", kind, "-A", "-o", "json"]).expect(0).json();
        let metadata = list["items"].as_array().unwrap().iter().map(|item| &item["metadata"]);
        let mut names: Vec<String> = metadata
            .map(|metadata| match metadata["namespace"].as_str() {
                Some(namespace) => format!("{namespace}/{}", metadata["name"].as_str().unwrap()),
                None => metadata["name"].as_str().unwrap().to_owned(),
            })
            .collect();
        names.sort();
        names
    }

    /// What the operator may do from now on, instead of before: rules of a ClusterRole.
    #[track_caller]
    pub fn grant(&self, rules: &Value) {
        // The servers learn of it a little later. They are asked for a rule that only this grant has, by somebody else, so
        // that the operator's requests stay the test's own.
        let path = format!("/granted/{}", self.next());
        let mut all = rules.as_array().unwrap().clone();
        all.push(json!({ "nonResourceURLs": [path], "verbs": ["get"] }));
        self.patch_as("grant", ["clusterrole", "", "hpc-operators"], &json!({ "rules": all }), &[]).expect(0);
        let review = json!({ "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
            "user": User::Operator.name(), "groups": ["hpc-operators"],
            "nonResourceAttributes": { "path": path, "verb": "get" },
        } });
        for server in ["SERVER", "SERVER_BUSY"] {
            self.wait("the servers know what was granted", || {
                let url = format!("{}/apis/authorization.k8s.io/v1/subjectaccessreviews", self.get(server));
                let answer = self.ask(self.token(User::Admin), "POST", &url, Some(("application/json", &review)));
                answer.is_none_or(|answer| answer.json()["status"]["allowed"] == true)
            });
        }
    }

    /// The operator may do all, and is told to wait as everybody is.
    #[track_caller]
    pub fn grant_all(&self) {
        self.grant(&json!([
            { "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] },
            { "nonResourceURLs": ["*"], "verbs": ["*"] },
        ]));
    }

    /// A request to the server, as whoever has the token; with a content type and a body.
    #[track_caller]
    pub fn request(&self, token: &str, method: &str, path: &str, body: Option<(&str, &Value)>) -> Answer {
        let url = format!("{}{path}", self.get("SERVER"));
        self.ask(token, method, &url, body).unwrap_or_else(|| panic!("{url}: nobody listens"))
    }

    /// The same to any address; none where nobody listens.
    #[track_caller]
    fn ask(&self, token: &str, method: &str, url: &str, body: Option<(&str, &Value)>) -> Option<Answer> {
        let mut command = Command::new("curl");
        command.args(["-q", "-sS", "-m", "30", "--noproxy", "*", "--cacert", self.get("CA"), "-w", "\n%{http_code}"]);
        command.args(["-H", &format!("Authorization: Bearer {token}"), "-X", method, url]);
        if let Some((kind, _)) = body {
            command.args(["-H", &format!("Content-Type: {kind}"), "--data-binary", "@-"]);
        }
        let ran = fed(command, &body.map_or_else(String::new, |(_, body)| body.to_string()));
        if ran.code == 7 {
            return None;
        }
        assert_eq!(ran.code, 0, "{method} {url}: {}", ran.error);
        let (body, status) = ran.out.rsplit_once('\n').unwrap();
        Some(Answer { status: status.parse().unwrap(), body: body.to_owned() })
    }

    /// `start`, `stop` or `kill`, and `busy` for the busy server; returns when it is ready or gone.
    #[track_caller]
    pub fn apiserver(&self, words: &[&str]) {
        self.script("APISERVER", words).expect(0);
    }

    /// A Job in a queue of Kueue, which runs for that time (`0s`, `1h`) once it is admitted.
    #[track_caller]
    pub fn job(&self, namespace: &str, queue: &str, name: &str, gpus: u32, time: &str) {
        let text = json!({
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": { "name": name, "namespace": namespace, "labels": { "kueue.x-k8s.io/queue-name": queue } },
            "spec": { "suspend": true, "template": {
                "metadata": { "annotations": { "pod-complete.stage.kwok.x-k8s.io/delay": time } },
                "spec": { "restartPolicy": "Never", "containers": [{
                    "name": "main", "image": "none",
                    "resources": {
                        "requests": { "cpu": "1", "nvidia.com/gpu": gpus.to_string() },
                        "limits": { "nvidia.com/gpu": gpus.to_string() },
                    },
                }] },
            } },
        });
        self.kubectl_with(User::Admin, &["create", "-f", "-"], &text.to_string()).expect(0);
    }

    /// Waits for a condition of an object, as `Complete` of a Job or `Active` of a queue.
    #[track_caller]
    pub fn await_condition(&self, kind: &str, namespace: &str, name: &str, condition: &str) {
        self.wait(&format!("{kind} {name} is {condition}"), || {
            let object = self.object(kind, namespace, name).unwrap_or_default();
            object["status"]["conditions"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["type"] == condition && one["status"] == "True"))
        });
    }

    #[track_caller]
    pub fn wait(&self, what: &str, mut condition: impl FnMut() -> bool) {
        let started = Instant::now();
        while !condition() {
            let logs = self.get("LOGS");
            assert!(started.elapsed() < Duration::from_secs(300), "waited five minutes: {what}; logs are in {logs}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    // ------------------------------------------------------------------------------------------------ what was asked

    /// Forgets what was asked until now.
    pub fn mark(&self) {
        let [all, busy] = self.logs().map(|(_, log)| log);
        *self.marked.borrow_mut() = [length(&all), length(&busy)];
    }

    /// All requests of people since the mark, in the order of their answers; first those of the server, then those of the
    /// busy one. What this harness asks is the administrator's.
    #[track_caller]
    pub fn asked(&self) -> Requests {
        let mut requests = Vec::new();
        for ((server, log), from) in self.logs().into_iter().zip(*self.marked.borrow()) {
            let mut text = String::new();
            let mut file = File::open(log).unwrap();
            file.seek(SeekFrom::Start(from)).unwrap();
            file.read_to_string(&mut text).unwrap();
            // A watch has a line when it begins and one when it ends.
            let mut seen = std::collections::BTreeSet::new();
            for line in text.lines() {
                let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                let request = Request::from(&line, server == "SERVER_BUSY");
                if !request.uri.starts_with(SIGN) && seen.insert(line["auditID"].to_string()) {
                    requests.push(request);
                }
            }
        }
        Requests(requests)
    }

    /// The servers and their audit logs, with all lines of what was answered until now: a server writes a line after its
    /// answer, so that a request of our own has to be waited for.
    #[track_caller]
    fn logs(&self) -> [(&'static str, PathBuf); 2] {
        let logs = [("SERVER", "AUDIT_LOG"), ("SERVER_BUSY", "AUDIT_LOG_BUSY")];
        logs.map(|(server, log)| {
            let log = PathBuf::from(self.get(log));
            let sign = format!("{SIGN}{}-{}", std::process::id(), self.next());
            let url = format!("{}{sign}", self.get(server));
            // A server that is down writes nothing more.
            if self.ask(self.token(User::Admin), "GET", &url, None).is_some() {
                let sign = format!("\"{sign}\"");
                self.wait("the audit log has our sign", || std::fs::read_to_string(&log).unwrap().contains(&sign));
            }
            (server, log)
        })
    }

    fn next(&self) -> u32 {
        self.counter.set(self.counter.get() + 1);
        self.counter.get()
    }
}

/// Begins the path of a request that only shows how far an audit log has come.
const SIGN: &str = "/version?sign=";

fn length(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().len()
}

/// Runs a program with a text as its standard input.
fn fed(mut command: Command, input: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // It may answer before it has read all, and then nobody would read what we write.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join();
    Ran::from(&output)
}

/// A request, as the audit log has it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Nobody where the token is wrong.
    pub user: Option<String>,
    /// As RBAC spells them: `list`, `patch`, `deletecollection`. A server-side apply is a `patch`.
    pub verb: String,
    pub group: String,
    pub resource: String,
    pub subresource: String,
    pub namespace: String,
    pub name: String,
    pub dry_run: bool,
    pub code: u64,
    pub uri: String,
    pub agent: String,
    /// What was sent, of a write.
    pub body: Value,
    /// Whether the busy server was asked.
    pub busy: bool,
}

impl Request {
    fn from(line: &Value, busy: bool) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let object = &line["objectRef"];
        let uri = text(&line["requestURI"]);
        let query = uri.split_once('?').map_or("", |(_, query)| query);
        // A deletion may also say it in its body.
        let dry_run = query.split('&').any(|pair| pair == "dryRun=All")
            || (line["requestObject"]["kind"] == "DeleteOptions" && line["requestObject"]["dryRun"][0] == "All");
        Self {
            user: line["user"]["username"].as_str().map(ToOwned::to_owned),
            verb: text(&line["verb"]),
            group: text(&object["apiGroup"]),
            resource: text(&object["resource"]),
            subresource: text(&object["subresource"]),
            namespace: text(&object["namespace"]),
            name: text(&object["name"]),
            dry_run,
            code: line["responseStatus"]["code"].as_u64().unwrap_or_default(),
            agent: text(&line["userAgent"]),
            body: line["requestObject"].clone(),
            uri,
            busy,
        }
    }

    /// Whether it would change what is stored.
    pub fn writes(&self) -> bool {
        ["create", "update", "patch", "delete", "deletecollection"].contains(&self.verb.as_str())
            // These only ask, in the form of an object.
            && !["authorization.k8s.io", "authentication.k8s.io"].contains(&self.group.as_str())
            && !self.dry_run
    }
}

/// Requests, to be counted. Printed with `{}` for the message of a failing test.
#[derive(Debug, Clone)]
pub struct Requests(pub Vec<Request>);

impl Requests {
    fn only(mut self, keep: impl Fn(&Request) -> bool) -> Self {
        self.0.retain(keep);
        self
    }

    pub fn by(self, user: User) -> Self {
        self.only(|request| request.user.as_deref() == Some(user.name()))
    }

    pub fn verb(self, verb: &str) -> Self {
        self.only(|request| request.verb == verb)
    }

    pub fn resource(self, resource: &str) -> Self {
        self.only(|request| request.resource == resource)
    }

    pub fn dry_runs(self) -> Self {
        self.only(|request| request.dry_run)
    }

    pub fn writes(self) -> Self {
        self.only(Request::writes)
    }

    pub fn code(self, code: u64) -> Self {
        self.only(|request| request.code == code)
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Request { user, verb, uri, code, .. } in &self.0 {
            writeln!(out, "{} {verb} {uri} {code}", user.as_deref().unwrap_or("nobody"))?;
        }
        Ok(())
    }
}

/// Writes the certificate of an authority that no server here has.
pub fn write_strange_authority(path: &Path) {
    let words = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=other -keyout /dev/null -out";
    let made = Command::new("openssl").args(words.split(' ')).arg(path).output().unwrap();
    assert!(made.status.success());
}
