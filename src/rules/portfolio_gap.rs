//! The services cover what the regulation asks of an AI factory: Article 4(1)(h) of Council Regulation (EU) 2021/1173 as
//! amended by (EU) 2024/1732, points (iii) to (viii). Points (i) and (ii) are its systems.

use super::rule::{Rule, Turn};
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::manifest::Kind;
use crate::model::ServiceCategory::{
    AlgorithmicSupport, Compliance, DataCatalogue, Helpdesk, Inference, ModelHub, Notebooks, OneStopShop,
    ProgrammingEnvironment, Training,
};
use crate::model::{ServiceCategory, Site};
use crate::resource::FieldPath;

/// The services leave a part of an AI factory's duties open.
const CODE: Code = Code {
    name: "portfolio-gap",
    severity: Severity::Warning,
    summary: "The services leave a part of an AI factory's duties open",
    explanation: "Article 4(1)(h) of Council Regulation (EU) 2021/1173, as amended by (EU) 2024/1732, says what an AI factory does besides running its system: (iii) fair access, widened to start-ups and SMEs; (iv) service centres that help to train, test, evaluate and validate models; (v) programming facilities; (vi) other AI-enabling services; (vii) attracting, pooling and training talent; (viii) working with other factories and centres, with services reachable across Europe. Services that people or other sites give count too (`external`).",
    failing: "category: inference   # and nothing else",
    passing: "category: one-stop-shop   # and algorithmic-support, programming-environment, inference, training; one of them public",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Portfolio, check };

/// A point, what it asks for, and the categories of which one covers it.
const POINTS: [(&str, &str, &[ServiceCategory]); 5] = [
    ("(iii)", "fair access, widened to start-ups and SMEs: `one-stop-shop`, `helpdesk`", &[OneStopShop, Helpdesk]),
    ("(iv)", "help to train, test, evaluate and validate models: `algorithmic-support`", &[AlgorithmicSupport]),
    ("(v)", "programming facilities: `programming-environment`", &[ProgrammingEnvironment]),
    (
        "(vi)",
        "other AI-enabling services: `inference`, `model-hub`, `notebooks`, `data-catalogue`, `compliance`",
        &[Inference, ModelHub, Notebooks, DataCatalogue, Compliance],
    ),
    ("(vii)", "talent attracted, pooled and trained: `training`", &[Training]),
];

/// The point that no category covers, but an audience.
const REACHABLE: (&str, &str) = ("(viii)", "services reachable across Europe: any with `audience: { public: true }`");

fn check(site: &Site, found: &mut Diagnostics) {
    let [factory] = site.factories.as_slice() else { return };
    let told = |document| site.knows(document, &["spec.category", "spec.audience"]);
    if site.services.is_empty()
        || site.may_hide(Kind::SupportService, None)
        || !site.services.iter().all(|service| told(service.document))
    {
        return;
    }
    let covered = |categories: &[ServiceCategory]| site.services.iter().any(|one| categories.contains(&one.category));
    let mut gaps: Vec<(&str, &str)> = POINTS
        .iter()
        .filter(|(_, _, categories)| !covered(categories))
        .map(|(point, what, _)| (*point, *what))
        .collect();
    if !site.services.iter().any(|service| service.audience.public) {
        gaps.push(REACHABLE);
    }
    if gaps.is_empty() {
        return;
    }
    let points: Vec<&str> = gaps.iter().map(|(point, _)| *point).collect();
    let missing: Vec<String> = gaps.iter().map(|(point, what)| format!("{point} {what}")).collect();
    found.push(
        Diagnostic::new(
            &CODE,
            format!("the services of `{}` leave open Article 4(1)(h) {}", factory.name, points.join(", ")),
        )
        .at(Place::value(factory.document, FieldPath::keys("metadata.name")))
        .label("its portfolio has gaps")
        .why(missing.join("; "))
        .hint("declare the services that there are, also those that people give: `external: { contact: … }`"),
    );
}
