//! Who is admitted: categories, ethics attestation, what one project may be given, windows.

use crate::diagnostics::codes::rules as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::{Allocation, Category, Project, Site};
use crate::resource::FieldPath;

fn word(category: Category) -> &'static str {
    match category {
        Category::Startup => "startup",
        Category::Sme => "sme",
        Category::Industry => "industry",
        Category::Academia => "academia",
        Category::PublicSector => "public-sector",
    }
}

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    let conditions = site.factories.first().filter(|factory| factory.ethics_conditions);
    for project in &site.projects {
        if let Some(factory) = conditions
            && !project.attested
            && !project.allocations.is_empty()
        {
            found.push(
                Diagnostic::new(&codes::NO_ATTESTATION, format!("`{}` has not attested the ethics conditions", project.name))
                    .at(Place::value(project.document, FieldPath::keys("spec.ethics")))
                    .label("needs `ethics`")
                    .related(Place::value(factory.document, FieldPath::keys("spec.ethics.conditions")), "the conditions of access")
                    .why("the regulation makes them a condition of access (Council Regulation (EU) 2021/1173 as amended by (EU) 2024/1732)")
                    .hint("add `ethics: { attestedBy: anna, on: 2026-03-01 }`"),
            );
        }
        for allocation in &project.allocations {
            window(site, project, allocation, found);
            let Some(mode) = site.modes.iter().find(|mode| mode.name == allocation.mode) else { continue };
            let at = |field: &str| Place::value(project.document, allocation.path.key(field));
            let knows_both = site.knows(mode.document, &["spec.eligible"])
                && site.knows(project.document, &["spec.organisation.category"]);
            if knows_both && !mode.eligible.is_empty() && !mode.eligible.contains(&project.category) {
                let admitted: Vec<&str> = mode.eligible.iter().map(|category| word(*category)).collect();
                found.push(
                    Diagnostic::new(
                        &codes::NOT_ELIGIBLE,
                        format!(
                            "`{}` is {}, and `{}` admits {}",
                            project.name,
                            word(project.category),
                            mode.name,
                            admitted.join(", ")
                        ),
                    )
                    .at(at("mode"))
                    .label("not admitted")
                    .related(Place::key(mode.document, FieldPath::keys("spec.eligible")), "who is admitted")
                    .hint("allocate another mode, or correct the category"),
                );
            }
            if let (Some(most), Some(hours)) = (mode.gpu_hours, allocation.gpu_hours)
                && hours > most
            {
                found.push(
                    Diagnostic::new(
                        &codes::ALLOCATION_TOO_LARGE,
                        format!("{hours} GPU-hours are more than the {most} that `{}` gives a project", mode.name),
                    )
                    .at(at("gpuHours"))
                    .label("too many")
                    .related(Place::value(mode.document, FieldPath::keys("spec.perProject.gpuHours")), "the most")
                    .hint(format!("write at most {most}")),
                );
            }
            if let (Some(months), Some(window)) = (mode.months, allocation.window)
                && let Ok(latest) = window
                    .from
                    .checked_add(jiff::Span::new().months(i64::try_from(months).unwrap_or(i64::MAX).min(10_000)))
                && window.until >= latest
            {
                let last = latest.yesterday().unwrap_or(latest);
                found.push(
                    Diagnostic::new(
                        &codes::ALLOCATION_TOO_LONG,
                        format!("the allocation is longer than the {months} months of `{}`", mode.name),
                    )
                    .at(at("until"))
                    .label("too long")
                    .related(Place::value(mode.document, FieldPath::keys("spec.perProject.months")), "the most")
                    .hint(format!("write `until: {last}` at the latest")),
                );
            }
        }
    }
}

fn window(site: &Site, project: &Project, allocation: &Allocation, found: &mut Diagnostics) {
    let Some(window) = allocation.window else { return };
    if window.until < window.from {
        found.push(
            Diagnostic::new(&codes::WINDOW, "the allocation ends before it begins")
                .at(Place::value(project.document, allocation.path.key("until")))
                .label("before its begin")
                .related(Place::value(project.document, allocation.path.key("from")), "begins here")
                .hint("swap the two days"),
        );
    }
    let is_named = |one: &Allocation| {
        ["partition", "mode"].iter().all(|field| !site.refused.touches(project.document, &one.path.key(field)))
    };
    let twin = project.allocations.iter().find(|other| {
        other.path < allocation.path
            && other.partition == allocation.partition
            && other.mode == allocation.mode
            && other.window.is_some_and(|other| other.from <= window.until && window.from <= other.until)
            && is_named(other)
    });
    if let Some(other) = twin.filter(|_| is_named(allocation)) {
        found.push(
            Diagnostic::new(
                &codes::WINDOW_OVERLAP,
                format!("two allocations of `{}` on `{}` overlap", allocation.mode, allocation.partition),
            )
            .at(Place::value(project.document, allocation.path.key("from")))
            .label("overlaps")
            .related(Place::value(project.document, other.path.key("until")), "the other one")
            .hint("make them one, or let one begin after the other"),
        );
    }
}
