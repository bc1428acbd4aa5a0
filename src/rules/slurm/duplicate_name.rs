//! The account of a service, and the QOS of that name, belong to nobody else.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostics, Place};
use crate::model::Site;
use crate::resource::FieldPath;
use crate::rules::duplicate_name::{CODE, twice};
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let mut taken: BTreeMap<&str, Place> = BTreeMap::new();
    for factory in &site.factories {
        let place = |path: FieldPath| Place::value(factory.document, path);
        taken.insert(&factory.account, place(FieldPath::keys("metadata.name")));
        taken.extend(factory.branches.iter().map(|branch| (branch.name.as_str(), place(branch.path.key("name")))));
    }
    for project in &site.projects {
        taken.insert(&project.account, Place::value(project.document, FieldPath::keys("metadata.name")));
    }
    for service in &site.services {
        let Some(runtime) = service.slurm() else { continue };
        let own = at(service, "spec.slurm.account");
        if let Some(first) = taken.insert(&runtime.account, own.clone()) {
            found.push(twice(
                &format!("the account `{}`", runtime.account),
                own,
                first,
                "give it an account of its own",
            ));
            continue;
        }
        let mode = site.modes.iter().find(|mode| runtime.mode.is_none() && mode.name == runtime.account);
        if let Some(mode) = mode {
            found.push(twice(
                &format!("the QOS `{}`", mode.name),
                own,
                Place::value(mode.document, FieldPath::keys("metadata.name")),
                "use it: `mode: …`, or give the service another account",
            ));
        }
    }
}
