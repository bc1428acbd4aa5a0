//! Projects: a namespace, and what is in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use k8s_openapi::api::core::v1::{
    LimitRange, LimitRangeItem, LimitRangeSpec, Namespace, PersistentVolumeClaim, PersistentVolumeClaimSpec,
    ResourceQuota, ResourceQuotaSpec, VolumeResourceRequirements,
};
use k8s_openapi::api::rbac::v1::{ClusterRole, RoleBinding, RoleRef, Subject};

use super::kueue::{LocalQueue, LocalQueueSpec};
use super::network;
use super::object::{Object, quantities};
use super::queue::admits;
use crate::diagnostics::Place;
use crate::kubernetes::names;
use crate::kubernetes::typed::Kind;
use crate::model::kubernetes::{Claim, ContainerAmounts, NVIDIA, Queue, count_quantity, memory_quantity, queue_name};
use crate::model::kubernetes::{PartitionKubernetes, ProjectKubernetes};
use crate::model::{Allocation, Category, Factory, Partition, Project, Site};
use crate::resource::grouped;
use crate::resource::{FieldPath, Resource};

/// Group of roles and their bindings.
const RBAC: &str = <RoleBinding as k8s_openapi::Resource>::GROUP;
/// What is set aside for a container that asks for nothing, where the project does not say.
const USUAL_CPUS: &str = "1";
const USUAL_MEMORY: &str = "1Gi";

pub(super) fn compile(site: &Site, factory: &Factory, day: Date) -> Vec<Resource> {
    let mut resources = Vec::new();
    // Once for all projects, of which there may be thousands. Of a partition that does not say how much it has there are no
    // queues.
    let offered: Vec<Offered<'_>> = site
        .partitions
        .iter()
        .filter(|one| one.capacity().cpus.is_some() && one.capacity().memory.is_some())
        .filter_map(|one| Some((one, one.sides.kubernetes.as_ref()?, site.queues(one))))
        .collect();
    for project in &site.projects {
        let Some(side) = &project.sides.kubernetes else { continue };
        let one = One { site, offered: &offered, factory, project, side, day };
        let queues = one.queues();
        resources.push(one.namespace(&queues));
        resources.extend(one.quota());
        resources.push(one.limits());
        resources.push(network::policy(factory, project, side));
        resources.extend(one.roles());
        resources.extend(queues.iter().map(|(name, offer)| one.local_queue(name, offer)));
        resources.extend(side.claims.iter().filter_map(|claim| one.claim(claim)));
    }
    resources
}

/// A queue that a project may use.
struct Offer {
    /// What gives it.
    place: Place,
    partition: String,
    mode: String,
    /// Last day, where an allocation gives it.
    until: Option<Date>,
}

/// A partition, its Kubernetes side, and its queues.
type Offered<'a> = (&'a Partition, &'a PartitionKubernetes, Vec<Queue<'a>>);

struct One<'a> {
    site: &'a Site,
    offered: &'a [Offered<'a>],
    factory: &'a Factory,
    project: &'a Project,
    side: &'a ProjectKubernetes,
    day: Date,
}

impl One<'_> {
    fn at(&self, dotted: &str) -> Place {
        self.place(FieldPath::keys(dotted))
    }

    fn place(&self, path: FieldPath) -> Place {
        Place::value(self.project.document, path)
    }

    /// An object in the namespace.
    fn object<K: Kind>(&self, content: K, name: &str, place: Place) -> Object<K> {
        Object::new(content, name, &self.factory.name, place).within(&self.side.namespace)
    }

    fn in_force(&self) -> impl Iterator<Item = &Allocation> {
        self.project.allocations.iter().filter(|one| one.window.is_some_and(|window| window.contains(self.day)))
    }

    fn gpu_hours(&self) -> u64 {
        self.in_force().filter_map(|one| one.gpu_hours).fold(0, u64::saturating_add)
    }

    /// Queues that the project may use on the day, each with the place that says so: as on Slurm, none while it has
    /// allocations of which none gives GPU-hours.
    fn queues(&self) -> BTreeMap<String, Offer> {
        let mut queues = BTreeMap::new();
        if !self.project.allocations.is_empty() && self.gpu_hours() == 0 {
            return queues;
        }
        let allocated = self.in_force().map(|one| {
            (
                Some(one.partition.as_str()),
                one.mode.as_str(),
                one.path.key("mode"),
                one.window.map(|window| window.until),
            )
        });
        let further = self.project.modes.iter().map(|(mode, path)| (None, mode.as_str(), path.clone(), None));
        for (partition, mode, path, until) in allocated.chain(further) {
            for (here, there, queues_here) in
                self.offered.iter().filter(|(one, ..)| partition.is_none_or(|name| one.name == name))
            {
                if there.target != self.side.target {
                    continue;
                }
                let queue = queues_here.iter().find(|queue| queue.mode.name == mode);
                if let Some(queue) = queue {
                    queues.entry(queue_name(there, queue.side)).or_insert_with(|| Offer {
                        place: self.place(path.clone()),
                        partition: here.name.clone(),
                        mode: mode.to_owned(),
                        until,
                    });
                }
            }
        }
        queues
    }

    fn namespace(&self, queues: &BTreeMap<String, Offer>) -> Resource {
        let project = self.project;
        let place = self.at("metadata.name");
        let content = Namespace::default();
        let mut namespace = Object::new(content, &self.side.namespace, &self.factory.name, place.clone());
        namespace.mark(".metadata.name", &self.at("spec.kubernetes.namespace"));
        for (key, value) in &self.side.labels {
            namespace.label(key, value, &self.place(FieldPath::keys("spec.kubernetes.labels").key(key)));
        }
        namespace.label("pod-security.kubernetes.io/enforce", "restricted", &place);
        let domain = project.domain.as_deref().unwrap_or_default();
        let of_project = [
            ("project", project.name.as_str(), "metadata.name"),
            ("category", word(project.category), "spec.organisation.category"),
            ("country", project.country.as_str(), "spec.organisation.country"),
            ("domain", domain, "spec.domain"),
        ];
        for (key, value, field) in of_project {
            if !value.is_empty() && names::check_value(value).is_ok() {
                namespace.label(&format!("sitewright.io/{key}"), value, &self.at(field));
            }
        }
        for (queue, offer) in queues {
            namespace.label(&admits(queue), "true", &offer.place);
        }
        let hours = self.gpu_hours();
        // A cluster keeps no account of GPU-hours; where the project has one on Slurm, it stands there.
        if !project.is_on_slurm() && !project.allocations.is_empty() {
            let first = self.in_force().next().map(|one| one.path.key("gpuHours"));
            let place = first.map_or_else(|| self.at("spec.allocations"), |path| self.place(path));
            namespace.annotation("sitewright.io/gpu-hours", &hours.to_string(), &place);
        }
        namespace.protect(project.protect, &self.at("spec.protect"));
        namespace.finish(&self.side.target, self.summary(queues.len(), hours))
    }

    fn summary(&self, queues: usize, hours: u64) -> String {
        let users: BTreeSet<&str> = self.project.members.iter().map(|member| member.user.as_str()).collect();
        let plural = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
        let mut parts = vec![plural(users.len(), "user"), plural(queues, "queue")];
        if !self.project.is_on_slurm() && hours > 0 {
            parts.push(format!("{} GPU-hours", grouped(hours)));
        }
        if let Some(reason) = self.out_of_force() {
            parts.push(reason);
        }
        parts.join(" · ")
    }

    /// Why a project with allocations has no queue on the day.
    fn out_of_force(&self) -> Option<String> {
        if self.in_force().next().is_some() {
            return None;
        }
        let windows = || self.project.allocations.iter().filter_map(|one| one.window);
        match windows().map(|window| window.from).filter(|from| *from > self.day).min() {
            Some(from) => Some(format!("not in force until {from}: no queues")),
            None => windows().map(|window| window.until).max().map(|until| format!("expired {until}: no queues")),
        }
    }

    /// Names of the GPUs of the partitions that it was given time on; of all, where that is none of this cluster's.
    fn gpu_resources(&self) -> BTreeSet<&str> {
        let here = self.site.partitions.iter().filter_map(|one| Some((one, one.sides.kubernetes.as_ref()?)));
        let here: Vec<_> = here.filter(|(_, side)| side.target == self.side.target).collect();
        let given = |name: &str| self.project.allocations.iter().any(|one| one.partition == name);
        let mut found: BTreeSet<&str> =
            here.iter().filter(|(one, _)| given(&one.name)).map(|(_, side)| side.gpu_resource.as_str()).collect();
        if found.is_empty() {
            found = here.iter().map(|(_, side)| side.gpu_resource.as_str()).collect();
        }
        if found.is_empty() {
            found.insert(NVIDIA);
        }
        found
    }

    fn quota(&self) -> Option<Resource> {
        let side = self.side;
        let mut hard: Vec<(String, String, &str)> = Vec::new();
        if let Some(gpus) = side.quota.gpus {
            hard.extend(
                self.gpu_resources().iter().map(|name| (format!("requests.{name}"), count_quantity(gpus), "gpus")),
            );
        }
        hard.extend(side.quota.cpus.map(|cpus| ("requests.cpu".to_owned(), count_quantity(cpus), "cpus")));
        hard.extend(side.quota.memory.map(|memory| ("requests.memory".to_owned(), memory_quantity(memory), "memory")));
        hard.extend(side.storage.map(|storage| ("requests.storage".to_owned(), memory_quantity(storage), "storage")));
        hard.extend(side.pods.map(|pods| ("pods".to_owned(), count_quantity(pods), "pods")));
        if hard.is_empty() {
            return None;
        }
        let amounts = quantities(hard.iter().map(|(key, amount, _)| (key.as_str(), amount.as_str())));
        let spec = ResourceQuotaSpec { hard: Some(amounts), ..ResourceQuotaSpec::default() };
        let content = ResourceQuota { spec: Some(spec), ..ResourceQuota::default() };
        let mut quota = self.object(content, "project", self.at("spec.kubernetes.quota"));
        for (key, _, field) in &hard {
            let place = self.place(FieldPath::keys("spec.kubernetes.quota").key(field));
            quota.mark(&format!(".spec.hard.{key}"), &place);
        }
        let mut said: Vec<String> = hard.iter().map(|(_, amount, field)| format!("{amount} {field}")).collect();
        // GPUs of two names have one number.
        said.dedup();
        Some(quota.finish(&side.target, said.join(" · ")))
    }

    /// What a container gets. The server fills such a list in by itself, inside a field that is ours as a whole: so what it
    /// would fill in is written out (`SetDefaults_LimitRangeItem`).
    fn limits(&self) -> Resource {
        let side = self.side;
        let limit = |own: &Option<String>, most: &Option<String>| own.clone().or_else(|| most.clone());
        let limits = ContainerAmounts {
            cpus: limit(&side.limits.cpus, &side.maximum.cpus),
            memory: limit(&side.limits.memory, &side.maximum.memory),
        };
        let request = |own: &Option<String>, limit: &Option<String>, usual: &str| {
            own.clone().or_else(|| limit.clone()).unwrap_or_else(|| usual.to_owned())
        };
        let requests = ContainerAmounts {
            cpus: Some(request(&side.requests.cpus, &limits.cpus, USUAL_CPUS)),
            memory: Some(request(&side.requests.memory, &limits.memory, USUAL_MEMORY)),
        };
        let known = |amounts: &ContainerAmounts| {
            let resources = [("cpu", &amounts.cpus), ("memory", &amounts.memory)];
            let known = quantities(resources.into_iter().filter_map(|(name, amount)| Some((name, amount.clone()?))));
            (!known.is_empty()).then_some(known)
        };
        let item = LimitRangeItem {
            default: known(&limits),
            default_request: known(&requests),
            max: known(&side.maximum),
            type_: "Container".to_owned(),
            ..LimitRangeItem::default()
        };
        let content = LimitRange { spec: Some(LimitRangeSpec { limits: vec![item] }), ..LimitRange::default() };
        let mut range = self.object(content, "project", self.at("spec.kubernetes.container"));
        range.mark(".spec.limits", &self.at("spec.kubernetes.container"));
        for (key, field) in [("default", "limits"), ("defaultRequest", "requests"), ("max", "maximum")] {
            for (resource, short) in [("cpu", "cpus"), ("memory", "memory")] {
                let place = self.at(&format!("spec.kubernetes.container.{field}.{short}"));
                range.mark(&format!(".spec.limits[0].{key}[{resource}]"), &place);
            }
        }
        let summary = format!(
            "{} CPU and {} for a container that asks for nothing",
            requests.cpus.as_deref().unwrap_or(USUAL_CPUS),
            requests.memory.as_deref().unwrap_or(USUAL_MEMORY)
        );
        range.finish(&side.target, summary)
    }

    /// Members edit, leads administer.
    fn roles(&self) -> Vec<Resource> {
        let names = self.factory.sides.kubernetes.as_ref();
        let (prefix, suffix) = names.map_or(("", ""), |one| (one.user_prefix.as_str(), one.user_suffix.as_str()));
        let mut users: BTreeMap<&str, (bool, &FieldPath)> = BTreeMap::new();
        for member in &self.project.members {
            let entry = users.entry(&member.user).or_insert((member.lead, &member.path));
            entry.0 |= member.lead;
        }
        let mut resources = Vec::new();
        for (name, role, leads) in [("project-leads", "admin", true), ("project-members", "edit", false)] {
            let mut subjects = Vec::new();
            let mut places = Vec::new();
            for (user, (_, path)) in users.iter().filter(|(_, (lead, _))| *lead == leads) {
                subjects.push(Subject {
                    api_group: Some(RBAC.to_owned()),
                    kind: "User".to_owned(),
                    name: format!("{prefix}{user}{suffix}"),
                    namespace: None,
                });
                places.push(self.place(path.key("user")));
            }
            if subjects.is_empty() {
                continue;
            }
            let place = self.at("spec.members");
            let role_ref =
                RoleRef { api_group: Some(RBAC.to_owned()), kind: ClusterRole::KIND.to_owned(), name: role.to_owned() };
            let content = RoleBinding { role_ref, subjects: Some(subjects), ..RoleBinding::default() };
            let mut binding = self.object(content, name, place.clone());
            binding.mark(".roleRef", &place);
            binding.mark(".subjects", &place);
            for (index, place) in places.iter().enumerate() {
                binding.mark(&format!(".subjects[{index}].name"), place);
            }
            let listed: Vec<&str> =
                users.iter().filter(|(_, (lead, _))| *lead == leads).map(|(user, _)| *user).collect();
            resources.push(binding.finish(&self.side.target, format!("{role}: {}", listed.join(", "))));
        }
        resources
    }

    fn local_queue(&self, name: &str, offer: &Offer) -> Resource {
        let content = LocalQueue { spec: LocalQueueSpec { cluster_queue: name.to_owned() } };
        let mut queue = self.object(content, name, offer.place.clone());
        queue.mark(".spec.clusterQueue", &offer.place);
        let until = offer.until.map_or_else(String::new, |day| format!(" until {day}"));
        queue.finish(&self.side.target, format!("`{}` on `{}`{until}", offer.mode, offer.partition))
    }

    fn claim(&self, claim: &Claim) -> Option<Resource> {
        let size = memory_quantity(claim.size?);
        let place = |field: &str| self.place(claim.path.key(field));
        let spec = PersistentVolumeClaimSpec {
            access_modes: Some(vec![claim.access.to_owned()]),
            resources: Some(VolumeResourceRequirements {
                requests: Some(quantities([("storage", size.as_str())])),
                ..VolumeResourceRequirements::default()
            }),
            storage_class_name: claim.class.clone(),
            ..PersistentVolumeClaimSpec::default()
        };
        let content = PersistentVolumeClaim { spec: Some(spec), ..PersistentVolumeClaim::default() };
        let mut object = self.object(content, &claim.name, place("name"));
        object.mark(".spec.accessModes", &place("access"));
        object.mark(".spec.resources.requests.storage", &place("size"));
        if claim.class.is_some() {
            object.mark(".spec.storageClassName", &place("class"));
        }
        object.protect(self.project.protect, &self.at("spec.protect"));
        let on = claim.class.as_ref().map_or_else(String::new, |class| format!(" on {class}"));
        Some(object.finish(&self.side.target, format!("{size}{on}")))
    }
}

fn word(category: Category) -> &'static str {
    match category {
        Category::Startup => "startup",
        Category::Sme => "sme",
        Category::Industry => "industry",
        Category::Academia => "academia",
        Category::PublicSector => "public-sector",
    }
}
