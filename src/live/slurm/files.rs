//! Configuration files of the target: the site's and ours.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::complaints::{failed, incomplete, one};
use super::parts::{Head, ReadOptions};
use crate::diagnostics::Diagnostics;
use crate::live::transport::Transport;
use crate::live::{Live, Owner};
use crate::resource::hostlist::expand_in_order;
use crate::resource::{Address, Body, protect};
use crate::slurm::config::{Entry, include_paths, is_marked, merge};
use crate::slurm::fields::{self, Field};
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

/// The folder of slurm.conf, given its path.
pub(super) fn folder_of(slurm_conf: &str) -> &str {
    slurm_conf.rsplit_once('/').map_or("/etc/slurm", |(folder, _)| folder)
}

pub(super) async fn read(
    target: &str,
    transport: &Transport,
    head: &Head,
    options: &ReadOptions,
) -> Result<Files, Diagnostics> {
    let folder = folder_of(&head.slurm_conf).to_owned();
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
            let text =
                String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            let included = include_paths(&folder, &text, &head.cluster);
            if path == files.slurm_conf || path == files.gres_conf {
                files.include_lines.extend(
                    included.iter().filter(|one| **one == files.include || **one == files.gres_include).cloned(),
                );
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
            resources.insert(Address::new(target, kind, name), Live { body: body.into(), owner: owner.clone() });
            return Ok(());
        }
        let Ok(hosts) = expand_in_order(name) else {
            return if strict {
                Err(one(incomplete(&self.include, &format!("`{name}` is no host list"))))
            } else {
                Ok(())
            };
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
            resources
                .insert(Address::new(target, "node", host.clone()), Live { body: body.into(), owner: owner.clone() });
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
        resources.insert(address, Live { body: body.clone().into(), owner: Owner::Ours });
    }
    Ok(())
}

/// Canonical fields of a line. In our own file everything must parse, and the mark of protection counts; in the site's
/// what does not parse is left out.
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
            Err(error) if strict => return Err(one(incomplete(&entry.file, &format!("{}: {error}", pair.key)))),
            Ok(None) | Err(_) => {}
        }
    }
    protect(&mut body, strict && is_marked(entry));
    Ok(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::desired::slurm::files::{gres_include, slurm_include};
    use crate::resource::is_protected;

    fn files(slurm_conf: &str, include: String, gres: String) -> Files {
        let texts = [("/e/slurm.conf", slurm_conf.to_owned()), ("/e/ours.conf", include), ("/e/ours-gres.conf", gres)];
        Files {
            folder: "/e".to_owned(),
            slurm_conf: "/e/slurm.conf".to_owned(),
            gres_conf: "/e/gres.conf".to_owned(),
            include: "/e/ours.conf".to_owned(),
            gres_include: "/e/ours-gres.conf".to_owned(),
            texts: texts.map(|(path, text)| (path.to_owned(), text)).into(),
            edited: BTreeSet::new(),
            include_lines: BTreeSet::from(["/e/ours.conf".to_owned()]),
        }
    }

    fn read(files: &Files) -> BTreeMap<Address, Live> {
        files.resources("c", &mut BTreeSet::new(), &mut Diagnostics::new()).unwrap()
    }

    #[test]
    fn a_mark_in_the_sites_own_files_says_nothing() {
        let include = "# sitewright: protect\nPartitionName=ours Nodes=n1\n".to_owned();
        let files = files("# sitewright: protect\nNodeName=n1\nInclude ours.conf\n", include, String::new());
        let marked = |kind: &str, name: &str| is_protected(&read(&files)[&Address::new("c", kind, name)].body);
        assert!(marked("partition", "ours"));
        assert!(!marked("node", "n1"));
    }

    proptest! {
        /// What is written reads back: fields, and which of them all are protected, however lines fold.
        #[test]
        fn our_files_read_back(
            nodes in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>(), 1..3_u64, any::<bool>()), 0..12),
            partitions in prop::collection::vec((any::<bool>(), 1..3_u64), 0..3),
            sets in prop::collection::vec(any::<bool>(), 0..3),
        ) {
            let mut bodies: BTreeMap<Address, Body> = BTreeMap::new();
            let mut put = |kind: &str, name: String, wanted: bool, fields: &[(&str, serde_json::Value)]| {
                let mut body: Body = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
                protect(&mut body, wanted);
                bodies.insert(Address::new("c", kind, name), body);
            };
            for (index, (there, protected, gres_protected, cpus, same_port)) in nodes.into_iter().enumerate() {
                if there {
                    let port = if same_port { 7000 } else { 7000 + index };
                    let fields = [("CPUs", json!(cpus)), ("Port", json!(port)), ("Reason", json!("two \\ words # more"))];
                    put("node", format!("n{index:02}"), protected, &fields);
                    put("gres", format!("n{index:02}/gpu:h100"), gres_protected, &[("Count", json!(cpus))]);
                }
            }
            for (index, (protected, time)) in partitions.into_iter().enumerate() {
                put("partition", format!("p{index}"), protected, &[("Nodes", json!("n[00-01]")), ("MaxTime", json!(time))]);
            }
            for (index, protected) in sets.into_iter().enumerate() {
                put("nodeset", format!("s{index}"), protected, &[("Feature", json!("f"))]);
            }
            let include = slurm_include(&bodies).unwrap();
            let gres = gres_include(&bodies).unwrap();
            let read = read(&files("Include ours.conf\n", include.clone(), gres.clone()));
            prop_assert!(read.values().all(|live| live.owner == Owner::Ours));
            let read: BTreeMap<Address, Body> = read.into_iter().map(|(address, live)| (address, (*live.body).clone())).collect();
            prop_assert_eq!(&read, &bodies, "{}\n{}", &include, &gres);
            // One text for one set of bodies.
            prop_assert_eq!(slurm_include(&read).unwrap(), include);
            prop_assert_eq!(gres_include(&read).unwrap(), gres);
        }
    }
}
