//! A project's quotas and defaults fit what there is, and each other.

use crate::diagnostics::codes::{kubernetes_site as codes, rules};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::kubernetes::quantity;
use crate::model::kubernetes::ProjectKubernetes;
use crate::model::{Partition, Project, Site};
use crate::resource::FieldPath;
use crate::slurm::value::size;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    for project in &site.projects {
        let Some(side) = &project.sides.kubernetes else { continue };
        quota(site, project, side, found);
        claims(site, project, side, found);
        container(project, side, found);
    }
}

/// Field, noun, what is asked for, what there is, and how it is shown.
type Row<'a> = (&'a str, &'a str, Option<u64>, Option<u64>, &'a dyn Fn(u64) -> String);

fn quota(site: &Site, project: &Project, side: &ProjectKubernetes, found: &mut Diagnostics) {
    let given = |partition: &&Partition| {
        partition.sides.kubernetes.as_ref().is_some_and(|one| one.target == side.target)
            && project.allocations.iter().any(|one| one.partition == partition.name)
    };
    let partitions: Vec<&Partition> = site.partitions.iter().filter(given).collect();
    let known = |partition: &&&Partition| {
        site.knows(partition.document, &["spec.nodes", "spec.hosts", "spec.kubernetes.quota"])
    };
    if partitions.is_empty() || partitions.iter().filter(known).count() < partitions.len() {
        return;
    }
    let sum = |of: &dyn Fn(&Partition) -> Option<u64>| {
        partitions.iter().map(|one| of(one)).try_fold(0_u64, |sum, part| Some(sum.saturating_add(part?)))
    };
    let names: Vec<String> = partitions.iter().map(|partition| format!("`{}`", partition.name)).collect();
    let plain = |number: u64| number.to_string();
    let rows: [Row<'_>; 3] = [
        ("gpus", " GPUs", side.quota.gpus, sum(&|one| one.capacity().gpus), &plain),
        ("cpus", " CPUs", side.quota.cpus, sum(&|one| one.capacity().cpus), &plain),
        ("memory", " of memory", side.quota.memory, sum(&|one| one.capacity().memory), &size),
    ];
    for (field, noun, wanted, there, shown) in rows {
        let (Some(wanted), Some(there)) = (wanted, there) else { continue };
        if wanted <= there {
            continue;
        }
        let mut finding = Diagnostic::new(
            &codes::QUOTA_EXCEEDS_PARTITION,
            format!(
                "`{}` may ask for {}{noun}, and {} has {}",
                project.name,
                shown(wanted),
                names.join(", "),
                shown(there)
            ),
        )
        .at(Place::value(project.document, FieldPath::keys("spec.kubernetes.quota").key(field)))
        .label("more than there is")
        .hint(format!("write at most `{field}: {}`", shown(there)));
        for partition in &partitions {
            let place = Place::value(partition.document, FieldPath::keys("metadata.name"));
            finding = finding.related(place, "a partition that it is given");
        }
        found.push(finding);
    }
}

fn claims(site: &Site, project: &Project, side: &ProjectKubernetes, found: &mut Diagnostics) {
    let Some(most) = side.storage else { return };
    if !site.knows(project.document, &["spec.kubernetes.storage"]) {
        return;
    }
    let sum = side.claims.iter().filter_map(|claim| claim.size).fold(0, u64::saturating_add);
    if sum > most {
        found.push(
            Diagnostic::new(
                &codes::CLAIMS_EXCEED_QUOTA,
                format!("the volumes of `{}` are {}, and its quota is {}", project.name, size(sum), size(most)),
            )
            .at(Place::key(project.document, FieldPath::keys("spec.kubernetes.storage")))
            .label(format!("{} in all", size(sum)))
            .related(Place::value(project.document, FieldPath::keys("spec.kubernetes.quota.storage")), "the quota")
            .hint(format!("raise the quota to `storage: {}`, or ask for less", size(sum))),
        );
    }
}

/// What is set aside is no more than the limit, and that no more than the most.
fn container(project: &Project, side: &ProjectKubernetes, found: &mut Diagnostics) {
    let amount = |text: &Option<String>| text.as_deref().and_then(|text| quantity::milli(text).ok());
    for field in ["cpus", "memory"] {
        let of = |amounts: &crate::model::kubernetes::ContainerAmounts| {
            if field == "cpus" { amounts.cpus.clone() } else { amounts.memory.clone() }
        };
        let levels = [("requests", of(&side.requests)), ("limits", of(&side.limits)), ("maximum", of(&side.maximum))];
        let written: Vec<(&str, i128, &str)> =
            levels.iter().filter_map(|(name, text)| Some((*name, amount(text)?, text.as_deref()?))).collect();
        for pair in written.windows(2) {
            let [(lower, less, said), (upper, more, most)] = pair else { continue };
            if less <= more {
                continue;
            }
            let at = |name: &str| {
                Place::value(project.document, FieldPath::keys("spec.kubernetes.container").key(name).key(field))
            };
            found.push(
                Diagnostic::new(
                    &rules::MINIMUM_EXCEEDS_MAXIMUM,
                    format!("a container has `{lower}` of {said} {field}, and `{upper}` of {most}"),
                )
                .at(at(lower))
                .label("more than the other")
                .related(at(upper), "the other")
                .why("the API server refuses such defaults")
                .hint("swap the two, or lower this one"),
            );
        }
    }
}
