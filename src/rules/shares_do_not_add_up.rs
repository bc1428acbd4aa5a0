//! Shares of a whole add up to 100 %, and parts of it to no more.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::model::Site;
use crate::model::units::{WHOLE, percent_text};
use crate::resource::FieldPath;

/// Shares do not add up.
pub(super) const CODE: Code = Code {
    name: "shares-do-not-add-up",
    severity: Severity::Error,
    summary: "Shares do not add up",
    explanation: "Shares of a whole add up to 100 %, and parts of it to no more.",
    failing: "consortium: [{ country: FI, share: 60% }, { country: SE, share: 60% }]",
    passing: "consortium: [{ country: FI, share: 60% }, { country: SE, share: 40% }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Sums, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for factory in &site.factories {
        let total: u32 = factory.shares.iter().map(|(_, share, _)| share).sum();
        let knows_all = site.knows(factory.document, &["spec.consortium[].share"]);
        if knows_all && !factory.shares.is_empty() && total != WHOLE {
            found.push(
                Diagnostic::new(&CODE, format!("the shares of the consortium add up to {}", percent_text(total)))
                    .at(Place::key(factory.document, FieldPath::keys("spec.consortium")))
                    .label("has to be 100 %")
                    .hint("correct a share"),
            );
        }
        let share = |name: &str| factory.access.get(name).map_or(0, |(share, _)| *share);
        let split = share("union") + share("states");
        if factory.access.contains_key("union") && factory.access.contains_key("states") && split != WHOLE {
            found.push(
                Diagnostic::new(&CODE, format!("the Union's and the states' access add up to {}", percent_text(split)))
                    .at(Place::key(factory.document, FieldPath::keys("spec.access")))
                    .label("has to be 100 %")
                    .why("Article 17(4) of Council Regulation (EU) 2021/1173 shares out the whole access time")
                    .hint("correct a share"),
            );
        }
        for (name, (share, place)) in &factory.access {
            if *share > WHOLE {
                found.push(
                    Diagnostic::new(&CODE, format!("`{name}` is more than 100 %"))
                        .at(place.clone())
                        .hint("write at most `100%`"),
                );
            }
        }
    }
    let with_share: Vec<_> = site.modes.iter().filter_map(|mode| mode.share.map(|share| (mode, share))).collect();
    let total: u32 = with_share.iter().map(|(_, share)| share).sum();
    if total > WHOLE
        && let Some((last, _)) = with_share.last()
    {
        let mut finding =
            Diagnostic::new(&CODE, format!("the shares of the access modes add up to {}", percent_text(total)))
                .at(Place::value(last.document, FieldPath::keys("spec.share")))
                .label("more than there is")
                .hint("lower a share");
        for (mode, share) in &with_share[..with_share.len() - 1] {
            finding = finding.related(Place::value(mode.document, FieldPath::keys("spec.share")), percent_text(*share));
        }
        found.push(finding);
    }
}
