//! No service has a secret in its environment.

use serde_json::Value;

use super::pod;
use crate::diagnostics::codes::services::SECRET_VALUE as CODE;
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::model::Site;
use crate::model::service::kubernetes::Source;
use crate::resource::secrecy::looks_secret;
use crate::rules::rule::{Rule, Turn};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        for variable in service.kubernetes().into_iter().flat_map(|runtime| &runtime.env) {
            let name = &variable.name;
            for source in &variable.sources {
                if matches!(source, Source::Value(value) if looks_secret(name, value)) {
                    found.push(
                        Diagnostic::new(&CODE, format!("`{name}` is a secret, by its name or its form"))
                            .at(Place::key(service.document, variable.path.key(source.field())))
                            .label("its value does not belong here")
                            .hint(format!(
                                "refer to it: `{{ name: {name}, fromSecret: {{ name: {}, key: … }} }}`",
                                service.name
                            )),
                    );
                }
            }
        }
    }
    for pod in pod::passed_through(site) {
        let variables = pod.containers().into_iter().flat_map(|container| pod.items(&container.key("env")));
        for variable in variables {
            let text = |key: &str| pod.get(&variable.key(key)).and_then(Value::as_str);
            let (Some(name), Some(value)) = (text("name"), text("value")) else { continue };
            if looks_secret(name, value) {
                let what = format!("holds a secret: `{name}` is one, by its name or its form");
                let hint = "refer to it: `valueFrom: { secretKeyRef: { name: …, key: … } }`";
                found.push(pod.refuse(&CODE, &what, &variable.key("name"), hint));
            }
        }
    }
}
