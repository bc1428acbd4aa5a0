//! A plan as a file: canonical JSON, and a checksum over it.
//!
//! The checksum tells accidents: a file that was cut, merged or edited by hand. It is no signature. Whoever can write the
//! file can compute it anew; against that apply makes the plan again, and executes nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::targets::{TARGETS, stays};
use super::{Action, FORMAT, Identity, Plan, Step, twin};
use crate::diff::{Change, Operation};
use crate::resource::{Address, Digest, canonical_json};

const CHECKSUM: &str = "checksum";

/// The text to save.
pub fn to_text(plan: &Plan) -> String {
    let mut value = serde_json::to_value(plan).unwrap_or_default();
    let checksum = Digest::of_json(&value);
    if let Value::Object(map) = &mut value {
        map.insert(CHECKSUM.to_owned(), Value::String(checksum.0));
    }
    canonical_json(&value) + "\n"
}

/// Whether a text is a saved plan, of whatever version and whether or not it is whole.
pub fn is_saved_plan(text: &str) -> bool {
    let Ok(Value::Object(map)) = serde_json::from_str(text) else { return false };
    map.get("format").is_some_and(Value::is_u64)
        && ["tool", "factory", "manifests"].iter().all(|key| map.get(*key).is_some_and(Value::is_string))
}

/// Why a text is no plan that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is a plan of another version of the format.
    #[error("it has plan format {0}, this version reads {FORMAT}")]
    OtherFormat(u64),
    /// It is no plan, or one that was changed by hand: why.
    #[error("{0}")]
    Bad(String),
}

impl From<String> for Unusable {
    fn from(why: String) -> Self {
        Self::Bad(why)
    }
}

/// The plan in a saved text, or why it is none.
pub fn from_text(text: &str) -> Result<Plan, Unusable> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    match value.get("format").and_then(Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => return Err(Unusable::OtherFormat(format)),
        None => return Err("it names no format".to_owned().into()),
    }
    let checksum = value.as_object_mut().and_then(|map| map.remove(CHECKSUM)).unwrap_or_default();
    if checksum.as_str() != Some(Digest::of_json(&value).0.as_str()) {
        return Err("its checksum does not fit: it was changed after it was saved".to_owned().into());
    }
    let plan: Plan = serde_json::from_value(value).map_err(|error| error.to_string())?;
    agreed(&plan)?;
    Ok(plan)
}

/// Whether the parts of a plan say the same.
fn agreed(plan: &Plan) -> Result<(), String> {
    if plan.at.parse::<jiff::civil::Date>().is_err() {
        return Err(format!("`at` is `{}`, which is no day", plan.at));
    }
    if plan.factory.is_empty() || plan.environment.is_empty() {
        return Err("it names no factory or no environment".to_owned());
    }
    let targets: BTreeSet<&str> = plan.targets.iter().map(|target| target.name.as_str()).collect();
    let mut changes: BTreeMap<&Address, &Change> = BTreeMap::new();
    for change in &plan.changes {
        let address = &change.address;
        if !targets.contains(address.target.as_str()) {
            return Err(format!("`{address}` changes on a target that is not among its targets"));
        }
        if (change.operation == Operation::Create) != change.seen.is_none() {
            return Err(format!("`{address}` is of another operation than what was seen allows"));
        }
        if changes.insert(address, change).is_some() {
            return Err(format!("`{address}` changes twice"));
        }
        if !is_asked_for(change, plan) {
            return Err(format!("`{address}` changes in a way that was not asked for"));
        }
    }
    for (number, action) in (1..).zip(&plan.actions) {
        let id = action.id;
        if id != number || action.after.iter().any(|before| !(1..id).contains(before)) {
            return Err(format!("action {id} is out of order"));
        }
        if !targets.contains(action.target.as_str())
            || action.addresses.iter().any(|address| address.target != action.target)
        {
            return Err(format!("action {id} is for a target that is not among its targets"));
        }
        if !fits(action, &changes) {
            return Err(format!("action {id} does something else than its changes say"));
        }
    }
    Ok(())
}

/// Whether a change that has to be asked for by address was, or is refused by the plan itself.
fn is_asked_for(change: &Change, plan: &Plan) -> bool {
    let (address, wishes) = (&change.address, &plan.wishes);
    let asked = match change.operation {
        Operation::Adopt => wishes.adopt.contains(address),
        Operation::Recreate => wishes.recreate.contains(address),
        Operation::Delete if stays(&address.kind) => wishes.prune.contains(address),
        _ => true,
    };
    let taken = change.takes.iter().all(|one| wishes.take.contains(&(address.clone(), one.path.clone())));
    asked && taken || plan.refusals.iter().any(|refusal| refusal.addresses.contains(address))
}

/// Whether an action is one that its changes can bring about.
fn fits(action: &Action, changes: &BTreeMap<&Address, &Change>) -> bool {
    match (&action.step, action.step.of_kind(TARGETS)) {
        (Step::Twin(step), _) => twin::fits(step, action, changes),
        (step, Some(target)) => target.fits(step, action, changes),
        (_, None) => false,
    }
}

/// Why a plan made afresh is not the saved one, although no resource moved; `None` if it is.
pub fn other_than(saved: &Plan, fresh: &Plan) -> Option<String> {
    let whole = |plan: &Plan| -> Vec<(String, Identity)> {
        plan.targets.iter().map(|target| (target.name.clone(), target.identity.clone())).collect()
    };
    if whole(saved) != whole(fresh) {
        let names = |plan: &Plan| {
            let said = |(name, identity): (String, Identity)| format!("{name} → {identity}");
            whole(plan).into_iter().map(said).collect::<Vec<_>>().join(", ")
        };
        return Some(format!("its targets were `{}`, and are `{}`", names(saved), names(fresh)));
    }
    if saved.factory != fresh.factory {
        return Some(format!("it is of the factory `{}`, and the manifests are of `{}`", saved.factory, fresh.factory));
    }
    if actions(saved) != actions(fresh) {
        return Some("what it would do is not what is to be done for its changes".to_owned());
    }
    None
}

/// Actions as far as the plan is concerned.
fn actions(plan: &Plan) -> Vec<Action> {
    let mut actions = plan.actions.clone();
    for action in &mut actions {
        if let Some(target) = action.step.of_kind(TARGETS) {
            target.without_texts(&mut action.step);
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Facts, Jobs, Live, Observation, Owner, Reads};
    use crate::plan::{Guards, Request, build};
    use crate::resource::{Body, Resource};

    /// A plan for a twin that creates one mode and deletes another.
    fn plan() -> Plan {
        let address = |name: &str| Address::new("compute", "qos", name);
        let observation = Observation {
            target: "compute".to_owned(),
            title: "twin".to_owned(),
            resources: BTreeMap::from([(address("old"), Live { body: Body::new().into(), owner: Owner::Ours })]),
            running: BTreeMap::new(),
            salt: None,
            jobs: Jobs::Known(Vec::new()),
            reads: Reads::default(),
            findings: crate::diagnostics::Diagnostics::new(),
            facts: Facts::None,
        };
        let request = Request {
            factory: "nordlys".to_owned(),
            environment: "default".to_owned(),
            at: "2026-11-21".to_owned(),
            manifests: Digest::of(""),
            wishes: crate::diff::Wishes::default(),
            guards: Guards::default(),
            destroying: false,
            only: None,
            restart: BTreeMap::new(),
        };
        let body = Body::from([("UsageFactor".to_owned(), serde_json::json!("0.1"))]);
        let resource = Resource {
            address: address("new"),
            body,
            place: None,
            places: BTreeMap::new(),
            reasons: BTreeMap::new(),
            protect: false,
            summary: String::new(),
        };
        build(&request, &[resource], &[observation], &|_| None).unwrap()
    }

    #[test]
    fn a_saved_plan_reads_back() {
        let plan = plan();
        assert_eq!(plan.actions.len(), 2);
        let text = to_text(&plan);
        assert_eq!(from_text(&text).unwrap(), plan);
        assert!(is_saved_plan(&text) && is_saved_plan(&text.replace("\"at\":\"2026", "\"at\":\"1926")));
        // Somebody's editor has laid it out anew.
        let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&text).unwrap()).unwrap();
        assert_eq!(from_text(&pretty).unwrap(), plan);
        for other in [
            "",
            "{}",
            "[]",
            "x: 1",
            "{\"format\":1}",
            "{\"format\":\"a4\",\"tool\":\"x\",\"factory\":\"y\",\"manifests\":\"z\"}",
        ] {
            assert!(!is_saved_plan(other) && from_text(other).is_err(), "{other}");
        }
    }

    /// Whatever is changed by hand.
    #[test]
    fn an_edited_plan_is_refused() {
        let text = to_text(&plan());
        for (from, to) in [
            ("\"factory\":\"nordlys\"", "\"factory\":\"solsken\""),
            ("2026-11-21", "2020-02-31"),
            ("\"deletes\":10", "\"deletes\":99"),
            ("\"UsageFactor\":\"0.1\"", "\"UsageFactor\":\"0.9\""),
            ("\"refusals\":[]", "\"refusals\":[],\"more\":1"),
            ("\"checksum\":", "\"checksums\":"),
        ] {
            let edited = text.replace(from, to);
            assert_ne!(edited, text, "{from}");
            let why = from_text(&edited).unwrap_err().to_string();
            assert!(why.starts_with("its checksum does not fit"), "{from}: {why}");
        }
    }

    #[test]
    fn a_plan_of_another_format_is_told_from_what_is_no_plan() {
        let mut old = plan();
        old.format = 1;
        assert_eq!(from_text(&to_text(&old)).unwrap_err(), Unusable::OtherFormat(1));
        assert!(matches!(from_text("{\"format\":2}").unwrap_err(), Unusable::Bad(_)));
    }

    /// What was asked for is written down, whatever came of it.
    #[test]
    fn what_was_asked_for_is_saved() {
        let mut asked = plan();
        let address = Address::new("services", "Namespace", "p-medix");
        asked.wishes.take.insert((address.clone(), ".spec.finalizers".to_owned()));
        asked.wishes.prune.insert(address);
        assert_eq!(from_text(&to_text(&asked)).unwrap().wishes, asked.wishes);
    }

    /// Even with a checksum that fits.
    #[test]
    fn parts_that_do_not_agree_are_refused() {
        type Edit = fn(&mut Plan);
        let edits: [(&str, Edit); 15] = [
            ("no day", |plan| plan.at = "2020-02-31".to_owned()),
            ("names no factory", |plan| plan.factory.clear()),
            ("changes twice", |plan| plan.changes[1] = plan.changes[0].clone()),
            ("not among its targets", |plan| plan.targets.clear()),
            ("not among its targets", |plan| plan.actions[0].target = "other".to_owned()),
            ("another operation", |plan| plan.changes[0].operation = Operation::Create),
            ("not asked for", |plan| plan.changes[0].operation = Operation::Adopt),
            ("not asked for", |plan| plan.changes[0].operation = Operation::Recreate),
            ("not asked for", |plan| {
                let taken = crate::diff::Taken {
                    path: ".spec".to_owned(),
                    manager: "hpa".to_owned(),
                    version: String::new(),
                    place: None,
                };
                plan.changes[0].takes.push(taken);
            }),
            ("out of order", |plan| plan.actions.swap(0, 1)),
            ("out of order", |plan| plan.actions[0].after = vec![2]),
            ("than its changes say", |plan| plan.actions[1].step = plan.actions[0].step.clone()),
            ("than its changes say", |plan| plan.actions[0].addresses = vec![Address::new("compute", "qos", "other")]),
            ("than its changes say", |plan| plan.actions[0].addresses.clear()),
            ("than its changes say", |plan| {
                plan.actions[0].step = crate::plan::slurm::Step::Accounting { argv: vec!["rm".to_owned()] }.into();
            }),
        ];
        for (why, edit) in edits {
            let mut edited = plan();
            edit(&mut edited);
            let told = from_text(&to_text(&edited)).unwrap_err().to_string();
            assert!(told.contains(why), "{why}: {told}");
        }
    }

    #[test]
    fn a_plan_made_afresh_has_to_be_the_same() {
        let saved = plan();
        assert_eq!(other_than(&saved, &plan()), None);
        let mut edited = plan();
        edited.targets[0].identity.kind = "slurm".to_owned();
        assert!(other_than(&edited, &saved).unwrap().contains("`compute → twin`"));
        let mut edited = plan();
        edited.factory = "solsken".to_owned();
        assert!(other_than(&edited, &saved).unwrap().contains("`solsken`"));
        let mut edited = plan();
        let Step::Twin(twin::Step::Twin { put, .. }) = &mut edited.actions[0].step else { panic!() };
        put.values_mut().for_each(Body::clear);
        assert!(other_than(&edited, &saved).is_some());
    }
}
