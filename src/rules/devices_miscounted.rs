//! A count of devices is the number of their files.

use super::node_group;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::hostlist::expand_in_order;

/// A count of devices is not the number of their files.
const CODE: Code = Code {
    name: "devices-miscounted",
    severity: Severity::Error,
    summary: "A count of devices is not the number of their files",
    explanation: "A node that registers with fewer devices than configured becomes INVALID and is drained.",
    failing: "accelerators: { count: 4, files: \"/dev/nvidia[0-1]\" }",
    passing: "accelerators: { count: 4, files: \"/dev/nvidia[0-3]\" }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Nodes, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for (partition, group) in node_group::all(site) {
        for (name, fields) in &group.gres {
            let Some(files) = fields.body.get("File").and_then(|value| value.as_str()) else { continue };
            // The count stands beside the files.
            if let Some(Place::Field { document, path, .. }) = fields.places.get("File")
                && path.parent().is_some_and(|parent| site.refused.touches(*document, &parent.key("count")))
            {
                continue;
            }
            let count = expand_in_order(files).map_or(1, |files| files.len() as u64);
            let promised =
                group.fields.body.get("Gres").and_then(|gres| gres.get(name)).and_then(serde_json::Value::as_u64);
            let Some(promised) = promised.filter(|promised| *promised != count) else { continue };
            let place = fields.places.get("File").cloned();
            found.push(
                Diagnostic::new(&CODE, format!("`{name}` counts {promised}, and `{files}` are {count} files"))
                    .at(place.unwrap_or_else(|| Place::value(partition.document, group.path.clone())))
                    .label(format!("{count} files"))
                    .why("a node that finds fewer devices than promised is drained as invalid")
                    .hint("make count and files equal"),
            );
        }
    }
}
