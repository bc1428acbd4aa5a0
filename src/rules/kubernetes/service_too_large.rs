//! A service fits where it is to run: the quota of its namespace, a node, its partition and its access mode.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::kubernetes::quantity;
use crate::model::service::kubernetes::KubernetesService;
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::{at, of};

/// A service does not fit where it is to run.
const CODE: Code = Code {
    name: "service-too-large",
    severity: Severity::Error,
    summary: "A service does not fit where it is to run",
    explanation: "Its pods would wait for ever: a node, the partition, the access mode or the quota of its namespace has less than it asks for.",
    failing: "kubernetes: { replicas: 3, resources: { gpus: 1 }, quota: { gpus: 2 } }",
    passing: "kubernetes: { replicas: 2, resources: { gpus: 1 }, quota: { gpus: 2 } }",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Capacity, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        if let Some(runtime) = service.kubernetes() {
            in_quota(site, service, runtime, found);
            in_queue(site, service, runtime, found);
        }
    }
}

/// All replicas fit the quota of their namespace.
fn in_quota(site: &Site, service: &SupportService, runtime: &KubernetesService, found: &mut Diagnostics) {
    let replicas = i128::from(runtime.replicas.most());
    let milli = |text: &str| quantity::milli(text).unwrap_or(0);
    let storage: i128 = runtime.storage.iter().filter_map(|volume| volume.size.as_deref()).map(milli).sum();
    let each = |text: Option<&String>| text.map_or(0, |text| milli(text).saturating_mul(replicas));
    let wants = [
        ("gpus", "GPUs", i128::from(runtime.gpus).saturating_mul(1000).saturating_mul(replicas), "resources.gpus"),
        ("requests.cpu", "CPUs", each(runtime.cpus.as_ref()), "resources.cpus"),
        ("requests.memory", "memory", each(runtime.memory.as_ref()), "resources.memory"),
        ("requests.storage", "storage", storage, "storage"),
        ("pods", "pods", replicas.saturating_mul(1000), "replicas"),
    ];
    for (name, noun, wanted, field) in wants {
        let field = format!("spec.kubernetes.{field}");
        let Some((quota, path)) = runtime.quota.get(name) else { continue };
        // Replicas that were refused stand as one.
        if !site.knows(service.document, &["spec.kubernetes.replicas", "spec.kubernetes.scale", &field]) {
            continue;
        }
        let silent = wanted == 0 && ["requests.cpu", "requests.memory"].contains(&name);
        if silent {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!(
                        "the quota of `{}` counts {noun}, and the service does not say what it needs",
                        service.name
                    ),
                )
                .at(of(service, path))
                .label("no pod without a request passes it")
                .hint(format!(
                    "add `resources: {{ {}: … }}`, or take this out",
                    field.rsplit('.').next().unwrap_or_default()
                )),
            );
        } else if wanted > milli(quota) {
            found.push(
                Diagnostic::new(&CODE, format!("`{}` needs more {noun} than its quota has", service.name))
                    .at(of(service, path))
                    .label(format!("{quota}, for {} replicas", runtime.replicas.most()))
                    .related(at(service, &field), "of each")
                    .hint("raise the quota, or run fewer replicas"),
            );
        }
    }
}

/// All replicas get the GPUs that they ask for.
fn in_queue(site: &Site, service: &SupportService, runtime: &KubernetesService, found: &mut Diagnostics) {
    let Some((name, mode)) = &runtime.queue else { return };
    let Some(partition) = site.partition(name) else { return };
    if runtime.gpus == 0 || !site.knows_gpus(partition) {
        return;
    }
    let mut refuse = |message: String, label: String, hint: &str| {
        found.push(
            Diagnostic::new(&CODE, message)
                .at(at(service, "spec.kubernetes.resources.gpus"))
                .label(label)
                .related(Place::value(partition.document, FieldPath::keys("metadata.name")), "the partition")
                .hint(hint),
        );
    };
    let of_a_node = partition.groups.iter().map(|group| group.gpus).max().unwrap_or(0);
    let total = partition.capacity().gpus.unwrap_or_else(|| partition.gpus());
    let most = runtime.replicas.most();
    // Hosts of other partitions bring GPUs that are not counted here.
    if of_a_node > 0 && runtime.gpus > of_a_node {
        refuse(
            format!(
                "`{}` asks for {} GPUs on one node, and no node of `{name}` has more than {of_a_node}",
                service.name, runtime.gpus
            ),
            format!("at most {of_a_node}"),
            "ask for fewer, or use another partition",
        );
    } else if total > 0 && runtime.gpus.saturating_mul(most) > total {
        refuse(
            format!(
                "`{}` asks for {} GPUs in all, and `{name}` has {total}",
                service.name,
                runtime.gpus.saturating_mul(most)
            ),
            format!("{most} replicas of {} GPUs", runtime.gpus),
            "run fewer replicas, or use another partition",
        );
    }
    let limit = site.modes.iter().find(|one| one.name == *mode).and_then(|mode| mode.maximum.get("gres/gpu"));
    if let Some(limit) = limit.filter(|limit| runtime.gpus > **limit) {
        refuse(
            format!("`{}` asks for {} GPUs a pod, and `{mode}` allows {limit}", service.name, runtime.gpus),
            format!("at most {limit}"),
            "ask for fewer, or use another access mode",
        );
    }
}
