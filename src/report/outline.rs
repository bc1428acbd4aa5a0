//! What a plan comes to, as values: totals, jobs in the way, and changes that are drawn together. Renderers draw it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::target::Target;
use super::targets::TARGETS;
use crate::diff::{Change, Drift, Effect, Fidelity, FieldChange, JobHit, Operation, Taken, Topic};
use crate::plan::Plan;
use crate::resource::{Address, canonical_json};
use crate::targets::of_kind;

/// A plan, computed for drawing.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) outcome: Outcome,
    pub(super) totals: Totals,
    pub(super) jobs: Jobs<'a>,
    /// Changes that are drawn together, in the order of drawing: deletions first.
    pub(super) groups: Vec<Group<'a>>,
}

/// What a plan is about, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Something is to be done.
    Work,
    /// Nothing is to be done, and something is refused.
    Refused,
    /// All is as declared.
    Settled,
    /// Everything of the factory is gone.
    Destroyed,
    /// Everything of the factory is gone but what is kept by default.
    DestroyedButKept,
}

/// Numbers of resources by what happens to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Totals {
    pub(super) create: usize,
    pub(super) update: usize,
    pub(super) adopt: usize,
    pub(super) recreate: usize,
    pub(super) release: usize,
    pub(super) delete: usize,
    pub(super) unchanged: usize,
    pub(super) unmanaged: usize,
}

/// Jobs in the way of the whole plan, each once.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Jobs<'a> {
    pub(super) running: usize,
    pub(super) pending: usize,
    /// GPUs that the running ones hold.
    pub(super) gpus: u64,
    /// When the last of the running ones ends at the latest (UTC).
    pub(super) until: Option<&'a str>,
    /// Why jobs cannot be seen.
    pub(super) unknown: Option<&'a str>,
}

/// Changes that say the same of several resources.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The change that stands for all.
    pub(super) first: &'a Change,
    pub(super) addresses: Vec<&'a Address>,
    /// What the resources come or go with, whatever their kinds: a namespace.
    pub(super) within: Option<&'a str>,
    /// Whether the target was asked about each change, so that each says how sure it is.
    pub(super) asked: bool,
}

impl Group<'_> {
    /// Whether it is drawn as one thing with several resources of any kind in it.
    pub(super) fn is_folded(&self) -> bool {
        self.addresses.len() > 1 && self.within.is_some()
    }

    /// Jobs by what happens to them.
    pub(super) fn jobs(&self) -> BTreeMap<Effect, Vec<&JobHit>> {
        let mut by_effect: BTreeMap<Effect, Vec<&JobHit>> = BTreeMap::new();
        for job in &self.first.impact.jobs {
            by_effect.entry(job.effect).or_default().push(job);
        }
        by_effect
    }
}

impl<'a> Outline<'a> {
    /// Computes it.
    pub(super) fn of(plan: &'a Plan) -> Self {
        Self { outcome: outcome(plan), totals: Totals::of(plan), jobs: Jobs::of(plan), groups: groups(plan) }
    }
}

fn outcome(plan: &Plan) -> Outcome {
    let kept = plan.targets.iter().any(|target| !target.kept.is_empty());
    match (plan.is_empty(), plan.refusals.is_empty(), plan.destroying) {
        (false, ..) => Outcome::Work,
        (_, false, _) => Outcome::Refused,
        (.., false) => Outcome::Settled,
        (.., true) if kept => Outcome::DestroyedButKept,
        (.., true) => Outcome::Destroyed,
    }
}

impl Totals {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut totals = Self {
            unchanged: plan.targets.iter().map(|target| target.unchanged).sum(),
            unmanaged: plan.targets.iter().map(|target| target.unmanaged.len()).sum(),
            ..Self::default()
        };
        for change in &plan.changes {
            match change.operation {
                Operation::Create => totals.create += 1,
                Operation::Update => totals.update += 1,
                Operation::Adopt => totals.adopt += 1,
                Operation::Recreate => totals.recreate += 1,
                Operation::Release => totals.release += 1,
                Operation::Delete => totals.delete += 1,
            }
        }
        totals
    }
}

impl<'a> Jobs<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let hits = || plan.changes.iter().flat_map(|change| &change.impact.jobs);
        let each = |running: bool| -> BTreeMap<&str, &JobHit> {
            hits().filter(|job| job.running == running).map(|job| (job.id.as_str(), job)).collect()
        };
        let running = each(true);
        Self {
            running: running.len(),
            pending: each(false).len(),
            gpus: running.values().map(|job| job.gpus).sum(),
            until: running.values().filter_map(|job| job.ends.as_deref()).max(),
            unknown: plan.changes.iter().find_map(|change| change.impact.unknown.as_deref()),
        }
    }

    /// Whether there is anything to say of jobs.
    pub(super) fn is_empty(&self) -> bool {
        self.running == 0 && self.pending == 0 && self.unknown.is_none()
    }
}

/// Place of an operation in the order of drawing.
fn rank(operation: Operation) -> usize {
    match operation {
        Operation::Delete => 0,
        Operation::Recreate => 1,
        Operation::Update => 2,
        Operation::Adopt => 3,
        Operation::Release => 4,
        Operation::Create => 5,
    }
}

/// Where a change is drawn. Changes are drawn together when these are equal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    rank: usize,
    target: &'a str,
    scope: Scope<'a>,
    /// The resource's name, where it stands alone.
    alone: Option<&'a str>,
    /// What the changes say, as canonical JSON.
    said: String,
}

/// What resources that are drawn together have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Scope<'a> {
    /// Their kind, and what the target says besides.
    Kind(&'a str, String),
    /// What they come or go with, whatever their kinds.
    Within(&'a str),
}

/// A field as it is drawn: texts first, for the order; values, for two long ones may be cut to equal texts.
type Said<'a> = (&'a str, Option<&'a str>, &'a str, &'a str, Option<&'a str>, [&'a Option<Value>; 2]);

/// What a change says of its resource, but for what names the resource's own things.
#[derive(Serialize)]
struct What<'a> {
    a_fields: Vec<Said<'a>>,
    b_jobs: Vec<&'a str>,
    c_takes: &'a [Taken],
    d_fidelity: Fidelity,
    e_notes: Vec<(Topic, Option<&'a str>)>,
    f_drift: Option<Drift>,
}

fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let asked = |target: &str| plan.targets.iter().any(|one| one.name == target && one.tiers.is_some());
    let mut by_key: BTreeMap<Key<'_>, Group<'_>> = BTreeMap::new();
    for change in &plan.changes {
        let address = &change.address;
        let within = within(change);
        let known = target(&address.kind);
        let folds = known.and_then(|target| target.folds(change));
        let together = within.is_some() || folds.is_some();
        let key = Key {
            rank: rank(change.operation),
            target: &address.target,
            scope: within.map_or(Scope::Kind(&address.kind, folds.unwrap_or_default()), Scope::Within),
            alone: (!together).then_some(address.name.as_str()),
            said: said(change, within.is_none(), known),
        };
        let new = || Group { first: change, addresses: Vec::new(), within, asked: asked(&address.target) };
        by_key.entry(key).or_insert_with(new).addresses.push(address);
    }
    by_key.into_values().collect()
}

fn said(change: &Change, with_fields: bool, target: Option<&dyn Target>) -> String {
    let differs = |field: &&FieldChange| target.is_some_and(|one| one.differs(&change.address.kind, &field.field));
    let fields = change.fields.iter().filter(|field| with_fields && !differs(field));
    let what = What {
        a_fields: fields
            .map(|one| {
                let (before, after) = (one.before_text.as_str(), one.after_text.as_str());
                let (entry, reason) = (one.entry.as_deref(), one.reason.as_deref());
                (one.field.as_str(), entry, before, after, reason, [&one.before, &one.after])
            })
            .collect(),
        b_jobs: change.impact.jobs.iter().map(|job| job.id.as_str()).collect(),
        c_takes: &change.takes,
        d_fidelity: change.fidelity,
        e_notes: change
            .notes
            .iter()
            .map(|note| (note.topic, (!note.topic.is_particular()).then_some(note.message.as_str())))
            .collect(),
        f_drift: change.drift,
    };
    canonical_json(&what)
}

/// What a change comes or goes with, whatever its kind: a namespace.
fn within(change: &Change) -> Option<&str> {
    let whole = matches!(change.operation, Operation::Create | Operation::Delete);
    target(&change.address.kind).filter(|_| whole)?.within(&change.address)
}

/// What the text of plans knows of the target whose kind of resource this is.
pub(super) fn target(kind: &str) -> Option<&'static dyn Target> {
    of_kind(TARGETS, kind)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::{ChangeClass, JobImpact, Note, Wishes};
    use crate::plan::{FORMAT, Guards};
    use crate::resource::Digest;

    fn change(name: &str, operation: Operation, after: &str) -> Change {
        let field = FieldChange {
            field: "Description".to_owned(),
            entry: None,
            before: None,
            after: Some(json!(after)),
            before_text: String::new(),
            after_text: "as long as it is …".to_owned(),
            place: None,
            reason: None,
        };
        Change {
            address: Address::new("compute", "qos", name),
            operation,
            class: ChangeClass::Live,
            fidelity: Fidelity::Proved,
            fields: vec![field],
            summary: String::new(),
            place: None,
            seen: None,
            drift: None,
            impact: JobImpact::default(),
            takes: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn plan(changes: Vec<Change>) -> Plan {
        Plan {
            format: FORMAT,
            tool: String::new(),
            factory: "nordlys".to_owned(),
            environment: "default".to_owned(),
            at: "2026-11-21".to_owned(),
            manifests: Digest::of(""),
            wishes: Wishes::default(),
            guards: Guards::default(),
            destroying: false,
            targets: Vec::new(),
            changes,
            actions: Vec::new(),
            refusals: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn names(plan: &Plan) -> Vec<Vec<String>> {
        let of = |group: &Group<'_>| group.addresses.iter().map(|address| address.name.clone()).collect();
        Outline::of(plan).groups.iter().map(of).collect()
    }

    /// Two long values may be cut to one text.
    #[test]
    fn changes_are_drawn_together_by_their_values() {
        use Operation::Update;
        let all = plan(vec![change("a", Update, "x"), change("b", Update, "y"), change("c", Update, "x")]);
        assert_eq!(names(&all), [vec!["a", "c"], vec!["b"]]);
    }

    /// A note that names the resource's own things parts nothing; whether there is one does.
    #[test]
    fn notes_part_by_topic() {
        let noted = |name: &str, topic: Topic, message: &str| Change {
            notes: vec![Note::new(topic, message)],
            ..change(name, Operation::Update, "x")
        };
        let all = plan(vec![
            noted("a", Topic::LastAssociation, "the last of `a`"),
            noted("b", Topic::LastAssociation, "the last of `b`"),
            change("c", Operation::Update, "x"),
            noted("d", Topic::PodsReplaced, "one"),
            noted("e", Topic::PodsReplaced, "other"),
        ]);
        let mut found = names(&all);
        found.sort();
        assert_eq!(found, [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
    }

    #[test]
    fn what_is_recreated_is_no_update() {
        let all = plan(vec![change("a", Operation::Recreate, "x"), change("b", Operation::Update, "x")]);
        let totals = Totals::of(&all);
        assert_eq!((totals.recreate, totals.update, totals.delete), (1, 1, 0));
        assert_eq!(names(&all), [["a"], ["b"]], "what is lost for a moment is told first");
    }
}
