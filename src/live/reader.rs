//! What reads a target.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use futures::future::{FutureExt, LocalBoxFuture, ready};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Observation;
use crate::diagnostics::Diagnostics;
use crate::resource::{Address, Resource};

/// What a reading holds besides the resources that carry our marks: kinds and names, and no bodies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Kinds to read, each with the API version to read it in, where that matters.
    pub kinds: BTreeMap<String, Option<String>>,
    /// Resources to read, whoever made them. One that does not exist is no error.
    pub names: BTreeSet<Address>,
}

impl Scope {
    /// The scope that comparing with these resources needs.
    pub fn of(desired: &[Resource]) -> Self {
        let mut scope = Self::default();
        for resource in desired {
            let version = resource.body.get("apiVersion").and_then(Value::as_str);
            match scope.kinds.get_mut(&resource.address.kind) {
                Some(known) if known.as_deref() == version => {}
                Some(known) => *known = version.map(ToOwned::to_owned),
                None => {
                    scope.kinds.insert(resource.address.kind.clone(), version.map(ToOwned::to_owned));
                }
            }
            scope.names.insert(resource.address.clone());
        }
        scope
    }
}

/// A question that only the target can answer: what would become of a resource that is written so?
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The resource.
    pub address: Address,
    /// The whole resource as apply would send it.
    pub object: Value,
}

/// Reads one target, and writes nothing to it. A reader knows no manifests.
pub trait Reader: fmt::Debug {
    /// Reads the target whole: every resource with our marks, and those of the scope. An error means that nothing is known.
    fn observe<'a>(
        &'a self,
        target: &'a str,
        factory: &'a str,
        scope: &'a Scope,
    ) -> LocalBoxFuture<'a, Result<Observation, Diagnostics>>;

    /// Asks the target, and records its answers in the observation. A target that answers no questions records nothing.
    fn confirm<'a>(
        &'a self,
        _observation: &'a mut Observation,
        _questions: Vec<Question>,
    ) -> LocalBoxFuture<'a, Result<(), Diagnostics>> {
        ready(Ok(())).boxed_local()
    }

    /// How the target is reached, for people and for telling two bindings of one cluster: `ssh admin.example`.
    fn way(&self) -> String {
        String::new()
    }
}
