//! An image has a version.

use super::bad_name::is_image;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::at;

/// An image has no version.
const CODE: Code = Code {
    name: "image-not-pinned",
    severity: Severity::Warning,
    summary: "An image has no version",
    explanation: "Without a tag, or with `latest`, what runs changes with each restart and no plan shows it. A digest is safest.",
    failing: "image: registry.nordlys.example/vllm",
    passing: "image: registry.nordlys.example/vllm:0.11",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let Some(runtime) = service.kubernetes() else { continue };
        let image = &runtime.image;
        let last = image.rsplit('/').next().unwrap_or_default();
        let tag = last.split_once(':').map(|(_, tag)| tag);
        if is_image(image) && !image.contains('@') && tag.is_none_or(|tag| tag == "latest") {
            found.push(
                Diagnostic::new(&CODE, format!("`{image}` has no version"))
                    .at(at(service, "spec.kubernetes.image"))
                    .hint("add the version as a tag, or a digest: `registry.nordlys.example/vllm:0.11`"),
            );
        }
    }
}
