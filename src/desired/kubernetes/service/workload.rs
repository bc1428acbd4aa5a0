//! What runs, what it may have, and how many of it there are.

use k8s_openapi::api::apps::v1::{
    Deployment, DeploymentSpec, DeploymentStrategy, RollingUpdateDeployment, StatefulSet, StatefulSetSpec,
};
use k8s_openapi::api::autoscaling::v2::{
    CrossVersionObjectReference, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, MetricSpec, MetricTarget,
    ResourceMetricSource,
};
use k8s_openapi::api::core::v1::{
    PersistentVolumeClaim, PersistentVolumeClaimSpec, ResourceQuota, ResourceQuotaSpec, ServiceAccount,
    VolumeResourceRequirements,
};
use k8s_openapi::api::policy::v1::{PodDisruptionBudget, PodDisruptionBudgetSpec};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::draft::{Context, Draft, SERVICE, number};
use super::pod;
use crate::desired::kubernetes::kueue::{LocalQueue, LocalQueueSpec};
use crate::desired::kubernetes::object::quantities;
use crate::diagnostics::Place;
use crate::kubernetes::typed::Kind;
use crate::model::service::kubernetes::{KubernetesService, Replicas, Volume};
use crate::resource::Resource;

/// Whether a volume is for one writer, which makes the service a StatefulSet of one.
fn one_writer(runtime: &KubernetesService) -> bool {
    runtime.storage.iter().any(|volume| volume.one_writer)
}

/// The workload.
pub(super) fn workload(context: &Context<'_>, runtime: &KubernetesService) -> Resource {
    let (template, places) = pod::template(context, runtime);
    let replicas = match runtime.replicas {
        Replicas::Fixed(count) => Some(number(count)),
        // The autoscaler owns the field.
        Replicas::Scaled { .. } => None,
    };
    if one_writer(runtime) {
        let spec = StatefulSetSpec {
            replicas,
            selector: context.selector(),
            service_name: Some(context.service.name.clone()),
            template,
            ..StatefulSetSpec::default()
        };
        return running(context, runtime, StatefulSet { spec, ..StatefulSet::default() }, places);
    }
    // A new pod beside the old one needs room that GPUs, queues and quotas have not: the old one goes first.
    let tight = runtime.gpus > 0 || runtime.queue.is_some() || !runtime.quota.is_empty();
    let rolling = || DeploymentStrategy {
        rolling_update: Some(RollingUpdateDeployment {
            max_surge: Some(IntOrString::Int(0)),
            max_unavailable: Some(IntOrString::Int(1)),
        }),
        type_: Some("RollingUpdate".to_owned()),
    };
    let spec = DeploymentSpec {
        replicas,
        selector: context.selector(),
        strategy: tight.then(rolling),
        template,
        ..DeploymentSpec::default()
    };
    running(context, runtime, Deployment { spec, ..Deployment::default() }, places)
}

/// The workload of either kind, with the places in its template.
fn running<K: Kind>(
    context: &Context<'_>,
    runtime: &KubernetesService,
    content: K,
    places: Vec<(String, String)>,
) -> Resource {
    let mut draft = Draft::new(context, content, Some(&runtime.namespace), &context.service.name);
    if let Some((partition, mode)) = &runtime.queue
        && let Some(queue) = context.site.queue_name(partition, mode)
    {
        draft.labels.insert("kueue.x-k8s.io/queue-name".to_owned(), queue);
        draft = draft.from(".metadata.labels.kueue.x-k8s.io/queue-name", "queue");
    }
    draft = draft.from(".spec.replicas", "replicas");
    for (written, field) in places {
        draft = draft.from(format!(".spec.template{written}"), &field);
    }
    draft.summary = summary(runtime);
    let mut resource = draft.finish();
    item_places(context, runtime, &mut resource);
    resource
}

/// Items of lists have places of their own, with numbers.
fn item_places(context: &Context<'_>, runtime: &KubernetesService, resource: &mut Resource) {
    let container = format!(".spec.template.spec.containers[name={:?}]", context.service.name);
    let place = |path: &crate::resource::FieldPath| Place::value(context.service.document, path.clone());
    for port in &runtime.ports {
        let key = format!("{container}.ports[containerPort={},protocol={:?}]", port.number, port.protocol);
        for (written, field) in [("", "port"), (".name", "name"), (".protocol", "protocol")] {
            resource.places.insert(format!("{key}{written}"), place(&port.path.key(field)));
        }
    }
    for variable in &runtime.env {
        let key = format!("{container}.env[name={:?}]", variable.name);
        for (written, field) in [
            (".name", "name"),
            (".value", "value"),
            (".valueFrom.secretKeyRef", "fromSecret"),
            (".valueFrom.configMapKeyRef", "fromConfig"),
        ] {
            resource.places.insert(format!("{key}{written}"), place(&variable.path.key(field)));
        }
        for part in ["name", "key"] {
            for (written, field) in [("secretKeyRef", "fromSecret"), ("configMapKeyRef", "fromConfig")] {
                let inner = place(&variable.path.key(field).key(part));
                resource.places.insert(format!("{key}.valueFrom.{written}.{part}"), inner);
            }
        }
        resource.places.insert(key, place(&variable.path));
    }
    for volume in &runtime.storage {
        let key = format!("{container}.volumeMounts[mountPath={:?}]", volume.mount);
        resource.places.insert(key, place(&volume.path.key("mount")));
        resource.places.insert(format!(".spec.template.spec.volumes[name={:?}]", volume.name), place(&volume.path));
    }
}

fn summary(runtime: &KubernetesService) -> String {
    let mut parts = vec![match runtime.replicas {
        Replicas::Fixed(count) => counted(count, "replica"),
        Replicas::Scaled { min, max, .. } => format!("{min} to {max} replicas"),
    }];
    if runtime.gpus > 0 {
        parts.push(format!("{} each", counted(runtime.gpus, "GPU")));
    }
    if let Some(route) = &runtime.route {
        let path = if route.path == "/" { "" } else { &route.path };
        parts.push(format!("{}{path}", route.host));
    }
    parts.join(" · ")
}

/// Its service account, which has no right at all.
pub(super) fn account(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    if runtime.service_account.is_some() {
        return None;
    }
    let name = &context.service.name;
    let content = ServiceAccount { automount_service_account_token: Some(false), ..ServiceAccount::default() };
    Some(Draft::new(context, content, Some(&runtime.namespace), name).finish())
}

/// Its volumes.
pub(super) fn claims(context: &Context<'_>, runtime: &KubernetesService) -> Vec<Resource> {
    runtime.storage.iter().filter_map(|volume| claim(context, runtime, volume)).collect()
}

fn claim(context: &Context<'_>, runtime: &KubernetesService, volume: &Volume) -> Option<Resource> {
    // What was refused has no size, and without one there is no claim.
    let size = volume.size.as_ref()?;
    let name = format!("{}-{}", context.service.name, volume.name);
    let mode = if volume.one_writer { "ReadWriteOnce" } else { "ReadWriteMany" };
    let spec = PersistentVolumeClaimSpec {
        access_modes: Some(vec![mode.to_owned()]),
        resources: Some(VolumeResourceRequirements {
            requests: Some(quantities([("storage", size.as_str())])),
            ..VolumeResourceRequirements::default()
        }),
        storage_class_name: volume.class.clone(),
        ..PersistentVolumeClaimSpec::default()
    };
    let content = PersistentVolumeClaim { spec: Some(spec), ..PersistentVolumeClaim::default() };
    let mut draft = Draft::new(context, content, Some(&runtime.namespace), name);
    draft.summary.clone_from(size);
    draft.places = vec![
        (".metadata.name".to_owned(), volume.path.key("mount")),
        (".spec.accessModes".to_owned(), volume.path.key("writers")),
        (".spec.resources.requests.storage".to_owned(), volume.path.key("size")),
        (".spec.storageClassName".to_owned(), volume.path.key("class")),
    ];
    Some(draft.finish())
}

/// What its namespace may have.
pub(super) fn quota(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    if runtime.quota.is_empty() {
        return None;
    }
    let mut hard = Vec::new();
    let mut places = Vec::new();
    for (name, (amount, path)) in &runtime.quota {
        let name =
            if name == "gpus" { format!("requests.{}", context.site.gpu_resource(runtime)) } else { name.clone() };
        places.push((format!(".spec.hard.{name}"), path.clone()));
        hard.push((name, amount.as_str()));
    }
    let spec = ResourceQuotaSpec { hard: Some(quantities(hard)), ..ResourceQuotaSpec::default() };
    let content = ResourceQuota { spec: Some(spec), ..ResourceQuota::default() };
    let mut draft = Draft::new(context, content, Some(&runtime.namespace), &context.service.name);
    draft.places = places;
    Some(draft.finish())
}

/// The queue of a partition's access mode, in its namespace. Services of one namespace share it.
pub(super) fn local_queue(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    let (partition, mode) = runtime.queue.as_ref()?;
    let queue = context.site.queue_name(partition, mode)?;
    let content = LocalQueue { spec: LocalQueueSpec { cluster_queue: queue.clone() } };
    let mut draft = Draft::new(context, content, Some(&runtime.namespace), queue).from(".spec", "queue");
    draft.labels.remove(SERVICE);
    Some(draft.finish())
}

/// What changes the number of replicas with load.
pub(super) fn scaler(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    let Replicas::Scaled { min, max, cpu } = runtime.replicas else { return None };
    let name = &context.service.name;
    let target = MetricTarget {
        average_utilization: Some(number(cpu)),
        type_: "Utilization".to_owned(),
        ..MetricTarget::default()
    };
    let metric = MetricSpec {
        resource: Some(ResourceMetricSource { name: "cpu".to_owned(), target }),
        type_: "Resource".to_owned(),
        ..MetricSpec::default()
    };
    let (api_version, kind) = if one_writer(runtime) {
        (StatefulSet::API_VERSION, StatefulSet::KIND)
    } else {
        (Deployment::API_VERSION, Deployment::KIND)
    };
    let spec = HorizontalPodAutoscalerSpec {
        max_replicas: number(max),
        metrics: Some(vec![metric]),
        min_replicas: Some(number(min)),
        scale_target_ref: CrossVersionObjectReference {
            api_version: Some(api_version.to_owned()),
            kind: kind.to_owned(),
            name: name.clone(),
        },
        ..HorizontalPodAutoscalerSpec::default()
    };
    let content = HorizontalPodAutoscaler { spec, ..HorizontalPodAutoscaler::default() };
    let draft = Draft::new(context, content, Some(&runtime.namespace), name)
        .from(".spec", "scale")
        .from(".spec.minReplicas", "scale.min")
        .from(".spec.maxReplicas", "scale.max")
        .from(".spec.metrics", "scale.cpu");
    Some(draft.finish())
}

/// Nodes are emptied one replica at a time.
pub(super) fn budget(context: &Context<'_>, runtime: &KubernetesService) -> Option<Resource> {
    if runtime.replicas.least() < 2 {
        return None;
    }
    let spec = PodDisruptionBudgetSpec {
        max_unavailable: Some(IntOrString::Int(1)),
        selector: Some(context.selector()),
        ..PodDisruptionBudgetSpec::default()
    };
    let content = PodDisruptionBudget { spec: Some(spec), ..PodDisruptionBudget::default() };
    let draft = Draft::new(context, content, Some(&runtime.namespace), &context.service.name);
    let field = if matches!(runtime.replicas, Replicas::Fixed(_)) { "replicas" } else { "scale.min" };
    Some(draft.from(".spec", field).finish())
}

/// `1 GPU`, `2 GPUs`.
fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
