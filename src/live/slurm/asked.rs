//! Facts of an observation, where it is one of a Slurm target.

use super::facts::SlurmFacts;
use crate::live::{Facts, Observation};

impl Observation {
    /// What only a Slurm target knows; `None` of any other.
    pub fn slurm(&self) -> Option<&SlurmFacts> {
        match &self.facts {
            Facts::Slurm(facts) => Some(facts),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn slurm_mut(&mut self) -> Option<&mut SlurmFacts> {
        match &mut self.facts {
            Facts::Slurm(facts) => Some(facts),
            _ => None,
        }
    }
}
