//! Names are legal on Kubernetes, and none is given twice.

use std::collections::BTreeMap;

use crate::diagnostics::codes::{manifest, rules as codes};
use crate::diagnostics::{Diagnostic, Diagnostics, DocumentId, Place};
use crate::kubernetes::names::{self, NameError, check_label, check_namespace, check_subdomain, nearest_label};
use crate::model::kubernetes::PartitionKubernetes;
use crate::model::kubernetes::queue_name;
use crate::model::{Partition, Site};
use crate::resource::FieldPath;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
    legal(site, found);
    for (partition, side) in sides(site) {
        of_partition(site, partition, side, found);
    }
    unique(site, found);
}

fn sides(site: &Site) -> impl Iterator<Item = (&Partition, &PartitionKubernetes)> {
    site.partitions.iter().filter_map(|one| Some((one, one.sides.kubernetes.as_ref()?)))
}

/// A name that follows from `metadata.name` where the field for it is absent.
struct Named<'a> {
    document: DocumentId,
    /// The name there.
    name: &'a str,
    /// The name of the manifest.
    own: &'a str,
    /// The field of the block that can say another.
    field: &'static str,
}

impl Named<'_> {
    fn place(&self) -> Place {
        let field = FieldPath::keys("spec.kubernetes").key(self.field);
        Place::value(self.document, if self.name == self.own { FieldPath::keys("metadata.name") } else { field })
    }

    fn check(&self, result: Result<(), NameError>, found: &mut Diagnostics) {
        let Err(error) = result else { return };
        let hint = match nearest_label(self.name) {
            Some(near) if self.name == self.own && near != self.name => {
                format!("add another for Kubernetes: `kubernetes: {{ {}: {near} }}`", self.field)
            }
            _ => error.hint,
        };
        report(error.message, self.place(), hint, found);
    }
}

fn report(message: String, place: Place, hint: String, found: &mut Diagnostics) {
    found.push(Diagnostic::new(&manifest::BAD_NAME, message).at(place).label("not legal there").hint(hint));
}

fn legal(site: &Site, found: &mut Diagnostics) {
    for factory in &site.factories {
        let Some(side) = &factory.sides.kubernetes else { continue };
        let document = factory.document;
        Named { document, name: &side.cohort, own: &factory.name, field: "cohort" }
            .check(check_label(&side.cohort), found);
        // It stands in a label of everything.
        if let Err(error) = names::check_value(&factory.name) {
            report(error.message, Place::value(document, FieldPath::keys("metadata.name")), error.hint, found);
        }
    }
    for mode in &site.modes {
        let Some(side) = &mode.sides.kubernetes else { continue };
        let named = Named { document: mode.document, name: &side.name, own: &mode.name, field: "name" };
        named.check(check_label(&side.name), found);
    }
    for project in &site.projects {
        let Some(side) = &project.sides.kubernetes else { continue };
        let named = Named { document: project.document, name: &side.namespace, own: &project.name, field: "namespace" };
        named.check(check_namespace(&side.namespace), found);
        for claim in &side.claims {
            if let Err(error) = check_subdomain(&claim.name) {
                report(error.message, Place::value(project.document, claim.path.key("name")), error.hint, found);
            }
        }
    }
}

fn of_partition(site: &Site, partition: &Partition, side: &PartitionKubernetes, found: &mut Diagnostics) {
    let document = partition.document;
    let named = Named { document, name: &side.name, own: &partition.name, field: "name" };
    named.check(check_label(&side.name), found);
    if let Some((name, handler)) = &side.runtime_class {
        let at = |field: &str| Place::value(document, FieldPath::keys("spec.kubernetes.runtimeClass").key(field));
        if let Err(error) = check_subdomain(name) {
            report(error.message, at("name"), error.hint, found);
        } else if let Err(error) = check_label(handler) {
            report(error.message, at("handler"), error.hint, found);
        }
    }
    for group in partition.groups.iter().filter(|_| side.labels_nodes) {
        // One wrong host of a list is told, not each.
        if let Some(Err(error)) = group.hosts.iter().map(check_subdomain).find(Result::is_err) {
            let hint = "name hosts as DNS does, or take their Nodes out: `nodes: { label: false }`".to_owned();
            report(error.message, Place::value(document, group.path.key("hosts")), hint, found);
        }
    }
    for queue in site.queues(partition) {
        let name = queue_name(side, queue.side);
        // Jobs name their queue in a label.
        if check_label(&side.name).is_ok() && check_label(&queue.side.name).is_ok() && name.len() > 63 {
            let message = format!("the queue `{name}` would have {} bytes, and jobs can name 63", name.len());
            let hint = "give the partition or the mode a shorter name: `kubernetes: { name: … }`".to_owned();
            report(message, named.place(), hint, found);
        }
    }
}

/// Two of what is one object there.
fn unique(site: &Site, found: &mut Diagnostics) {
    let mut seen: BTreeMap<(String, &str, String), Place> = BTreeMap::new();
    let mut twice = |target: &str, noun: &'static str, name: &str, place: Place| -> Option<Diagnostic> {
        let first = seen.insert((target.to_owned(), noun, name.to_owned()), place.clone())?;
        Some(
            Diagnostic::new(&codes::DUPLICATE_NAME, format!("two of the site have the {noun} `{name}`"))
                .at(place)
                .label("declared again")
                .related(first, "first declared here")
                .hint("give one of them another name for Kubernetes, in its `kubernetes:` block"),
        )
    };
    let known = |document: DocumentId| site.knows(document, &["metadata.name", "spec.kubernetes"]);
    let mut names: Vec<Diagnostic> = Vec::new();
    let mut of_name: BTreeMap<&str, usize> = BTreeMap::new();
    for project in &site.projects {
        *of_name.entry(&project.name).or_default() += 1;
    }
    for project in site.projects.iter().filter(|one| known(one.document)) {
        let Some(side) = &project.sides.kubernetes else { continue };
        // Two projects of one name have been reported already.
        let same_name = of_name.get(project.name.as_str()).is_some_and(|count| *count > 1);
        let named = Named { document: project.document, name: &side.namespace, own: &project.name, field: "namespace" };
        if !(same_name && side.namespace == project.name) {
            names.extend(twice(&side.target, "namespace", &side.namespace, named.place()));
        }
        let mut claims: BTreeMap<&str, &FieldPath> = BTreeMap::new();
        for claim in &side.claims {
            if let Some(first) = claims.insert(&claim.name, &claim.path) {
                let at = |path: &FieldPath| Place::value(project.document, path.key("name"));
                names.push(
                    Diagnostic::new(&codes::DUPLICATE_NAME, format!("the volume `{}` is declared twice", claim.name))
                        .at(at(&claim.path))
                        .label("declared again")
                        .related(at(first), "first declared here")
                        .hint("rename one of them"),
                );
            }
        }
    }
    for mode in site.modes.iter().filter(|one| known(one.document)) {
        let Some(side) = &mode.sides.kubernetes else { continue };
        let named = Named { document: mode.document, name: &side.name, own: &mode.name, field: "name" };
        names.extend(twice(&side.target, "priority class", &side.name, named.place()));
    }
    let mut nodes: BTreeMap<(&str, String), (&String, Place)> = BTreeMap::new();
    let mut handlers: BTreeMap<(&str, &str), (&str, Place)> = BTreeMap::new();
    for (partition, side) in sides(site).filter(|(one, _)| known(one.document)) {
        let named = Named { document: partition.document, name: &side.name, own: &partition.name, field: "name" };
        let clash = twice(&side.target, "flavor", &side.name, named.place());
        // The queues of two flavors of one name have one name too.
        if clash.is_none() {
            for queue in site.queues(partition) {
                names.extend(twice(&side.target, "queue", &queue_name(side, queue.side), named.place()));
            }
        }
        names.extend(clash);
        let labelled = partition.groups.iter().filter(|_| side.labels_nodes);
        for (group, host) in labelled.flat_map(|group| group.hosts.iter().map(move |host| (group, host))) {
            // Hosts that Slurm would see twice have been reported already.
            let node = side.node_name(host);
            let place = Place::value(partition.document, group.path.key("hosts"));
            let other = nodes.insert((&side.target, node.clone()), (&partition.target, place.clone()));
            let Some((_, first)) = other.filter(|(target, _)| **target != partition.target) else { continue };
            names.push(
                Diagnostic::new(&codes::OVERLAPPING_HOSTS, format!("two partitions have the Node `{node}`"))
                    .at(place)
                    .label("labelled again")
                    .related(first, "first labelled here")
                    .hint("let it be of one of them"),
            );
            break;
        }
        if let Some((name, handler)) = &side.runtime_class {
            let place = Place::value(partition.document, FieldPath::keys("spec.kubernetes.runtimeClass"));
            let (first, there) = handlers.entry((&side.target, name)).or_insert((handler, place.clone()));
            if first != handler {
                names.push(
                    Diagnostic::new(&manifest::SAID_TWICE, format!("the runtime class `{name}` has two handlers"))
                        .at(place)
                        .label(format!("`{handler}`"))
                        .related(there.clone(), format!("`{first}`"))
                        .hint("write one handler, or give the class another name"),
                );
            }
        }
    }
    for name in names {
        found.push(name);
    }
}
