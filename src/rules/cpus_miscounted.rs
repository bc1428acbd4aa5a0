//! CPUs of a node are as many as its sockets, cores and threads give.

use super::node_group;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;

/// CPUs are not what the topology gives.
const CODE: Code = Code {
    name: "cpus-miscounted",
    severity: Severity::Error,
    summary: "CPUs are not what the topology gives",
    explanation: "Slurm infers one from the other; a contradiction makes the node invalid.",
    failing: "cpus: 100, sockets: 2, coresPerSocket: 56",
    passing: "sockets: 2, coresPerSocket: 56",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, group) in node_group::all(site) {
        let number = |key: &str| node_group::number(group, key);
        let written = (number("CPUs"), number("Sockets"), number("CoresPerSocket"));
        let (Some(cpus), Some(sockets), Some(cores)) = written else { continue };
        let all_cores = sockets.saturating_mul(cores);
        let threads = all_cores.saturating_mul(number("ThreadsPerCore").unwrap_or(1));
        if cpus != all_cores
            && cpus != threads
            && !site.refused.touches(partition.document, &group.path.key("threadsPerCore"))
        {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("{cpus} CPUs are written, and sockets × cores × threads give {threads}"),
                )
                .at(Place::value(partition.document, group.path.key("cpus")))
                .label(format!("{threads} by the topology"))
                .hint("remove `cpus`: it follows from the topology"),
            );
        }
    }
}
