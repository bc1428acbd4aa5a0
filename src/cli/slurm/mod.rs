//! Slurm on the command line.

pub(super) mod file;

use std::collections::BTreeSet;

use super::target::{Bound, Made, Target};
use crate::diagnostics::{Complaint, Diagnostics};
use crate::live::Observation;
use crate::live::slurm::{Endpoint, ReadOptions, SlurmFacts};
use crate::live::transport::{Ssh, Transport};
use crate::manifest::Sources;
use crate::manifest::v1alpha1::settings::{Binding, Over};
use crate::plan::slurm::missing_include;
use crate::slurm::lint::{LintInput, lint};
use crate::slurm::text::check_accounting_name;

pub(super) const TARGET: &dyn Target = &OfSlurm;

struct OfSlurm;

impl Target for OfSlurm {
    fn endpoint(&self, bound: &Bound<'_>, binding: &Binding) -> Option<Made> {
        let binding = binding.slurm.as_ref()?;
        let Bound { name, environment, .. } = bound;
        let unnamed = |host: &String| host.is_empty() || host.starts_with('-');
        if binding.over == Over::Ssh && binding.host.as_ref().is_none_or(unnamed) {
            let message = format!("`{name}` in `{environment}` is reached over ssh and names no host");
            return Some(Err((message, "add `host: slurm-admin.example`")));
        }
        if binding.include.contains("..") || binding.gres_include.contains("..") {
            let message = format!("`{name}`: an include file stands beside slurm.conf");
            return Some(Err((message, "write a plain file name, e.g. `sitewright.conf`")));
        }
        let config = match binding.ssh_config.as_ref().map(|path| bound.path("sshConfig", path)).transpose() {
            Ok(config) => config,
            Err(refused) => return Some(Err(refused)),
        };
        // Programs start in the folder of the binding, so the path may not depend on where they start.
        let config = config.map(|path| std::path::absolute(&path).unwrap_or(path).display().to_string());
        let ssh = (binding.over == Over::Ssh).then(|| Ssh { host: binding.host.clone().unwrap_or_default(), config });
        let variables = binding
            .conf_dir
            .as_ref()
            .map(|folder| ("SLURM_CONF".to_owned(), format!("{folder}/slurm.conf")))
            .into_iter()
            .collect();
        Some(Ok(Endpoint {
            transport: Transport::new(ssh, binding.prefix.clone(), variables).within(bound.folder),
            options: ReadOptions {
                conf_dir: binding.conf_dir.clone(),
                include: binding.include.clone(),
                gres_include: binding.gres_include.clone(),
                cluster: binding.cluster.clone(),
                root_account: bound.account.to_owned(),
            },
        }
        .into()))
    }

    fn restart(&self, binding: &Binding) -> Option<Vec<String>> {
        let restart = &binding.slurm.as_ref()?.restart;
        (!restart.is_empty()).then(|| restart.clone())
    }

    fn illegal(&self, name: &str) -> Option<Complaint> {
        check_accounting_name(name).err()
    }

    fn is_one(&self, one: &Observation, other: &Observation, same_way: bool) -> bool {
        one.slurm().zip(other.slurm()).is_some_and(|(one, other)| is_one(one, other, same_way))
    }

    fn findings(&self, observation: &Observation, sources: &mut Sources) -> Diagnostics {
        let mut found = Diagnostics::new();
        let Some(facts) = observation.slurm() else { return found };
        for (name, text) in &facts.files {
            sources.add_text(name.clone(), text.clone());
        }
        found.extend(observation.findings.clone());
        let files = [&facts.include, &facts.gres_include];
        files.into_iter().filter_map(|ours| missing_include(facts, ours)).for_each(|one| found.push(one));
        let names = |kind: &str| -> BTreeSet<String> {
            observation
                .resources
                .keys()
                .filter(|address| address.kind == kind)
                .map(|address| address.name.clone())
                .collect()
        };
        found.extend(lint(&LintInput {
            slurm_conf: facts.slurm_conf.clone(),
            gres_conf: Some(facts.gres_conf.clone()),
            files: facts.files.clone(),
            release: Some(facts.release),
            known_qos: facts.accounting.then(|| names("qos")),
            known_accounts: facts.accounting.then(|| names("account")),
        }));

        found
    }
}

/// By its name alone two clusters may be told from each other only within one database. A controller is known by when it
/// began; one that is down by its configuration.
fn is_one(one: &SlurmFacts, other: &SlurmFacts, same_way: bool) -> bool {
    if !one.cluster.eq_ignore_ascii_case(&other.cluster) {
        return false;
    }
    if same_way && one.slurm_conf == other.slurm_conf {
        return true;
    }
    let begun = |facts: &SlurmFacts| {
        let keys = |(key, _): &(&String, &String)| key.as_str() == "BOOT_TIME" || key.starts_with("SlurmctldHost");
        let settings: Vec<_> =
            facts.settings.iter().filter(keys).map(|(key, value)| (key.clone(), value.clone())).collect();
        facts.settings.contains_key("BOOT_TIME").then_some(settings)
    };
    match (begun(one), begun(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one.files.get(&one.slurm_conf).is_some_and(|text| other.files.get(&other.slurm_conf) == Some(text)),
    }
}
