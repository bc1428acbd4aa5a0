//! Settings that slurmctld refuses together, though each is right by itself.

use std::collections::BTreeMap;

use crate::diagnostics::codes::slurm_settings as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::slurm::config::{Merged, Setting};
use crate::slurm::keys::LineKind;
use crate::slurm::release::Release;
use crate::slurm::words::Words;

pub(super) fn check(merged: &Merged, release: Option<Release>, found: &mut Diagnostics) {
    let settings = merged.settings();
    preemption(&settings, release, found);
    selection(&settings, release, found);
    labels(&settings, found);
    tracked(&settings, found);
}

/// MCSParameters without a plugin (`_validate_and_set_defaults`).
fn labels(settings: &BTreeMap<String, Setting>, found: &mut Diagnostics) {
    let given = |key: &str| settings.get(key).filter(|setting| !setting.value.is_empty());
    if given("mcsplugin").is_none()
        && let Some(parameters) = given("mcsparameters")
    {
        let message = "MCSParameters needs MCSPlugin".to_owned();
        clash(message, Some(parameters), None, "write `MCSPlugin=mcs/group` or another, or take it out", found);
    }
}

/// TRES beyond those that slurmctld knows by itself, without a database (`init_tres` in controller.c).
fn tracked(settings: &BTreeMap<String, Setting>, found: &mut Diagnostics) {
    let Some(list) = settings.get("accountingstoragetres") else { return };
    let storage = settings.get("accountingstoragetype");
    if storage.is_some_and(|storage| storage.value.to_ascii_lowercase().contains("slurmdbd")) {
        return;
    }
    let known = ["", "cpu", "mem", "energy", "node", "billing", "fs/disk", "vmem", "pages"];
    if let Some(name) = list.value.split(',').find(|name| !known.contains(&name.trim().to_ascii_lowercase().as_str())) {
        let hint = "write `AccountingStorageType=accounting_storage/slurmdbd`, or take the TRES out";
        clash(format!("slurmctld does not track `{name}` without slurmdbd"), Some(list), storage, hint, found);
    }
}

/// Words of a setting in lower case; nothing where one is unknown, which is a finding of its own.
fn words(settings: &BTreeMap<String, Setting>, key: &str, release: Option<Release>) -> Option<Vec<String>> {
    let words = Words::of(LineKind::Setting, key)?;
    let text = settings.get(key).map_or("", |setting| setting.value.as_str());
    words.split(text).into_iter().map(|word| words.knows(word, release).then(|| word.to_ascii_lowercase())).collect()
}

fn clash(message: String, place: Option<&Setting>, beside: Option<&Setting>, hint: &str, found: &mut Diagnostics) {
    // Defaults do not clash: one of the two is written.
    let Some(written) = place.or(beside) else { return };
    let mut diagnostic = Diagnostic::new(&codes::INCOMPATIBLE_SETTINGS, message).at(written.place.clone()).hint(hint);
    if let (Some(_), Some(other)) = (place, beside) {
        diagnostic = diagnostic.related(other.place.clone(), "with this");
    }
    found.push(diagnostic);
}

/// PreemptMode by itself and with PreemptType (`preempt_mode_num`, `_validate_and_set_defaults`).
fn preemption(settings: &BTreeMap<String, Setting>, release: Option<Release>, found: &mut Diagnostics) {
    let (mode, kind) = (settings.get("preemptmode"), settings.get("preempttype"));
    let Some(words) = words(settings, "preemptmode", release) else { return };
    let has = |word: &str| words.iter().any(|one| one == word);
    let acts = words.iter().filter(|word| ["cancel", "requeue", "suspend", "on"].contains(&word.as_str())).count();
    let offs = words.iter().filter(|word| ["off", "cluster"].contains(&word.as_str())).count();
    if acts + offs > 1 {
        clash("PreemptMode has two modes".to_owned(), mode, None, "keep one, with GANG or WITHIN where wanted", found);
        return;
    }
    if let Some(word) = ["within", "priority"].into_iter().find(|word| has("gang") && has(word)) {
        clash(format!("PreemptMode has GANG and {}", word.to_uppercase()), mode, None, "keep one of them", found);
        return;
    }
    if words == ["suspend"] || words == ["on"] {
        clash("PreemptMode=SUSPEND needs GANG".to_owned(), mode, None, "write `PreemptMode=SUSPEND,GANG`", found);
        return;
    }
    match kind.map_or("preempt/none", |setting| setting.value.as_str()) {
        "preempt/none" if acts > 0 || has("within") || has("priority") => clash(
            "PreemptMode says how to preempt, and PreemptType is preempt/none".to_owned(),
            mode,
            kind,
            "write `PreemptType=preempt/qos` or `PreemptType=preempt/partition_prio`, or take PreemptMode out",
            found,
        ),
        name @ ("preempt/qos" | "preempt/partition_prio") if acts == 0 => clash(
            format!("PreemptType={name} needs a PreemptMode that is not OFF"),
            mode,
            kind,
            "write `PreemptMode=REQUEUE`, CANCEL, or SUSPEND,GANG",
            found,
        ),
        _ => {}
    }
}

/// SelectTypeParameters by itself and with SelectType (`_parse_select_type_param`, `select_g_init`, `select_p_node_init`).
fn selection(settings: &BTreeMap<String, Setting>, release: Option<Release>, found: &mut Diagnostics) {
    let (parameters, kind) = (settings.get("selecttypeparameters"), settings.get("selecttype"));
    let Some(words) = words(settings, "selecttypeparameters", release) else { return };
    let cores = ["cr_cpu", "cr_cpu_memory", "cr_core", "cr_core_memory", "cr_socket", "cr_socket_memory"];
    let counted: Vec<&String> = words.iter().filter(|word| cores.contains(&word.as_str())).collect();
    let memory = words.iter().filter(|word| *word == "cr_memory").count();
    if counted.len() + memory > 1 {
        let hint = "keep one: memory is counted too with `CR_Core_Memory`";
        clash("SelectTypeParameters has two resources".to_owned(), parameters, None, hint, found);
        return;
    }
    if words.iter().any(|word| word == "cr_one_task_per_core") && counted.iter().any(|word| word.starts_with("cr_cpu"))
    {
        clash(
            "SelectTypeParameters has CR_ONE_TASK_PER_CORE and CR_CPU".to_owned(),
            parameters,
            None,
            "write CR_Core for CR_CPU",
            found,
        );
        return;
    }
    // The default was select/linear until 23.11 (RELEASE_NOTES).
    let default =
        release.map(|release| if release < Release::new(23, 11) { "select/linear" } else { "select/cons_tres" });
    let Some(name) = kind.map(|setting| setting.value.as_str()).or(default) else { return };
    let linear = name == "select/linear";
    let by_core = ["select/cons_res", "select/cons_tres"].contains(&name);
    if linear && let Some(word) = counted.first() {
        let said = if kind.is_some() { "" } else { ", the default of this release," };
        clash(
            format!("select/linear{said} gives out whole nodes, and SelectTypeParameters has {}", word.to_uppercase()),
            parameters,
            kind,
            "write `SelectType=select/cons_tres`",
            found,
        );
    }
    if by_core && !words.is_empty() && counted.is_empty() {
        let hint = "add CR_Core_Memory, CR_CPU_Memory or CR_Socket_Memory, or their like without memory";
        clash(
            format!("{name} needs CR_CPU, CR_Core or CR_Socket in SelectTypeParameters"),
            parameters,
            kind,
            hint,
            found,
        );
    }
    let topology = settings.get("topologyplugin");
    if linear
        && topology.is_some_and(|setting| setting.value.eq_ignore_ascii_case("topology/tree"))
        && release.is_some_and(|release| release >= Release::new(24, 5))
    {
        clash(
            "select/linear cannot have topology/tree since 24.05".to_owned(),
            topology,
            kind,
            "write `SelectType=select/cons_tres`",
            found,
        );
    }
}
