//! Reading objects back.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diff::Change;
use crate::diff::kubernetes::waiting_for;
use crate::kubernetes::fields::{differences, written};
use crate::kubernetes::places::{Places, spot};
use crate::kubernetes::status::{State, state};
use crate::live::Observation;
use crate::resource::{Address, Body, Resource};

/// Message about a deleted object that still exists.
pub(super) fn still_there(address: &Address, observation: &Observation) -> String {
    let object = observation.kubernetes().and_then(|facts| facts.object(address));
    match object.map(state) {
        Some(State::Terminating(finalizers)) => format!("is being deleted{}", waiting_for(&finalizers)),
        _ => "is still there".to_owned(),
    }
}

/// The first field of an object that a twin keeps, whose fields are leaves of a tree.
pub(super) fn wrong_leaf(change: &Change, body: &Body) -> Option<String> {
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

/// Where what a server refused is declared: at the field that it names, or where the object is.
pub(super) fn place_of<'a>(change: &'a Change, resource: &Resource, named: &[String]) -> Option<&'a str> {
    let body = Value::Object(resource.body.clone().into_iter().collect());
    let fields = change.fields.iter().filter_map(|one| Some((one.field.clone(), one.place.as_deref()?)));
    let fields: BTreeMap<String, &str> = fields.collect();
    let places = Places::new(&body, &fields);
    let own = named.iter().find_map(|name| places.nearest(&spot(&body, name)));
    own.map(|(place, _)| *place).or(change.place.as_deref())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diff::{ChangeClass, Fidelity, FieldChange, Operation};

    #[test]
    fn what_is_refused_while_it_is_written_has_its_line() {
        let address = Address::new("services", "Deployment.apps", "p/web");
        let object = json!({"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "y"}]}});
        let field = |name: &str, line: u32| FieldChange {
            field: format!(".spec.containers[name=\"{name}\"].image"),
            entry: None,
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
