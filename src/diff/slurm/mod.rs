//! Comparing what Slurm's accounting and files say.

pub mod class;
mod running;

use std::collections::BTreeMap;

use serde_json::Value;

use super::target::Target;
use super::{ChangeClass, FieldChange, Operation};
use crate::live::Observation;
use crate::resource::Address;
use crate::slurm::fields::{self, Shape};
use crate::slurm::value;

pub(super) const TARGET: &dyn Target = &Slurm;

struct Slurm;

impl Target for Slurm {
    fn shown(&self, kind: &str, key: &str, value: &Value) -> Option<String> {
        fields::find(kind, key).map(|field| value::shown(field, value))
    }

    fn shown_entry(&self, kind: &str, key: &str, name: &str, value: &Value) -> Option<String> {
        let field = fields::find(kind, key).filter(|field| field.shape == Shape::Tres)?;
        let mut map = serde_json::Map::new();
        map.insert(name.to_owned(), value.clone());
        let text = value::shown(field, &Value::Object(map));
        Some(text.strip_prefix(&format!("{name}=")).map_or(text.clone(), ToOwned::to_owned))
    }

    /// Of accounting alone: in files the linter refuses what a release does not know.
    fn lacks(&self, observation: &Observation, kind: &str, key: &str) -> Option<String> {
        let release = observation.slurm()?.release;
        let in_files = matches!(kind, "node" | "nodeset" | "partition" | "gres");
        let lacking = fields::find(kind, key).is_some_and(|field| !field.exists(release));
        (!in_files && lacking).then(|| format!("Slurm {release}"))
    }

    fn class(
        &self,
        observation: &Observation,
        kind: &str,
        operation: Operation,
        fields: &[FieldChange],
    ) -> ChangeClass {
        class::of(kind, operation, fields, observation.slurm().map(|facts| facts.release))
    }

    fn edited(&self, observation: &Observation, kind: &str) -> bool {
        matches!(kind, "node" | "nodeset" | "partition" | "gres")
            && observation.slurm().is_some_and(|facts| {
                let file = if kind == "gres" { &facts.gres_include } else { &facts.include };
                facts.edited_files.contains(file)
            })
    }

    fn running_differences(&self, observation: &Observation) -> BTreeMap<Address, Vec<FieldChange>> {
        running_differences(observation)
    }
}

/// For each of our partitions and nodes in the files: the fields in which the controller runs something else. An entry
/// without fields never occurs; a resource that does not run at all yields all its fields.
pub fn running_differences(observation: &Observation) -> BTreeMap<Address, Vec<FieldChange>> {
    running::differences(TARGET, observation)
}
