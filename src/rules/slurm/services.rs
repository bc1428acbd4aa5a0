//! Services on Slurm lead somewhere: accounts, partitions and access modes.

use std::collections::BTreeSet;

use crate::diagnostics::codes::rules;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::service::slurm::SlurmService;
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;
use crate::rules::service::{One, unknown};
use crate::slurm::text::check_accounting_name;

pub(in crate::rules) fn service(site: &Site, service: &SupportService, found: &mut Diagnostics) {
    if let Some(runtime) = service.slurm() {
        of(&One { service }, site, runtime, found);
    }
}

fn of(one: &One<'_>, site: &Site, runtime: &SlurmService, found: &mut Diagnostics) {
    for (name, field) in [(&runtime.account, "spec.slurm.account"), (&runtime.user, "spec.slurm.user")] {
        if let Err(error) = check_accounting_name(name) {
            found.push(one.illegal(error.message, error.hint, &FieldPath::keys(field)));
        }
    }
    let partitions: BTreeSet<&str> = site.partitions.iter().map(|one| one.name.as_str()).collect();
    let modes: BTreeSet<&str> = site.modes.iter().map(|one| one.name.as_str()).chain(["normal"]).collect();
    let name = runtime.partition.as_str();
    if !partitions.contains(name) && !site.may_hide("Partition", Some(name)) {
        let finding = unknown(&rules::UNKNOWN_PARTITION, "partition", name, &partitions);
        found.push(finding.at(one.at("spec.slurm.partition")));
    }
    let Some(mode) = &runtime.mode else {
        return own_qos_admitted(one, site, runtime, found);
    };
    if !modes.contains(mode.as_str()) && !site.may_hide("AccessMode", Some(mode)) {
        found.push(unknown(&rules::UNKNOWN_MODE, "access mode", mode, &modes).at(one.at("spec.slurm.mode")));
    } else if let Some(partition) = site.partition(name)
        && !partition.modes.is_empty()
        && partition.modes.iter().all(|(admitted, _)| admitted != mode)
        && site.knows(partition.document, &["spec.modes"])
    {
        found.push(
            Diagnostic::new(&rules::MODE_NOT_OFFERED, format!("`{name}` does not admit the mode `{mode}`"))
                .at(one.at("spec.slurm.mode"))
                .label("not admitted there")
                .hint(format!("add `{mode}` to its `modes`, or use another mode")),
        );
    }
}

/// A partition that lists its modes admits no QOS but these.
fn own_qos_admitted(one: &One<'_>, site: &Site, runtime: &SlurmService, found: &mut Diagnostics) {
    let Some(partition) = site.partition(&runtime.partition) else { return };
    if partition.modes.is_empty() || !site.knows(partition.document, &["spec.modes"]) {
        return;
    }
    found.push(
        Diagnostic::new(
            &rules::MODE_NOT_OFFERED,
            format!("`{}` admits only the modes that it lists, and not the service's own QOS", partition.name),
        )
        .at(one.at("spec.slurm.partition"))
        .label("admits other modes")
        .related(Place::key(partition.document, FieldPath::keys("spec.modes")), "the modes of the partition")
        .hint("name one of them: `mode: …`, or use a partition that admits all"),
    );
}
