//! A list says one thing of one user, or of one country, once.

use std::collections::BTreeMap;

use super::rule::{Rule, Turn};
use crate::diagnostics::codes::manifest::SAID_TWICE as CODE;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::Site;

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for factory in &site.factories {
        let administrators = factory.administrators.iter().map(|(user, _, place)| (user.as_str(), place));
        once(administrators, |user| format!("the level of `{user}` is said twice"), found);
        // The country stands beside its share.
        let countries: Vec<(&str, Place)> =
            factory.shares.iter().map(|(country, _, place)| (country.as_str(), beside(place, "country"))).collect();
        once(
            countries.iter().map(|(country, place)| (*country, place)),
            |country| format!("the share of `{country}` is said twice"),
            found,
        );
    }
}

/// Another field of the same mapping.
fn beside(place: &Place, field: &str) -> Place {
    match place {
        Place::Field { document, path, .. } => Place::value(*document, path.parent().unwrap_or_default().key(field)),
        other => other.clone(),
    }
}

fn once<'a>(
    all: impl Iterator<Item = (&'a str, &'a Place)>,
    message: impl Fn(&str) -> String,
    found: &mut Diagnostics,
) {
    let mut seen: BTreeMap<&str, &Place> = BTreeMap::new();
    for (name, place) in all {
        if let Some(first) = seen.get(name) {
            found.push(
                Diagnostic::new(&CODE, message(name))
                    .at(place.clone())
                    .label("said again")
                    .related((*first).clone(), "said here")
                    .hint("keep one of the two"),
            );
        } else {
            seen.insert(name, place);
        }
    }
}
