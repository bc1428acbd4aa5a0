//! What services take from the Kubernetes side of factories, partitions, modes and projects.

use super::KubernetesService;
use crate::model::{Project, Site};

impl Site {
    /// Kubernetes' name for the GPUs of a service: what it says, else that of its queue's partition.
    pub fn gpu_resource<'a>(&'a self, service: &'a KubernetesService) -> &'a str {
        service.gpu_resource.as_deref().unwrap_or("nvidia.com/gpu")
    }

    /// Name of the queue of an access mode on a partition.
    pub fn queue_name(&self, partition: &str, mode: &str) -> String {
        format!("{partition}-{mode}")
    }
}

impl Project {
    /// Its namespace on a target, if it lives there.
    pub fn namespace_on(&self, _target: &str) -> Option<&str> {
        None
    }
}
