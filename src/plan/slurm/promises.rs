//! Promises that a cluster does not keep: settings of the site that leave declared limits, priorities or budgets without
//! effect.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diagnostics::codes::reading::NOT_ENFORCED;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::slurm::{Controller, SlurmFacts};
use crate::resource::Resource;

/// Warnings about settings under which something that is declared on a target has no effect. Only what is declared counts,
/// whether it exists yet or not. Nothing is found while the controller, which knows the settings, does not answer.
pub fn unkept(facts: &SlurmFacts, desired: &[Resource]) -> Diagnostics {
    let mut found = Diagnostics::new();
    if facts.controller == Controller::Up && facts.accounting {
        let checks = [limits, preemption, priorities];
        checks.iter().filter_map(|check| check(facts, desired)).for_each(|one| found.push(one));
        found.extend(budgets(facts, desired));
    }
    found
}

/// A setting as `scontrol show config` prints it, in lower case.
fn setting(facts: &SlurmFacts, key: &str) -> String {
    facts.settings.get(key).map_or_else(String::new, |text| text.trim().to_ascii_lowercase())
}

fn of_kind<'a>(desired: &'a [Resource], kind: &'a str) -> impl Iterator<Item = &'a Resource> {
    desired.iter().filter(move |resource| resource.address.kind == kind)
}

fn warning(message: String, hint: &str) -> Diagnostic {
    Diagnostic::of_run(&NOT_ENFORCED, message).hint(hint)
}

/// AccountingStorageEnforce: limits and QOS imply associations, and safe implies limits (slurm.conf(5)).
fn limits(facts: &SlurmFacts, desired: &[Resource]) -> Option<Diagnostic> {
    if !["qos", "account"].iter().any(|kind| of_kind(desired, kind).next().is_some()) {
        return None;
    }
    let enforced = setting(facts, "AccountingStorageEnforce");
    let words: BTreeSet<&str> = enforced.split(',').map(str::trim).collect();
    let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
    let missing: Vec<&str> = [
        ("associations", has(&["associations", "limits", "qos", "safe", "wckeys", "all"])),
        ("limits", has(&["limits", "safe", "all"])),
        ("qos", has(&["qos", "all"])),
        ("safe", has(&["safe", "all"])),
    ]
    .into_iter()
    .filter_map(|(word, is_there)| (!is_there).then_some(word))
    .collect();
    let effect = match missing.as_slice() {
        [] => return None,
        // Limits hold without it; the minutes of jobs that run are only counted once they have been used.
        ["safe"] => "a job starts even if the minutes that are left of its limits end before it does",
        _ => "declared limits are stored, not enforced",
    };
    let message = format!("AccountingStorageEnforce lacks {}: {effect}", missing.join(", "));
    Some(warning(message, "in slurm.conf: AccountingStorageEnforce=associations,limits,qos,safe"))
}

/// PreemptType: by access modes, or else by tiers of partitions.
fn preemption(facts: &SlurmFacts, desired: &[Resource]) -> Option<Diagnostic> {
    let by = setting(facts, "PreemptType");
    if of_kind(desired, "qos").any(|resource| resource.body.contains_key("Preempt")) {
        let message = "access modes preempt each other, and PreemptType is not preempt/qos".to_owned();
        return (!by.contains("preempt/qos")).then(|| warning(message, "in slurm.conf: PreemptType=preempt/qos"));
    }
    let is_preempted = |resource: &Resource| {
        let modes = resource.body.get("PreemptMode").and_then(Value::as_array);
        modes.is_some_and(|modes| modes.iter().filter_map(Value::as_str).any(|mode| !mode.eq_ignore_ascii_case("off")))
    };
    let message = "partitions preempt each other, and PreemptType is not preempt/partition_prio".to_owned();
    let is_missing = of_kind(desired, "partition").any(is_preempted) && !by.contains("preempt/partition_prio");
    is_missing.then(|| warning(message, "in slurm.conf: PreemptType=preempt/partition_prio"))
}

fn priorities(facts: &SlurmFacts, desired: &[Resource]) -> Option<Diagnostic> {
    let is_basic = setting(facts, "PriorityType") == "priority/basic" && of_kind(desired, "qos").next().is_some();
    let message = "PriorityType is priority/basic: priorities and shares have no effect".to_owned();
    is_basic.then(|| warning(message, "in slurm.conf: PriorityType=priority/multifactor"))
}

/// Total minutes are budgets only while usage is never forgotten.
fn budgets(facts: &SlurmFacts, desired: &[Resource]) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut forgets = Vec::new();
    // priority/basic prints neither, and lets no usage decay.
    let half_life = setting(facts, "PriorityDecayHalfLife");
    if half_life.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        forgets.push(("decays", format!("PriorityDecayHalfLife={half_life}"), "PriorityDecayHalfLife=0"));
    }
    let period = setting(facts, "PriorityUsageResetPeriod").to_ascii_uppercase();
    if !["", "NONE", "(NULL)"].contains(&period.as_str()) {
        let written = format!("PriorityUsageResetPeriod={period}");
        forgets.push(("is reset", written, "PriorityUsageResetPeriod=NONE"));
    }
    if forgets.is_empty() {
        return found;
    }
    let because: Vec<String> = forgets.iter().map(|(verb, written, _)| format!("{verb} ({written})")).collect();
    let settings: Vec<&str> = forgets.iter().map(|(_, _, hint)| *hint).collect();
    let (because, settings) = (because.join(" and "), format!("in slurm.conf: {}", settings.join(" and ")));
    let projects: BTreeSet<&str> = of_kind(desired, "account")
        .chain(of_kind(desired, "association"))
        .filter(|resource| has_budget(resource))
        .map(|resource| resource.address.name.split('/').next().unwrap_or_default())
        .collect();
    let modes: BTreeSet<&str> = of_kind(desired, "qos")
        .filter(|resource| has_budget(resource) && !never_decays(resource))
        .map(|resource| resource.address.name.as_str())
        .collect();
    if !projects.is_empty() {
        let whose = counted(&projects, "project");
        found.push(warning(format!("usage {because}, so the GPU-hours of {whose} are no budget"), &settings));
    }
    if !modes.is_empty() {
        let whose = counted(&modes, "access mode");
        let hint = format!("{settings}; or in the mode: flags: [no-decay]");
        found.push(warning(format!("usage {because}, so the GPU-hours of {whose} are no budget"), &hint));
    }
    found
}

/// Whether minutes are limited in all, and not to none.
fn has_budget(resource: &Resource) -> bool {
    let minutes = resource.body.get("GrpTRESMins").and_then(Value::as_object);
    minutes.is_some_and(|minutes| minutes.values().any(|amount| amount.as_u64() != Some(0)))
        || resource.body.get("GrpWall").is_some_and(|minutes| minutes.as_u64() != Some(0))
}

fn never_decays(resource: &Resource) -> bool {
    let flags = resource.body.get("Flags").and_then(Value::as_array);
    flags.is_some_and(|flags| flags.iter().filter_map(Value::as_str).any(|flag| flag.eq_ignore_ascii_case("NoDecay")))
}

/// `1 project`, `2 projects`.
fn counted(names: &BTreeSet<&str>, what: &str) -> String {
    let plural = if names.len() == 1 { "" } else { "s" };
    format!("{} {what}{plural}", names.len())
}
