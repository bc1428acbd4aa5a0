//! A volume for one writer is used by one replica.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Severity};
use crate::model::Site;
use crate::rules::rule::{Rule, Turn};
use crate::rules::service::of;

/// A volume for one writer is used by several replicas.
const CODE: Code = Code {
    name: "one-writer",
    severity: Severity::Error,
    summary: "A volume for one writer is used by several replicas",
    explanation: "A volume with `writers: one` is mounted on one node at a time; a second replica would wait for it for ever. So the service is a StatefulSet of one.",
    failing: "replicas: 2\nstorage: [{ mount: /data, size: 1TB, writers: one }]",
    passing: "replicas: 2\nstorage: [{ mount: /data, size: 1TB }]",
};

pub(super) const RULE: Rule = Rule { code: &CODE, turn: Turn::Services, check };

fn check(site: &Site, found: &mut Diagnostics) {
    for service in &site.services {
        let Some(runtime) = service.kubernetes() else { continue };
        let replicas = runtime.replicas.most();
        for volume in runtime.storage.iter().filter(|volume| volume.one_writer && replicas > 1) {
            found.push(
                Diagnostic::new(
                    &CODE,
                    format!("`{}` is for one writer, and there are {replicas} replicas", volume.name),
                )
                .at(of(service, &volume.path.key("writers")))
                .hint("write `writers: many` (the storage class has to offer ReadWriteMany), or `replicas: 1`"),
            );
        }
    }
}
