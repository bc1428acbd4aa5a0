//! One run of a verb over a site: load, observe, compare, confirm, plan.

use std::collections::BTreeSet;

use super::args::SiteArgs;
use super::same;
use super::site::{Endpoints, Loaded};
use super::targets::TARGETS;
use super::today::today;
use crate::diagnostics::Diagnostics;
use crate::diff::Wishes;
use crate::live::{Endpoint, Observation};
use crate::plan::{Guards, Plan, Request, build};
use crate::resource::{Address, Resource, of_target};
use crate::session;

/// A loaded site with its targets, for one run of a verb.
pub(super) struct Session<'a> {
    pub(super) loaded: &'a Loaded,
    args: &'a SiteArgs,
    pub(super) endpoints: Endpoints,
    /// What the manifests declare.
    pub(super) desired: Vec<Resource>,
    /// Whether everything goes: nothing is wanted then, whatever is declared.
    destroying: bool,
}

/// What is planned for, besides the site itself.
pub(super) struct Wish {
    pub(super) wishes: Wishes,
    pub(super) guards: Guards,
    pub(super) only: Option<BTreeSet<Address>>,
    pub(super) at: Option<String>,
}

impl<'a> Session<'a> {
    /// Binds the targets of a site and compiles what it declares. Reaches nothing yet.
    pub(super) fn open(loaded: &'a Loaded, args: &'a SiteArgs, destroying: bool) -> Result<Self, Diagnostics> {
        let endpoints = loaded.endpoints(args)?;
        Ok(Self { loaded, args, endpoints, desired: loaded.desired(args), destroying })
    }

    /// What is wanted on the targets.
    pub(super) fn wanted(&self) -> &[Resource] {
        if self.destroying { &[] } else { &self.desired }
    }

    /// Reads every target once, and asks it what comparing leaves open.
    pub(super) async fn observe(&self) -> Result<Vec<Observation>, Diagnostics> {
        let factory = self.loaded.factory();
        let read = async |name: &str, endpoint: &Endpoint| {
            let here = of_target(self.wanted(), name);
            let strange = TARGETS.iter().find_map(|target| target.strange(endpoint, name, &here));
            match strange {
                Some(diagnostic) => Err(Diagnostics(vec![diagnostic])),
                None => session::read(endpoint.reader(), name, &factory, &here).await,
            }
        };
        let endpoints = &self.endpoints.by_name;
        let readings = futures::future::join_all(endpoints.iter().map(|(name, endpoint)| read(name, endpoint))).await;
        let mut found = Diagnostics::new();
        let mut observations = Vec::new();
        for reading in readings {
            match reading {
                Ok(observation) => observations.push(observation),
                Err(errors) => found.extend(errors),
            }
        }
        found.extend(same::clusters(endpoints, &observations));
        if found.is_empty() { Ok(observations) } else { Err(found) }
    }

    /// Makes a plan from what was read.
    pub(super) fn plan(&self, wish: Wish, observations: &[Observation]) -> Result<Plan, Diagnostics> {
        let day = self.args.at.unwrap_or_else(today);
        let request = Request {
            factory: self.loaded.factory(),
            environment: self.args.environment().to_owned(),
            at: wish.at.unwrap_or_else(|| day.to_string()),
            manifests: self.loaded.manifests.clone(),
            wishes: wish.wishes,
            guards: wish.guards,
            destroying: self.destroying,
            only: wish.only,
            restart: self.endpoints.restart.clone(),
        };
        build(&request, &self.desired, observations, &|place| self.loaded.short(place))
    }
}
