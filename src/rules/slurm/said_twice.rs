//! What a node's system keeps for itself is said as a number of cores or as a list of CPUs, and not as both.

use crate::diagnostics::codes::manifest::SAID_TWICE as CODE;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::Site;
use crate::rules::node_group;
use crate::rules::rule::{Rule, Turn};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, group) in node_group::all(site) {
        let list = group.fields.body.get("CPUSpecList").and_then(serde_json::Value::as_str);
        if node_group::number(group, "CoreSpecCount").is_some() && list.is_some() {
            let at = |field: &str| Place::value(partition.document, group.path.key("reserved").key(field));
            found.push(
                Diagnostic::new(&CODE, "what the system keeps is said twice, as a number and as a list")
                    .at(at("cpus"))
                    .label("said again")
                    .related(at("cores"), "said here")
                    .why("Slurm passes over the number where there is a list")
                    .hint("keep one of the two"),
            );
        }
    }
}
