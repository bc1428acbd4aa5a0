//! What the controller runs: `scontrol show config`, `show partition`, `show node`.

use std::collections::BTreeMap;

use serde_json::json;

use super::complaints::{incomplete, one};
use super::odd::Odd;
use super::parts::Running;
use crate::diagnostics::Diagnostics;
use crate::live::{Live, Owner};
use crate::resource::{Address, Body};
use crate::slurm::config;
use crate::slurm::fields;
use crate::slurm::release::Release;

/// `Key = value` lines of `scontrol show config`.
pub(super) fn settings(text: &str) -> BTreeMap<String, String> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .filter(|(key, _)| !key.is_empty() && !key.contains(' '))
        .collect()
}

/// Settings of the file itself, while no controller can be asked.
pub(super) fn file_settings(text: &str) -> BTreeMap<String, String> {
    let known = ["ClusterName", "AccountingStorageType", "AccountingStorageTRES", "SlurmctldLogFile", "SlurmUser"];
    let mut settings = BTreeMap::new();
    for entry in config::parse("", text) {
        if let Some((key, value)) = entry.head()
            && let Some(name) = known.iter().find(|name| name.eq_ignore_ascii_case(key))
        {
            settings.insert((*name).to_owned(), value.to_owned());
        }
    }
    settings
}

/// Records of `scontrol -o`: keys begin at a blank and have no blank; free text may have both, so a word counts as a key
/// only where it looks like one of Slurm's.
fn record(line: &str) -> BTreeMap<String, String> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for word in line.split(' ') {
        let key = word.split_once('=').filter(|(key, _)| {
            key.starts_with(|letter: char| letter.is_ascii_uppercase())
                && key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        });
        match (key, fields.last_mut()) {
            (Some((key, value)), _) => fields.push((key.to_owned(), value.to_owned())),
            (None, Some((_, value))) if !word.is_empty() => {
                value.push(' ');
                value.push_str(word);
            }
            _ => {}
        }
    }
    // The first one wins: free text at the end of a record may look like a key again.
    let mut result = BTreeMap::new();
    for (key, value) in fields {
        result.entry(key).or_insert(value);
    }
    result
}

fn records(program: &str, text: &str, first: &str, none: &str) -> Result<Vec<BTreeMap<String, String>>, Diagnostics> {
    if text.is_empty() || !text.ends_with('\n') {
        return Err(one(incomplete(program, "its end is missing")));
    }
    let mut result = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if line.contains(none) {
            continue;
        }
        if !line.starts_with(first) {
            return Err(one(incomplete(program, &format!("a line does not begin with {first}"))));
        }
        result.push(record(line));
    }
    Ok(result)
}

/// Bodies of what runs. `files` are the resources of the configuration files: those of ours are compared with what runs.
pub(super) fn running(
    target: &str,
    release: Release,
    texts: &Running,
    files: &BTreeMap<Address, Live>,
    odd: &mut Odd,
) -> Result<BTreeMap<Address, Body>, Diagnostics> {
    let mut result = BTreeMap::new();
    let partitions =
        records("scontrol show partition", &texts.partitions, "PartitionName=", "No partitions in the system")?;
    let nodes = records("scontrol show node", &texts.nodes, "NodeName=", "No nodes in the system")?;
    let partition_names: Vec<&String> = partitions.iter().filter_map(|record| record.get("PartitionName")).collect();
    for record in &nodes {
        let name = record.get("NodeName").cloned().unwrap_or_default();
        for required in ["State", "CPUTot", "RealMemory"] {
            if !record.contains_key(required) {
                return Err(one(incomplete("scontrol show node", &format!("`{name}` has no {required}"))));
            }
        }
        for partition in record.get("Partitions").map_or("", String::as_str).split(',').filter(|name| !name.is_empty())
        {
            if !partition_names.iter().any(|one| *one == partition) {
                return Err(one(incomplete(
                    "scontrol show partition",
                    &format!("`{partition}` is missing, and `{name}` is in it"),
                )));
            }
        }
        let address = Address::new(target, "node", name);
        let body = fields_of(&address, record, release, files.get(&address), odd)?;
        result.insert(address, body);
    }
    for record in &partitions {
        let name = record.get("PartitionName").cloned().unwrap_or_default();
        if !record.contains_key("State") || !record.contains_key("Nodes") {
            return Err(one(incomplete("scontrol show partition", &format!("`{name}` is cut off"))));
        }
        let address = Address::new(target, "partition", name);
        let body = fields_of(&address, record, release, files.get(&address), odd)?;
        result.insert(address, body);
    }
    Ok(result)
}

/// The fields of one record. `file` is what its line says: a value that is compared with it has to be understood.
fn fields_of(
    address: &Address,
    record: &BTreeMap<String, String>,
    release: Release,
    file: Option<&Live>,
    odd: &mut Odd,
) -> Result<Body, Diagnostics> {
    let (program, is_node) = match address.kind.as_str() {
        "node" => ("scontrol show node", true),
        _ => ("scontrol show partition", false),
    };
    let ours = file.filter(|live| live.owner == Owner::Ours);
    let mut body = Body::new();
    for field in fields::of_kind(&address.kind) {
        if field.read.is_empty() || !field.exists(release) {
            continue;
        }
        let Some(text) = record.get(field.read) else { continue };
        let inferred = |live: &Live| is_node && fields::is_inferred(field.key) && !live.body.contains_key(field.key);
        let strict = ours.is_some_and(|live| !inferred(live));
        // `Exclusive=NODE` of 26.05 is told below.
        if let Some(value) = odd.read(program, (field, text), &address.name, strict)? {
            body.insert(field.key.to_owned(), value);
        }
    }
    match record.get("Exclusive").map(String::as_str) {
        Some("NODE") => {
            body.insert("OverSubscribe".to_owned(), json!("EXCLUSIVE"));
        }
        Some("USER") => {
            body.insert("ExclusiveUser".to_owned(), json!(true));
        }
        Some("TOPO") => {
            body.insert("ExclusiveTopo".to_owned(), json!(true));
        }
        _ => {}
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NODE: &str = "NodeName=old001 Arch=x86_64 CoresPerSocket=8  CPUTot=8 AvailableFeatures=(null) Gres=gpu:h100:4(S:0) NodeAddr=localhost NodeHostName=localhost Port=18201 OS=Linux 6.18 #1 SMP x=y RealMemory=16000 Sockets=1 Boards=1 State=IDLE ThreadsPerCore=1 TmpDisk=0 Weight=1 Partitions=legacy Reason=Not responding State=x [root@2026]";
    const PARTITION: &str = "PartitionName=legacy AllowGroups=ALL AllowQos=fast,slow Default=YES QoS=N/A DefaultTime=NONE ExclusiveUser=NO MaxTime=1-00:00:00 Nodes=old[001-002] OverSubscribe=NO State=UP NewKey=1 DefMemPerNode=UNLIMITED";

    fn texts(partitions: &str, nodes: &str) -> Running {
        Running { partitions: partitions.to_owned(), nodes: nodes.to_owned(), queue: String::new() }
    }

    /// With nothing of ours in the files.
    fn running(release: Release, texts: &Running) -> Result<BTreeMap<Address, Body>, Diagnostics> {
        super::running("c", release, texts, &BTreeMap::new(), &mut Odd::default())
    }

    #[test]
    fn unknown_keys_and_free_text_are_tolerated() {
        let view = running(Release::new(22, 5), &texts(&format!("{PARTITION}\n"), &format!("{NODE}\n"))).unwrap();
        let node = &view[&Address::new("c", "node", "old001")];
        assert_eq!(node["Gres"], json!({"gpu:h100": 4}));
        assert_eq!(node["RealMemory"], json!(16000));
        let partition = &view[&Address::new("c", "partition", "legacy")];
        assert_eq!(partition["MaxTime"], json!(1440));
        assert_eq!(partition["AllowQos"], json!(["fast", "slow"]));
        assert!(!partition.contains_key("QOS"));
    }

    #[test]
    fn cut_answers_are_errors() {
        let whole = (format!("{PARTITION}\n"), format!("{NODE}\n"));
        for (partitions, nodes) in [
            ("", whole.1.as_str()),
            (whole.0.as_str(), ""),
            (whole.0.as_str(), &NODE[..60]),
            (&PARTITION[..40], whole.1.as_str()),
            ("No partitions in the system\n", whole.1.as_str()),
            ("garbage\n", whole.1.as_str()),
        ] {
            assert!(running(Release::new(22, 5), &texts(partitions, nodes)).is_err(), "{partitions:?} {nodes:?}");
        }
        assert!(
            running(Release::new(24, 11), &texts("No partitions in the system\n", "No nodes in the system\n"))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn unknown_forms_stop_only_what_is_compared() {
        let texts = texts(
            &format!("{}\n", PARTITION.replace("MaxTime=1-00:00:00", "MaxTime=soon")),
            &format!(
                "{}\n",
                NODE.replace("Weight=1", "Weight=heavy").replace("CoresPerSocket=8", "CoresPerSocket=some")
            ),
        );
        let read = |owner: Owner, in_file: &[&str]| {
            let body: Body = in_file.iter().map(|key| ((*key).to_owned(), json!(1))).collect();
            let address = Address::new("c", "node", "old001");
            let files = BTreeMap::from([(address.clone(), Live { body: body.into(), owner })]);
            let mut odd = Odd::default();
            let view = super::running("c", Release::new(24, 11), &texts, &files, &mut odd);
            view.map(|view| (view[&address].clone(), odd.findings().count()))
        };
        let (body, findings) = read(Owner::Unmarked, &["Weight"]).unwrap();
        assert_eq!((&body["Weight"], &body["CoresPerSocket"], findings), (&json!("heavy"), &json!("some"), 3));
        assert_eq!(body["RealMemory"], json!(16000));
        assert!(read(Owner::Ours, &[]).is_err(), "the weight of our node is compared");
        let texts_of_ours = super::super::Running { nodes: texts.nodes.replace("Weight=heavy", "Weight=1"), ..texts };
        let address = Address::new("c", "node", "old001");
        for (key, fine) in [("Weight", true), ("CoresPerSocket", false)] {
            let body = Body::from([(key.to_owned(), json!(1))]);
            let files = BTreeMap::from([(address.clone(), Live { body: body.into(), owner: Owner::Ours })]);
            let view = super::running("c", Release::new(24, 11), &texts_of_ours, &files, &mut Odd::default());
            assert_eq!(view.is_ok(), fine, "what Slurm infers is compared only where our line has it: {key}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[A-Za-z= \n]{0,80}") {
            let _ = running(Release::new(24, 11), &texts(&text, &text));
        }
    }
}
