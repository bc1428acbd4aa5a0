//! `kubernetes:` blocks → the typed sides: units parsed, names of everything but the objects themselves checked.

use std::collections::BTreeMap;

use super::{
    Capacity, Claim, ContainerAmounts, Egress, FactoryKubernetes, ModeKubernetes, NVIDIA, PartitionKubernetes,
    ProjectKubernetes, memory_quantity,
};
use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Complaint, Diagnostics, DocumentId, Place};
use crate::kubernetes::names;
use crate::kubernetes::quantity;
use crate::manifest::Refused;
use crate::manifest::v1alpha1::kubernetes as wire;
use crate::model::collect::Collector;
use crate::model::lists::numbered;
use crate::model::{targets, units};
use crate::resource::FieldPath;

/// Parses blocks: what is wrong is reported at its place.
struct Block<'a> {
    collector: Collector<'a>,
}

impl<'a> Block<'a> {
    fn new(document: DocumentId, refused: &'a Refused, found: &'a mut Diagnostics) -> Self {
        let base = FieldPath::keys("spec.kubernetes");
        Self { collector: Collector::new("kubernetes", document, base, refused, found) }
    }

    fn target(&mut self, name: &str) -> String {
        let place = self.collector.place("target");
        if let Err(error) = targets::check(name) {
            self.collector.complain(&codes::BAD_NAME, place, error);
        }
        name.to_owned()
    }

    /// Reports what is wrong with a name; the name stays, so that nothing follows from its absence.
    fn name(&mut self, path: &FieldPath, result: Result<(), Complaint>) -> bool {
        let place = Place::value(self.collector.document, path.clone());
        match result {
            Ok(()) => true,
            Err(error) => {
                self.collector.complain(&codes::BAD_NAME, place, error);
                false
            }
        }
    }

    fn labels(&mut self, dotted: &str, map: &BTreeMap<String, String>, are_labels: bool) -> BTreeMap<String, String> {
        let mut kept = BTreeMap::new();
        for (key, value) in map {
            let path = self.collector.path(dotted).key(key);
            let reserved =
                ["applyset.kubernetes.io/", "sitewright.io/", "queue.sitewright.io/", "pod-security.kubernetes.io/"];
            let result = if reserved.iter().any(|one| key.starts_with(one)) || key == "app.kubernetes.io/managed-by" {
                let message = format!("`{key}` is set by this tool");
                Err(Complaint::new(message, "take it out, or use a domain of your own"))
            } else {
                let value = if are_labels { names::check_value(value) } else { Ok(()) };
                names::check_key(key).and(value)
            };
            if self.name(&path, result) {
                kept.insert(key.clone(), value.clone());
            }
        }
        kept
    }

    fn megabytes(&mut self, path: &FieldPath, text: Option<&String>) -> Option<u64> {
        let text = text?;
        let parsed = units::megabytes(text).and_then(|megabytes| {
            if megabytes > units::MOST { Err(units::too_much(megabytes)) } else { Ok(megabytes) }
        });
        self.parsed(path, parsed)
    }

    fn parsed<Parsed>(&mut self, path: &FieldPath, parsed: Result<Parsed, Complaint>) -> Option<Parsed> {
        match parsed {
            Ok(value) => Some(value),
            Err(error) => {
                let place = Place::value(self.collector.document, path.clone());
                self.collector.complain(&codes::BAD_QUANTITY, place, error);
                None
            }
        }
    }

    fn count(&mut self, path: &FieldPath, number: Option<u64>) -> Option<u64> {
        let number = number?;
        self.parsed(path, if number > units::MOST { Err(units::too_much(number)) } else { Ok(number) })
    }

    fn percent(&mut self, dotted: &str, text: Option<&String>) -> Option<u32> {
        let path = self.collector.path(dotted);
        let share = self.parsed(&path, units::percent(text?))?;
        let whole = if share > 10_000 {
            Err(Complaint::new(
                format!("`{}` is more than there is", units::percent_text(share)),
                "write at most `100%`",
            ))
        } else {
            Ok(share)
        };
        self.parsed(&path, whole)
    }

    fn container(&mut self, dotted: &str, written: &wire::ContainerAmounts) -> ContainerAmounts {
        let at = |field: &str| format!("container.{dotted}.{field}");
        let cpus = self.collector.path(&at("cpus"));
        let memory = self.collector.path(&at("memory"));
        ContainerAmounts {
            cpus: written.cpus.as_ref().and_then(|text| self.parsed(&cpus, positive(text, "`2`, `0.5` or `500m`"))),
            memory: self.megabytes(&memory, written.memory.as_ref()).map(memory_quantity),
        }
    }
}

/// A quantity above nothing, canonical.
fn positive(text: &str, examples: &str) -> Result<String, Complaint> {
    let hint = || format!("write e.g. {examples}");
    let canonical = quantity::canonical(text.trim()).map_err(|error| Complaint::new(error.to_string(), hint()))?;
    match quantity::milli(&canonical) {
        Ok(amount) if amount > 0 => Ok(canonical),
        _ => Err(Complaint::new(format!("`{}` is nothing", text.escape_debug()), hint())),
    }
}

pub(in crate::model) fn factory(
    document: DocumentId,
    name: &str,
    written: Option<&wire::FactoryKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<FactoryKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let mirror = written.mirror.clone().filter(|mirror| {
        let path = block.collector.path("mirror");
        block.name(&path, names::check_registry(mirror))
    });
    let mut part = |field: &str, text: Option<&String>| {
        let text = text?;
        let path = block.collector.path("users").key(field);
        let wrong = if text.starts_with("system:") {
            Some("the names that begin with `system:` are the cluster's own")
        } else if text.is_empty() || text.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            Some("a part of a user's name has no blanks, and is not empty")
        } else {
            None
        };
        let hint = "write what your API server puts there: `\"oidc:\"`, `\"@nordlys.example\"`";
        let result = wrong.map_or(Ok(()), |wrong| Err(Complaint::new(wrong, hint)));
        block.name(&path, result).then(|| text.clone())
    };
    let user_prefix = part("prefix", written.users.prefix.as_ref()).unwrap_or_default();
    let user_suffix = part("suffix", written.users.suffix.as_ref()).unwrap_or_default();
    Some(FactoryKubernetes {
        target: block.target(&written.target),
        cohort: written.cohort.clone().unwrap_or_else(|| name.to_owned()),
        mirror,
        user_prefix,
        user_suffix,
    })
}

pub(in crate::model) fn partition(
    document: DocumentId,
    name: &str,
    written: Option<&wire::PartitionKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<PartitionKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let mut taints = |field: &str, texts: &[String]| {
        let list = block.collector.path(field);
        let mut kept = Vec::new();
        for (path, text) in numbered(texts, document, &list, refused) {
            let parsed = names::parse_taint(text);
            let result = parsed.as_ref().map(|_| ()).map_err(Clone::clone);
            if block.name(&path, result) {
                kept.extend(parsed);
            }
        }
        kept
    };
    let (own, tolerated) = (taints("taints", &written.taints), taints("tolerations", &written.tolerations));
    let domain = written.nodes.domain.clone().filter(|domain| {
        let path = block.collector.path("nodes.domain");
        block.name(&path, names::check_subdomain(domain))
    });
    let gpu_resource = written.gpu_resource.clone().filter(|resource| {
        let path = block.collector.path("gpuResource");
        let result = names::check_key(resource).and_then(|()| {
            let hint = "write the device plugin's name: `amd.com/gpu`";
            let error = Complaint::new(format!("`{resource}` has no domain, as names of devices have"), hint);
            if resource.contains('/') { Ok(()) } else { Err(error) }
        });
        block.name(&path, result)
    });
    let list = block.collector.path("topology");
    let levels: Vec<(String, FieldPath)> = numbered(&written.topology, document, &list, refused)
        .into_iter()
        .filter(|(path, level)| block.name(path, names::check_key(level)))
        .map(|(path, level)| (level.clone(), path))
        .collect();
    let quota = block.collector.path("quota");
    Some(PartitionKubernetes {
        target: block.target(&written.target),
        name: written.name.clone().unwrap_or_else(|| name.to_owned()),
        labels_nodes: written.nodes.label.unwrap_or(true),
        domain,
        labels: block.labels("nodes.labels", &written.nodes.labels, true),
        annotations: block.labels("nodes.annotations", &written.nodes.annotations, false),
        topology: levels,
        runtime_class: written
            .runtime_class
            .as_ref()
            .map(|class| (class.name.clone(), class.handler.clone().unwrap_or_else(|| class.name.clone()))),
        taints: own,
        tolerations: tolerated,
        gpu_resource: gpu_resource.unwrap_or_else(|| NVIDIA.to_owned()),
        quota: Capacity {
            gpus: block.count(&quota.key("gpus"), written.quota.gpus),
            cpus: block.count(&quota.key("cpus"), written.quota.cpus),
            memory: block.megabytes(&quota.key("memory"), written.quota.memory.as_ref()),
        },
    })
}

pub(in crate::model) fn mode(
    document: DocumentId,
    name: &str,
    (priority, share): (Option<u64>, Option<u32>),
    written: Option<&wire::AccessModeKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<ModeKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let own = block.collector.path("priority");
    let (path, number) = match written.priority {
        Some(number) => (own, number),
        None => (FieldPath::keys("spec.priority"), priority.unwrap_or(0)),
    };
    let fits = i32::try_from(number).map_err(|_| {
        let message = format!("{number} is more than a priority on Kubernetes can be");
        Complaint::new(message, format!("write at most {}", i32::MAX))
    });
    let priority = block.parsed(&path, fits).unwrap_or(0);
    let weight = block.collector.path("weight");
    let own_share = block.percent("share", written.share.as_ref());
    Some(ModeKubernetes {
        target: block.target(&written.target),
        name: written.name.clone().unwrap_or_else(|| name.to_owned()),
        priority,
        share: own_share.or(share.filter(|_| written.share.is_none())).map(|share| share.min(10_000)),
        says_priority: written.priority.is_some(),
        says_share: written.share.is_some(),
        borrowing: block.percent("borrowing", written.borrowing.as_ref()),
        weight: written.weight.as_ref().and_then(|text| block.parsed(&weight, positive(text, "`2` or `0.5`"))),
    })
}

pub(in crate::model) fn project(
    document: DocumentId,
    name: &str,
    written: Option<&wire::ProjectKubernetes>,
    refused: &Refused,
    found: &mut Diagnostics,
) -> Option<ProjectKubernetes> {
    let written = written?;
    let mut block = Block::new(document, refused, found);
    let list = block.collector.path("storage");
    let mut claims = Vec::new();
    for (path, claim) in numbered(&written.storage, document, &list, refused) {
        let size = block.megabytes(&path.key("size"), Some(&claim.size));
        let nothing = || Err(Complaint::new(format!("`{}` is nothing", claim.size), "write e.g. `4TB`"));
        let size = size.and_then(|size| block.parsed(&path.key("size"), if size == 0 { nothing() } else { Ok(size) }));
        if let Some(class) = &claim.class {
            block.name(&path.key("class"), names::check_subdomain(class));
        }
        claims.push(Claim {
            name: claim.name.clone(),
            size,
            class: claim.class.clone(),
            access: claim.access.kubernetes(),
            path,
        });
    }
    let list = block.collector.path("egress");
    let mut egress = Vec::new();
    for (path, one) in numbered(&written.egress, document, &list, refused) {
        let mut ports = Vec::new();
        for (at, port) in numbered(&one.ports, document, &path.key("ports"), refused) {
            let parsed = u16::try_from(*port).ok().filter(|port| *port > 0);
            let parsed =
                parsed.ok_or_else(|| Complaint::new(format!("`{port}` is no port"), "write one from 1 to 65535"));
            ports.extend(block.parsed(&at, parsed));
        }
        // A network whose ports were all refused would be open as a whole.
        if block.name(&path.key("to"), names::check_network(&one.to)) && ports.len() == one.ports.len() {
            egress.push(Egress { to: one.to.clone(), ports, path });
        }
    }
    let quota = block.collector.path("quota");
    Some(ProjectKubernetes {
        target: block.target(&written.target),
        namespace: written.namespace.clone().unwrap_or_else(|| name.to_owned()),
        quota: Capacity {
            gpus: block.count(&quota.key("gpus"), written.quota.gpus),
            cpus: block.count(&quota.key("cpus"), written.quota.cpus),
            memory: block.megabytes(&quota.key("memory"), written.quota.memory.as_ref()),
        },
        storage: block.megabytes(&quota.key("storage"), written.quota.storage.as_ref()),
        pods: block.count(&quota.key("pods"), written.quota.pods),
        requests: block.container("requests", &written.container.requests),
        limits: block.container("limits", &written.container.limits),
        maximum: block.container("maximum", &written.container.maximum),
        claims,
        internet: written.internet,
        egress,
        labels: block.labels("labels", &written.labels, true),
    })
}
