//! QOS, accounts, associations, levels and coordinators.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::diagnostics::Place;
use crate::model::{AccessMode, Factory, Fields, Project, Site};
use crate::resource::{Address, Body, FieldPath, Resource, protect};

pub(super) fn compile(site: &Site, factory: &Factory, target: &str, day: Date) -> Vec<Resource> {
    let mut resources = Vec::new();
    for mode in site.modes.iter().filter(|mode| mode.target == target) {
        resources.push(qos(target, mode));
    }
    let projects: Vec<&Project> = site.projects.iter().filter(|project| project.target == target).collect();
    let name_place = Place::value(factory.document, FieldPath::keys("metadata.name"));
    resources.push(account(target, &factory.account, None, &factory.fields, name_place, factory.protect, "the factory's root account"));
    for branch in &factory.branches {
        let parent = branch.parent.clone().unwrap_or_else(|| factory.account.clone());
        let place = Place::value(factory.document, branch.path.key("name"));
        resources.push(account(target, &branch.name, Some(&parent), &branch.fields, place, branch.protect, ""));
    }
    for (user, level, place) in &factory.administrators {
        let body = Body::from([("AdminLevel".to_owned(), json!(level))]);
        resources.push(plain(Address::new(target, "user", user), body, place.clone(), (*level).to_lowercase()));
        let address = Address::new(target, "association", format!("{}/{user}", factory.account));
        resources.push(plain(address, Body::new(), place.clone(), String::new()));
    }
    let mut defaults: BTreeMap<String, (String, Place)> = BTreeMap::new();
    for project in projects {
        of_project(target, factory, project, day, &mut resources, &mut defaults);
    }
    for (user, (account, place)) in defaults {
        let address = Address::new(target, "user", &user);
        match resources.iter_mut().find(|resource| resource.address == address) {
            Some(resource) => {
                resource.body.insert("DefaultAccount".to_owned(), json!(account));
            }
            None => {
                let body = Body::from([("DefaultAccount".to_owned(), json!(account))]);
                resources.push(plain(address, body, place, String::new()));
            }
        }
    }
    resources
}

fn plain(address: Address, body: Body, place: Place, summary: String) -> Resource {
    Resource { address, body, place: Some(place), places: BTreeMap::new(), protect: false, summary }
}

fn qos(target: &str, mode: &AccessMode) -> Resource {
    let mut parts = Vec::new();
    if let Some(gpus) = mode.maximum.get("gres/gpu") {
        parts.push(format!("at most {gpus} GPUs a job"));
    }
    if let Some(minutes) = mode.fields.body.get("MaxWall").and_then(Value::as_u64) {
        parts.push(format!("up to {}", crate::slurm::value::clock(minutes * 60)));
    }
    let mut body = mode.fields.body.clone();
    protect(&mut body, mode.protect);
    Resource {
        address: Address::new(target, "qos", &mode.name),
        body,
        places: mode.fields.places.clone(),
        place: Some(Place::value(mode.document, FieldPath::keys("metadata.name"))),
        protect: mode.protect,
        summary: parts.join(" · "),
    }
}

fn account(target: &str, name: &str, parent: Option<&str>, fields: &Fields, place: Place, protected: bool, summary: &str) -> Resource {
    let mut body = fields.body.clone();
    if let Some(parent) = parent {
        body.insert("Parent".to_owned(), json!(parent));
    }
    protect(&mut body, protected);
    Resource {
        address: Address::new(target, "account", name),
        body,
        places: fields.places.clone(),
        place: Some(place),
        protect: protected,
        summary: summary.to_owned(),
    }
}

fn of_project(
    target: &str,
    factory: &Factory,
    project: &Project,
    day: Date,
    resources: &mut Vec<Resource>,
    defaults: &mut BTreeMap<String, (String, Place)>,
) {
    let active: Vec<_> = project.allocations.iter().filter(|allocation| allocation.window.is_some_and(|window| window.contains(day))).collect();
    let mut fields = project.fields.clone();
    let hours: u64 = active.iter().filter_map(|allocation| allocation.gpu_hours).sum();
    if hours > 0 {
        let mut minutes = fields.body.get("GrpTRESMins").and_then(Value::as_object).cloned().unwrap_or_default();
        let own = minutes.get("gres/gpu").and_then(Value::as_u64).unwrap_or(0);
        minutes.insert("gres/gpu".to_owned(), json!(own.saturating_add(hours.saturating_mul(60))));
        fields.body.insert("GrpTRESMins".to_owned(), Value::Object(sorted(minutes)));
        if let Some(first) = active.first() {
            fields.places.insert("GrpTRESMins".to_owned(), Place::value(project.document, first.path.key("gpuHours")));
        }
    } else if !project.allocations.is_empty() {
        // Nothing is in force on this day: the account stays, with its history, and takes no jobs.
        fields.body.insert("GrpSubmit".to_owned(), json!(0));
    }
    let mut modes: BTreeSet<String> = active.iter().map(|allocation| allocation.mode.clone()).collect();
    modes.extend(project.modes.iter().map(|(name, _)| name.clone()));
    if !modes.is_empty() {
        fields.body.insert("QOS".to_owned(), json!(modes));
        let first = active.first().map(|allocation| allocation.path.key("mode"));
        let path = first.or_else(|| project.modes.first().map(|(_, path)| path.clone())).unwrap_or_default();
        fields.places.insert("QOS".to_owned(), Place::value(project.document, path));
        let default = project.default_mode.clone().or_else(|| active.first().map(|allocation| allocation.mode.clone()));
        if let Some(default) = default.filter(|default| modes.contains(default)) {
            fields.body.insert("DefaultQOS".to_owned(), json!(default));
        }
    }
    let parent = project.parent.clone().unwrap_or_else(|| factory.account.clone());
    let place = Place::value(project.document, FieldPath::keys("metadata.name"));
    let users: BTreeSet<&str> = project.members.iter().map(|member| member.user.as_str()).collect();
    let summary = match hours {
        0 => format!("{} users", users.len()),
        hours => format!("{} users · {hours} GPU-hours", users.len()),
    };
    resources.push(account(target, &project.account, Some(&parent), &fields, place, project.protect, &summary));
    for member in &project.members {
        let place = Place::value(project.document, member.path.key("user"));
        let name = match &member.partition {
            Some(partition) => format!("{}/{}/{partition}", project.account, member.user),
            None => format!("{}/{}", project.account, member.user),
        };
        resources.push(Resource {
            address: Address::new(target, "association", name),
            body: member.fields.body.clone(),
            places: member.fields.places.clone(),
            place: Some(place.clone()),
            protect: project.protect,
            summary: String::new(),
        });
        if member.lead {
            let address = Address::new(target, "coordinator", format!("{}/{}", project.account, member.user));
            resources.push(plain(address, Body::new(), place.clone(), String::new()));
        }
        if member.default {
            defaults.entry(member.user.clone()).or_insert((project.account.clone(), place));
        }
    }
}

fn sorted(map: serde_json::Map<String, Value>) -> serde_json::Map<String, Value> {
    let mut entries: Vec<_> = map.into_iter().collect();
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    entries.into_iter().collect()
}
