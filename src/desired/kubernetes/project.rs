//! Projects: a namespace, and what is in it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::network;
use super::object::{KUEUE, Object};
use super::queue::admits;
use crate::diagnostics::Place;
use crate::kubernetes::names;
use crate::model::kubernetes::{Claim, ContainerAmounts, NVIDIA, Queue, count_quantity, memory_quantity, queue_name};
use crate::model::kubernetes::{PartitionKubernetes, ProjectKubernetes};
use crate::model::{Allocation, Category, Factory, Partition, Project, Site};
use crate::resource::grouped;
use crate::resource::{FieldPath, Resource};

/// Group of roles and their bindings.
const RBAC: &str = "rbac.authorization.k8s.io";
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
    fn object(&self, api_version: &'static str, kind: &'static str, name: &str, place: Place) -> Object {
        Object::new(api_version, kind, name, &self.factory.name, place).within(&self.side.namespace)
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
        let mut namespace = Object::new("v1", "Namespace", &self.side.namespace, &self.factory.name, place.clone());
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
        let mut quota = self.object("v1", "ResourceQuota", "project", self.at("spec.kubernetes.quota"));
        for (key, amount, field) in &hard {
            let place = self.place(FieldPath::keys("spec.kubernetes.quota").key(field));
            quota.put(&["spec", "hard", key], json!(amount), &place);
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
        let mut item = Map::from_iter([("type".to_owned(), json!("Container"))]);
        for (key, amounts) in [("default", &limits), ("defaultRequest", &requests), ("max", &side.maximum)] {
            let resources = [("cpu", &amounts.cpus), ("memory", &amounts.memory)];
            let known =
                resources.iter().filter_map(|(name, amount)| Some(((*name).to_owned(), json!(amount.as_ref()?))));
            let known: Map<String, Value> = known.collect();
            if !known.is_empty() {
                item.insert(key.to_owned(), Value::Object(known));
            }
        }
        let mut range = self.object("v1", "LimitRange", "project", self.at("spec.kubernetes.container"));
        range.put(&["spec", "limits"], json!([item]), &self.at("spec.kubernetes.container"));
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
                subjects.push(json!({ "apiGroup": RBAC, "kind": "User", "name": format!("{prefix}{user}{suffix}") }));
                places.push(self.place(path.key("user")));
            }
            if subjects.is_empty() {
                continue;
            }
            let place = self.at("spec.members");
            let mut binding = self.object("rbac.authorization.k8s.io/v1", "RoleBinding", name, place.clone());
            let reference = json!({ "apiGroup": RBAC, "kind": "ClusterRole", "name": role });
            binding.put(&["roleRef"], reference, &place);
            binding.put(&["subjects"], json!(subjects), &place);
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
        let mut queue = self.object(KUEUE, "LocalQueue", name, offer.place.clone());
        queue.put(&["spec", "clusterQueue"], json!(name), &offer.place);
        let until = offer.until.map_or_else(String::new, |day| format!(" until {day}"));
        queue.finish(&self.side.target, format!("`{}` on `{}`{until}", offer.mode, offer.partition))
    }

    fn claim(&self, claim: &Claim) -> Option<Resource> {
        let size = memory_quantity(claim.size?);
        let place = |field: &str| self.place(claim.path.key(field));
        let mut object = self.object("v1", "PersistentVolumeClaim", &claim.name, place("name"));
        object.put(&["spec", "accessModes"], json!([claim.access]), &place("access"));
        object.put(&["spec", "resources", "requests", "storage"], json!(size), &place("size"));
        if let Some(class) = &claim.class {
            object.put(&["spec", "storageClassName"], json!(class), &place("class"));
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
