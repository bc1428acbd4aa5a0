//! Plans in files: saving, reading, and whether one fits the folder and the flags that it is applied with.

use std::path::Path;

use super::args::{Format, GuardArgs, SiteArgs};
use super::site::Loaded;
use crate::diagnostics::codes::{command as codes, manifest};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::live::local;
use crate::plan::{Moved, Plan, Unusable, from_text, is_saved_plan, to_text};
use crate::report;

/// Whether a path that was named is a saved plan, and not a folder or a file of manifests.
pub(super) fn is_plan(path: &Path) -> bool {
    use std::io::Read as _;
    if !path.is_file() {
        return false;
    }
    let ends = |end: &str| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(end));
    if ends("json") || ends("yaml") || ends("yml") {
        return ends("json");
    }
    let mut first = [0_u8];
    std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == *b"{"
}

/// Whether a plan may be written there: over nothing but another plan.
pub(super) fn check_out(path: &Path) -> Result<(), Diagnostics> {
    let refused = |why: &str| {
        Err(Diagnostics(vec![
            Diagnostic::of_run(&codes::PLAN_FILE, format!("`{}` {why}, so no plan is written there", path.display()))
                .hint("choose another name, e.g. `--out plan.json`"),
        ]))
    };
    if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("yaml") || end.eq_ignore_ascii_case("yml")) {
        return refused("would be a manifest");
    }
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => refused(&format!("cannot be looked at ({error})")),
        Ok(metadata) if metadata.is_symlink() => refused("is a link"),
        Ok(metadata) if !metadata.is_file() => refused("is no file"),
        Ok(_) if std::fs::read_to_string(path).is_ok_and(|text| is_saved_plan(&text)) => Ok(()),
        Ok(_) => refused("exists and is no saved plan"),
    }
}

/// Writes a plan, whole or not at all.
pub(super) fn save(plan: &Plan, path: &Path) -> std::io::Result<()> {
    local::replace(path, to_text(plan).as_bytes())
}

/// Reads a saved plan.
pub(super) fn read(path: &Path) -> Result<Plan, Diagnostics> {
    let name = path.display();
    let bad = |why: Unusable| {
        let found = match &why {
            Unusable::OtherFormat(_) => {
                Diagnostic::of_run(&codes::PLAN_FORMAT, format!("`{name}` cannot be used: {why}"))
                    .hint("plan again with this version: `sitewright plan --out plan.json`")
            }
            Unusable::Bad(_) => Diagnostic::of_run(&codes::PLAN_FILE, format!("`{name}` is no plan: {why}"))
                .hint("make one: `sitewright plan --out plan.json`"),
        };
        Diagnostics(vec![found])
    };
    let text = std::fs::read_to_string(path).map_err(|error| bad(Unusable::Bad(error.to_string())))?;
    from_text(&text).map_err(bad)
}

/// What flags say otherwise than a saved plan, which was decided when it was made.
pub(super) fn contradictions(plan: &Plan, site: &SiteArgs, guard: &GuardArgs) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut differ = |flag: String, of_plan: String| {
        found.push(
            Diagnostic::of_run(
                &codes::PLAN_CONTRADICTED,
                format!("`{flag}` says otherwise than the saved plan, which {of_plan}"),
            )
            .hint(format!("take it out, or plan again with it: `sitewright plan {flag} --out plan.json`")),
        );
    };
    if let Some(name) = site.env.as_ref().filter(|name| **name != plan.environment) {
        differ(format!("--env {name}"), format!("is for the environment `{}`", plan.environment));
    }
    if let Some(day) = site.at.filter(|day| day.to_string() != plan.at) {
        differ(format!("--at {day}"), format!("is for {}", plan.at));
    }
    let of_plan = &plan.wishes;
    for address in guard.adopt.iter().filter(|one| !of_plan.adopt.contains(one)) {
        differ(format!("--adopt {address}"), "does not take it over".to_owned());
    }
    for (address, path) in guard.take.iter().filter(|one| !of_plan.take.contains(one)) {
        differ(format!("--take {address}:{path}"), "does not take it".to_owned());
    }
    for address in guard.recreate.iter().filter(|one| !of_plan.recreate.contains(one)) {
        differ(format!("--recreate {address}"), "does not make it anew".to_owned());
    }
    for address in guard.prune.iter().filter(|one| !of_plan.prune.contains(one)) {
        differ(format!("--prune {address}"), "does not delete it".to_owned());
    }
    if let Some(number) = guard.allow_deletes.filter(|number| *number != plan.guards.deletes) {
        differ(format!("--allow-deletes {number}"), format!("allows {} deletions", plan.guards.deletes));
    }
    if let Some(share) = guard.allow_delete_share.filter(|share| *share != plan.guards.delete_share) {
        differ(format!("--allow-delete-share {share}%"), format!("allows {}%", plan.guards.delete_share));
    }
    if let Some(number) = guard.jobs.allow_jobs.filter(|number| *number != plan.guards.jobs) {
        differ(format!("--allow-jobs {number}"), format!("allows {} running jobs", plan.guards.jobs));
    }
    if guard.jobs.allow_unseen_jobs && !plan.guards.unseen_jobs {
        differ("--allow-unseen-jobs".to_owned(), "does not allow it".to_owned());
    }
    if guard.jobs.yes_reconfigure && !plan.guards.reconfigure {
        differ("--yes-reconfigure".to_owned(), "does not allow it".to_owned());
    }
    found
}

/// Whether the folder is the one that the plan was made from, as it was then. What is wrong in another folder is of no
/// interest to whoever forgot `--dir`.
pub(super) fn check_folder(plan: &Plan, loaded: &Loaded) -> Result<(), Diagnostic> {
    if plan.manifests == loaded.manifests {
        return Ok(());
    }
    let folder = loaded.folder.display();
    let other = |message: String| {
        Diagnostic::of_run(&codes::NOT_ITS_FOLDER, message).hint("name the folder that it was made from: `--dir DIR`")
    };
    let factory = loaded.factory();
    if loaded.found.0.iter().any(|one| one.code == &manifest::NO_MANIFESTS) {
        return Err(other(format!("the plan is of `{}`, and there are no manifests in `{folder}`", plan.factory)));
    }
    if !factory.is_empty() && factory != plan.factory {
        return Err(other(format!(
            "the plan is of `{}`, and the manifests in `{folder}` are of `{factory}`",
            plan.factory
        )));
    }
    if loaded.sources.is_empty() {
        // The folder itself cannot be read, which its findings say.
        return Ok(());
    }
    Err(Diagnostic::of_run(
        &codes::MANIFESTS_CHANGED,
        format!("the manifests in `{folder}` changed since this plan was saved"),
    )
    .hint("plan again: `sitewright plan --out plan.json`; or name the plan's folder: `--dir DIR`"))
}

/// What moved since a plan was made.
pub(super) fn stale(moves: &[Moved], fresh: &Plan, format: Format, again: &str) -> Diagnostics {
    match format {
        Format::Json => report::each_moved(moves, again),
        Format::Human if fresh.is_empty() && fresh.refusals.is_empty() => report::applied_already(),
        Format::Human => report::moved_together(moves, again),
    }
}
