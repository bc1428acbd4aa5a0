//! A plan for people: summary first, then deletions, then each change field by field; unchanged hidden.

use std::collections::BTreeMap;

use similar::TextDiff;

use super::findings::{more, title};
use super::outline::{Group, Outcome, Outline, target};
use super::printable::printable_plan;
use super::style::{Style, count, counted};
use super::target::shortened;
use super::targets::TARGETS;
use super::wrap::{after, indented};
use crate::diagnostics::Severity;
use crate::diff::{Change, ChangeClass, Drift, Effect, Fidelity, FieldChange, JobHit, Operation, Tiers};
use crate::plan::{Plan, Step};
use crate::resource::Address;

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
    let outline = Outline::of(plan);
    let targets: Vec<String> =
        plan.targets.iter().map(|target| format!("{} → {}", target.name, target.title)).collect();
    let mut text = format!("{} · {}: {}\n\n", plan.factory, plan.environment, targets.join(", "));
    let factory = &plan.factory;
    match outline.outcome {
        Outcome::Work => work(&outline, style, &mut text),
        Outcome::Refused => {}
        Outcome::Settled => {
            let unchanged = count(outline.totals.unchanged, "resource");
            text.push_str(&format!("No changes. {factory} is as declared ({unchanged}).\n"));
        }
        Outcome::Destroyed => text.push_str(&format!("Nothing of {factory} is left.\n")),
        Outcome::DestroyedButKept => text.push_str(&format!("Nothing more of {factory} would be deleted.\n")),
    }
    warnings(plan, style, &mut text);
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
        stats(plan, &mut text);
    }
    text
}

fn work(outline: &Outline<'_>, style: Style, text: &mut String) {
    text.push_str(&head(outline, style));
    let mut last_was_long = true;
    for group in &outline.groups {
        let block = group_text(group, style);
        let long = block.lines().count() > 1;
        // Short lines stand together, longer blocks apart.
        if long || last_was_long {
            text.push('\n');
        }
        last_was_long = long;
        text.push_str(&block);
    }
}

/// What reading the targets cost.
fn stats(plan: &Plan, text: &mut String) {
    for target in &plan.targets {
        let reads = target.reads;
        let (seconds, tenths) = (reads.milliseconds / 1000, reads.milliseconds % 1000 / 100);
        let number = reads.requests as usize;
        let (requests, known) = match target.tiers {
            Some(Tiers { proved, confirmed, predicted }) => (
                count(number, "request"),
                format!(" {proved} proved, {confirmed} confirmed by the server, {predicted} predicted."),
            ),
            None => (counted(number, "process", "processes"), String::new()),
        };
        text.push_str(&format!(
            "\nRead {} in {seconds}.{tenths:01} s: {requests}, {} bytes.{known}\n",
            target.name, reads.bytes
        ));
    }
}

fn head(outline: &Outline<'_>, style: Style) -> String {
    let totals = outline.totals;
    let parts: Vec<String> = [
        (totals.recreate, "to recreate", true),
        (totals.delete, "to delete", true),
        (totals.update, "to change", false),
        (totals.adopt, "to adopt", false),
        (totals.release, "to release", false),
        (totals.create, "to create", false),
        (totals.unchanged, "unchanged", false),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, verb, danger)| {
        let part = format!("{number} {verb}");
        if danger { style.red(&part) } else { part }
    })
    .collect();
    let mut text = format!("{} {}\n", style.bold("Plan:"), parts.join(", "));
    let jobs = &outline.jobs;
    if jobs.is_empty() {
        return text;
    }
    let mut parts = Vec::new();
    if jobs.running > 0 {
        let until = jobs.until.map_or_else(String::new, |until| format!(", until {until} UTC"));
        parts.push(style.red(&format!("{} running in the way ({} GPUs{until})", jobs.running, jobs.gpus)));
    }
    if jobs.pending > 0 {
        parts.push(format!("{} pending", jobs.pending));
    }
    if let Some(reason) = jobs.unknown {
        parts.push(style.red(&format!("unknown: {reason}")));
    }
    text.push_str(&format!("{} {}\n", style.bold("Jobs:"), parts.join(" · ")));
    text
}

fn names(group: &Group<'_>) -> String {
    let address = &group.first.address;
    if group.addresses.len() == 1 {
        return address.to_string();
    }
    if let Some(namespace) = group.within {
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

fn effect_text(effect: Effect) -> &'static str {
    match effect {
        Effect::BlocksRemoval => "blocks the removal",
        Effect::CouldBeAborted => "could be aborted",
        Effect::CannotStart => "could no longer start",
        Effect::Killed => "would be killed",
        Effect::LosesQos => "would run on without its QOS",
        Effect::Vanishes => "would vanish from the queue",
    }
}

/// What stands beside the name of a change: what happens to the resource, or what the change costs.
fn side_text(group: &Group<'_>) -> String {
    let change = group.first;
    let side = match change.operation {
        _ if group.is_folded() => count(group.addresses.len(), "object"),
        Operation::Create if change.drift.is_none() => change.summary.clone(),
        Operation::Release => "released, and stays".to_owned(),
        Operation::Recreate => "recreated".to_owned(),
        _ => class_text(change).to_owned(),
    };
    match (group.asked, fidelity_text(change.fidelity)) {
        (false, _) => side,
        (true, how) if side.is_empty() => how.to_owned(),
        (true, how) => format!("{side} · {how}"),
    }
}

fn group_text(group: &Group<'_>, style: Style) -> String {
    let change = group.first;
    let sign = match change.operation {
        Operation::Delete => style.red("-"),
        Operation::Update | Operation::Recreate => style.yellow("~"),
        Operation::Release => style.yellow("<"),
        Operation::Adopt => style.yellow(">"),
        Operation::Create => style.green("+"),
    };
    let (name, side) = (names(group), side_text(group));
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
    if group.is_folded() {
        text.push_str(&indented(&kinds(group), 6, style.width));
    }
    if change.operation != Operation::Create || change.drift.is_some() {
        let width = change.fields.iter().map(|field| field.title().chars().count()).max().unwrap_or(0).min(34);
        for field in &change.fields {
            let unset = |text: &str| if text.is_empty() { "unset".to_owned() } else { text.to_owned() };
            let aside = aside(&change.address.kind, field).map_or_else(String::new, |aside| format!(" ({aside})"));
            let line = format!(
                "      {:<width$}  {} → {}{aside}",
                field.title(),
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
        let version = if taken.version.is_empty() { String::new() } else { format!(" using {}", taken.version) };
        let line = format!("takes {} from {}{version}", taken.path, taken.manager);
        text.push_str(&style.red(&indented(&line, 6, style.width)));
    }
    jobs_text(group, style, &mut text);
    for note in &change.notes {
        text.push_str(&indented(&note.message, 6, style.width));
    }
    text
}

/// What a field's values mean to people: GPU-minutes as GPU-hours, and why it is so.
fn aside(kind: &str, field: &FieldChange) -> Option<String> {
    let own = target(kind).and_then(|target| target.aside(field));
    let parts: Vec<String> = own.into_iter().chain(field.reason.clone()).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn jobs_text(group: &Group<'_>, style: Style, text: &mut String) {
    for (effect, jobs) in group.jobs() {
        let effect = effect_text(effect);
        let shown: Vec<String> = jobs.iter().take(6).map(|job| job_text(job)).collect();
        let more = jobs.len().saturating_sub(6);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let line = format!("{}: {effect}: {}{more}", count(jobs.len(), "job"), shown.join(", "));
        text.push_str(&style.red(&indented(&line, 6, style.width)));
    }
    if let Some(reason) = &group.first.impact.unknown {
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

fn warnings(plan: &Plan, style: Style, text: &mut String) {
    for warning in &plan.warnings {
        text.push('\n');
        text.push_str(&title(Severity::Warning.word(), &warning.code, &warning.message, false, style));
        if !warning.why.is_empty() {
            text.push_str(&after("  why:", &warning.why, 4, style.width));
        }
        if !warning.hint.is_empty() {
            text.push_str(&after("  hint:", &warning.hint, 4, style.width));
        }
        text.push_str(&more(&warning.code, style));
    }
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
