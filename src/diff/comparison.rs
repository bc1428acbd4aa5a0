//! What comparing a target is told, and what it gives.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Change, ChangeClass, Fidelity, JobImpact, Operation, Warning};
use crate::diagnostics::{Diagnostic, Place};
use crate::live::{Live, Owner};
use crate::resource::{Address, Digest};

/// A declared resource that exists and is not ours.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Which.
    pub address: Address,
    /// Whose it is.
    pub owner: Owner,
    /// Who has written it so far, where that can be seen.
    pub hands: Vec<String>,
    /// Where it is declared.
    pub place: Option<String>,
}

/// What comparing one target gave.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Differences, by address.
    pub changes: Vec<Change>,
    /// Declared resources that need nothing.
    pub unchanged: usize,
    /// Live resources that are not ours and not declared.
    pub unmanaged: Vec<Address>,
    /// Resources of ours that are no longer declared and are kept all the same.
    pub kept: Vec<Address>,
    /// Declared resources that are somebody else's.
    pub conflicts: Vec<Conflict>,
    /// How sure it is of each declared object; only for Kubernetes.
    pub tiers: Option<Tiers>,
    /// Declared objects that the server would refuse.
    pub blocked: Vec<Blocked>,
    /// Things to know that are no difference.
    pub warnings: Vec<Warning>,
}

/// How many declared objects are known in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiers {
    /// Proved from what was read, without a request.
    pub proved: usize,
    /// By the server's dry-run.
    pub confirmed: usize,
    /// Neither was possible.
    pub predicted: usize,
}

/// A declared object that the server would refuse.
#[derive(Debug, Clone)]
pub struct Blocked {
    /// Which.
    pub address: Address,
    /// Why, at the fields that the server names, or at the object; absent where it is told with another.
    pub diagnostic: Option<Diagnostic>,
}

/// What was asked for by name, object by object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wishes {
    /// Foreign resources that may be taken over.
    pub adopt: BTreeSet<Address>,
    /// Fields that may be taken from other field managers: the object, and the field's path.
    pub take: BTreeSet<(Address, String)>,
    /// Objects that may be deleted and created again.
    pub recreate: BTreeSet<Address>,
    /// Objects of kinds that are else never deleted.
    pub prune: BTreeSet<Address>,
}

/// Turns a symbolic place into `access.yaml:31`.
pub type Locate<'a> = dyn Fn(&Place) -> Option<String> + 'a;

/// Digest that binds a plan to a live resource.
pub fn seen(live: &Live) -> Digest {
    live.body.as_read().cloned().unwrap_or_else(|| Digest::of_json(live))
}

pub(super) fn change(address: &Address, operation: Operation, class: ChangeClass) -> Change {
    Change {
        address: address.clone(),
        operation,
        class,
        fidelity: Fidelity::Proved,
        fields: Vec::new(),
        summary: String::new(),
        place: None,
        seen: None,
        drift: None,
        impact: JobImpact::default(),
        takes: Vec::new(),
        notes: Vec::new(),
    }
}
