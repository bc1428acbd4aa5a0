//! Access modes do not preempt each other in a loop.

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// Access modes preempt each other in a loop.
const CODE: Code = Code {
    name: "preemption-loop",
    severity: Severity::Error,
    summary: "Access modes preempt each other in a loop",
    explanation: "Slurm refuses it (sacctmgr(1), Preempt).",
    failing: "# a: preempts: [b]\n# b: preempts: [a]",
    passing: "# a: preempts: [b]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..site.modes.len()).map(|index| graph.add_node(index)).collect();
    for (index, mode) in site.modes.iter().enumerate() {
        for (name, _) in &mode.preempts {
            if let Some(other) = site.modes.iter().position(|one| one.name == *name) {
                graph.add_edge(nodes[index], nodes[other], ());
            }
        }
    }
    for component in tarjan_scc(&graph) {
        let loops = component.len() > 1 || component.first().is_some_and(|node| graph.contains_edge(*node, *node));
        if !loops {
            continue;
        }
        let mut members: Vec<usize> = component.iter().map(|node| graph[*node]).collect();
        members.sort_unstable();
        let names: Vec<&str> = members.iter().map(|index| site.modes[*index].name.as_str()).collect();
        let first = &site.modes[members[0]];
        found.push(
            Diagnostic::new(
                &CODE,
                format!("access modes preempt each other in a loop: {} → {}", names.join(" → "), names[0]),
            )
            .at(Place::key(first.document, FieldPath::keys("spec.preempts")))
            .label("part of the loop")
            .why("Slurm refuses such a loop")
            .hint("remove one mode from the `preempts` of another"),
        );
    }
}
