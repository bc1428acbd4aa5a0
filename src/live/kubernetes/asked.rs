//! Facts of an observation, where it is one of a Kubernetes target.

use super::facts::KubernetesFacts;
use crate::live::{Facts, Observation};

impl Observation {
    /// What only a Kubernetes target knows; `None` of any other.
    pub fn kubernetes(&self) -> Option<&KubernetesFacts> {
        match &self.facts {
            Facts::Kubernetes(facts) => Some(facts),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn kubernetes_mut(&mut self) -> Option<&mut KubernetesFacts> {
        match &mut self.facts {
            Facts::Kubernetes(facts) => Some(facts),
            _ => None,
        }
    }
}
