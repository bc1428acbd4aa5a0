//! Plan text: summary first, then what dies, then each change field by field; unchanged hidden.

use std::collections::BTreeMap;

use similar::TextDiff;

use super::findings::{more, title};
use super::printable::printable_plan;
use super::style::{Style, count};
use super::target::{Target, shortened};
use super::targets::TARGETS;
use super::wrap::{after, indented};
use crate::diff::{Change, ChangeClass, Drift, Fidelity, FieldChange, JobHit, Operation};
use crate::plan::{Plan, Step};
use crate::resource::Address;
use crate::targets::of_kind;

/// What is shown besides the changes.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Show {
    /// Exact commands.
    pub commands: bool,
    /// Differences of files.
    pub files: bool,
    /// Resources that are left alone.
    pub unmanaged: bool,
    /// Cost of reading.
    pub stats: bool,
}

/// The plan as text.
pub fn plan(plan: &Plan, show: Show, style: Style) -> String {
    let plan = &*printable_plan(plan);
    let targets: Vec<String> =
        plan.targets.iter().map(|target| format!("{} → {}", target.name, target.title)).collect();
    let mut text = format!("{} · {}: {}\n\n", plan.factory, plan.environment, targets.join(", "));
    let declared: usize = plan.targets.iter().map(|target| target.unchanged).sum();
    if plan.is_empty() {
        if plan.refusals.is_empty() {
            text.push_str(&if plan.destroying {
                let left = plan.warnings.iter().any(|line| line.starts_with("left:"));
                let nothing = if left { "Nothing more of" } else { "Nothing of" };
                let end = if left { "would be deleted" } else { "is left" };
                format!("{nothing} {} {end}.\n", plan.factory)
            } else {
                format!("No changes. {} is as declared ({}).\n", plan.factory, count(declared, "resource"))
            });
        }
    } else {
        text.push_str(&head(plan, declared, style));
        let mut last_was_long = true;
        for group in groups(plan) {
            let block = group_text(&group, asked(plan, &group.first.address.target), style);
            let long = block.lines().count() > 1;
            // Short lines stand together, longer blocks apart.
            if long || last_was_long {
                text.push('\n');
            }
            last_was_long = long;
            text.push_str(&block);
        }
    }
    for line in &plan.warnings {
        text.push('\n');
        text.push_str(&style.yellow_head("warning:", &after("warning:", line, 2, style.width)));
    }
    site_commands(plan, &mut text);
    if show.files {
        files(plan, style, &mut text);
    }
    if show.commands {
        commands(plan, &mut text);
    }
    unmanaged(plan, show, style, &mut text);
    refusals(plan, style, &mut text);
    if show.stats {
        for target in &plan.targets {
            let reads = target.reads;
            if let Some(tiers) = target.tiers {
                text.push_str(&format!(
                    "\nRead {} in {}.{:01} s: {}, {} bytes. {} proved, {} confirmed by the server, {} predicted.\n",
                    target.name,
                    reads.milliseconds / 1000,
                    reads.milliseconds % 1000 / 100,
                    count(reads.requests as usize, "request"),
                    reads.bytes,
                    tiers.proved,
                    tiers.confirmed,
                    tiers.predicted
                ));
                continue;
            }
            text.push_str(&format!(
                "\nRead {} in {}.{:01} s: {}, {} bytes.\n",
                target.name,
                reads.milliseconds / 1000,
                reads.milliseconds % 1000 / 100,
                count(reads.requests as usize, "process").replace("processs", "processes"),
                reads.bytes
            ));
        }
    }
    text
}

fn head(plan: &Plan, unchanged: usize, style: Style) -> String {
    let of =
        |operation| plan.changes.iter().filter(|change| change.operation == operation && !made_anew(change)).count();
    let mut parts = Vec::new();
    let anew = plan.changes.iter().filter(|change| made_anew(change)).count();
    if anew > 0 {
        parts.push(style.red(&format!("{anew} to recreate")));
    }
    for (operation, verb) in [
        (Operation::Delete, "delete"),
        (Operation::Update, "change"),
        (Operation::Adopt, "adopt"),
        (Operation::Release, "release"),
        (Operation::Create, "create"),
    ] {
        let number = of(operation);
        if number > 0 {
            let part = format!("{number} to {verb}");
            parts.push(if operation == Operation::Delete { style.red(&part) } else { part });
        }
    }
    if unchanged > 0 {
        parts.push(format!("{unchanged} unchanged"));
    }
    let mut text = format!("{} {}\n", style.bold("Plan:"), parts.join(", "));
    let mut running: BTreeMap<&str, &JobHit> = BTreeMap::new();
    let mut pending: BTreeMap<&str, &JobHit> = BTreeMap::new();
    for job in plan.changes.iter().flat_map(|change| &change.impact.jobs) {
        if job.running {
            running.insert(&job.id, job)
        } else {
            pending.insert(&job.id, job)
        };
    }
    let mut jobs = Vec::new();
    if !running.is_empty() {
        let gpus: u64 = running.values().map(|job| job.gpus).sum();
        let until = running.values().filter_map(|job| job.ends.as_deref()).max();
        let until = until.map_or_else(String::new, |until| format!(", until {until} UTC"));
        jobs.push(style.red(&format!("{} running in the way ({gpus} GPUs{until})", running.len())));
    }
    if !pending.is_empty() {
        jobs.push(format!("{} pending", pending.len()));
    }
    if let Some(reason) = plan.changes.iter().find_map(|change| change.impact.unknown.as_ref()) {
        jobs.push(style.red(&format!("unknown: {reason}")));
    }
    if !jobs.is_empty() {
        text.push_str(&format!("{} {}\n", style.bold("Jobs:"), jobs.join(" · ")));
    }
    text
}

/// Whether a server was asked about each change there, so that the plan says how sure it is.
fn asked(plan: &Plan, target: &str) -> bool {
    plan.targets.iter().any(|one| one.name == target && one.tiers.is_some())
}

fn target(kind: &str) -> Option<&'static dyn Target> {
    of_kind(TARGETS, kind)
}

/// What a change comes or goes with, whatever its kind: a namespace.
fn folded(change: &Change) -> Option<&str> {
    let whole = matches!(change.operation, Operation::Create | Operation::Delete);
    target(&change.address.kind).filter(|_| whole)?.within(&change.address)
}

/// Whether it is deleted and made anew.
fn made_anew(change: &Change) -> bool {
    change.class == ChangeClass::Recreate
}

/// Changes of one kind that say the same.
struct Group<'a> {
    first: &'a Change,
    addresses: Vec<&'a Address>,
}

fn rank(operation: Operation) -> usize {
    match operation {
        Operation::Delete => 0,
        Operation::Update => 1,
        Operation::Adopt => 2,
        Operation::Release => 3,
        Operation::Create => 4,
    }
}

fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let mut by_key: BTreeMap<(usize, String, String, String), Group<'_>> = BTreeMap::new();
    for change in &plan.changes {
        let kind = change.address.kind.as_str();
        let within = folded(change);
        let known = target(kind);
        let folds = known.and_then(|target| target.folds(change));
        let name_part = if within.is_some() || folds.is_some() { String::new() } else { change.address.name.clone() };
        let fields: Vec<(&str, &str, &str, Option<&str>)> = change
            .fields
            .iter()
            .map(|field| {
                (field.field.as_str(), field.before_text.as_str(), field.after_text.as_str(), field.reason.as_deref())
            })
            .collect();
        let own = folds.unwrap_or_default();
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|_| within.is_none())
            .filter(|(name, ..)| !known.is_some_and(|target| target.differs(kind, name)))
            .collect();
        let jobs: Vec<&str> = change.impact.jobs.iter().map(|job| job.id.as_str()).collect();
        let key = (
            rank(change.operation),
            match within {
                Some(namespace) => format!("{}/~/{namespace}", change.address.target),
                None => format!("{}/{kind}/{own}", change.address.target),
            },
            name_part,
            format!(
                "{fields:?}{jobs:?}{:?}{:?}{:?}{:?}",
                change.takes,
                change.fidelity,
                change.notes.iter().filter(|note| !note.contains('`')).collect::<Vec<_>>(),
                change.drift
            ),
        );
        by_key
            .entry(key)
            .or_insert_with(|| Group { first: change, addresses: Vec::new() })
            .addresses
            .push(&change.address);
    }
    by_key.into_values().collect()
}

fn names(group: &Group<'_>) -> String {
    let address = group.first.address.clone();
    if group.addresses.len() == 1 {
        return address.to_string();
    }
    if let Some(namespace) = folded(group.first) {
        return format!("{}/…/{namespace}", address.target);
    }
    let names = target(&address.kind).and_then(|target| target.names(&group.addresses));
    names.unwrap_or_else(|| {
        format!("{}/{}/  {}", address.target, address.kind, shortened(&group.addresses, |name| name))
    })
}

fn class_text(change: &Change) -> &'static str {
    let own = target(&change.address.kind).and_then(|target| target.class_text(change.class));
    own.unwrap_or(match change.class {
        ChangeClass::Live => "at once",
        ChangeClass::Reconfigure => "taken up again",
        ChangeClass::Restart => "restart",
        ChangeClass::Drain => "needs empty nodes",
        ChangeClass::Recreate => "recreated",
        ChangeClass::Forbidden => "cannot be done",
    })
}

/// `LimitRange, NetworkPolicy × 2, ResourceQuota`.
fn kinds(group: &Group<'_>) -> String {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for address in &group.addresses {
        let kind = target(&address.kind).map_or(address.kind.as_str(), |target| target.kind_text(&address.kind));
        *kinds.entry(kind).or_default() += 1;
    }
    let said =
        |(kind, number): (&str, usize)| if number == 1 { kind.to_owned() } else { format!("{kind} × {number}") };
    kinds.into_iter().map(said).collect::<Vec<_>>().join(", ")
}

fn fidelity_text(fidelity: Fidelity) -> &'static str {
    match fidelity {
        Fidelity::Proved => "proved",
        Fidelity::Confirmed => "confirmed",
        Fidelity::Predicted => "predicted",
    }
}

fn group_text(group: &Group<'_>, asked: bool, style: Style) -> String {
    let change = group.first;
    let sign = match change.operation {
        Operation::Delete => style.red("-"),
        Operation::Update => style.yellow("~"),
        Operation::Release => style.yellow("<"),
        Operation::Adopt => style.yellow(">"),
        Operation::Create => style.green("+"),
    };
    let many = group.addresses.len() > 1 && folded(change).is_some();
    let name = names(group);
    let mut side = if many {
        count(group.addresses.len(), "object")
    } else if change.operation == Operation::Create && change.drift.is_none() {
        change.summary.clone()
    } else if change.operation == Operation::Release {
        "released, and stays".to_owned()
    } else {
        class_text(change).to_owned()
    };
    if asked {
        let how = fidelity_text(change.fidelity);
        side = if side.is_empty() { how.to_owned() } else { format!("{side} · {how}") };
    }
    let gap = 44_usize.saturating_sub(name.chars().count()).max(2);
    let head = format!("  {sign} {}{}{side}", style.bold(&name), " ".repeat(gap));
    let mut text = format!("{}\n", head.trim_end());
    match change.drift {
        Some(Drift::FileChangedByHand) => {
            text.push_str(&indented("our include file was changed by another hand", 6, style.width));
        }
        Some(Drift::RunningDiffersFromFile) => {
            let said = "the controller runs something else than its file says (lost at its next restart)";
            text.push_str(&indented(said, 6, style.width));
        }
        None => {}
    }
    if many {
        text.push_str(&indented(&kinds(group), 6, style.width));
    }
    if change.operation != Operation::Create || change.drift.is_some() {
        let width = change.fields.iter().map(|field| field.field.chars().count()).max().unwrap_or(0).min(34);
        for field in &change.fields {
            let unset = |text: &str| if text.is_empty() { "unset".to_owned() } else { text.to_owned() };
            let aside = aside(&change.address.kind, field).map_or_else(String::new, |aside| format!(" ({aside})"));
            let line = format!(
                "      {:<width$}  {} → {}{aside}",
                field.field,
                unset(&field.before_text),
                unset(&field.after_text)
            );
            let place = field.place.clone().unwrap_or_default();
            let room = style.width.saturating_sub(line.chars().count() + place.chars().count());
            text.push_str(&line);
            if !place.is_empty() {
                let padding = if room > 1 { " ".repeat(room) } else { "  ".to_owned() };
                text.push_str(&padding);
                text.push_str(&style.dim(&place));
            }
            text.push('\n');
        }
    }
    for taken in &change.takes {
        text.push_str(&style.red(&indented(&format!("takes {} from {}", taken.path, taken.manager), 6, style.width)));
    }
    jobs_text(change, style, &mut text);
    for note in &change.notes {
        text.push_str(&indented(note, 6, style.width));
    }
    text
}

/// What a field's values mean to people: GPU-minutes as GPU-hours, and why it is so.
fn aside(kind: &str, field: &FieldChange) -> Option<String> {
    let own = target(kind).and_then(|target| target.aside(field));
    let parts: Vec<String> = own.into_iter().chain(field.reason.clone()).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn jobs_text(change: &Change, style: Style, text: &mut String) {
    let mut by_effect: BTreeMap<&str, Vec<&JobHit>> = BTreeMap::new();
    for job in &change.impact.jobs {
        by_effect.entry(&job.effect).or_default().push(job);
    }
    for (effect, jobs) in by_effect {
        let shown: Vec<String> = jobs.iter().take(6).map(|job| job_text(job)).collect();
        let more = jobs.len().saturating_sub(6);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let line = format!("{}: {effect}: {}{more}", count(jobs.len(), "job"), shown.join(", "));
        text.push_str(&style.red(&indented(&line, 6, style.width)));
    }
    if let Some(reason) = &change.impact.unknown {
        text.push_str(&style.red(&indented(&format!("jobs unknown: {reason}"), 6, style.width)));
    }
}

fn job_text(job: &JobHit) -> String {
    let mut facts = Vec::new();
    if job.gpus > 0 {
        facts.push(count(usize::try_from(job.gpus).unwrap_or(usize::MAX), "GPU"));
    }
    match (&job.ends, job.running) {
        (Some(ends), true) => facts.push(format!("ends {ends}")),
        (_, false) => facts.push("pending".to_owned()),
        _ => {}
    }
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    format!("{} {}{facts}", job.id, job.user)
}

/// Commands that the folder names, shown before they ever run.
fn site_commands(plan: &Plan, text: &mut String) {
    for action in &plan.actions {
        let said = action.step.of_kind(TARGETS).and_then(|target| target.site_command(action));
        text.push_str(&said.unwrap_or_default());
    }
}

fn files(plan: &Plan, style: Style, text: &mut String) {
    for action in &plan.actions {
        let files = action.step.of_kind(TARGETS).map(|target| target.files(&action.step)).unwrap_or_default();
        for file in files {
            let diff = TextDiff::from_lines(file.before, file.after);
            text.push_str(&format!("\n{}\n", file.path));
            for line in diff.unified_diff().context_radius(1).to_string().lines() {
                let painted = match line.chars().next() {
                    Some('+') => style.green(line),
                    Some('-') => style.red(line),
                    _ => line.to_owned(),
                };
                text.push_str(&format!("  {painted}\n"));
            }
        }
    }
}

fn commands(plan: &Plan, text: &mut String) {
    text.push_str("\nCommands, in order:\n");
    for action in &plan.actions {
        match (&action.step, action.step.of_kind(TARGETS)) {
            (Step::Twin(_), _) => text.push_str(&format!("  {:>3}  store {}\n", action.id, action.title)),
            (_, Some(target)) => text.push_str(&target.commands(action)),
            (_, None) => {}
        }
    }
}

fn unmanaged(plan: &Plan, show: Show, style: Style, text: &mut String) {
    let all: Vec<&Address> = plan.targets.iter().flat_map(|target| &target.unmanaged).collect();
    if all.is_empty() {
        return;
    }
    if show.unmanaged {
        text.push_str("\nUnmanaged and left alone:\n");
        for address in all {
            text.push_str(&format!("  {address}\n"));
        }
        return;
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for address in all {
        *kinds.entry(&address.kind).or_default() += 1;
    }
    let parts: Vec<String> = kinds
        .into_iter()
        .map(
            |(kind, number)| {
                if kind == "qos" || kind == "gres" { format!("{number} {kind}") } else { count(number, kind) }
            },
        )
        .collect();
    text.push('\n');
    text.push_str(&after(
        "Unmanaged and left alone:",
        &format!("{} (--show unmanaged)", parts.join(", ")),
        2,
        style.width,
    ));
}

fn refusals(plan: &Plan, style: Style, text: &mut String) {
    for refusal in &plan.refusals {
        text.push('\n');
        text.push_str(&title("refused", &refusal.code, &refusal.message, true, style));
        let flag = &refusal.flag;
        let hint = match (refusal.hint.as_str(), flag.is_empty()) {
            ("", _) => format!("to do it anyway: `{flag}`"),
            (hint, true) => hint.to_owned(),
            (hint, false) => format!("{hint}; to do it anyway: `{flag}`"),
        };
        text.push_str(&after("  hint:", &hint, 4, style.width));
        text.push_str(&more(&refusal.code, style));
    }
}
