//! What an apply to an empty cluster would write and run, for those who carry it there by other means.

use std::collections::{BTreeMap, BTreeSet};

use super::accounting::{depths, drafts};
use super::draft::Context;
use crate::desired::slurm::files::{gres_include, slurm_include};
use crate::diff::{Change, Wishes, compare};
use crate::live::slurm::{Controller, SlurmFacts};
use crate::live::transport::quote;
use crate::live::{Facts, Jobs, Observation, Reads};
use crate::plan::RENDERED;
use crate::plan::target::Files;
use crate::resource::{Address, Body, Resource};
use crate::slurm::release::Release;

/// Release whose commands are written: the newest that is known.
const RELEASE: Release = Release::new(25, 11);

/// Both include files, and the commands for accounting.
pub(super) fn files(work: &Files<'_>) -> Result<BTreeMap<String, String>, String> {
    let binding = work.binding.and_then(|binding| binding.slurm.as_ref());
    let cluster = binding.and_then(|binding| binding.cluster.as_deref()).unwrap_or(work.factory);
    let (include, gres, commands) = rendered(work.factory, cluster, work.target, work.desired)?;
    let path = |name: &str| format!("{}/{name}", work.target);
    Ok(BTreeMap::from([
        (path(binding.map_or("sitewright.conf", |binding| &binding.include)), include),
        (path(binding.map_or("sitewright-gres.conf", |binding| &binding.gres_include)), gres),
        (path("accounting.sh"), script(cluster, &commands)),
    ]))
}

/// The commands as a shell takes them; it stops at the first that fails.
fn script(cluster: &str, commands: &[Vec<String>]) -> String {
    let mut text = format!("{RENDERED}: accounting of the empty cluster `{cluster}`, in order. Run with: sh -e FILE\n");
    for argv in commands {
        let words: Vec<String> = argv.iter().map(|word| quote(word)).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

/// The text of both include files, and the commands in order; or why the files cannot be written.
fn rendered(
    factory: &str,
    cluster: &str,
    target: &str,
    desired: &[Resource],
) -> Result<(String, String, Vec<Vec<String>>), String> {
    let observation = observation(target);
    let facts = facts(cluster, desired);
    // There is nothing, so there is nothing to adopt.
    let changes = compare(desired, &observation, &Wishes::default(), &|_| None).changes;
    let all: Vec<&Change> = changes.iter().collect();
    let by_address = desired.iter().map(|resource| (&resource.address, resource)).collect();
    let depths = depths(&by_address, &observation);
    let context = Context { factory, facts: &facts, observation: &observation, desired: by_address, depths };
    let words = drafts(&context, &all);
    let commands = words.before_files.into_iter().chain(words.after_files).map(|draft| draft.argv).collect();
    let bodies: BTreeMap<Address, Body> =
        desired.iter().map(|resource| (resource.address.clone(), resource.body.clone())).collect();
    let wrong = |error: crate::slurm::config::WriteError| error.to_string();
    Ok((slurm_include(&bodies).map_err(wrong)?, gres_include(&bodies).map_err(wrong)?, commands))
}

fn observation(target: &str) -> Observation {
    Observation {
        target: target.to_owned(),
        title: String::new(),
        resources: BTreeMap::new(),
        running: BTreeMap::new(),
        salt: None,
        jobs: Jobs::Known(Vec::new()),
        reads: Reads::default(),
        findings: crate::diagnostics::Diagnostics::new(),
        facts: Facts::None,
    }
}

/// A cluster that accounts whatever is limited.
fn facts(cluster: &str, desired: &[Resource]) -> SlurmFacts {
    let maps = desired.iter().flat_map(|resource| resource.body.values()).filter_map(|value| value.as_object());
    let tres: BTreeSet<String> = maps.flat_map(|map| map.keys().map(|name| name.to_lowercase())).collect();
    SlurmFacts {
        release: RELEASE,
        cluster: cluster.to_owned(),
        controller: Controller::Up,
        conf_dir: String::new(),
        slurm_conf: String::new(),
        gres_conf: String::new(),
        include: String::new(),
        gres_include: String::new(),
        files: BTreeMap::new(),
        settings: BTreeMap::new(),
        tres,
        accounting: true,
        default_accounts: BTreeMap::new(),
        single_cluster: true,
        bare_accounts: BTreeSet::new(),
        foreign_hosts: BTreeSet::new(),
        edited_files: BTreeSet::new(),
        include_lines: BTreeSet::new(),
    }
}
