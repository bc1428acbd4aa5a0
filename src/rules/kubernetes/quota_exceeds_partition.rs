//! A project may ask for no more than its partitions have.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::kubernetes::ProjectKubernetes;
use crate::model::{Partition, Project, Site};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::slurm::value::size;

/// A project's quota is larger than its partitions.
const CODE: Code = Code {
    name: "quota-exceeds-partition",
    severity: Severity::Error,
    summary: "A project may ask for more than its partitions have",
    explanation: "Such a quota limits nothing: it is a slip of the number, or of the partition.",
    failing: "quota: { gpus: 640 }   # on a partition with 64 GPUs",
    passing: "quota: { gpus: 64 }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sides, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for project in &site.projects {
        if let Some(side) = &project.sides.kubernetes {
            quota(site, project, side, found);
        }
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
            &CODE,
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
