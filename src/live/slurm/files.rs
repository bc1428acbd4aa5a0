//! Configuration files of the target: the site's and ours.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{Head, ReadOptions, failed, incomplete, one};
use crate::diagnostics::Diagnostics;
use crate::live::transport::Transport;
use crate::live::{Live, Owner};
use crate::resource::{Address, Body};
use crate::slurm::config::{Entry, include_paths, merge};
use crate::slurm::fields::{self, Field};
use crate::slurm::hostlist::expand_in_order;
use crate::slurm::stamp::stamp_matches;
use crate::slurm::value;

/// Rounds of following includes.
const ROUNDS: usize = 8;

/// The files, read.
pub(super) struct Files {
    pub(super) folder: String,
    pub(super) slurm_conf: String,
    pub(super) gres_conf: String,
    pub(super) include: String,
    pub(super) gres_include: String,
    pub(super) texts: BTreeMap<String, String>,
    pub(super) edited: BTreeSet<String>,
    pub(super) include_lines: BTreeSet<String>,
}

pub(super) async fn read(target: &str, transport: &Transport, head: &Head, options: &ReadOptions) -> Result<Files, Diagnostics> {
    let folder = head.slurm_conf.rsplit_once('/').map_or("/etc/slurm", |(folder, _)| folder).to_owned();
    let path = |name: &str| if name.starts_with('/') { name.to_owned() } else { format!("{folder}/{name}") };
    let mut files = Files {
        slurm_conf: head.slurm_conf.clone(),
        gres_conf: path("gres.conf"),
        include: path(&options.include),
        gres_include: path(&options.gres_include),
        folder: folder.clone(),
        texts: BTreeMap::new(),
        edited: BTreeSet::new(),
        include_lines: BTreeSet::new(),
    };
    let mut wanted: BTreeSet<String> =
        [&files.slurm_conf, &files.gres_conf, &files.include, &files.gres_include].into_iter().cloned().collect();
    let mut asked = BTreeSet::new();
    for _ in 0..ROUNDS {
        let next: Vec<String> = wanted.difference(&asked).cloned().collect();
        if next.is_empty() {
            break;
        }
        asked.extend(next.iter().cloned());
        let read = transport.read_files(&next).await.map_err(|error| one(failed(target, &error.to_string())))?;
        for (path, bytes) in read {
            let Some(bytes) = bytes else { continue };
            let text = String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            let included = include_paths(&folder, &text, &head.cluster);
            if path == files.slurm_conf || path == files.gres_conf {
                files.include_lines.extend(included.iter().filter(|one| **one == files.include || **one == files.gres_include).cloned());
            }
            wanted.extend(included);
            if stamp_matches(&text) == Some(false) {
                files.edited.insert(path.clone());
            }
            files.texts.insert(path, text);
        }
    }
    Ok(files)
}

impl Files {
    /// Partitions, nodes, node sets and gres of all files; those of our includes are ours.
    pub(super) fn resources(
        &self,
        target: &str,
        foreign_hosts: &mut BTreeSet<String>,
        findings: &mut Diagnostics,
    ) -> Result<BTreeMap<Address, Live>, Diagnostics> {
        let mut resources = BTreeMap::new();
        if self.texts.contains_key(&self.slurm_conf) {
            let (merged, _) = merge(&self.slurm_conf, &self.texts);
            for entry in &merged.entries {
                let owner = if entry.file == self.include { Owner::Ours } else { Owner::Unmarked };
                self.entry(target, entry, &owner, foreign_hosts, &mut resources)?;
            }
        }
        // Our files count even before the site's include them: they are what we wrote.
        for (path, root) in [(&self.include, &self.slurm_conf), (&self.gres_include, &self.gres_conf)] {
            let included = self.include_lines.contains(path);
            if !self.texts.contains_key(path) || (included && path == &self.include) {
                continue;
            }
            let _ = root;
            let (merged, _) = merge(path, &self.texts);
            for entry in &merged.entries {
                if path == &self.gres_include {
                    gres(target, entry, &mut resources)?;
                } else {
                    self.entry(target, entry, &Owner::Ours, foreign_hosts, &mut resources)?;
                }
            }
        }
        let _ = findings;
        Ok(resources)
    }

    fn entry(
        &self,
        target: &str,
        entry: &Entry,
        owner: &Owner,
        foreign_hosts: &mut BTreeSet<String>,
        resources: &mut BTreeMap<Address, Live>,
    ) -> Result<(), Diagnostics> {
        let Some((keyword, name)) = entry.head() else { return Ok(()) };
        let kind = match keyword.to_ascii_lowercase().as_str() {
            "nodename" => "node",
            "partitionname" => "partition",
            "nodeset" => "nodeset",
            _ => return Ok(()),
        };
        if name.eq_ignore_ascii_case("DEFAULT") {
            return Ok(());
        }
        let strict = *owner == Owner::Ours;
        if kind != "node" {
            let body = body_of(kind, entry, strict)?;
            resources.insert(Address::new(target, kind, name), Live { body, owner: owner.clone() });
            return Ok(());
        }
        let Ok(hosts) = expand_in_order(name) else {
            return if strict { Err(one(incomplete(&self.include, &format!("`{name}` is no host list")))) } else { Ok(()) };
        };
        let shared = body_of(kind, entry, strict)?;
        let lists: Vec<(&str, Vec<String>)> = ["NodeAddr", "NodeHostname", "BcastAddr", "Port"]
            .into_iter()
            .filter_map(|key| Some((key, expand_in_order(entry.get(key)?).ok()?)))
            .collect();
        for (index, host) in hosts.iter().enumerate() {
            let mut body = shared.clone();
            for (key, values) in &lists {
                let Some(text) = values.get(index).or_else(|| values.first()) else { continue };
                let value = match text.parse::<u64>() {
                    Ok(number) if *key == "Port" => json!(number),
                    _ => json!(text),
                };
                body.insert((*key).to_owned(), value);
            }
            if *owner != Owner::Ours {
                foreign_hosts.insert(host.clone());
            }
            resources.insert(Address::new(target, "node", host.clone()), Live { body, owner: owner.clone() });
        }
        Ok(())
    }
}

fn gres(target: &str, entry: &Entry, resources: &mut BTreeMap<Address, Live>) -> Result<(), Diagnostics> {
    let (Some(names), Some(name)) = (entry.get("NodeName"), entry.get("Name")) else { return Ok(()) };
    let gres = entry.get("Type").map_or_else(|| name.to_owned(), |kind| format!("{name}:{kind}"));
    let body = body_of("gres", entry, true)?;
    let hosts = expand_in_order(names).map_err(|error| one(incomplete("gres.conf", &error.message)))?;
    for host in hosts {
        let address = Address::new(target, "gres", format!("{host}/{gres}"));
        resources.insert(address, Live { body: body.clone(), owner: Owner::Ours });
    }
    Ok(())
}

/// Canonical fields of a line. In our own file everything must parse; in the site's what does not is left out.
fn body_of(kind: &str, entry: &Entry, strict: bool) -> Result<Body, Diagnostics> {
    let mut body = Body::new();
    let all: Vec<&Field> = fields::of_kind(kind);
    for pair in entry.pairs.iter().skip(1) {
        let key = match pair.key.to_ascii_lowercase().as_str() {
            "features" => "feature".to_owned(),
            "procs" => "cpus".to_owned(),
            "shared" => "oversubscribe".to_owned(),
            "files" => "file".to_owned(),
            other => other.to_owned(),
        };
        let Some(field) = all.iter().find(|field| field.write.eq_ignore_ascii_case(&key)) else { continue };
        // A list here, one value a host: expanded by the caller.
        if kind == "node" && ["nodeaddr", "nodehostname", "bcastaddr", "port"].contains(&key.as_str()) {
            continue;
        }
        match value::canonical(field, &pair.value) {
            Ok(Some(value)) => {
                body.insert(field.key.to_owned(), value);
            }
            Ok(None) => {}
            Err(error) if strict => return Err(one(incomplete(&entry.file, &format!("{}: {error}", pair.key)))),
            Err(_) => {}
        }
    }
    Ok(body)
}
