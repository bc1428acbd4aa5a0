//! Sector domains are those of the European data spaces and AI factories.

use std::collections::BTreeSet;

use super::reference;
use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::resource::FieldPath;

/// A sector domain is unknown.
const CODE: Code = Code {
    name: "unknown-domain",
    severity: Severity::Error,
    summary: "A sector domain is unknown",
    explanation: "Domains are those of the common European data spaces and of the AI factories' sectors.",
    failing: "domain: helth",
    passing: "domain: health",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::References, check };

/// Sectors of the data spaces and AI factories (COM(2024) 28; Commission's list of common European data spaces).
const DOMAINS: [&str; 18] = [
    "aerospace",
    "agriculture",
    "automotive",
    "climate",
    "cultural-heritage",
    "cybersecurity",
    "defence",
    "education",
    "energy",
    "finance",
    "health",
    "language",
    "manufacturing",
    "media",
    "mobility",
    "public-administration",
    "science",
    "tourism",
];

fn check(site: &Site, found: &mut Diagnostics) {
    let known: BTreeSet<&str> = DOMAINS.into_iter().collect();
    for project in &site.projects {
        if let Some(domain) = project.domain.as_deref().filter(|domain| !known.contains(domain)) {
            let place = Place::value(project.document, FieldPath::keys("spec.domain"));
            found.push(reference::unknown(&CODE, "sector domain", domain, &known, place));
        }
    }
}
