//! The reading.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use futures::future::join_all;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::cluster::Scope as List;
use super::discovery::{Discovery, Found, discover};
use super::facts::{ApplySet, KubernetesFacts, Served};
use super::failure::{Failure, FailureKind};
use super::{Cluster, MANAGER};
use crate::diagnostics::codes::reading as codes;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::kubernetes::object::metadata;
use crate::kubernetes::ownership::{Operation, entries};
use crate::kubernetes::{applyset, kinds};
use crate::live::{Facts, Jobs, Live, LiveBody, Observation, Owner, Reads, Scope};
use crate::resource::Address;

/// Label by which people, and other factories, see whose an object is.
pub const FACTORY_LABEL: &str = "sitewright.io/factory";
/// Up to how many objects of a kind, or namespaces, are asked for one by one instead of in a list.
const FEW: usize = 3;

/// Reads every object that carries our marks or that the scope names, or says why not.
pub async fn observe(
    target: &str,
    factory: &str,
    cluster: &Cluster,
    scope: &Scope,
) -> Result<Observation, Diagnostics> {
    let started = Instant::now();
    let before = cluster.counts();
    let reader = Reading { target, factory, cluster, scope };
    let mut observation = reader.read().await?;
    let after = cluster.counts();
    observation.reads = Reads {
        requests: after.0 - before.0,
        bytes: after.1 - before.1,
        milliseconds: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    };
    Ok(observation)
}

/// The set of a factory on a cluster, its parent not read yet.
pub fn set_of(factory: &str, namespace: &str) -> ApplySet {
    let name = format!("sitewright-{factory}");
    let id = applyset::id(&name, namespace, "ConfigMap", "");
    ApplySet { id, namespace: namespace.to_owned(), name, parent: None }
}

/// How ConfigMaps, the kind of the set's parent, are served everywhere.
pub fn config_maps() -> Served {
    Served::built_in::<ConfigMap>()
}

/// How Namespaces are served everywhere.
pub fn namespaces() -> Served {
    Served::built_in::<Namespace>()
}

struct Reading<'a> {
    target: &'a str,
    factory: &'a str,
    cluster: &'a Cluster,
    scope: &'a Scope,
}

type Objects = BTreeMap<Address, Arc<Value>>;

impl Reading<'_> {
    async fn read(&self) -> Result<Observation, Diagnostics> {
        let (server, context) = self.cluster.reached().await.map_err(|failure| self.failed(&failure))?;
        // First, and alone: it opens the one connection that all others share.
        let version =
            self.cluster.read("/version", super::client::JSON).await.map_err(|failure| self.failed(&failure))?;
        let version = version.get("gitVersion").and_then(Value::as_str).unwrap_or_default();
        let version = version.strip_prefix('v').unwrap_or(version).to_owned();
        let (discovery, set) = futures::join!(discover(self.cluster), self.set());
        let discovery = discovery.map_err(|failure| self.failed(&failure))?;
        let set = set?;
        let served = self.kinds(&discovery, &set)?;
        let mut objects = self.members(&served, &set).await?;
        let namespaces = self.others(&served, &mut objects).await?;
        let factory = self.factory;
        let resources = objects
            .par_iter()
            .map(|(address, object)| {
                (
                    address.clone(),
                    Live { body: LiveBody::lazy(object.clone(), body), owner: owner(factory, address, object, &set) },
                )
            })
            .collect();
        let title = format!("kubernetes {} ({context})", super::facts::minor(&version));
        Ok(Observation {
            target: self.target.to_owned(),
            title,
            resources,
            running: BTreeMap::new(),
            salt: None,
            jobs: Jobs::Known(Vec::new()),
            reads: Reads::default(),
            findings: Diagnostics::new(),
            facts: Facts::Kubernetes(KubernetesFacts {
                version,
                server,
                set,
                discovery: discovery.only(self.scope.kinds.keys()),
                served,
                objects,
                namespaces,
                confirmations: BTreeMap::new(),
                verdicts: BTreeMap::new(),
            }),
        })
    }

    /// The set, with its parent if there is one; that of somebody else is refused.
    async fn set(&self) -> Result<ApplySet, Diagnostics> {
        let mut set = set_of(self.factory, &self.cluster.connection().namespace);
        let parent = self.cluster.get(&config_maps(), Some(&set.namespace), &set.name).await;
        let Some(parent) = parent.map_err(|failure| self.failed(&failure))? else { return Ok(set) };
        let text = |pointer: &str| parent.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let metadata = |group: &str, key: &str| text(&format!("/metadata/{group}/{}", key.replace('/', "~1")));
        let id = metadata("labels", applyset::ID_LABEL);
        let tool = metadata("annotations", applyset::TOOLING);
        let place = format!("configmap `{}/{}`", set.namespace, set.name);
        let why = if tool.split('/').next() != Some(MANAGER) {
            match tool {
                "" => Some(format!("{place} is not ours: it does not say which tool keeps it")),
                tool => Some(format!("{place} is not ours: `{tool}` keeps it")),
            }
        } else if id != set.id {
            Some(format!("{place} has the ApplySet id `{id}`, where its name and namespace give `{}`", set.id))
        } else {
            None
        };
        if let Some(why) = why {
            let hint = format!(
                "look at it: `kubectl get configmap {} -n {} -o yaml`; bind `{}` to another `namespace` in sitewright.yaml, or \
                 rename the factory",
                set.name, set.namespace, self.target
            );
            return Err(one(Diagnostic::of_run(&codes::FOREIGN_APPLYSET, why).hint(hint)));
        }
        set.parent = Some(parent);
        Ok(set)
    }

    /// Kinds that matter: those of the scope, and those that the set had when it was written last.
    fn kinds(&self, discovery: &Discovery, set: &ApplySet) -> Result<BTreeMap<String, Served>, Diagnostics> {
        let annotation = set
            .parent
            .as_ref()
            .and_then(|parent| metadata(parent, "annotations")?.get(applyset::CONTAINS_GROUP_KINDS)?.as_str());
        let members = annotation.into_iter().flat_map(|text| text.split(',')).filter(|one| !one.is_empty());
        let mut all: BTreeMap<String, Option<String>> = members.map(|kind| (kind.to_owned(), None)).collect();
        all.extend(self.scope.kinds.iter().map(|(kind, version)| (kind.clone(), version.clone())));
        if set.parent.is_some() {
            all.entry("Node".to_owned()).or_insert(None);
        }
        let mut served = BTreeMap::new();
        for (kind, version) in all {
            match discovery.find(&kind, version.as_deref()) {
                Found::Served(one) => {
                    served.insert(kind, one);
                }
                // In another version it is the same object, which has to be seen.
                Found::OtherVersions(_) => {
                    if let Found::Served(one) = discovery.find(&kind, None) {
                        served.insert(kind, one);
                    }
                }
                Found::Missing => {}
                Found::Unknown => {
                    let group = kinds::kind_and_group(&kind).1;
                    let failure = Failure::new(
                        FailureKind::Unavailable,
                        format!("the server of the API group `{group}` does not answer, so nobody knows what is there"),
                    );
                    return Err(self.failed(&failure));
                }
            }
        }
        Ok(served)
    }

    /// Everything that carries the set's label, and the nodes.
    async fn members(&self, served: &BTreeMap<String, Served>, set: &ApplySet) -> Result<Objects, Diagnostics> {
        let selector = format!("{}={}", applyset::PART_OF_LABEL, set.id);
        let lists = join_all(served.iter().map(async |(kind, one)| {
            let selector = (!kinds::is_partial(kind)).then_some(selector.as_str());
            (kind, self.cluster.list(one, List { selector, ..List::default() }).await)
        }))
        .await;
        let mut found = Diagnostics::new();
        let mut objects = Objects::new();
        for (kind, list) in lists {
            match list {
                Ok(list) => {
                    for object in list {
                        let address = Address::new(self.target, kind, kinds::address_name(&object));
                        if self.scope.names.contains(&address) || is_member(kind, &object) {
                            objects.insert(address, Arc::new(object));
                        }
                    }
                }
                // Who never labelled nodes needs no right to see them.
                Err(Failure { kind: FailureKind::Forbidden { .. }, .. })
                    if kinds::is_partial(kind) && !self.scope.kinds.contains_key(kind) => {}
                Err(failure) => found.extend(self.failed(&failure)),
            }
        }
        if found.is_empty() { Ok(objects) } else { Err(merged(found)) }
    }

    /// Objects of the scope that do not carry the label: made by others, or not there. Gives the namespaces that exist, as far as
    /// they matter.
    async fn others(
        &self,
        served: &BTreeMap<String, Served>,
        objects: &mut Objects,
    ) -> Result<BTreeSet<String>, Diagnostics> {
        let open: Vec<&Address> = self
            .scope
            .names
            .iter()
            .filter(|address| !objects.contains_key(*address) && served.contains_key(&address.kind))
            .filter(|address| !kinds::is_partial(&address.kind))
            .collect();
        let mut known: BTreeSet<String> = objects
            .keys()
            .filter_map(|address| match address.kind.as_str() {
                "Namespace" => Some(address.name.clone()),
                _ => kinds::namespace_and_name(&address.name).0.map(ToOwned::to_owned),
            })
            .collect();
        let unknown: BTreeSet<&str> = open
            .iter()
            .filter_map(|address| match address.kind.as_str() {
                "Namespace" => Some(address.name.as_str()),
                _ => kinds::namespace_and_name(&address.name).0,
            })
            .filter(|name| !known.contains(*name))
            .collect();
        let named: BTreeMap<String, Value> = self
            .some(&namespaces(), None, &unknown)
            .await?
            .into_iter()
            .map(|object| (kinds::address_name(&object), object))
            .collect();
        known.extend(named.keys().cloned());

        let mut batches: BTreeMap<(&str, Option<&str>), BTreeSet<&str>> = BTreeMap::new();
        for address in open {
            if address.kind == "Namespace" {
                if let Some(object) = named.get(&address.name) {
                    objects.insert(address.clone(), Arc::new(object.clone()));
                }
                continue;
            }
            let (namespace, name) = kinds::namespace_and_name(&address.name);
            // What is in a namespace that is not there is not there.
            if namespace.is_none_or(|namespace| known.contains(namespace)) {
                batches.entry((&address.kind, namespace)).or_default().insert(name);
            }
        }
        // Many namespaces cost less in one list of them all.
        let mut spread: BTreeMap<&str, usize> = BTreeMap::new();
        for (kind, _) in batches.keys() {
            *spread.entry(kind).or_default() += 1;
        }
        let (narrow, wide): (Vec<_>, Vec<_>) = batches.into_iter().partition(|((kind, _), _)| spread[kind] <= FEW);
        let wide: BTreeSet<&str> = wide.into_iter().map(|((kind, _), _)| kind).collect();
        let narrow = join_all(
            narrow
                .into_iter()
                .map(async |((kind, namespace), names)| (kind, self.some(&served[kind], namespace, &names).await)),
        );
        let wide = join_all(wide.into_iter().map(async |kind| {
            let list = self.cluster.list(&served[kind], List::default()).await;
            (kind, list.map_err(|failure| self.failed(&failure)))
        }));
        let (narrow, wide) = futures::join!(narrow, wide);
        let mut found = Diagnostics::new();
        for (kind, list) in narrow.into_iter().chain(wide) {
            match list {
                Ok(list) => objects.extend(list.into_iter().filter_map(|object| {
                    let address = Address::new(self.target, kind, kinds::address_name(&object));
                    self.scope.names.contains(&address).then_some((address, Arc::new(object)))
                })),
                Err(more) => found.extend(more),
            }
        }
        if found.is_empty() { Ok(known) } else { Err(merged(found)) }
    }

    /// Those of the named objects of a namespace that exist.
    async fn some(
        &self,
        served: &Served,
        namespace: Option<&str>,
        names: &BTreeSet<&str>,
    ) -> Result<Vec<Value>, Diagnostics> {
        let read = if names.len() <= FEW {
            let answers = join_all(names.iter().map(|name| self.cluster.get(served, namespace, name))).await;
            answers.into_iter().filter_map(Result::transpose).collect()
        } else {
            self.cluster.list(served, List { namespace, ..List::default() }).await.map(|list| {
                let named = |object: &Value| {
                    metadata(object, "name").and_then(Value::as_str).is_some_and(|name| names.contains(name))
                };
                list.into_iter().filter(named).collect()
            })
        };
        read.map_err(|failure| self.failed(&failure))
    }

    fn failed(&self, failure: &Failure) -> Diagnostics {
        one(diagnostic(self.target, failure))
    }
}

/// Whose an object is, with the eyes of a factory.
fn owner(factory: &str, address: &Address, object: &Value, set: &ApplySet) -> Owner {
    let label = |key: &str| metadata(object, "labels").and_then(|labels| labels.get(key)?.as_str());
    let other = label(FACTORY_LABEL).filter(|name| *name != factory);
    if kinds::is_partial(&address.kind) {
        return match other {
            Some(other) => Owner::OtherFactory(other.to_owned()),
            None if applied(object) => Owner::Ours,
            None => Owner::Unmarked,
        };
    }
    match label(applyset::PART_OF_LABEL) {
        Some(id) if id == set.id => Owner::Ours,
        Some(id) => Owner::OtherFactory(other.unwrap_or(id).to_owned()),
        None => other.map_or(Owner::Unmarked, |other| Owner::OtherFactory(other.to_owned())),
    }
}

/// Why a cluster cannot be read, as a finding.
pub fn diagnostic(target: &str, failure: &Failure) -> Diagnostic {
    let code = match &failure.kind {
        FailureKind::Forbidden { .. } => &codes::READING_FORBIDDEN,
        FailureKind::Garbled => &codes::READING_INCOMPLETE,
        _ => &codes::READING_FAILED,
    };
    let found = Diagnostic::of_run(code, format!("`{target}` cannot be read: {}", failure.title()));
    match failure.hint() {
        Some(hint) => found.hint(hint),
        None => found,
    }
}

fn one(diagnostic: Diagnostic) -> Diagnostics {
    Diagnostics(vec![diagnostic])
}

/// A server that does not answer says so for each kind; once is enough.
fn merged(found: Diagnostics) -> Diagnostics {
    let mut seen = BTreeSet::new();
    Diagnostics(found.0.into_iter().filter(|one| seen.insert((one.code.name, one.message.clone()))).collect())
}

/// Whether an object that was listed is one of the set: a controller, or somebody who keeps a copy, may have taken our labels
/// along. An object whose record was emptied says nothing of whose it is but by its label.
fn is_member(kind: &str, object: &Value) -> bool {
    let unrecorded = || {
        let list = |field: &str| metadata(object, field).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        !kinds::is_partial(kind) && !list("managedFields") && !list("ownerReferences")
    };
    applied(object) || unrecorded()
}

/// Whether some field of an object is recorded as applied by us.
fn applied(object: &Value) -> bool {
    let Some(entries) = entries(object) else { return true };
    entries.iter().any(|entry| entry.manager == MANAGER && entry.operation == Operation::Apply)
}

/// What stays the same while nobody changes anything, and the uid.
pub(super) fn body(object: &Value) -> BTreeMap<String, Value> {
    const CHURN: [&str; 5] = ["managedFields", "resourceVersion", "generation", "creationTimestamp", "selfLink"];
    let mut body = BTreeMap::new();
    for (key, value) in object.as_object().into_iter().flatten().filter(|(key, _)| *key != "status") {
        let value = match value.as_object().filter(|_| key == "metadata") {
            Some(metadata) => {
                let kept = metadata.iter().filter(|(key, _)| !CHURN.contains(&key.as_str()));
                Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
            }
            None => value.clone(),
        };
        body.insert(key.clone(), value);
    }
    body
}
