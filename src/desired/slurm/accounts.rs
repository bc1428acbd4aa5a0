//! QOS, accounts, associations, levels and coordinators.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::diagnostics::Place;
use crate::model::composed::{
    BRANCH_PARENT, PROJECT_DEFAULT_MODE, PROJECT_MODES, PROJECT_PARENT, USER_ACCOUNT, USER_LEVEL,
};
use crate::model::rows::Field;
use crate::model::{AccessMode, Allocation, Factory, Fields, Project, Site};
use crate::resource::grouped;
use crate::resource::{Address, Body, FieldPath, PROTECT, Resource, field_key, protect};

pub(super) fn compile(site: &Site, factory: &Factory, target: &str, day: Date) -> Vec<Resource> {
    let mut resources = Vec::new();
    for mode in site.modes.iter().filter(|mode| mode.target == target && mode.is_on_slurm()) {
        resources.push(qos(target, mode));
    }
    let is_qos = |name: &str| site.is_mode_on_slurm(name);
    let projects: Vec<&Project> =
        site.projects.iter().filter(|project| project.target == target && project.is_on_slurm()).collect();
    let at = |path: FieldPath| Place::value(factory.document, path);
    let mut root = account(target, &factory.account, &factory.fields, at(FieldPath::keys("metadata.name")));
    root.summary = String::from("the factory's root account");
    keep(&mut root, factory.protect, at(FieldPath::keys("spec.protect")));
    resources.push(root);
    for branch in &factory.branches {
        let parent = branch.parent.as_ref().unwrap_or(&factory.account);
        let mut resource = account(target, &branch.name, &branch.fields, at(branch.path.key("name")));
        set(
            &mut resource,
            BRANCH_PARENT.key,
            json!(parent),
            at(if branch.parent.is_some() { BRANCH_PARENT.at(&branch.path) } else { branch.path.key("name") }),
        );
        let protect = if factory.protect { FieldPath::keys("spec.protect") } else { branch.path.key("protect") };
        keep(&mut resource, branch.protect, at(protect));
        resources.push(resource);
    }
    for (user, level, place) in &factory.administrators {
        let mut resource = plain(Address::new(target, "user", user), place.clone());
        set(&mut resource, USER_LEVEL.key, json!(level), beside(place, &USER_LEVEL));
        resource.summary = (*level).to_lowercase();
        resources.push(resource);
        resources
            .push(plain(Address::new(target, "association", format!("{}/{user}", factory.account)), place.clone()));
    }
    let mut defaults: BTreeMap<String, (String, Place)> = BTreeMap::new();
    for project in projects {
        of_project(site, target, factory, project, (day, &is_qos), &mut resources, &mut defaults);
    }
    for (user, (account, place)) in defaults {
        let address = Address::new(target, "user", &user);
        let default = beside(&place, &USER_ACCOUNT);
        if let Some(resource) = resources.iter_mut().find(|resource| resource.address == address) {
            set(resource, USER_ACCOUNT.key, json!(account), default);
        } else {
            let mut resource = plain(address, place);
            set(&mut resource, USER_ACCOUNT.key, json!(account), default);
            resources.push(resource);
        }
    }
    resources
}

/// Place of a field that stands beside another.
fn beside(place: &Place, field: &Field) -> Place {
    match place {
        Place::Field { document, path, .. } => Place::value(*document, field.at(&path.parent().unwrap_or_default())),
        other => other.clone(),
    }
}

pub(super) fn set(resource: &mut Resource, key: &str, value: Value, place: Place) {
    resource.body.insert(key.to_owned(), value);
    resource.places.insert(key.to_owned(), place);
}

pub(super) fn keep(resource: &mut Resource, wanted: bool, place: Place) {
    resource.protect = wanted;
    protect(&mut resource.body, wanted);
    if wanted {
        resource.places.insert(PROTECT.to_owned(), place);
    }
}

/// A resource without fields.
pub(super) fn plain(address: Address, place: Place) -> Resource {
    Resource {
        address,
        body: Body::new(),
        place: Some(place),
        places: BTreeMap::new(),
        reasons: BTreeMap::new(),
        protect: false,
        summary: String::new(),
    }
}

pub(super) fn account(target: &str, name: &str, fields: &Fields, place: Place) -> Resource {
    Resource {
        body: fields.body.clone(),
        places: fields.places.clone(),
        ..plain(Address::new(target, "account", name), place)
    }
}

fn qos(target: &str, mode: &AccessMode) -> Resource {
    let mut parts = Vec::new();
    if let Some(gpus) = mode.maximum.get("gres/gpu") {
        parts.push(format!("at most {gpus} GPUs a job"));
    }
    if let Some(minutes) = mode.fields.body.get("MaxWall").and_then(Value::as_u64) {
        parts.push(format!("up to {}", crate::slurm::value::clock(minutes * 60)));
    }
    let at = |dotted: &str| Place::value(mode.document, FieldPath::keys(dotted));
    let mut resource = Resource {
        body: mode.fields.body.clone(),
        places: mode.fields.places.clone(),
        summary: parts.join(" · "),
        ..plain(Address::new(target, "qos", &mode.name), at("metadata.name"))
    };
    keep(&mut resource, mode.protect, at("spec.protect"));
    resource
}

fn of_project(
    site: &Site,
    target: &str,
    factory: &Factory,
    project: &Project,
    (day, is_qos): (Date, &dyn Fn(&str) -> bool),
    resources: &mut Vec<Resource>,
    defaults: &mut BTreeMap<String, (String, Place)>,
) {
    let at = |path: FieldPath| Place::value(project.document, path);
    let name = FieldPath::keys("metadata.name");
    let mut resource = account(target, &project.account, &project.fields, at(name.clone()));
    let parent = project.parent.as_ref().unwrap_or(&factory.account);
    set(
        &mut resource,
        PROJECT_PARENT.key,
        json!(parent),
        at(if project.parent.is_some() { PROJECT_PARENT.at(&FieldPath::keys("spec")) } else { name }),
    );
    keep(&mut resource, project.protect, at(FieldPath::keys("spec.protect")));
    allocate(site, project, day, is_qos, &mut resource);
    resources.push(resource);
    for member in &project.members {
        let place = at(member.path.key("user"));
        let name = match &member.partition {
            Some(partition) => format!("{}/{}/{partition}", project.account, member.user),
            None => format!("{}/{}", project.account, member.user),
        };
        resources.push(Resource {
            body: member.fields.body.clone(),
            places: member.fields.places.clone(),
            protect: project.protect,
            ..plain(Address::new(target, "association", name), place.clone())
        });
        if member.lead {
            let address = Address::new(target, "coordinator", format!("{}/{}", project.account, member.user));
            resources.push(plain(address, at(member.path.key("role"))));
        }
        if member.default {
            defaults.entry(member.user.clone()).or_insert((project.account.clone(), place));
        }
    }
}

/// GPU-hours and modes of the allocations that are in force on a day: one pool, since Slurm counts by account.
fn allocate(site: &Site, project: &Project, day: Date, is_qos: &dyn Fn(&str) -> bool, resource: &mut Resource) {
    let at = |path: FieldPath| Place::value(project.document, path);
    let users: BTreeSet<&str> = project.members.iter().map(|member| member.user.as_str()).collect();
    let mut summary = vec![format!("{} {}", users.len(), if users.len() == 1 { "user" } else { "users" })];
    let is_active = |one: &&Allocation| one.window.is_some_and(|window| window.contains(day));
    let active: Vec<&Allocation> = project.allocations.iter().filter(is_active).collect();
    let hours: u64 = active.iter().filter_map(|allocation| allocation.gpu_hours).sum();
    let without_gpus = |name: &str| site.partitions.iter().any(|one| one.name == name && one.has_no_gpus());
    let of_cores = active.iter().any(|allocation| without_gpus(&allocation.partition));
    if let Some(first) = active.first().filter(|_| hours > 0 || of_cores) {
        let mut minutes = resource.body.get("GrpTRESMins").and_then(Value::as_object).cloned().unwrap_or_default();
        let own = minutes.get("gres/gpu").and_then(Value::as_u64).unwrap_or(0);
        minutes.insert("gres/gpu".to_owned(), json!(own.saturating_add(hours.saturating_mul(60))));
        set(resource, "GrpTRESMins", Value::Object(sorted(minutes)), at(first.path.key("gpuHours")));
        summary.push(format!("{} GPU-hours", grouped(hours)));
        if hours == 0 {
            resource.reasons.insert(field_key("GrpTRESMins", Some("gres/gpu")), "jobs without GPUs only".to_owned());
        }
        if active.len() > 1 {
            let pool = format!("{} allocations, one pool", active.len());
            summary.push(pool.clone());
            resource.reasons.insert(field_key("GrpTRESMins", Some("gres/gpu")), pool);
        }
    } else if let Some((reason, path)) = out_of_force(project, day) {
        // The account stays, with its history, and takes no jobs.
        set(resource, "GrpSubmit", json!(0), at(path));
        summary.push(reason.clone());
        resource.reasons.insert(field_key("GrpSubmit", None), reason);
    }
    let mut modes: BTreeSet<&str> = active.iter().map(|allocation| allocation.mode.as_str()).collect();
    modes.extend(project.modes.iter().map(|(name, _)| name.as_str()));
    modes.retain(|name| is_qos(name));
    let of_first = active
        .iter()
        .find(|allocation| is_qos(&allocation.mode))
        .map(|allocation| (allocation.mode.as_str(), allocation.path.key("mode")));
    if let Some((_, path)) = of_first.clone().or_else(|| {
        let mut further = project.modes.iter().filter(|(name, _)| is_qos(name));
        further.next().map(|(name, path)| (name.as_str(), path.clone()))
    }) {
        set(resource, PROJECT_MODES.key, json!(modes), at(path));
    }
    let own_default =
        project.default_mode.as_deref().map(|name| (name, PROJECT_DEFAULT_MODE.at(&FieldPath::keys("spec"))));
    if let Some((default, path)) = own_default.or(of_first).filter(|(default, _)| modes.contains(default)) {
        set(resource, PROJECT_DEFAULT_MODE.key, json!(default), at(path));
    }
    resource.summary = summary.join(" · ");
}

/// Why a project with allocations has no GPU-hours on a day, and the field that says it.
fn out_of_force(project: &Project, day: Date) -> Option<(String, FieldPath)> {
    let windows = || project.allocations.iter().filter_map(|one| Some((one.window?, &one.path)));
    if let Some((_, path)) = windows().find(|(window, _)| window.contains(day)) {
        return Some(("0 GPU-hours in force: no jobs".to_owned(), path.key("gpuHours")));
    }
    if let Some((window, path)) =
        windows().filter(|(window, _)| window.from > day).min_by_key(|(window, _)| window.from)
    {
        return Some((format!("not in force until {}: no jobs", window.from), path.key("from")));
    }
    let (window, path) = windows().max_by_key(|(window, _)| window.until)?;
    Some((format!("expired {}: no jobs", window.until), path.key("until")))
}

fn sorted(map: serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let mut entries: Vec<_> = map.into_iter().collect();
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    entries.into_iter().collect()
}
