//! What services take from the Kubernetes side of factories, partitions, modes and projects.

use super::KubernetesService;
use crate::model::kubernetes::{NVIDIA, queue_name};
use crate::model::{Partition, Project, Site};

impl Site {
    /// Kubernetes' name for the GPUs of a service: what it says, else that of its queue's partition.
    pub fn gpu_resource<'a>(&'a self, service: &'a KubernetesService) -> &'a str {
        let of_queue = || {
            let (partition, _) = service.queue.as_ref()?;
            Some(self.partition(partition)?.sides.kubernetes.as_ref()?.gpu_resource.as_str())
        };
        service.gpu_resource.as_deref().or_else(of_queue).unwrap_or(NVIDIA)
    }

    /// Name of the queue of an access mode on a partition; none where there is no such queue.
    pub fn queue_name(&self, partition: &str, mode: &str) -> Option<String> {
        let partition = self.partition(partition)?;
        let queue = self.queues(partition).into_iter().find(|queue| queue.mode.name == mode)?;
        Some(queue_name(partition.sides.kubernetes.as_ref()?, queue.side))
    }

    /// The partition of that name.
    pub fn partition(&self, name: &str) -> Option<&Partition> {
        self.partitions.iter().find(|partition| partition.name == name)
    }

    /// Whether the site says that it does not reach the internet, and its mirror.
    pub fn offline(&self) -> Option<Option<&str>> {
        let factory = self.factories.first()?;
        let mirror = factory.sides.kubernetes.as_ref().and_then(|side| side.mirror.as_deref());
        (factory.internet == Some(false)).then_some(mirror)
    }
}

impl Project {
    /// Its namespace on a target, if it lives there.
    pub fn namespace_on(&self, target: &str) -> Option<&str> {
        self.sides.kubernetes.as_ref().filter(|side| side.target == target).map(|side| side.namespace.as_str())
    }
}
