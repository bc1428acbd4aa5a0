//! Flavors, topologies, runtime classes, and labels of Nodes.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Node, Taint, Toleration};
use k8s_openapi::api::node::v1::RuntimeClass;

use super::kueue::{ResourceFlavor, Topology, TopologyLevel, TopologySpec};
use super::object::Object;
use crate::diagnostics::Place;
use crate::kubernetes::names;
use crate::kubernetes::typed::Kind;
use crate::model::kubernetes::PartitionKubernetes;
use crate::model::{Factory, NodeGroup, Partition, Site};
use crate::resource::{FieldPath, Resource};

/// Label of a partition's Nodes.
const PARTITION: &str = "sitewright.io/partition";
/// Label with the model of a Node's GPUs.
const ACCELERATOR: &str = "sitewright.io/accelerator";

pub(super) fn compile(site: &Site, factory: &Factory) -> Vec<Resource> {
    let mut resources = Vec::new();
    for partition in &site.partitions {
        let Some(side) = &partition.sides.kubernetes else { continue };
        let one = One { factory, partition, side };
        resources.push(one.flavor());
        resources.extend(one.topology());
        resources.extend(one.runtime_class());
        if side.labels_nodes {
            for group in &partition.groups {
                resources.extend(group.hosts.iter().map(|host| one.node(group, host)));
            }
        }
    }
    resources
}

struct One<'a> {
    factory: &'a Factory,
    partition: &'a Partition,
    side: &'a PartitionKubernetes,
}

impl One<'_> {
    fn at(&self, dotted: &str) -> Place {
        Place::value(self.partition.document, FieldPath::keys(dotted))
    }

    /// An object that is called as the partition is.
    fn object<K: Kind>(&self, content: K) -> Object<K> {
        Object::new(content, &self.side.name, &self.factory.name, self.at("metadata.name"))
    }

    /// Labels by which the flavor picks its nodes: ours, where we set it.
    fn selector(&self) -> BTreeMap<String, String> {
        if self.side.labels_nodes {
            return BTreeMap::from([(PARTITION.to_owned(), self.side.name.clone())]);
        }
        self.side.labels.clone()
    }

    fn flavor(&self) -> Resource {
        let mut flavor = self.object(ResourceFlavor::default());
        flavor.mark(".metadata.name", &self.at("spec.kubernetes.name"));
        let selector = self.selector();
        if !selector.is_empty() {
            flavor.content.spec.get_or_insert_default().node_labels = Some(selector);
            flavor.mark(".spec.nodeLabels", &self.at("spec.kubernetes.nodes.labels"));
        }
        if !self.side.taints.is_empty() {
            let taints = self.side.taints.iter().map(taint).collect();
            flavor.content.spec.get_or_insert_default().node_taints = Some(taints);
            flavor.mark(".spec.nodeTaints", &self.at("spec.kubernetes.taints"));
        }
        if !self.side.tolerations.is_empty() {
            let tolerations = self.side.tolerations.iter().map(toleration).collect();
            flavor.content.spec.get_or_insert_default().tolerations = Some(tolerations);
            flavor.mark(".spec.tolerations", &self.at("spec.kubernetes.tolerations"));
        }
        for (list, written, count) in [
            ("nodeTaints", "taints", self.side.taints.len()),
            ("tolerations", "tolerations", self.side.tolerations.len()),
        ] {
            for index in 0..count {
                let path = FieldPath::keys("spec.kubernetes").key(written).index(index);
                flavor.mark(&format!(".spec.{list}[{index}]"), &Place::value(self.partition.document, path));
            }
        }
        if !self.side.topology.is_empty() {
            flavor.content.spec.get_or_insert_default().topology_name = Some(self.side.name.clone());
            flavor.mark(".spec.topologyName", &self.at("spec.kubernetes.topology"));
        }
        flavor.protect(self.partition.protect, &self.at("spec.protect"));
        flavor.finish(&self.side.target, self.summary())
    }

    fn topology(&self) -> Option<Resource> {
        if self.side.topology.is_empty() {
            return None;
        }
        let levels: Vec<TopologyLevel> =
            self.side.topology.iter().map(|(level, _)| TopologyLevel { node_label: level.clone() }).collect();
        let summary = format!("{} levels", levels.len());
        let mut topology = self.object(Topology { spec: TopologySpec { levels } });
        topology.mark(".spec.levels", &self.at("spec.kubernetes.topology"));
        for (index, (_, path)) in self.side.topology.iter().enumerate() {
            let place = Place::value(self.partition.document, path.clone());
            topology.mark(&format!(".spec.levels[{index}].nodeLabel"), &place);
        }
        topology.protect(self.partition.protect, &self.at("spec.protect"));
        Some(topology.finish(&self.side.target, summary))
    }

    /// Several partitions may use one class, so that it says nothing of this one.
    fn runtime_class(&self) -> Option<Resource> {
        let (name, handler) = self.side.runtime_class.as_ref()?;
        let place = self.at("spec.kubernetes.runtimeClass.name");
        let content = RuntimeClass { handler: handler.clone(), ..RuntimeClass::default() };
        let mut class = Object::new(content, name, &self.factory.name, place);
        class.mark(".handler", &self.at("spec.kubernetes.runtimeClass.handler"));
        Some(class.finish(&self.side.target, format!("handler {handler}")))
    }

    /// What of a Node is ours.
    fn node(&self, group: &NodeGroup, host: &str) -> Resource {
        let name = self.side.node_name(host);
        let place = Place::value(self.partition.document, group.path.key("hosts"));
        let mut node = Object::new(Node::default(), &name, &self.factory.name, place.clone());
        node.label(PARTITION, &self.side.name, &self.at("spec.kubernetes.name"));
        if let Some(model) = group.model.as_deref().filter(|model| names::check_value(model).is_ok()) {
            let place = Place::value(self.partition.document, group.path.key("accelerators").key("model"));
            node.label(ACCELERATOR, model, &place);
        }
        let inside = |map: &str, key: &str| {
            Place::value(self.partition.document, FieldPath::keys("spec.kubernetes.nodes").key(map).key(key))
        };
        for (key, value) in &self.side.labels {
            node.label(key, value, &inside("labels", key));
        }
        for (key, value) in &self.side.annotations {
            node.annotation(key, value, &inside("annotations", key));
        }
        node.finish(&self.side.target, format!("labels of a node of `{}`", self.partition.name))
    }

    fn summary(&self) -> String {
        let capacity = self.partition.capacity();
        let mut parts = Vec::new();
        if let Some(gpus) = capacity.gpus.filter(|gpus| *gpus > 0) {
            parts.push(format!("{gpus} GPUs"));
        }
        if let Some(cpus) = capacity.cpus {
            parts.push(format!("{cpus} CPUs"));
        }
        if let Some(memory) = capacity.memory {
            parts.push(crate::slurm::value::size(memory));
        }
        parts.join(" · ")
    }
}

fn taint(taint: &names::Taint) -> Taint {
    Taint { effect: taint.effect.to_owned(), key: taint.key.clone(), value: taint.value.clone(), ..Taint::default() }
}

fn toleration(taint: &names::Taint) -> Toleration {
    let operator = if taint.value.is_some() { "Equal" } else { "Exists" };
    Toleration {
        effect: Some(taint.effect.to_owned()),
        key: Some(taint.key.clone()),
        operator: Some(operator.to_owned()),
        value: taint.value.clone(),
        ..Toleration::default()
    }
}
