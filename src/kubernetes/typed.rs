//! Objects as typed structs. Kinds that come with every server are k8s-openapi's structs, so the compiler checks the names
//! and the types of their fields; a kind of somebody else's gets a struct of its own where it is compiled.

use k8s_openapi::Resource;
use serde::Serialize;
use serde_json::{Map, Value};

/// A kind whose objects are structs.
pub trait Kind: Serialize {
    /// Group and version: `apps/v1`, or `v1` in the core group.
    const API_VERSION: &'static str;
    /// Name of the kind: `Deployment`.
    const KIND: &'static str;
}

impl<K: Resource + Serialize> Kind for K {
    const API_VERSION: &'static str = K::API_VERSION;
    const KIND: &'static str = K::KIND;
}

/// The whole object as JSON: `apiVersion` and `kind`, and of all other fields those that are set. Keys are in order.
pub fn to_map<K: Kind>(object: &K) -> Map<String, Value> {
    let mut map = match to_json(object) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    // k8s-openapi writes metadata always.
    if map.get("metadata").and_then(Value::as_object).is_some_and(Map::is_empty) {
        map.shift_remove("metadata");
    }
    map.insert("apiVersion".to_owned(), K::API_VERSION.into());
    map.insert("kind".to_owned(), K::KIND.into());
    map.sort_keys();
    map
}

/// The whole object as one JSON value; see [`to_map`].
pub fn to_value<K: Kind>(object: &K) -> Value {
    Value::Object(to_map(object))
}

/// A part of an object as JSON, keys in order.
#[expect(clippy::expect_used, reason = "structs with texts as keys always become JSON, and no object has other keys")]
pub fn to_json<T: Serialize>(part: &T) -> Value {
    let mut json = serde_json::to_value(part).expect("an object is JSON");
    json.sort_all_objects();
    json
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Namespace, Service, ServicePort, ServiceSpec};
    use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_that_are_not_set_are_absent() {
        assert_eq!(to_value(&Namespace::default()).to_string(), r#"{"apiVersion":"v1","kind":"Namespace"}"#);
        let mut service = Service::default();
        service.metadata.name = Some("web".to_owned());
        let port = ServicePort { port: 80, target_port: Some(IntOrString::Int(8080)), ..ServicePort::default() };
        service.spec = Some(ServiceSpec { ports: Some(vec![port]), ..ServiceSpec::default() });
        let written = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"ports": [{"port": 80, "targetPort": 8080}]},
        });
        assert_eq!(to_value(&service).to_string(), written.to_string());
    }

    #[test]
    fn kinds_of_others_carry_their_version() {
        #[derive(Serialize)]
        struct Widget {
            size: u8,
        }
        impl Kind for Widget {
            const API_VERSION: &'static str = "example.org/v1";
            const KIND: &'static str = "Widget";
        }
        let text = r#"{"apiVersion":"example.org/v1","kind":"Widget","size":3}"#;
        assert_eq!(to_value(&Widget { size: 3 }).to_string(), text);
    }
}
