//! Reading a Slurm cluster: at most twelve processes whatever its size, proved complete.

mod accounting;
mod asked;
mod complaints;
mod controller;
mod endpoint;
mod facts;
mod files;
mod mask;
mod odd;
mod parts;
mod proof;
mod queue;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use self::complaints::{failed, incomplete, one};
use self::parts::{Head, Rows, Running};
use super::transport::{Output, Transport};
use super::{Jobs, Observation, Reads};
use crate::diagnostics::codes::reading as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::slurm::fields::{self, Field};
use crate::slurm::release::Release;

pub use endpoint::Endpoint;
pub use facts::{Controller, SlurmFacts, SlurmFacts as Facts};
pub(crate) use mask::secrets;
pub use parts::ReadOptions;
pub use proof::enforcement;

/// Longest time for one reading command.
const LIMIT: Duration = Duration::from_secs(120);

/// A reading that failed for a reason of its own.
pub fn unreadable(target: &str, why: &str) -> Diagnostics {
    one(failed(target, why))
}

/// Where to look when `sacctmgr` fails. On Debian trixie slurmdbd does not survive that its database is missing.
const SLURMDBD: &str = "look at slurmdbd's log; if it ends with `5027 Number of columns`, create the empty database \
that StorageLoc names and start slurmdbd again: CREATE DATABASE slurm_acct_db";

/// The folder of slurm.conf, from one short question instead of a whole reading.
pub async fn folder(target: &str, transport: &Transport, options: &ReadOptions) -> Result<String, Diagnostics> {
    if let Some(folder) = &options.conf_dir {
        return Ok(folder.clone());
    }
    let head = Reader { target, transport }.head(options).await?;
    Ok(files::folder_of(&head.slurm_conf).to_owned())
}

/// Reads everything, or says why not.
pub async fn observe(
    target: &str,
    factory: &str,
    transport: &Transport,
    options: &ReadOptions,
) -> Result<Observation, Diagnostics> {
    let started = Instant::now();
    let before = transport.counts();
    let reader = Reader { target, transport };
    let head = reader.head(options).await?;
    if !head.release.is_supported() {
        return Err(one(Diagnostic::of_run(
            &codes::UNSUPPORTED_RELEASE,
            format!("`{target}` runs Slurm {}", head.release),
        )
        .hint(format!("supported are {} to {}", Release::FIRST, Release::LAST))));
    }
    let up = head.controller == Controller::Up;
    let accounting = head.settings.get("AccountingStorageType").is_none_or(|text| text.contains("slurmdbd"));
    let (files, rows, running) = tokio::join!(
        reader.files(&head, options),
        async { if accounting { reader.accounting(&head, up).await.map(Some) } else { Ok(None) } },
        async { if up { reader.controller().await.map(Some) } else { Ok(None) } },
    );
    // PrivateData explains what the other readings stumbled over, so it is told first.
    let filtered = |found: &Diagnostics| found.0.iter().any(|one| one.code == &codes::READING_FILTERED);
    let (rows, files, running) = match (rows, files, running) {
        (Err(found), _, _) if filtered(&found) => return Err(found),
        (rows, files, running) => (rows?, files?, running?),
    };

    let mut findings = Diagnostics::new();
    let mut facts = SlurmFacts {
        release: head.release,
        cluster: head.cluster.clone(),
        controller: head.controller.clone(),
        conf_dir: files.folder.clone(),
        slurm_conf: head.slurm_conf.clone(),
        gres_conf: files.gres_conf.clone(),
        include: files.include.clone(),
        gres_include: files.gres_include.clone(),
        files: files.texts.clone(),
        settings: head.settings.clone(),
        tres: BTreeSet::new(),
        accounting,
        single_cluster: true,
        default_accounts: BTreeMap::new(),
        bare_accounts: BTreeSet::new(),
        foreign_hosts: BTreeSet::new(),
        edited_files: files.edited.clone(),
        include_lines: files.include_lines.clone(),
    };
    let mut odd = odd::Odd::default();
    let mut resources = files.resources(target, &mut facts.foreign_hosts, &mut findings)?;
    if let Some(rows) = rows {
        facts.tres = rows.tres.clone();
        let read = accounting::resources(target, factory, &options.root_account, &head, &rows, &mut odd)?;
        resources.extend(read.resources);
        facts.default_accounts = read.default_accounts;
        facts.bare_accounts = read.bare_accounts;
        facts.single_cluster = rows.clusters <= 1;
        let defaults = match rows.defaults {
            None if !read.several.is_empty() => reader.defaults(&head, &read.several).await?,
            early => early.unwrap_or_default(),
        };
        facts.default_accounts.extend(defaults);
        for (user, account) in &facts.default_accounts {
            let address = crate::resource::Address::new(target, "user", user.clone());
            if let Some(live) = resources.get_mut(&address) {
                live.body = live.body.with("DefaultAccount", serde_json::json!(account));
            }
        }
    }
    let (running, jobs) = match running {
        Some(texts) => {
            let view = controller::running(target, head.release, &texts, &resources, &mut odd)?;
            (view, Jobs::Known(queue::jobs(&texts.queue)?))
        }
        None => (BTreeMap::new(), Jobs::Unknown("slurmctld does not answer".to_owned())),
    };
    findings.extend(enforcement(&facts, &resources));
    odd.findings().for_each(|finding| findings.push(finding));
    let after = transport.counts();
    Ok(Observation {
        target: target.to_owned(),
        title: format!("slurm {} ({})", head.release, head.cluster),
        resources,
        running,
        salt: None,
        jobs,
        reads: Reads {
            requests: after.0 - before.0,
            bytes: after.1 - before.1,
            milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        },
        findings,
        facts: super::Facts::Slurm(facts),
    })
}

struct Reader<'a> {
    target: &'a str,
    transport: &'a Transport,
}

impl Reader<'_> {
    async fn run(&self, words: &[&str]) -> Result<Output, Diagnostics> {
        let argv: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        self.transport.run(&argv, None, LIMIT).await.map_err(|error| one(failed(self.target, &error.to_string())))
    }

    /// Standard output of a program that ended well.
    async fn text(&self, words: &[&str]) -> Result<String, Diagnostics> {
        let output = self.run(words).await?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.code != Some(0) {
            let said = said.trim();
            let code = output.code.map_or_else(|| "a signal".to_owned(), |code| format!("exit {code}"));
            let all = if said.is_empty() {
                String::from_utf8_lossy(&output.stdout).trim().to_owned()
            } else {
                said.to_owned()
            };
            let first = all.lines().next().unwrap_or_default().to_owned();
            let failure =
                failed(self.target, &format!("`{}` ended with {code}: {first}", words[..words.len().min(4)].join(" ")));
            return Err(one(if words[0] == "sacctmgr" { failure.hint(SLURMDBD) } else { failure }));
        }
        if let Some(line) = said.lines().find(|line| line.contains("denied")) {
            return Err(one(failed(self.target, &format!("`{}`: {line}", words[..words.len().min(4)].join(" ")))));
        }
        if output.stdout.last().is_some_and(|byte| *byte != b'\n') {
            return Err(one(incomplete(&words[..words.len().min(4)].join(" "), "its last line is cut off")));
        }
        String::from_utf8(output.stdout).map_err(|_| one(incomplete(words[0], "it is not UTF-8")))
    }

    /// Release, cluster, settings, and whether the controller answers.
    async fn head(&self, options: &ReadOptions) -> Result<Head, Diagnostics> {
        let output = self.run(&["scontrol", "show", "config"]).await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let folder = options.conf_dir.clone();
        if output.code == Some(0) {
            let settings = controller::settings(&text);
            let get = |key: &str| {
                settings
                    .get(key)
                    .cloned()
                    .ok_or_else(|| one(incomplete("scontrol show config", &format!("{key} is missing"))))
            };
            let release: Release = get("SLURM_VERSION")?
                .parse()
                .map_err(|error: String| one(incomplete("scontrol show config", &error)))?;
            if !text.ends_with('\n') || !text.contains("Slurmctld(") {
                return Err(one(incomplete("scontrol show config", "its end is missing")));
            }
            let slurm_conf = match folder {
                Some(folder) => format!("{folder}/slurm.conf"),
                None => get("SLURM_CONF")?,
            };
            let cluster = options.cluster.clone().map_or_else(|| get("ClusterName"), Ok)?.to_lowercase();
            return Ok(Head { release, cluster, slurm_conf, settings, controller: Controller::Up });
        }
        let unreachable = [
            "unable to contact slurm controller",
            "connection refused",
            "connect failure",
            "socket timed out",
            "zero bytes",
        ]
        .iter()
        .any(|word| said.to_lowercase().contains(word));
        if !unreachable {
            if ["parsing error", "unable to process configuration", "fatal:", "s_p_parse"]
                .iter()
                .any(|word| said.to_lowercase().contains(word))
            {
                return Err(one(Diagnostic::of_run(
                    &codes::CONFIGURATION_BROKEN,
                    format!(
                        "`{}`: Slurm's programs refuse their configuration: {}",
                        self.target,
                        said.lines().next().unwrap_or_default()
                    ),
                )
                .hint("look for the line: `sitewright doctor --slurm-conf /etc/slurm/slurm.conf`")));
            }
            return Err(one(failed(
                self.target,
                &format!("`scontrol show config`: {}", said.lines().next().unwrap_or("it said nothing")),
            )));
        }
        // Without a controller the files and the accounting database still answer.
        let version = self.text(&["sacctmgr", "-V"]).await?;
        let release: Release =
            version.trim().parse().map_err(|error: String| one(incomplete("sacctmgr -V", &error)))?;
        let slurm_conf = format!("{}/slurm.conf", folder.unwrap_or_else(|| "/etc/slurm".to_owned()));
        let read = self
            .transport
            .read_files(std::slice::from_ref(&slurm_conf))
            .await
            .map_err(|error| one(failed(self.target, &error.to_string())))?;
        let text = read.into_values().next().flatten().unwrap_or_default();
        let settings = controller::file_settings(&String::from_utf8_lossy(&text));
        let cluster = options.cluster.clone().or_else(|| settings.get("ClusterName").cloned());
        let Some(cluster) = cluster else {
            return Err(one(failed(
                self.target,
                &format!(
                    "slurmctld does not answer ({}), and {slurm_conf} names no cluster",
                    said.lines().next().unwrap_or_default()
                ),
            )));
        };
        let controller = Controller::Down(said.lines().next().unwrap_or_default().to_owned());
        Ok(Head { release, cluster: cluster.to_lowercase(), slurm_conf, settings, controller })
    }

    async fn files(&self, head: &Head, options: &ReadOptions) -> Result<files::Files, Diagnostics> {
        files::read(self.target, self.transport, head, options).await
    }

    async fn accounting(&self, head: &Head, up: bool) -> Result<Rows, Diagnostics> {
        let cluster = format!("cluster={}", head.cluster);
        let qos = rows::columns(fields::QOS, head.release, &["name"], "description");
        let association_fields: Vec<Field> =
            fields::ASSOCIATION.iter().filter(|field| field.key != "Comment").copied().collect();
        let last = if fields::ASSOCIATION.iter().any(|field| field.key == "Comment" && field.exists(head.release)) {
            "comment"
        } else {
            ""
        };
        let associations =
            rows::columns(&association_fields, head.release, &["cluster", "account", "user", "partition"], last);
        let accounts = rows::columns(fields::ACCOUNT, head.release, &["account", "coordinators"], "description");
        let formats = [&qos, &associations, &accounts].map(|columns| format!("format={}", columns.join(",")));
        let tres = async {
            if up {
                return Ok(head
                    .settings
                    .get("AccountingStorageTRES")
                    .map(|text| rows::tres_setting(text))
                    .unwrap_or_default());
            }
            let text = self.text(&["sacctmgr", "-P", "show", "tres", "format=type,name"]).await?;
            rows::tres(&text).map_err(one)
        };
        let show_qos = ["sacctmgr", "-P", "show", "qos", &formats[0]];
        let show_associations =
            ["sacctmgr", "-P", "show", "assoc", &cluster, "WOPLimits", "WithRawQOSLevel", &formats[1]];
        let show_accounts = ["sacctmgr", "-P", "show", "account", "WithCoord", &formats[2]];
        let defaults = async {
            if head.release.only_defaults_is_fast() { self.defaults(head, &[]).await.map(Some) } else { Ok(None) }
        };
        let (configuration, qos_text, association_text, account_text, user_text, cluster_text, tres, defaults) = tokio::try_join!(
            self.text(&["sacctmgr", "-n", "show", "configuration"]),
            self.text(&show_qos),
            self.text(&show_associations),
            self.text(&show_accounts),
            self.text(&["sacctmgr", "-P", "show", "user", "format=user,adminlevel"]),
            self.text(&["sacctmgr", "-P", "show", "cluster", "format=cluster,controlhost"]),
            tres,
            defaults,
        )?;
        let user_columns: Vec<String> = ["user", "adminlevel"].map(ToOwned::to_owned).to_vec();
        let users = rows::table("sacctmgr show user", &user_text, &user_columns).map_err(one)?;
        self.unfiltered(&configuration, head, &users).await?;
        let clusters =
            rows::table("sacctmgr show cluster", &cluster_text, &["cluster".to_owned(), "controlhost".to_owned()])
                .map_err(one)?;
        if !clusters.iter().any(|row| row.get("cluster").eq_ignore_ascii_case(&head.cluster)) {
            return Err(one(failed(
                self.target,
                &format!("the cluster `{}` is not registered in the accounting database", head.cluster),
            )
            .hint(format!("register it: sacctmgr -i add cluster {}", head.cluster))));
        }
        let rows = Rows {
            qos: rows::table("sacctmgr show qos", &qos_text, &qos).map_err(one)?,
            associations: rows::table("sacctmgr show assoc", &association_text, &associations).map_err(one)?,
            accounts: rows::table("sacctmgr show account", &account_text, &accounts).map_err(one)?,
            users,
            tres,
            clusters: clusters.len(),
            defaults,
        };
        proof::whole(&rows, &head.cluster).map_err(one)?;
        Ok(rows)
    }

    /// Refuses a reading that PrivateData filters.
    async fn unfiltered(&self, configuration: &str, head: &Head, users: &[rows::Row]) -> Result<(), Diagnostics> {
        let words = proof::private_words(configuration).map_err(one)?;
        if words.is_empty() {
            return Ok(());
        }
        let caller = self.text(&["id", "-un"]).await?.trim().to_owned();
        let slurm_user = head.settings.get("SlurmUser").and_then(|text| text.split('(').next()).unwrap_or_default();
        if caller == "root" || caller == slurm_user {
            return Ok(());
        }
        let level = users.iter().find(|row| row.get("user") == caller).map_or("None", |row| row.get("adminlevel"));
        if ["operator", "administrator", "admin"].contains(&level.to_lowercase().as_str()) {
            return Ok(());
        }
        Err(one(proof::filtered(self.target, &caller, level, &words)))
    }

    async fn controller(&self) -> Result<Running, Diagnostics> {
        let (partitions, nodes, queue) = tokio::try_join!(
            self.text(&["scontrol", "-a", "-o", "show", "partition"]),
            self.text(&["scontrol", "-a", "-o", "show", "node"]),
            self.text(&["squeue", "-a", "-r", "-o", queue::FORMAT]),
        )?;
        Ok(Running { partitions, nodes, queue })
    }

    /// Default accounts: of all users, or on a release that is slow with them of those who have several associations.
    async fn defaults(&self, head: &Head, several: &[String]) -> Result<BTreeMap<String, String>, Diagnostics> {
        let cluster = format!("cluster={}", head.cluster);
        let users = format!("user={}", several.join(","));
        let mut words = vec!["sacctmgr", "-P", "show", "assoc", "OnlyDefaults", &cluster];
        // Linux takes no longer word than 128 KiB; all users are slow on old releases, and right.
        if !head.release.only_defaults_is_fast() && users.len() < 100_000 {
            words.push(&users);
        }
        words.push("format=user,account");
        let text = self.text(&words).await?;
        let columns = ["user".to_owned(), "account".to_owned()];
        let rows = rows::table("sacctmgr show assoc OnlyDefaults", &text, &columns).map_err(one)?;
        Ok(rows.iter().map(|row| (row.get("user").to_owned(), row.get("account").to_owned())).collect())
    }
}
