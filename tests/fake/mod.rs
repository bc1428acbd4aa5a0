//! A cluster made of a shell script and files: Slurm's programs answer what a test says, and nothing else is reached.
//!
//! What it answers at first is a cluster on which the factory of its site is as declared. Whether real Slurm answers like
//! that is proved by the live tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A factory with one access mode.
pub const SITE: &str = "\
apiVersion: sitewright.io/v1alpha1
kind: Factory
metadata: { name: nordlys }
spec: { host: { entity: CSC, country: FI } }
---
apiVersion: sitewright.io/v1alpha1
kind: AccessMode
metadata: { name: playground }
spec: { priority: 50 }
";

const CONFIG: &str = "\
Configuration data as of 2026-11-21T12:00:00
AccountingStorageEnforce = associations,limits,qos,safe
AccountingStorageTRES   = cpu,mem,energy,node,billing,fs/disk,vmem,pages,gres/gpu
AccountingStorageType   = accounting_storage/slurmdbd
ClusterName             = nordlys
PreemptType             = preempt/qos
PriorityType            = priority/multifactor
SLURM_CONF              = ETC/slurm.conf
SLURM_VERSION           = 24.11.5
SlurmUser               = slurm(64030)

Slurmctld(primary) at admin is UP
";

const ANSWERS: [(&str, &str); 10] = [
    ("partition", "PartitionName=legacy Default=NO MaxTime=UNLIMITED State=UP Nodes=old1\n"),
    ("node", "NodeName=old1 CPUTot=4 RealMemory=1 State=IDLE Partitions=legacy\n"),
    ("queue", "JOBID|STATE|PARTITION|ACCOUNT|QOS|USER|NODES|NODELIST|TIME_LIMIT|END_TIME|TRES_PER_NODE\n"),
    ("configuration", "PrivateData = none\nSlurmDBD configuration:\nPrivateData = none\n"),
    ("qos", "name=normal|description=Normal QOS default\nname=playground|priority=50|description=sitewright-nordlys\n"),
    (
        "account",
        "account=root|organization=root|description=default root account\naccount=nordlys|organization=sitewright-nordlys|description=nordlys\n",
    ),
    (
        "assoc",
        "cluster=nordlys|account=root|fairshare=1|qos=normal\ncluster=nordlys|account=root|user=root|fairshare=1|qos=normal\ncluster=nordlys|account=nordlys|parentname=root|fairshare=1\n",
    ),
    ("user", "user=root|adminlevel=Administrator\n"),
    ("cluster", "cluster=nordlys|controlhost=127.0.0.1\n"),
    ("defaults", "user=root|account=root\n"),
];

const FILES: [(&str, &str); 4] = [
    (
        "slurm.conf",
        "ClusterName=nordlys\nSlurmctldHost=admin\nNodeName=old1 CPUs=4\nPartitionName=legacy Nodes=old1\nInclude sitewright.conf\n",
    ),
    ("gres.conf", "Include sitewright-gres.conf\n"),
    ("sitewright.conf", "# nothing yet\n"),
    ("sitewright-gres.conf", "# nothing yet\n"),
];

/// What the tool printed and how it ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub error: String,
}

impl Ran {
    /// Panics with all that was printed, unless it ended so.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.error);
        self
    }

    /// Both outputs.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.error)
    }
}

/// Runs the tool in a folder, with nobody to ask.
pub fn tool(folder: &Path, words: &[&str]) -> Ran {
    tool_at(folder, words, 80)
}

/// The same on a terminal of that width.
pub fn tool_at(folder: &Path, words: &[&str], columns: u16) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sitewright"));
    command.args(words).current_dir(folder).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("COLUMNS", columns.to_string());
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A site, and the cluster that it is bound to as `cluster`; its default environment is a twin.
pub struct Fake {
    folder: tempfile::TempDir,
}

/// An empty folder whose path has the same length everywhere, so that lines break at the same places.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/tmp").unwrap()
}

impl Fake {
    pub fn new() -> Self {
        let fake = Self { folder: folder() };
        fake.write("site.yaml", SITE);
        fake.bind("");
        fake.write("answers/config", &CONFIG.replace("ETC", &fake.path("etc").display().to_string()));
        for (name, text) in ANSWERS {
            fake.write(&format!("answers/{name}"), text);
        }
        for (name, text) in FILES {
            fake.write(&format!("etc/{name}"), text);
        }
        fake
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `site.yaml`, `answers/qos`, `etc/slurm.conf` and the like.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Binds the cluster, with more keys such as `, restart: [true]`.
    pub fn bind(&self, more: &str) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake/cluster");
        let prefix = format!("[sh, \"{}\", \"{}\"]", script.display(), self.path("answers").display());
        self.write("sitewright.yaml", &format!("targets:\n  compute:\n    default: {{ twin: {{}} }}\n    cluster: {{ slurm: {{ prefix: {prefix}{more} }} }}\n"));
    }

    /// Runs the tool in the site's folder.
    pub fn tool(&self, words: &[&str]) -> Ran {
        tool(self.folder.path(), words)
    }
}
