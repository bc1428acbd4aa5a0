//! What a change costs on a running site, by release (slurm.conf(5), scontrol(1) `reconfigure`; the exceptions were
//! seen on live daemons).

use crate::diff::{ChangeClass, FieldChange, Operation};
use crate::resource::PROTECT;
use crate::slurm::release::Release;

/// Fields of a node that are its hardware: up to 22.05 a reconfigure ignores or half-takes them.
const HARDWARE: [&str; 9] = [
    "Boards",
    "CPUs",
    "CoresPerSocket",
    "Gres",
    "RealMemory",
    "Sockets",
    "SocketsPerBoard",
    "ThreadsPerCore",
    "TmpDisk",
];

/// The class of a change; `release` is absent on a twin, where everything is live.
pub fn of(kind: &str, operation: Operation, fields: &[FieldChange], release: Option<Release>) -> ChangeClass {
    let Some(release) = release else { return ChangeClass::Live };
    // A comment in our include file, which no controller reads.
    if operation == Operation::Update && !fields.is_empty() && fields.iter().all(|field| field.field == PROTECT) {
        return ChangeClass::Live;
    }
    let whole_nodes = if release.reconfigure_adds_nodes() { ChangeClass::Reconfigure } else { ChangeClass::Restart };
    match kind {
        "partition" | "nodeset" => ChangeClass::Reconfigure,
        "gres" => whole_nodes,
        "node" if matches!(operation, Operation::Create | Operation::Delete | Operation::Adopt) => whole_nodes,
        "node" => {
            let hardware = fields.iter().any(|field| {
                is_hardware(&field.field)
                    || matches!(field.field.as_str(), "Port" | "NodeAddr" | "NodeHostname" | "BcastAddr")
            });
            if hardware { whole_nodes } else { ChangeClass::Reconfigure }
        }
        _ => ChangeClass::Live,
    }
}

/// Whether a field of a node is hardware: jobs on the node may not survive its change.
pub fn is_hardware(field: &str) -> bool {
    HARDWARE.contains(&field)
}
