//! Images of a site without the internet come from its mirror.

use serde_json::Value;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Place, Severity};
use crate::kubernetes::object::{CONTAINERS, at, pod_spec_path};
use crate::model::Site;
use crate::model::service::kubernetes::PassThroughObject;
use crate::resource::FieldPath;
use crate::rules::rule::{Rule, Turn};

/// An image comes from the internet, which the site does not reach.
const CODE: Code = Code {
    name: "no-mirror",
    severity: Severity::Error,
    summary: "An image comes from the internet, which the site does not reach",
    explanation: "Where `site.internet` is false, nodes pull images only from the registry that the factory names as its mirror (`spec.kubernetes.mirror`).",
    failing: "site: { internet: false }\nimage: docker.io/library/nginx:1.29",
    passing: "site: { internet: false }\nkubernetes: { mirror: registry.nordlys.example }\nimage: registry.nordlys.example/library/nginx:1.29",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Pods, check };

fn check(site: &Site, found: &mut Diagnostics) {
    let (Some(mirror), Some(factory)) = (site.offline(), site.factories.first()) else { return };
    if !site.knows(factory.document, &["spec.site", "spec.kubernetes"]) {
        return;
    }
    let said = Place::value(factory.document, FieldPath::keys("spec.site.internet"));
    let mut images = Vec::new();
    for service in &site.services {
        if let Some(runtime) = service.kubernetes() {
            let place = Place::value(service.document, FieldPath::keys("spec.kubernetes.image"));
            images.push((runtime.image.as_str(), place));
        }
        for object in service.pass_through().into_iter().flat_map(|runtime| &runtime.objects) {
            of_pod(object, &mut images);
        }
    }
    for (image, place) in images {
        let from = |mirror: &str| image.strip_prefix(mirror).is_some_and(|rest| rest.starts_with('/'));
        let hint = match mirror {
            Some(mirror) if from(mirror) => continue,
            Some(mirror) => {
                let path = image.split_once('/').filter(|(host, _)| host.contains(['.', ':']));
                let path = path.map_or(image, |(_, path)| path);
                format!("mirror it, and write `image: {mirror}/{path}`")
            }
            None => "name the mirror in the factory: `kubernetes: { mirror: registry.nordlys.example }`".to_owned(),
        };
        found.push(
            Diagnostic::new(&CODE, format!("`{image}` cannot be pulled: the site does not reach the internet"))
                .at(place)
                .label("not from the mirror")
                .related(said.clone(), "said here")
                .hint(hint),
        );
    }
}

/// Images of an object that makes pods.
fn of_pod<'a>(object: &'a PassThroughObject, images: &mut Vec<(&'a str, Place)>) {
    let Some(pod) = pod_spec_path(&object.object) else { return };
    for list in CONTAINERS {
        let list = pod.key(list);
        let containers = at(&object.object, &list).and_then(Value::as_array).into_iter().flatten();
        for (index, container) in containers.enumerate() {
            let Some(image) = container.get("image").and_then(Value::as_str) else { continue };
            let mut place = object.base.clone();
            place.0.extend(list.index(index).key("image").0);
            images.push((image, Place::value(object.document, place)));
        }
    }
}
