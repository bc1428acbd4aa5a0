//! What a list says of one user, or of one country, it says once.

use std::collections::BTreeMap;

use crate::diagnostics::codes::manifest as codes;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::Site;

pub(super) fn check(site: &Site, found: &mut Diagnostics) {
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
                Diagnostic::new(&codes::SAID_TWICE, message(name))
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
