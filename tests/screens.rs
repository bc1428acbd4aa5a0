//! What a person sees: help, wrong usage, findings, plans, applies and refusals, as transcripts in `tests/snapshots`.
//!
//! Both outputs stand together, as on a terminal without colour, 80 columns wide. `INSTA_UPDATE=always` writes them anew:
//! read what has changed.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

use fake::{Fake, SITE};

#[expect(unreachable_pub, dead_code, reason = "made for other tests too")]
mod fake;

/// A day in the middle of the starter's allocations.
const DAY: [&str; 2] = ["--at", "2026-11-21"];

/// Commands with what they print and how they end.
struct Screen {
    folder: std::path::PathBuf,
    text: String,
}

impl Screen {
    fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), text: String::new() }
    }

    /// Runs the tool, with nobody to ask.
    fn run(&mut self, words: &[&str]) -> &mut Self {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
        command
            .args(words)
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("COLUMNS", "80").stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
        let mut child = command.spawn().unwrap();
        // The command holds the writing ends: the pipe ends when it is gone too.
        drop(command);
        let mut output = String::new();
        reader.read_to_string(&mut output).unwrap();
        let code = child.wait().unwrap().code().unwrap();
        let _ = write!(self.text, "$ sitewright {}\n{output}", words.join(" "));
        if code != 0 {
            let _ = writeln!(self.text, "[exit {code}]");
        }
        self.text.push('\n');
        self
    }

    /// With the day on which the allocations are looked at.
    fn run_on_the_day(&mut self, words: &[&str]) -> &mut Self {
        self.run(&[words, &DAY].concat())
    }

    /// Says what was done in between.
    fn note(&mut self, text: &str) -> &mut Self {
        let _ = writeln!(self.text, "# {text}\n");
        self
    }

    /// Compares all of it with the snapshot.
    fn shot(&self, name: &str) {
        let folder = regex_escaped(&std::fs::canonicalize(&self.folder).unwrap().display().to_string());
        let root = regex_escaped(env!("CARGO_MANIFEST_DIR"));
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (pattern, shown) in [
            (folder.as_str(), "[folder]"),
            (root.as_str(), "[checkout]"),
            (r"\(\d+\.\d s\)", "([seconds] s)"),
            (r"in \d+\.\d s:", "in [seconds] s:"),
            (r#""seconds":[0-9.e-]+"#, r#""seconds":"[seconds]""#),
            (r#""(bytes|milliseconds)":\d+"#, r#""$1":"[$1]""#),
            (r"\d+ bytes\.", "[bytes] bytes."),
            (r"(?m)[ ]+$", ""),
        ] {
            settings.add_filter(pattern, shown);
        }
        settings.bind(|| insta::assert_snapshot!(name, self.text.trim_end()));
    }
}

fn regex_escaped(text: &str) -> String {
    text.chars()
        .flat_map(|letter| if letter.is_alphanumeric() || letter == '/' { vec![letter] } else { vec!['\\', letter] })
        .collect()
}

/// A folder with the starter site, and its screen.
fn starter() -> (tempfile::TempDir, Screen) {
    let folder = fake::folder();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/starter");
    for file in ["sitewright.yaml", "factory.yaml", "partitions.yaml", "access.yaml", "projects.yaml"] {
        std::fs::copy(examples.join(file), folder.path().join(file)).unwrap();
    }
    let screen = Screen::new(folder.path());
    (folder, screen)
}

/// Replaces a text that has to be there.
fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no `{from}`");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn help() {
    let folder = fake::folder();
    Screen::new(folder.path()).run(&["--help"]).run(&["-h"]).shot("help");
    let mut verbs = 0;
    for verb in sitewright::cli::command().get_subcommands() {
        // A tall terminal window of today; the longest is that of `apply`.
        let lines = verb.clone().term_width(80).render_help().to_string().lines().count();
        assert!(lines <= 60, "{}: {lines} lines", verb.get_name());
        let verb = verb.get_name().to_owned();
        Screen::new(folder.path()).run(&[&verb, "--help"]).shot(&format!("help_{verb}"));
        verbs += 1;
    }
    assert!(verbs >= 11, "{verbs}");
}

#[test]
fn wrong_usage() {
    let folder = fake::folder();
    let mut screen = Screen::new(folder.path());
    let wrong: [&[&str]; 13] = [
        &[],
        &["aplly"],
        &["plan", "--envv", "production"],
        &["plan", "site", "other-site"],
        &["show"],
        &["init"],
        &["apply", "--format", "yaml"],
        &["plan", "--at", "tomorrow"],
        &["plan", "--adopt", "fast-lane"],
        &["apply", "--allow-deletes", "many"],
        &["doctor", "--release", "24.05"],
        &["doctor", "--slurm-conf", "slurm.conf", "--release", "new"],
        &["schema", "Partitoin"],
    ];
    for words in wrong {
        screen.run(words);
        assert!(screen.text.ends_with("[exit 64]\n\n"), "{words:?}: {}", screen.text);
    }
    screen.shot("wrong_usage");
}

#[test]
fn init() {
    let folder = fake::folder();
    let mut screen = Screen::new(folder.path());
    screen.run(&["init", "solsken"]).run(&["init", "solsken"]).run(&["init", "Sol Sken"]).run(&["validate", "solsken"]);
    screen.run_on_the_day(&["plan", "solsken"]);
    screen.note("A folder with nothing in it").run(&["validate", "empty"]);
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    screen.run(&["validate", "empty"]).run(&["plan", "empty"]);
    screen.shot("init");
}

#[test]
fn findings() {
    let (folder, mut screen) = starter();
    screen.run(&["validate"]);
    edit(folder.path(), "access.yaml", "wallTime: 24h", "wallTime: 3d");
    edit(folder.path(), "access.yaml", "gpus: 5 }", "gpus: 6 }");
    edit(folder.path(), "projects.yaml", "mode: fast-lane", "mode: fastlane");
    edit(folder.path(), "partitions.yaml", "wallTime: 2d,", "wallTme: 2d,");
    edit(
        folder.path(),
        "sitewright.yaml",
        "    default: { twin: {} }\n",
        "    default: { twin: {} }\n    production: { slurm: { over: ssh } }\n",
    );
    screen.note("Five mistakes").run(&["validate"]);
    edit(folder.path(), "partitions.yaml", "wallTme: 2d,", "wallTime: 2d,");
    screen
        .note("The slip in partitions.yaml put right")
        .run(&["validate"])
        .run(&["plan"])
        .run(&["validate", "--format", "json"]);
    screen.shot("findings");
}

#[test]
fn one_file_or_the_standard_input() {
    let (folder, mut screen) = starter();
    screen.run(&["validate", "factory.yaml"]).run(&["validate", "./factory.yaml"]).run(&["plan", "factory.yaml"]);
    screen.run(&["validate", "access.yaml"]).run(&["validate", "nowhere"]);
    screen.shot("one_file");
    let file = std::fs::File::open(folder.path().join("factory.yaml")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sitewright")).args(["validate", "-"]).stdin(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn plan_and_apply() {
    let (folder, mut screen) = starter();
    screen.run_on_the_day(&["plan"]).run_on_the_day(&["plan", "--detailed-exitcode"]).run_on_the_day(&["apply"]);
    screen
        .run_on_the_day(&["apply", "--yes"])
        .run_on_the_day(&["apply", "--yes"])
        .run_on_the_day(&["plan", "--detailed-exitcode"]);
    edit(folder.path(), "access.yaml", "wallTime: 12h", "wallTime: 6h");
    edit(folder.path(), "access.yaml", "  preempts: [playground]\n", "");
    edit(folder.path(), "partitions.yaml", "memory: 512GB ", "memory: 1TB ");
    edit(folder.path(), "projects.yaml", "    - { user: bo }\n", "    - { user: carla }\n");
    screen.note("Shorter jobs, nobody preempts, more memory, bo leaves and carla comes");
    screen
        .run_on_the_day(&["plan", "--detailed-exitcode", "--show", "all", "--stats"])
        .run_on_the_day(&["apply", "--yes"]);
    screen.note("The allocation has ended").run(&["plan", "--at", "2027-04-01"]);
    screen.shot("plan_and_apply");
}

#[test]
fn json() {
    let (folder, mut screen) = starter();
    screen
        .run_on_the_day(&["apply", "--yes", "--format", "json"])
        .run_on_the_day(&["apply", "--yes", "--format", "json"]);
    edit(folder.path(), "access.yaml", "wallTime: 12h", "wallTime: 6h");
    edit(folder.path(), "access.yaml", "priority: 50", "share: 10%");
    screen.run_on_the_day(&["plan", "--format", "json"]).run_on_the_day(&["apply", "--format", "json"]);
    screen.run(&["destroy", "--format", "json"]).run(&["plan", "--env", "nowhere", "--format", "json"]);
    screen.shot("json");
}

#[test]
fn destroy() {
    let (_folder, mut screen) = starter();
    screen.run_on_the_day(&["apply", "--yes"]).run(&["destroy"]).run(&["destroy", "--confirm", "solsken"]);
    screen.run(&["destroy", "--confirm", "nordlys"]).run(&["destroy", "--confirm", "nordlys"]);
    screen.shot("destroy");
}

#[test]
fn guards() {
    let (folder, mut screen) = starter();
    screen.run_on_the_day(&["apply", "--yes"]);
    let without =
        |file: &str| std::fs::rename(folder.path().join(file), folder.path().join(format!("{file}.away"))).unwrap();
    let with =
        |file: &str| std::fs::rename(folder.path().join(format!("{file}.away")), folder.path().join(file)).unwrap();
    without("partitions.yaml");
    edit(folder.path(), "projects.yaml", "  allocations:", "  modes: [fast-lane]\n  # allocations:");
    edit(folder.path(), "projects.yaml", "    - { partition", "  #  - { partition");
    screen.note("The partition is gone").run_on_the_day(&["apply", "--yes"]).run_on_the_day(&[
        "plan",
        "--allow-delete-share",
        "10",
    ]);
    without("projects.yaml");
    screen.note("The project too").run_on_the_day(&["apply", "--yes"]).run_on_the_day(&[
        "plan",
        "--allow-deletes",
        "13",
    ]);
    screen.run_on_the_day(&["apply", "--yes", "--allow-deletes", "13", "--allow-delete-share", "82"]);
    with("partitions.yaml");
    with("projects.yaml");
    edit(folder.path(), "projects.yaml", "  domain: health", "  domain: health\n  protect: true");
    screen.note("All is back, and the project is protected").run_on_the_day(&["apply", "--yes"]);
    without("projects.yaml");
    screen.note("The project is gone").run_on_the_day(&["apply", "--yes"]).run(&["destroy", "--confirm", "nordlys"]);
    screen.shot("guards");
}

#[test]
fn saved_plans() {
    let (folder, mut screen) = starter();
    screen.run_on_the_day(&["apply", "--yes"]);
    edit(folder.path(), "access.yaml", "priority: 50", "priority: 60");
    screen.note("Another priority").run_on_the_day(&["plan", "--out", "plan.json"]).run(&["show", "plan.json"]).run(&[
        "show",
        "plan.json",
        "--show",
        "commands",
    ]);
    edit(folder.path(), "access.yaml", "priority: 60", "priority: 70");
    screen.note("And another").run(&["apply", "plan.json", "--yes"]).run_on_the_day(&["apply", "--yes"]);
    edit(folder.path(), "access.yaml", "priority: 70", "priority: 60");
    screen.note("As it was saved, but the site has moved").run(&["apply", "plan.json", "--yes"]);
    screen
        .run_on_the_day(&["plan", "--out", "plan.json"])
        .run(&["apply", "plan.json"])
        .run(&["apply", "plan.json", "--yes"])
        .run(&["apply", "plan.json", "--yes"]);
    std::fs::write(folder.path().join("plan.json"), "{\"format\":7}").unwrap();
    screen
        .note("Not one of ours")
        .run(&["show", "plan.json"])
        .run(&["apply", "plan.json"])
        .run(&["show", "other.json"])
        .run(&["apply", "other.json"]);
    screen.shot("saved_plans");
}

#[test]
fn explain() {
    let folder = fake::folder();
    let mut screen = Screen::new(folder.path());
    for what in [
        "Partition",
        "partition.spec.limits",
        "Partition.spec.state",
        "Project.spec.members[].role",
        "limit-exceeds-partition",
    ] {
        screen.run(&["explain", what]);
    }
    for what in ["Partition.limits", "Partition.spec.limits.wallTme", "Partitoin", "limit-exceeds-partiton", "nonsense"]
    {
        screen.run(&["explain", what]);
    }
    screen.shot("explain");
}

/// Changes what a program of the stand-in answers, or one of its files.
fn add(fake: &Fake, name: &str, more: &str) {
    let text = std::fs::read_to_string(fake.path(name)).unwrap();
    fake.write(name, &format!("{text}{more}"));
}

/// A cluster with an object of somebody else's, and a partition in whose way jobs are.
#[test]
fn clusters() {
    let fake = Fake::new();
    let mut screen = Screen::new(&fake.path(""));
    let plan = ["plan", "--env", "cluster", "--detailed-exitcode"];
    screen.run(&["doctor", "--env", "cluster"]).run(&plan);
    fake.write("site.yaml", &format!("{SITE}---\napiVersion: sitewright.io/v1alpha1\nkind: AccessMode\nmetadata: {{ name: fast-lane }}\nspec: {{ priority: 200, perJob: {{ gpus: 8 }} }}\n"));
    add(&fake, "answers/qos", "name=fast-lane|priority=7|description=by hand\n");
    screen.note("Somebody has made a QOS by that name").run(&plan);
    screen.run(&["plan", "--env", "cluster", "--adopt", "compute/qos/fast-lane", "--show", "commands"]);
    fake.write("site.yaml", SITE);
    fake.write("etc/sitewright.conf", "PartitionName=debug Nodes=old1\n");
    fake.write("answers/node", "NodeName=old1 CPUTot=4 RealMemory=1 State=IDLE Partitions=legacy,debug\n");
    add(&fake, "answers/partition", "PartitionName=debug Default=NO MaxTime=UNLIMITED State=UP Nodes=old1\n");
    add(
        &fake,
        "answers/queue",
        "48213|RUNNING|debug|root|normal|anna|1|old1|1:00:00|2026-11-21T14:10:00|gres/gpu:4\n48214|PENDING|debug|root|normal|bo|1||1:00:00|N/A|N/A\n",
    );
    screen
        .note("A partition is declared no more, and a job runs in it")
        .run(&plan)
        .run(&["apply", "--env", "cluster", "--yes"]);
    screen.run(&["plan", "--env", "cluster", "--allow-jobs", "1", "--show", "all", "--stats"]);
    add(&fake, "answers/queue", "48215|PENDING|legacy|nordlys|normal|bo|1||1:00:00|N/A|N/A\n");
    screen.note("A job waits under the account").run(&[
        "destroy",
        "--env",
        "cluster",
        "--allow-jobs",
        "9",
        "--confirm",
        "nordlys",
    ]);
    fake.bind(&format!(", confDir: \"{}\"", fake.path("etc").display()));
    fake.write("answers/config.code", "1");
    fake.write("answers/config.raw", "");
    fake.write(
        "answers/config.said",
        "slurm_load_ctl_conf error: Unable to contact slurm controller (connect failure)\n",
    );
    fake.write("answers/version", "slurm 24.11.5\n");
    fake.write("answers/tres", "type=cpu\ntype=gres|name=gpu\n");
    screen
        .note("The controller is down")
        .run(&plan)
        .run(&["plan", "--env", "cluster", "--allow-unseen-jobs"])
        .run(&["doctor", "--env", "cluster"]);
    screen.shot("clusters");
}

/// A release whose controller a refused file ends, a site that does not include our file, and answers that are no answers.
#[test]
fn troubled_clusters() {
    let fake = Fake::new();
    let mut screen = Screen::new(&fake.path(""));
    let plan = ["plan", "--env", "cluster"];
    edit(&fake.path(""), "answers/config", "24.11.5", "22.05.9");
    fake.write("site.yaml", &format!("{SITE}---\napiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: {{ name: debug }}\nspec: {{ hosts: [old1] }}\n"));
    screen.run(&plan).run(&["plan", "--env", "cluster", "--yes-reconfigure", "--show", "files"]);
    fake.bind(", restart: [systemctl, restart, slurmctld]");
    screen.note("A restart command is declared").run(&["plan", "--env", "cluster", "--show", "commands"]);
    fake.write("site.yaml", &format!("{SITE}---\napiVersion: sitewright.io/v1alpha1\nkind: Partition\nmetadata: {{ name: debug }}\nspec: {{ hosts: [old2] }}\n"));
    screen.note("A host that does not exist").run(&plan);
    fake.write("site.yaml", SITE);
    fake.write("etc/slurm.conf", "ClusterName=nordlys\nSlurmctldHost=admin\nNodeName=old1 CPUs=4\n");
    edit(&fake.path(""), "answers/config", "associations,limits,qos,safe", "associations");
    screen.note("No Include line, no partition, no limits").run(&["doctor", "--env", "cluster"]).run(&plan);
    fake.write("answers/qos.raw", "Name|Prio\n");
    screen.note("A garbled answer").run(&plan).run(&["doctor", "--env", "cluster"]);
    fake.write("answers/qos.raw", "");
    fake.write("answers/qos.code", "1");
    fake.write("answers/qos.said", "sacctmgr: error: Sending PersistInit msg: Connection refused\n");
    screen.note("slurmdbd does not answer").run(&["doctor", "--env", "cluster"]);
    screen.run(&["plan", "--env", "clutser"]);
    screen.shot("troubled_clusters");
}

#[test]
fn linter() {
    let folder = fake::folder();
    std::fs::write(
        folder.path().join("slurm.conf"),
        "ClusterName=nordlys\nSlurmctldHost=admin\nMaxJobCuont=10\nNodeName=n[1-3] CPUs=4\nNodeName=n3 CPUs=8\nPartitionName=batch Nodes=n[1-4] ExclusiveTopo=YES MaxTime=60 DefaultTime=2:00:00\n Include more.conf\nInclude gone.conf\n",
    )
    .unwrap();
    let mut screen = Screen::new(folder.path());
    screen.run(&["doctor", "--slurm-conf", "slurm.conf", "--release", "22.05"]).run(&[
        "doctor",
        "--slurm-conf",
        "gone.conf",
    ]);
    std::fs::write(folder.path().join("slurm.conf"), "NodeName=n[1-3] CPUs=4\n").unwrap();
    screen.note("Nearly nothing").run(&["doctor", "--slurm-conf", "slurm.conf", "--release", "22.05"]);
    screen.shot("linter");
}
