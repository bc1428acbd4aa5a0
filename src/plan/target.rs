//! What planning needs to know of a kind of target.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Guards, Identity, Refusal, Step};
use crate::diagnostics::{Code, Diagnostics};
use crate::diff::{Change, Conflict, JobImpact, Wishes};
use crate::live::Observation;
use crate::manifest::v1alpha1::settings::Binding;
use crate::resource::{Address, Resource};

/// How each file begins. What begins so may be written over.
pub const HEAD: &str = "# Written by sitewright";

/// What actions are made from.
pub(super) struct Work<'a> {
    pub(super) factory: &'a str,
    /// What is declared on the target.
    pub(super) desired: &'a [Resource],
    pub(super) changes: &'a [Change],
    pub(super) observation: &'a Observation,
    /// Resources of other targets that the same plan writes before.
    pub(super) elsewhere: &'a BTreeSet<Address>,
    /// The site's restart command, if it declares one.
    pub(super) restart: Option<&'a [String]>,
    /// Number of the first action.
    pub(super) first: u32,
}

/// Files of one target, to be written without asking it.
pub(super) struct Files<'a> {
    pub(super) factory: &'a str,
    pub(super) target: &'a str,
    /// What is declared there of the target's own kinds.
    pub(super) desired: &'a [Resource],
    pub(super) binding: Option<&'a Binding>,
}

/// A kind of target, for planning. It is asked of its own steps, observations and kinds of resources, unless it says that
/// it is asked of all: a twin has resources of every kind.
pub(super) trait Target: Sync {
    /// Which system was observed.
    fn identity(&self, observation: &Observation) -> Identity;

    /// Whether its resources name those of other targets, which are then written before.
    fn names_others(&self) -> bool {
        false
    }

    /// What no plan may hold; of all that is declared.
    fn forbidden(&self, _desired: &[Resource]) -> Diagnostics {
        Diagnostics::new()
    }

    /// Changes → actions.
    fn actions(&self, work: &Work<'_>) -> Result<Vec<Action>, Diagnostics>;

    /// Place of a kind in the order of creation; removal goes backwards.
    fn rank(&self, kind: &str) -> usize;

    /// Jobs in the way of a change.
    fn impact(&self, _change: &Change, _observation: &Observation) -> JobImpact {
        JobImpact::default()
    }

    /// Things to know of changes; of all.
    fn note(&self, _changes: &mut [Change], _desired: &[Resource], _observation: &Observation) {}

    /// Warnings about what is declared and has no effect under the settings of the target.
    fn unkept(&self, _desired: &[Resource], _observation: &Observation) -> Diagnostics {
        Diagnostics::new()
    }

    /// What changes may not do, and the flags that lift it; of all.
    fn of_changes(&self, _changes: &[Change], _wishes: &Wishes) -> Vec<Refusal> {
        Vec::new()
    }

    /// A declared resource that is somebody else's, where there is more to say than whose.
    fn conflict(&self, _conflict: &Conflict) -> Option<Refusal> {
        None
    }

    /// Why an action may not be taken there.
    fn refused(
        &self,
        _action: &Action,
        _observation: &Observation,
        _guards: &Guards,
        _restart: Option<&[String]>,
    ) -> Option<Refusal> {
        None
    }

    /// Code of the warning that actions change nothing but marks of ours, where they can.
    fn code_of_marks(&self) -> Option<&'static Code> {
        None
    }

    /// Whether a resource that is no longer declared stays unless it was asked for by name.
    fn stays(&self, _kind: &str) -> bool {
        false
    }

    /// Whether a step of a saved plan is one that its changes can bring about.
    fn fits(&self, step: &Step, action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool;

    /// Takes out of a step what may differ between two plans for the same changes.
    fn without_texts(&self, _step: &mut Step) {}

    /// What is declared as files, by path; or why one cannot be written.
    fn rendered(&self, files: &Files<'_>) -> Result<BTreeMap<String, String>, String>;
}
