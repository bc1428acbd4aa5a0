//! A stranger's folder of manifests, planned with bindings of one's own: nothing in the folder is run or taken for a binding.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::fake::{Ran, SITE};

/// A stranger's folder, a folder with bindings of one's own beside it, and a home folder.
struct Neighbourhood(tempfile::TempDir);

/// Files that a binding names, and programs. Each leaves the word in `WHO` when it is used.
const FILES: [(&str, &str); 5] = [
    ("ssh.config", "# WHO\n"),
    (
        "kube.config",
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{ name: k, cluster: { server: 'https://127.0.0.1:9' } }]\n\
         contexts: [{ name: c, context: { cluster: k, user: u } }]\n\
         users: [{ name: u, user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never } } }]\n",
    ),
    ("plugin", "#!/bin/sh\necho WHO-plugin >>MARK\nexit 1\n"),
    ("wrapper", "#!/bin/sh\necho WHO-wrapper $PWD >>MARK\nexit 1\n"),
    ("sitewright.yaml", "targets: { compute: { default: { slurm: { prefix: [./WHO-would-run] } } } }\n"),
];

/// Programs that are found by name alone.
const PROGRAMS: [&str; 3] = ["ssh", "by-name", "tar"];

impl Neighbourhood {
    fn new() -> Self {
        let all = Self(tempfile::tempdir().unwrap());
        for who in ["theirs", "ours", "home"] {
            for (name, text) in FILES {
                all.write(&format!("{who}/{name}"), &all.filled(text, who));
            }
        }
        std::fs::remove_file(all.path("ours/sitewright.yaml")).unwrap();
        for name in PROGRAMS {
            let text = "#!/bin/sh\necho WHO-NAME $PWD \"$@\" >>MARK\nexit 1\n".replace("NAME", name);
            all.write(&format!("theirs/{name}"), &all.filled(&text, "theirs"));
            all.write(&format!("bin/{name}"), &all.filled(&text, "ours"));
        }
        all
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn filled(&self, text: &str, who: &str) -> String {
        text.replace("WHO", who).replace("MARK", &self.path("marks").display().to_string())
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Plans in the stranger's folder with this binding; gives what ran.
    fn plan(&self, binding: &str, words: &[&str]) -> (Ran, String) {
        let _ = std::fs::remove_file(self.path("marks"));
        let (mine, site) = if binding.starts_with("kubernetes") {
            let mine = format!(
                "targets: {{ compute: {{ default: {{ twin: {{ file: none.twin }} }} }}, services: {{ default: {{ {binding} }} }} }}\n"
            );
            (mine, SITE.replace("spec: { host:", "spec: { kubernetes: {}, host:"))
        } else {
            (format!("targets: {{ compute: {{ default: {{ {binding} }} }} }}\n"), SITE.to_owned())
        };
        self.write("ours/mine.yaml", &mine);
        self.write("theirs/site.yaml", &site);
        let path = format!(".::{}:/usr/bin:/bin", self.path("bin").display());
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command.args(words).current_dir(self.path("theirs")).env_clear().stdin(Stdio::null());
        command.env("PATH", path).env("HOME", self.path("home")).env("COLUMNS", "1000");
        let output = command.output().unwrap();
        let ran = Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            error: String::from_utf8(output.stderr).unwrap(),
        };
        (ran, std::fs::read_to_string(self.path("marks")).unwrap_or_default())
    }
}

const TARGETS: [&str; 3] = ["plan", "--targets", "../ours/mine.yaml"];

#[test]
fn nothing_of_a_strangers_folder_runs() {
    let all = Neighbourhood::new();
    let at = |name: &str| all.path(name).display().to_string();
    for (binding, wanted) in [
        ("slurm: { over: ssh, host: h, sshConfig: ssh.config }", format!("-F {} ", at("theirs/../ours/ssh.config"))),
        ("slurm: { over: ssh, host: h, sshConfig: ./ssh.config }", format!("-F {} ", at("theirs/../ours/ssh.config"))),
        ("slurm: { over: ssh, host: h, sshConfig: ~/ssh.config }", format!("-F {} ", at("home/ssh.config"))),
        ("slurm: { over: ssh, host: h, prefix: [./wrapper] }", "./wrapper env -i".to_owned()),
        ("slurm: { prefix: [./wrapper] }", format!("ours-wrapper {}", at("ours"))),
        ("slurm: { prefix: [by-name] }", format!("ours-by-name {} env -i", at("ours"))),
        ("slurm: { prefix: [sh, ./wrapper] }", format!("ours-wrapper {}", at("ours"))),
        ("kubernetes: { kubeconfig: kube.config }", "ours-plugin".to_owned()),
        ("kubernetes: { kubeconfig: ./kube.config, context: c }", "ours-plugin".to_owned()),
        ("kubernetes: { kubeconfig: ~/kube.config }", "home-plugin".to_owned()),
    ] {
        let (ran, marks) = all.plan(binding, &TARGETS);
        assert!(!marks.contains("theirs-"), "{binding}: {marks}{}", ran.all());
        assert!(marks.contains(&wanted), "{binding} wants {wanted}: {marks}{}", ran.expect(1).all());
    }
}

#[test]
fn a_credential_plugin_is_not_looked_for_in_the_current_folder() {
    let all = Neighbourhood::new();
    let text = std::fs::read_to_string(all.path("ours/kube.config")).unwrap();
    all.write("ours/kube.config", &text.replace("./plugin", "by-name"));
    let (ran, marks) = all.plan("kubernetes: { kubeconfig: kube.config }", &TARGETS);
    assert!(marks.contains("ours-by-name") && !marks.contains("theirs-"), "{marks}{}", ran.all());
}

#[test]
fn a_twin_stands_beside_the_file_that_names_it() {
    let all = Neighbourhood::new();
    for (file, made) in [("x.twin", "ours/x.twin"), ("./sub/../y.twin", "ours/y.twin"), ("~/z.twin", "home/z.twin")] {
        std::fs::create_dir_all(all.path("ours/sub")).unwrap();
        all.write("theirs/x.twin", "not a twin");
        let (ran, _) =
            all.plan(&format!("twin: {{ file: {file} }}"), &["apply", "--yes", "--targets", "../ours/mine.yaml"]);
        ran.expect(0);
        assert!(all.path(made).exists(), "{file}");
        assert_eq!(std::fs::read_to_string(all.path("theirs/x.twin")).unwrap(), "not a twin");
    }
}

#[test]
fn the_home_of_another_user_is_not_guessed() {
    let all = Neighbourhood::new();
    for binding in [
        "twin: { file: ~bo/x.twin }",
        "kubernetes: { kubeconfig: ~bo/config }",
        "slurm: { over: ssh, host: h, sshConfig: ~bo/config }",
    ] {
        let (ran, marks) = all.plan(binding, &TARGETS);
        let ran = ran.expect(1);
        assert!(ran.error.contains("error[bad-binding]: ") && ran.error.contains("another user"), "{}", ran.error);
        assert!(ran.error.contains("hint: ") && marks.is_empty(), "{}", ran.error);
    }
}
