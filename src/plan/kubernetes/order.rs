//! In which order objects are written: kind by kind, and later where one names another that is written too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kubernetes::kinds::{kind_and_group, references, wave};
use crate::resource::Address;

/// What each object of a plan names of the others.
#[derive(Debug, Default)]
pub(super) struct Order {
    levels: BTreeMap<Address, u32>,
    needs: BTreeMap<Address, BTreeSet<Address>>,
}

impl Order {
    /// Of objects that are written, and of others that are, by address.
    pub(super) fn of(target: &str, objects: &BTreeMap<Address, Value>) -> Self {
        let mut order = Self::default();
        let definitions = definitions(objects);
        for (address, object) in objects {
            let mut needs: BTreeSet<Address> = references(object)
                .into_iter()
                .map(|(kind, name)| Address::new(target, kind, name))
                .filter(|named| named != address && objects.contains_key(named))
                .collect();
            needs.extend(definitions.get(address.kind.as_str()).map(|one| (*one).clone()));
            order.levels.insert(address.clone(), u32::from(wave(&address.kind)) * 100);
            order.needs.insert(address.clone(), needs);
        }
        order.settle();
        order
    }

    /// Raises what names others above them. A circle of names ends it: no order would be one.
    fn settle(&mut self) {
        for _ in 0..16 {
            let mut raised = Vec::new();
            for (address, needs) in &self.needs {
                let own = self.levels[address];
                let highest = needs.iter().filter_map(|need| self.levels.get(need)).max();
                if let Some(highest) = highest.filter(|highest| **highest >= own) {
                    raised.push((address.clone(), highest + 1));
                }
            }
            if raised.is_empty() {
                return;
            }
            self.levels.extend(raised);
        }
    }

    /// Lower ones are written first.
    pub(super) fn level(&self, address: &Address) -> u32 {
        self.levels.get(address).copied().unwrap_or_else(|| u32::from(wave(&address.kind)) * 100)
    }

    /// What an object names of the others.
    pub(super) fn needs(&self, address: &Address) -> BTreeSet<Address> {
        self.needs.get(address).cloned().unwrap_or_default()
    }
}

/// Definitions among objects, by the kind that they define.
fn definitions(objects: &BTreeMap<Address, Value>) -> BTreeMap<String, &Address> {
    objects
        .iter()
        .filter(|(address, _)| kind_and_group(&address.kind).0 == "CustomResourceDefinition")
        .filter_map(|(address, object)| {
            let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
            Some((format!("{}.{}", text("/spec/names/kind")?, text("/spec/group")?), address))
        })
        .collect()
}

/// The plural of a kind that a definition among these objects defines.
pub(super) fn plural_of(objects: &BTreeMap<Address, Value>, kind: &str) -> Option<String> {
    let address = definitions(objects).get(kind).copied()?;
    objects.get(address)?.pointer("/spec/names/plural").and_then(Value::as_str).map(ToOwned::to_owned)
}
