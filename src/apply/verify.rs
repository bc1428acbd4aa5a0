//! Reading back: exit codes of `sacctmgr` prove nothing, only what is read afterwards does.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diff::{Change, Comparison, Operation, Wishes, kubernetes};
use crate::kubernetes::fields::{differences, written};
use crate::kubernetes::kinds::is_kubernetes;
use crate::kubernetes::places::{Places, spot};
use crate::kubernetes::status::{State, state};
use crate::live::{Observation, Owner};
use crate::resource::{Body, Resource, of_target};

/// Where what a server refused is declared: at the field that it names, or where the object is.
pub(super) fn place_of<'a>(change: &'a Change, resource: &Resource, named: &[String]) -> Option<&'a str> {
    let body = Value::Object(resource.body.clone().into_iter().collect());
    let fields = change.fields.iter().filter_map(|one| Some((one.field.clone(), one.place.as_deref()?)));
    let fields: BTreeMap<String, &str> = fields.collect();
    let places = Places::new(&body, &fields);
    let own = named.iter().find_map(|name| places.nearest(&spot(&body, name)));
    own.map(|(place, _)| *place).or(change.place.as_deref())
}

/// Why a change did not arrive; `None` if it did.
pub(super) fn missing(change: &Change, observation: &Observation) -> Option<String> {
    let live = observation.resources.get(&change.address);
    match (change.operation, live) {
        (Operation::Delete, None) => None,
        (Operation::Delete, Some(_)) => Some("is still there".to_owned()),
        (_, None) => Some("is not there".to_owned()),
        (_, Some(live)) if !matches!(live.owner, Owner::Ours | Owner::BuiltIn | Owner::Shared) => {
            Some("does not carry our marker".to_owned())
        }
        (_, Some(live)) => wrong_field(change, &live.body),
    }
}

/// A Kubernetes target compared anew with what is declared; `None` for other targets.
pub(super) fn compared(observation: &Observation, desired: &[Resource]) -> Option<Comparison> {
    let facts = observation.kubernetes.as_ref()?;
    let here = of_target(desired, &observation.target);
    Some(kubernetes::compare(&here, observation, facts, &Wishes::default(), &|_| None))
}

/// Why a change of an object did not arrive; `None` if it did: nothing more is to be done to it.
pub(super) fn missing_object(change: &Change, observation: &Observation, comparison: &Comparison) -> Option<String> {
    let address = &change.address;
    if change.operation == Operation::Delete && !observation.resources.contains_key(address) {
        return None;
    }
    if change.operation == Operation::Delete {
        let object = observation.kubernetes.as_ref().and_then(|facts| facts.object(address));
        return Some(match object.map(state) {
            Some(State::Terminating(finalizers)) => {
                format!("is being deleted{}", kubernetes::waiting_for(&finalizers))
            }
            _ => "is still there".to_owned(),
        });
    }
    if comparison.conflicts.iter().any(|conflict| conflict.address == *address) {
        return Some("does not carry our mark".to_owned());
    }
    if comparison.blocked.iter().any(|blocked| blocked.address == *address) {
        return Some("would be refused again".to_owned());
    }
    let left = comparison.changes.iter().find(|left| left.address == *address)?;
    if left.operation == Operation::Create {
        return Some("is not there".to_owned());
    }
    let text = |text: &str| if text.is_empty() { "unset".to_owned() } else { text.to_owned() };
    Some(match (left.fields.first(), left.notes.first()) {
        (Some(field), _) => {
            format!("{} reads back as {}, wanted {}", field.field, text(&field.before_text), text(&field.after_text))
        }
        (None, Some(note)) => note.clone(),
        (None, None) => "still differs".to_owned(),
    })
}

fn wrong_field(change: &Change, body: &Body) -> Option<String> {
    if is_kubernetes(&change.address.kind) {
        return wrong_leaf(change, body);
    }
    change.fields.iter().find_map(|field| {
        let now = value_at(body, &field.field);
        if change.drift == Some(crate::diff::Drift::RunningDiffersFromFile) || now == field.after.as_ref() {
            return None;
        }
        let text = |value: Option<&Value>| value.map_or_else(|| "unset".to_owned(), Value::to_string);
        Some(format!("{} reads back as {}, wanted {}", field.field, text(now), text(field.after.as_ref())))
    })
}

/// The same for an object that a twin keeps, whose fields are leaves of a tree.
fn wrong_leaf(change: &Change, body: &Body) -> Option<String> {
    let whole = Value::Object(body.iter().map(|(key, value)| (key.clone(), value.clone())).collect());
    let leaves: BTreeMap<String, Value> =
        differences(None, Some(&whole)).into_iter().filter_map(|one| Some((written(&one.steps), one.after?))).collect();
    change.fields.iter().find_map(|field| {
        let below = |path: &String| path.starts_with(&format!("{}[", field.field));
        // Items in another order: their names stand in the plan, the items in the body.
        if leaves.get(&field.field) == field.after.as_ref() || leaves.keys().any(below) {
            return None;
        }
        Some(format!("{} reads back otherwise than {}", field.field, field.after_text))
    })
}

/// `MaxTRESPerUser gres/gpu` → the entry of the map, `MaxWall` → the value.
fn value_at<'a>(body: &'a Body, field: &str) -> Option<&'a Value> {
    match field.split_once(' ') {
        Some((key, entry)) => body.get(key)?.as_object()?.get(entry),
        None => body.get(field),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::{Fidelity, FieldChange};
    use crate::resource::Address;
    use crate::slurm::fields::ChangeClass;

    #[test]
    fn what_is_refused_while_it_is_written_has_its_line() {
        let address = Address::new("services", "Deployment.apps", "p/web");
        let object = json!({"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]}});
        let field = |name: &str, line: u32| FieldChange {
            field: format!(".spec.containers[name=\"{name}\"].image"),
            place: Some(format!("web.yaml:{line}")),
            before: None,
            after: None,
            before_text: String::new(),
            after_text: String::new(),
            reason: None,
        };
        let change = Change {
            address: address.clone(),
            operation: Operation::Create,
            class: ChangeClass::Live,
            fidelity: Fidelity::Confirmed,
            fields: vec![field("a", 7), field("b", 9)],
            summary: String::new(),
            place: Some("web.yaml:4".to_owned()),
            seen: None,
            drift: None,
            impact: crate::diff::JobImpact::default(),
            takes: Vec::new(),
            notes: Vec::new(),
        };
        let resource = Resource {
            address,
            body: object.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect(),
            place: None,
            places: BTreeMap::new(),
            reasons: BTreeMap::new(),
            protect: false,
            summary: String::new(),
        };
        for (named, wanted) in [
            (&["spec.containers[1].image"][..], "web.yaml:9"),
            (&[".spec.containers[name=\"a\"].image"], "web.yaml:7"),
            (&["metadata.labels", "spec.containers[0].image"], "web.yaml:7"),
            (&["spec.replicas"], "web.yaml:4"),
            (&[], "web.yaml:4"),
        ] {
            let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(place_of(&change, &resource, &named), Some(wanted), "{named:?}");
        }
    }
}
