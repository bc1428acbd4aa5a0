//! What writes a target.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::sync::atomic::AtomicBool;

use futures::future::{FutureExt, LocalBoxFuture};

use super::event::Outcome;
use crate::diagnostics::Diagnostics;
use crate::live::transport::Holder;
use crate::live::{Endpoint, Observation};
use crate::plan::Action;
use crate::resource::Address;
use crate::targets::as_trait;

/// Told what is waited for, by the action's number.
pub type Waiting<'a> = dyn FnMut(u32, String) + 'a;

/// What an action is performed with.
pub struct Work<'a> {
    /// The action.
    pub action: &'a Action,
    /// The factory's name.
    pub factory: &'a str,
    /// The target as the plan was made from it.
    pub observation: Option<&'a Observation>,
    /// The site's restart command, if it declares one.
    pub restart: Option<&'a [String]>,
    /// Resources of the plan that are not there, or not as they should be: why.
    pub missing: &'a BTreeMap<Address, String>,
    /// What nothing else in the plan needs in order, and so is waited for at the end.
    pub at_end: &'a BTreeSet<Address>,
    /// Set when the user wants to stop.
    pub stop: &'a AtomicBool,
}

/// What came of an action, and of single resources where it is about many.
#[derive(Debug)]
pub struct Performed {
    /// What came of the whole.
    pub outcome: Outcome,
    /// Resources that were refused: why.
    pub failed: Vec<(Address, String)>,
    /// Written, and not in order in time: why. What needs them is written all the same.
    pub late: Vec<(Address, String)>,
    /// Not tried: why.
    pub skipped: Vec<(Address, String)>,
    /// Fields that the target names in what it refuses.
    pub named: BTreeMap<Address, Vec<String>>,
    /// Set where the target is out of reach, so that nothing more need be tried there.
    pub lost: Option<String>,
    /// What people have to run.
    pub by_hand: Option<String>,
    /// What the target's log said when it did not take what was written, and the previous state was put back.
    pub rolled_back: Option<String>,
}

impl From<Outcome> for Performed {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            failed: Vec::new(),
            late: Vec::new(),
            skipped: Vec::new(),
            named: BTreeMap::new(),
            lost: None,
            by_hand: None,
            rolled_back: None,
        }
    }
}

/// One target's lock.
#[derive(Debug)]
pub enum Lock {
    /// By a name on the target.
    Named(String),
    /// By a file of this machine, held until it is closed.
    File(File),
}

/// Writes one target: what a plan decided, and nothing else. It is built on what the target is bound to, as its reader is.
pub trait Writer: fmt::Debug {
    /// Keeps other applies out.
    fn lock<'a>(
        &'a self,
        target: &'a str,
        factory: &'a str,
        here: &'a Holder,
    ) -> LocalBoxFuture<'a, Result<Lock, Diagnostics>>;

    /// Lets them in again.
    fn unlock<'a>(&'a self, lock: &'a Lock, here: &'a Holder) -> LocalBoxFuture<'a, ()>;

    /// Takes an action of a plan; `None` where it is none of this kind of target.
    fn perform<'a>(&'a self, work: Work<'a>, waiting: &'a mut Waiting<'_>) -> LocalBoxFuture<'a, Option<Performed>>;

    /// Waits for what was sent without waiting, of actions that were tried; what is not in order in time, and why.
    fn settle<'a>(
        &'a self,
        _actions: &'a [&'a Action],
        _left: &'a dyn Fn(&Address) -> bool,
        _waiting: &'a mut Waiting<'_>,
    ) -> LocalBoxFuture<'a, Vec<(Address, String)>> {
        futures::future::ready(Vec::new()).boxed_local()
    }
}

/// The endpoint as what writes it.
pub(super) fn writer(endpoint: &Endpoint) -> &dyn Writer {
    as_trait!(endpoint, Endpoint { Twin })
}
