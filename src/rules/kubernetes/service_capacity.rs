//! What services on Kubernetes ask for is there.

use crate::diagnostics::codes::{rules, services as codes};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::kubernetes::quantity;
use crate::model::service::kubernetes::{KubernetesService, Replicas};
use crate::model::{Site, SupportService};
use crate::resource::FieldPath;

pub(in crate::rules) fn service_capacity(site: &Site, service: &SupportService, found: &mut Diagnostics) {
    let Some(runtime) = service.kubernetes() else { return };
    if matches!(runtime.replicas, Replicas::Scaled { .. })
        && runtime.cpus.is_none()
        && site.knows(service.document, &["spec.kubernetes.resources.cpus"])
    {
        found.push(
            Diagnostic::new(
                &codes::SCALE_BLIND,
                format!("`{}` is scaled by CPU use, and asks for no CPUs", service.name),
            )
            .at(place(service, "spec.kubernetes.scale.cpu"))
            .hint("say what each replica gets: `resources: { cpus: 4 }`"),
        );
    }
    in_quota(site, service, runtime, found);
    in_queue(site, service, runtime, found);
}

/// Whether a service has capacity of its own, and how it gets some; `None` of one that does not run here.
pub(in crate::rules) fn backed(_site: &Site, service: &SupportService) -> Option<(bool, &'static str)> {
    let runtime = service.kubernetes()?;
    let asks = runtime.gpus > 0 || runtime.cpus.is_some();
    let own = runtime.queue.is_some() || !runtime.quota.is_empty() || runtime.priority_class.is_some();
    let hint = "give it a `queue`, a `quota` or a `priorityClass`, and say what it needs: `resources: { cpus: 4, memory: 16GB }`";
    Some((own && asks && runtime.replicas.least() > 0, hint))
}

fn place(service: &SupportService, dotted: &str) -> Place {
    Place::value(service.document, FieldPath::keys(dotted))
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
                    &codes::SERVICE_TOO_LARGE,
                    format!(
                        "the quota of `{}` counts {noun}, and the service does not say what it needs",
                        service.name
                    ),
                )
                .at(Place::value(service.document, path.clone()))
                .label("no pod without a request passes it")
                .hint(format!(
                    "add `resources: {{ {}: … }}`, or take this out",
                    field.rsplit('.').next().unwrap_or_default()
                )),
            );
        } else if wanted > milli(quota) {
            found.push(
                Diagnostic::new(
                    &codes::SERVICE_TOO_LARGE,
                    format!("`{}` needs more {noun} than its quota has", service.name),
                )
                .at(Place::value(service.document, path.clone()))
                .label(format!("{quota}, for {} replicas", runtime.replicas.most()))
                .related(place(service, &field), "of each")
                .hint("raise the quota, or run fewer replicas"),
            );
        }
    }
}

/// The queue exists, and its partition has what is asked for.
fn in_queue(site: &Site, service: &SupportService, runtime: &KubernetesService, found: &mut Diagnostics) {
    let Some((name, mode)) = &runtime.queue else { return };
    let at = |field: &str| place(service, &format!("spec.kubernetes.queue.{field}"));
    let Some(partition) = site.partition(name) else {
        if !site.may_hide("Partition", Some(name)) {
            let near = crate::diagnostics::nearest(name, site.partitions.iter().map(|one| one.name.as_str()));
            let hint = near
                .map_or_else(|| format!("declare the partition `{name}`"), |near| format!("did you mean `{near}`?"));
            found.push(
                Diagnostic::new(&rules::UNKNOWN_PARTITION, format!("there is no partition `{name}`"))
                    .at(at("partition"))
                    .label("declared nowhere")
                    .hint(hint),
            );
        }
        return;
    };
    let side = partition.sides.kubernetes.as_ref();
    let knows = site.knows(partition.document, &["spec.modes", "spec.kubernetes"]);
    let declared = site.modes.iter().find(|one| one.name == *mode);
    if declared.is_none() {
        if !site.may_hide("AccessMode", Some(mode)) {
            let near = crate::diagnostics::nearest(mode, site.modes.iter().map(|one| one.name.as_str()));
            let hint = near
                .map_or_else(|| format!("declare the access mode `{mode}`"), |near| format!("did you mean `{near}`?"));
            found.push(
                Diagnostic::new(&rules::UNKNOWN_MODE, format!("there is no access mode `{mode}`"))
                    .at(at("mode"))
                    .label("declared nowhere")
                    .hint(hint),
            );
        }
    } else if knows
        && (side.is_none_or(|side| service.target.as_deref() != Some(&side.target))
            || site.queue_name(name, mode).is_none())
    {
        let hint = match side {
            None => format!("give `{name}` a side there: `kubernetes: {{}}`"),
            Some(_) => format!("add `{mode}` to the `modes` of `{name}`, and give it a side there: `kubernetes: {{}}`"),
        };
        found.push(
            Diagnostic::new(
                &rules::MODE_NOT_OFFERED,
                format!("there is no queue of `{mode}` in `{name}` on Kubernetes"),
            )
            .at(at("mode"))
            .label("no such queue there")
            .hint(hint),
        );
    }
    if runtime.gpus == 0 || !site.knows_gpus(partition) {
        return;
    }
    let mut refuse = |message: String, label: String, field: &str, hint: &str| {
        found.push(
            Diagnostic::new(&codes::SERVICE_TOO_LARGE, message)
                .at(place(service, field))
                .label(label)
                .related(Place::value(partition.document, FieldPath::keys("metadata.name")), "the partition")
                .hint(hint),
        );
    };
    let of_a_node = partition.groups.iter().map(|group| group.gpus).max().unwrap_or(0);
    let total = partition.capacity().gpus.unwrap_or_else(|| partition.gpus());
    let most = runtime.replicas.most();
    let gpus = "spec.kubernetes.resources.gpus";
    // Hosts of other partitions bring GPUs that are not counted here.
    if of_a_node > 0 && runtime.gpus > of_a_node {
        refuse(
            format!(
                "`{}` asks for {} GPUs on one node, and no node of `{name}` has more than {of_a_node}",
                service.name, runtime.gpus
            ),
            format!("at most {of_a_node}"),
            gpus,
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
            gpus,
            "run fewer replicas, or use another partition",
        );
    }
    let limit = declared.and_then(|mode| mode.maximum.get("gres/gpu"));
    if let Some(limit) = limit.filter(|limit| runtime.gpus > **limit) {
        refuse(
            format!("`{}` asks for {} GPUs a pod, and `{mode}` allows {limit}", service.name, runtime.gpus),
            format!("at most {limit}"),
            gpus,
            "ask for fewer, or use another access mode",
        );
    }
}
